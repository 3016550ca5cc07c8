"""Reads of authenticity: the policy that counts, calls, and what it all comes to now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.demands.demand import Demand
from lea_service.demands.models import Demand as DemandRow
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.datakeys import DataKeys, open_object
from lea_service.legal.authenticity.call_back import Call, CallOutcome, observe_calls
from lea_service.legal.authenticity.models import AuthenticityPolicy, AuthenticityReport, CallBack
from lea_service.legal.authenticity.observations import Observation, Sight, sights_of
from lea_service.legal.authenticity.policy import (
    Policy,
    Verdict,
    count_sights,
    judge,
    load_shipped,
    read_policy,
    shipped_document,
)
from lea_service.legal.authenticity.register import (
    list_phone_contacts,
    observe_parties,
    party_sights,
)
from lea_service.staff.people_queries import find_name


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The policy that counts, whole; ``approval`` is None for what ships."""

    policy: Policy
    document: Json
    approval: str | None
    set_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallBackView:
    """A call, opened: whom somebody spoke to, and what was said."""

    call: Call
    n: int
    spoke_to: str | None
    code_word: str | None
    note: str | None
    recorded_at: datetime
    called_by_name: str | None


def find_policy_row(session: Session) -> AuthenticityPolicy | None:
    """Return the newest policy that two people decided on; None while that which ships counts."""
    query = select(AuthenticityPolicy).order_by(AuthenticityPolicy.version.desc()).limit(1)
    return session.scalars(query).first()


def get_policy(session: Session) -> Policy:
    """Return the policy that counts."""
    return view_policy(session).policy


def view_policy(session: Session) -> PolicyView:
    """Return the policy that counts with who decided on it."""
    row = find_policy_row(session)
    if row is None:
        return PolicyView(load_shipped(), shipped_document(), None, None)
    policy = read_policy(row.document, row.version)
    return PolicyView(policy, row.document, row.approval_id, row.set_at)


def list_calls(session: Session, demand_id: str) -> list[Call]:
    """Return the calls about a demand, the first recorded first."""
    query = select(CallBack).where(CallBack.demand_id == demand_id).order_by(CallBack.n)
    return [_call(row) for row in session.scalars(query)]


def open_calls(session: Session, keys: DataKeys, demand_id: str) -> list[CallBackView]:
    """Return the calls about a demand, opened. Raises Unavailable."""
    query = select(CallBack).where(CallBack.demand_id == demand_id).order_by(CallBack.n)
    return [_open(session, keys, row) for row in session.scalars(query)]


def call_label(call_back_id: str) -> str:
    """Return what the sealed part of a call is bound to."""
    return f"call-back/{call_back_id}"


def report_label(assessment_id: str) -> str:
    """Return what the sealed details of a report are bound to."""
    return f"authenticity/{assessment_id}"


def observe_now(
    session: Session,
    demand_id: str,
    *,
    record_version: int,
    agency: str | None,
    person: str | None,
    now: datetime,
) -> list[Observation]:
    """Return what register and calls say of a demand now; the document is another matter."""
    calls = _observe_calls(session, demand_id, record_version, (agency, person), now)
    return [*observe_parties(session, agency, person, now), *calls]


def judge_now(session: Session, assessment_id: str) -> Verdict:
    """Return what the policy that counts now makes of a demand that was assessed.

    What was seen of the document stays, except that a signature counts while its issuer does;
    register and calls are looked at again. An assessment that did not look at where the demand
    comes from has seen nothing.
    """
    report = session.get(AuthenticityReport, assessment_id)
    if report is None:
        return judge(get_policy(session), ())
    calls = _observe_reported(session, report)
    live = party_sights(session, report.agency_id, report.person_id) | sights_of(calls)
    policy = get_policy(session)
    return judge(policy, live | count_sights(policy, _of_document(report, {})))


def count_confirming(session: Session, demand: Demand) -> int:
    """Return how many of ours heard on a number of the register that a demand is real.

    Each counts once, and nobody while a denial stands.
    """
    parties = (demand.agency.ref, demand.issuing_person.ref)
    return _count_confirming(
        _observe_calls(session, demand.id, demand.record_version, parties, demand.received_at)
    )


def count_confirming_now(session: Session, assessment_id: str) -> int:
    """Return the same of a demand that was assessed, by the calls and numbers that count now."""
    report = session.get(AuthenticityReport, assessment_id)
    return 0 if report is None else _count_confirming(_observe_reported(session, report))


def _count_confirming(seen: Collection[Observation]) -> int:
    if Sight.CALL_BACK_DENIED in sights_of(seen):
        return 0
    return len({who for one in seen if one.sight is Sight.CALL_BACK_CONFIRMED for who in one.by})


def _observe_reported(session: Session, report: AuthenticityReport) -> list[Observation]:
    """Return what calls say now of the demand of a report, and of whom that said it is."""
    row = session.get_one(DemandRow, report.demand_id)
    parties = (report.agency_id, report.person_id)
    return _observe_calls(
        session, report.demand_id, row.record_version, parties, report.observed_at
    )


def _observe_calls(
    session: Session,
    demand_id: str,
    record_version: int,
    parties: tuple[str | None, str | None],
    now: datetime,
) -> list[Observation]:
    contacts = {one.id for one in list_phone_contacts(session, *parties)}
    calls = list_calls(session, demand_id)
    return list(
        observe_calls(
            calls, record_version=record_version, parties=parties, contacts=contacts, now=now
        )
    )


def open_report(session: Session, keys: DataKeys, assessment_id: str) -> list[Observation]:
    """Return what was seen of the document in an assessment, with its details."""
    report = session.get(AuthenticityReport, assessment_id)
    if report is None:
        return []
    label = report_label(assessment_id)
    details = open_object(session, keys, report.demand_id, report.sealed, label)
    return _of_document(report, details)


def dump_observation(one: Observation, *, of_document: bool) -> dict[str, Json]:
    """Return an observation as a report keeps it: without what names somebody."""
    return {
        "sight": one.sight.value,
        "at": format_instant(one.at),
        "by": [*one.by],
        "evidence": one.evidence,
        "seen": dict(one.seen),
        "of_document": of_document,
    }


def _of_document(report: AuthenticityReport, details: dict[str, Any]) -> list[Observation]:
    return [_load(one, details) for one in _rows(report) if one["of_document"]]


def _rows(report: AuthenticityReport) -> list[dict[str, Any]]:
    rows: Any = report.observations
    return list(rows)


def _load(row: dict[str, Any], details: dict[str, Any]) -> Observation:
    return Observation(
        Sight(row["sight"]),
        parse_instant(row["at"]),
        tuple(row["by"]),
        row["evidence"],
        row["seen"],
        details.get(row["sight"]),
    )


def _call(row: CallBack) -> Call:
    return Call(
        id=row.id,
        contact=row.contact_id,
        subject=row.subject,
        outcome=CallOutcome(row.outcome),
        record_version=row.record_version,
        called_by=row.called_by,
        called_at=row.called_at,
    )


def _open(session: Session, keys: DataKeys, row: CallBack) -> CallBackView:
    said = open_object(session, keys, row.demand_id, row.sealed, call_label(row.id))
    return CallBackView(
        call=_call(row),
        n=row.n,
        spoke_to=said["spoke_to"],
        code_word=said["code_word"],
        note=said["note"],
        recorded_at=row.recorded_at,
        called_by_name=find_name(session, keys, row.called_by),
    )
