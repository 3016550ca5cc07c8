"""Reads of sources and imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.database import get_row, lock_named, newest_first
from lea_service.kernel.errors import NotFound
from lea_service.kernel.jobs import RUNNING, Job
from lea_service.records.gaps import UnreadGap
from lea_service.records.mapping import Mapping, fills_ipv6, list_filled, list_hosts
from lea_service.records.mapping_loading import load_mapping
from lea_service.records.models import ImportRun, Source
from lea_service.records.store import ImportLedger, PurgeLedger, Reject, SourceGap

LOCK = "records/register"


@dataclass(frozen=True, slots=True)
class SourceView:
    """A declared source; rows of the record store carry its ``name``.

    ``columns`` are those that its mapping fills, in the order of the kind; an address of IPv6 can
    stand in them where it ``holds_ipv6``.
    """

    id: str
    name: str
    kind: str
    zone: str | None
    region: str | None
    categories: tuple[str, ...]
    columns: tuple[str, ...]
    holds_ipv6: bool
    mapping: dict[str, Any]
    mapping_digest: str
    declared_by: str
    declared_at: datetime

    def rules(self) -> Mapping:
        """Return the mapping as the import uses it."""
        return load_mapping(self.mapping)


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import; its counts are None until it is done. Of a pull it is one batch of rows."""

    id: str
    source_id: str
    state: str
    reason: str | None
    detail: str | None
    pull: str | None
    part: int | None
    watermark_from: str | None
    watermark_to: str | None
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    lines: int | None
    added: int | None
    known: int | None
    completed: int | None
    past_term: int | None
    left_out: int | None
    flagged: int | None
    rejected: int | None


@dataclass(frozen=True, slots=True)
class RejectView:
    """A line kept aside; ``text`` is its beginning, with escapes for bytes that are no text."""

    line: int
    reason: str
    field: str | None
    size: int
    text: str


def find_source(session: Session, ref: str) -> SourceView | None:
    """Return the source with the id or name ``ref``."""
    query = select(Source).where(or_(Source.id == ref, Source.name == ref))
    row = session.scalars(query).one_or_none()
    return None if row is None else _source_view(row)


def get_source(session: Session, ref: str) -> SourceView:
    """Return the source with the id or name ``ref``. Raises NotFound."""
    found = find_source(session, ref)
    if found is None:
        raise NotFound("no such source")
    return found


def list_sources(
    session: Session, after: str | None = None, limit: int | None = None
) -> list[SourceView]:
    """Return the sources by name, those behind the name ``after``."""
    query = select(Source).order_by(Source.name).limit(limit)
    if after is not None:
        query = query.where(Source.name > after)
    return [_source_view(row) for row in session.scalars(query)]


def lock_register(session: Session) -> None:
    """Let nobody else change sources and their rules, or go by them, until the transaction ends.

    The declaration of a source, the approval of a rule and that of a plan do, and the begin and
    each batch of a purge: whichever comes second sees the other, also where there is no rule yet.
    """
    lock_named(session, LOCK)


def get_import(session: Session, source_id: str, import_id: str) -> ImportView:
    """Return one import of a source. Raises NotFound."""
    row = get_row(session, ImportRun, import_id, "import")
    if row.source_id != source_id:
        raise NotFound("no such import of this source")
    return import_view(row)


def list_imports(
    session: Session, source_id: str, after: tuple[datetime, str] | None, limit: int
) -> list[ImportView]:
    """Return imports of a source, the newest first, from behind the given begin and id."""
    query = select(ImportRun).where(ImportRun.source_id == source_id)
    newest = newest_first(query, ImportRun.started_at, ImportRun.id, after=after, limit=limit)
    return [import_view(row) for row in session.scalars(newest)]


def list_unsettled(session: Session, before: datetime, now: datetime) -> list[str]:
    """Return the ids of imports that were started before an instant and not seen to end.

    Those of a pull whose worker is alive are at work, however long its source takes to answer.
    """
    at_work = exists().where(Job.id == ImportRun.pull, Job.state == RUNNING, Job.lease_until > now)
    query = select(ImportRun.id).where(
        ImportRun.state == "started", ImportRun.started_at < before, ~at_work
    )
    return list(session.scalars(query.order_by(ImportRun.started_at, ImportRun.id)))


def list_rejects(
    records: Session, import_id: str, after: int, limit: int, longest: int
) -> list[RejectView]:
    """Return rejected lines of an import behind a line, each to at most ``longest`` bytes."""
    query = select(Reject).where(Reject.import_id == import_id, Reject.line > after)
    rows = records.scalars(query.order_by(Reject.line).limit(limit))
    return [
        RejectView(
            row.line,
            row.reason,
            row.field,
            row.size,
            row.raw[:longest].decode(errors="backslashreplace"),
        )
        for row in rows
    ]


def find_ledger(records: Session, import_id: str) -> ImportLedger | None:
    """Return what the record store knows of an import."""
    return records.get(ImportLedger, import_id)


def list_lost(records: Session, source: str) -> list[ImportLedger]:
    """Return the imports of a source that the store has lost and not regained."""
    return list(records.scalars(select(ImportLedger).where(lost_of(source))))


def lost_of(source: str) -> ColumnElement[bool]:
    """Say which imports of a source the store has lost and not regained."""
    ledger = ImportLedger
    return and_(ledger.source == source, ledger.state == "lost", ledger.regained_by.is_(None))


def list_regained(records: Session, import_id: str) -> list[str]:
    """Return the lost imports that an import brought in again."""
    query = select(ImportLedger.id).where(ImportLedger.regained_by == import_id)
    return list(records.scalars(query.order_by(ImportLedger.id)))


def find_reached(records: Session, source: str, pull: str | None = None) -> ImportLedger | None:
    """Return the newest batch that was read of a live source, of one pull only if it is given."""
    query = select(ImportLedger).where(
        ImportLedger.source == source, ImportLedger.batch.is_not(None)
    )
    if pull is not None:
        query = query.where(ImportLedger.pull == pull)
    return records.scalars(query.order_by(ImportLedger.batch.desc()).limit(1)).one_or_none()


def list_gaps(records: Session | Connection, source: str) -> tuple[UnreadGap, ...]:
    """Return where a live source did not go on from what had been read of it, in order."""
    query = select(SourceGap.read_until, SourceGap.found_at).where(SourceGap.source == source)
    found = records.execute(query.order_by(SourceGap.batch))
    return tuple(UnreadGap(*one) for one in found)


def count_parts(session: Session, pull: str) -> int:
    """Return how many imports of a pull were begun."""
    query = select(func.count()).select_from(ImportRun).where(ImportRun.pull == pull)
    return session.scalar(query) or 0


def list_parts(session: Session, source_id: str, pull: str) -> list[ImportView]:
    """Return the imports of one pull, in the order in which they began."""
    query = select(ImportRun).where(ImportRun.source_id == source_id, ImportRun.pull == pull)
    return [import_view(row) for row in session.scalars(query.order_by(ImportRun.part))]


def find_purged_until(records: Session, source: str, kind: str) -> datetime | None:
    """Return the newest cut-off up to which records of a source were purged."""
    query = select(func.max(PurgeLedger.cutoff)).where(
        PurgeLedger.source == source, PurgeLedger.kind == kind
    )
    return records.scalar(query)


def import_view(row: ImportRun) -> ImportView:
    """Return an import as it is shown."""
    return ImportView(
        id=row.id,
        source_id=row.source_id,
        state=row.state,
        reason=row.reason,
        detail=row.detail,
        pull=row.pull,
        part=row.part,
        watermark_from=row.watermark_from,
        watermark_to=row.watermark_to,
        started_by=row.started_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        lines=row.lines,
        added=row.added,
        known=row.known,
        completed=row.completed,
        past_term=row.past_term,
        left_out=row.left_out,
        flagged=row.flagged,
        rejected=row.rejected,
    )


def _source_view(row: Source) -> SourceView:
    document: dict[str, Any] = load_strict(row.mapping)
    return SourceView(
        id=row.id,
        name=row.name,
        kind=row.kind,
        zone=row.zone,
        region=row.region,
        categories=tuple(document["categories"]),
        columns=list_filled(row.kind, document["fields"], list_hosts(document)),
        holds_ipv6=fills_ipv6(document["fields"]) or bool(document.get("ipv6")),
        mapping=document,
        mapping_digest=row.mapping_digest,
        declared_by=row.declared_by,
        declared_at=row.declared_at,
    )
