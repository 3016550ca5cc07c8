"""Reads of the papers that were brought as a writing or a validation, as the log has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import read_stream
from lea_service.demands.demand import OrderDocument
from lea_service.demands.order import SealedOrder, open_order
from lea_service.demands.queries import OrderFile, get_demand, list_order_digests
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.datakeys import DataKeys, open_object
from lea_service.kernel.errors import Duplicate, IntegrityFailure, InvalidInput, NotFound
from lea_service.legal.confirmations.differences import NO_OTHER_PAPER
from lea_service.legal.confirmations.models import ConfirmationPaper, WrittenConfirmation
from lea_service.legal.findings import Finding, load_finding
from lea_service.staff.encoding import decode_b64url


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a paper differs, in words, and where it does."""

    ref: str
    says: str
    says_nl: str
    places: Sequence[str]


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper that was brought: what it is, how it differs, who brought it, and who validated.

    ``findings`` are how it differs from version ``record_version`` of the record; () where it says
    what was acted on. ``validated_by`` is the person of the register who is said to have validated.
    ``words`` is the SHA-256 of what the paper says, None where no text was read.
    """

    id: str
    demand: str
    record_version: int
    document: OrderDocument
    validated_by: str | None
    findings: tuple[Finding, ...]
    words: str | None
    brought_by: str
    brought_at: datetime

    @property
    def sha256(self) -> str:
        """Return the digest of the paper as it arrived."""
        return self.document.sha256

    @property
    def differences(self) -> list[Difference]:
        """Return how it differs, with the places in the paper and no value."""
        return [Difference(one.ref, one.says, one.says_nl, _places(one)) for one in self.findings]


def get_paper(session: Session, keys: DataKeys, paper_id: str) -> PaperView:
    """Return a paper, as it was entered. Raises NotFound, Unavailable, IntegrityFailure."""
    return _view(session, keys, _get_row(session, paper_id))


def list_papers(session: Session, keys: DataKeys, demand_id: str) -> list[PaperView]:
    """Return the papers that were brought of a demand, the first first.

    Raises Unavailable, IntegrityFailure.
    """
    return [_view(session, keys, row) for row in _iter_rows(session, demand_id)]


def get_paper_file(session: Session, keys: DataKeys, demand_id: str, paper_id: str) -> OrderFile:
    """Return a paper of a demand as it arrived. Raises NotFound, Unavailable, IntegrityFailure."""
    row = _get_row(session, paper_id)
    if row.demand_id != demand_id:
        raise NotFound("no such paper was brought of this demand")
    paper = _view(session, keys, row)
    key = open_object(session, keys, demand_id, row.sealed, paper_label(paper_id))["key"]
    content = open_order(SealedOrder(decode_b64url(key, "/order"), row.content))
    return OrderFile(paper.document.media_type, content)


def check_other_paper(
    session: Session,
    keys: DataKeys,
    demand_id: str,
    sha256: str,
    validated_by: str | None,
    words: str | None = None,
) -> None:
    """Refuse a paper that paid the writing of an order, and as a validation one that was its order.

    It proves nothing that came since, nor does another one that says the same ``words``. What came
    with the record of an oral order may be its writing still: nobody else read it then. Raises
    InvalidInput.
    """
    query = select(WrittenConfirmation.paper_id).where(WrittenConfirmation.demand_id == demand_id)
    paid = [get_paper(session, keys, one) for one in session.scalars(query).all()]
    had = {one.sha256 for one in paid}
    if validated_by is not None:
        had |= list_order_digests(session, keys, demand_id)
    if sha256 in had or words in {one.words for one in paid} - {None}:
        raise InvalidInput.at("/order", NO_OTHER_PAPER)


def check_not_brought(
    session: Session, keys: DataKeys, demand_id: str, sha256: str, validated_by: str | None
) -> None:
    """Refuse a paper that lies here already for the same. Raises Duplicate that names it.

    One that was compared with the demand before its correction pays nothing: it is brought again.
    """
    version = get_demand(session, keys, demand_id).record_version
    for one in list_papers(session, keys, demand_id):
        same = (one.sha256, one.validated_by, one.record_version)
        if same == (sha256, validated_by, version):
            raise Duplicate(f"this paper was brought before; propose it: {one.id}")


def paper_label(paper_id: str) -> str:
    """Return what is sealed of a paper is bound to."""
    return f"confirmation/{paper_id}"


def _get_row(session: Session, paper_id: str) -> ConfirmationPaper:
    row = session.scalar(select(ConfirmationPaper).where(ConfirmationPaper.id == paper_id))
    if row is None:
        raise NotFound("no such paper was brought")
    return row


def _iter_rows(session: Session, demand_id: str) -> Iterator[ConfirmationPaper]:
    table = ConfirmationPaper
    query = select(table).where(table.demand_id == demand_id)
    yield from session.scalars(query.order_by(table.brought_at, table.id)).all()


def _view(session: Session, keys: DataKeys, row: ConfirmationPaper) -> PaperView:
    entry = read_stream(session, row.demand_id).find_vouching(session, row)
    if entry is None:
        raise IntegrityFailure("a paper of a confirmation is not the one that was entered")
    kept = open_object(session, keys, row.demand_id, row.sealed, paper_label(row.id))
    return PaperView(
        id=row.id,
        demand=row.demand_id,
        record_version=row.record_version,
        document=OrderDocument(**kept["order"]),
        validated_by=kept["validated_by"],
        findings=tuple(load_finding(one) for one in kept["findings"]),
        words=kept["words"],
        brought_by=entry.by,
        brought_at=parse_instant(entry.at),
    )


def _places(finding: Finding) -> list[str]:
    places = finding.seen.get("places")
    return [*map(str, places)] if isinstance(places, list) else []
