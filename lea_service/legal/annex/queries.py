"""Reads of the forms of Annex III."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import Entered, read_stream
from lea_service.demands.models import Demand
from lea_service.kernel.datakeys import DataKeys, open_object
from lea_service.kernel.errors import IntegrityFailure
from lea_service.legal.annex.form import Statement, gives_less, load_statement
from lea_service.legal.annex.models import AnnexForm
from lea_service.legal.annex.table import Certificate, Effect, Reason, load_annex
from lea_service.legal.models import Assessment
from lea_service.legal.times import ASKED

FILED = "demand.annex_filed"


@dataclass(frozen=True, slots=True)
class AnnexView:
    """A form that we filled in, opened."""

    id: str
    demand_id: str
    n: int
    assessment_id: str
    certificate: Certificate
    reasons: tuple[Reason, ...]
    effect: Effect
    findings: tuple[str, ...]
    clarification_id: str | None
    said: Statement
    filed_by: str
    filed_at: datetime

    @property
    def gives_less(self) -> bool:
        """Say whether it states what is not given, and not only what is given later."""
        return gives_less(self.reasons)


def statement_label(form_id: str) -> str:
    """Return what the statement of a form is bound to."""
    return f"annex/{form_id}"


def list_forms(session: Session, keys: DataKeys, demand_id: str) -> tuple[AnnexView, ...]:
    """Return the forms about a demand, the first filed first.

    Raises Unavailable, and IntegrityFailure where they are not those that were entered: what a
    form says lets less be given of a demand.
    """
    query = select(AnnexForm).where(AnnexForm.demand_id == demand_id)
    rows = session.scalars(query.order_by(AnnexForm.n)).all()
    entries = read_stream(session, demand_id)
    entered = sum(_is_of_form(one) for one in entries.entries)
    if len(rows) != entered or any(entries.find_vouching(session, one) is None for one in rows):
        raise IntegrityFailure("the forms of Annex III are not those that were entered")
    return tuple(_view(session, keys, row) for row in rows)


def _is_of_form(entry: Entered) -> bool:
    """Say whether a form was entered: by itself, or with the question that it puts."""
    return entry.event == FILED or (entry.event == ASKED and len(entry.digests) > 1)


def list_stating(
    session: Session, keys: DataKeys, demand_id: str, agreement: str | None
) -> list[AnnexView]:
    """Return the forms that state what of the present record is not given, for good.

    Where the authority agreed, those that put the question to which it did. Raises Unavailable.
    """
    every = list_forms(session, keys, demand_id)
    forms = [one for one in every if is_of_present_record(session, one)]
    if agreement is not None:
        return [one for one in forms if one.clarification_id == agreement]
    return [one for one in forms if one.gives_less]


def is_of_present_record(session: Session, form: AnnexView) -> bool:
    """Say whether a form is about the demand as it stands: no correction came after it."""
    query = (
        select(Assessment.id)
        .join(Demand, Demand.id == Assessment.demand_id)
        .where(
            Assessment.id == form.assessment_id,
            Assessment.record_version == Demand.record_version,
        )
    )
    return session.scalar(query) is not None


def is_put_by_form(session: Session, clarification_id: str) -> bool:
    """Say whether a question to the authority was put by a form of Annex III."""
    query = select(AnnexForm.id).where(AnnexForm.clarification_id == clarification_id)
    return session.scalar(query) is not None


def _view(session: Session, keys: DataKeys, row: AnnexForm) -> AnnexView:
    label, known = statement_label(row.id), load_annex().reasons
    return AnnexView(
        id=row.id,
        demand_id=row.demand_id,
        n=row.n,
        assessment_id=row.assessment_id,
        certificate=Certificate(row.certificate),
        reasons=tuple(known[code] for code in row.reasons),
        effect=Effect(row.effect),
        findings=tuple(row.findings),
        clarification_id=row.clarification_id,
        said=load_statement(open_object(session, keys, row.demand_id, row.statement_sealed, label)),
        filed_by=row.filed_by,
        filed_at=row.filed_at,
    )
