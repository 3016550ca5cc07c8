"""Reads of the register of processing systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import Stream, read_stream
from lea_service.kernel.errors import IntegrityFailure, NotFound
from lea_service.kernel.transactions import RECORDS_STREAM
from lea_service.records.models import Source
from lea_service.retention.processing.document import load_document, load_published
from lea_service.retention.processing.models import ProcessingSystem
from lea_service.retention.processing.rules import (
    Entry,
    Finding,
    list_findings,
    review_due_on,
)
from lea_service.retention.queries import rule_for

ENTERED = "processing.entered"


@dataclass(frozen=True, slots=True)
class EntryView(Entry):
    """An entry with what can be objected to; one that ships has no generation and no approval."""

    review_due_on: date
    findings: tuple[Finding, ...]
    generation: int | None
    approval: str | None
    set_at: datetime | None


def find_newest(session: Session, code: str) -> ProcessingSystem | None:
    """Return the newest entry of a code."""
    query = select(ProcessingSystem).where(ProcessingSystem.code == code)
    return session.scalars(query.order_by(ProcessingSystem.generation.desc()).limit(1)).first()


def get_entry(session: Session, code: str, today: date) -> EntryView:
    """Return an entry as it stands. Raises NotFound, IntegrityFailure."""
    row = find_newest(session, code)
    if row is None:
        raise NotFound("no such entry in the register of processing systems")
    return _view(session, read_stream(session, RECORDS_STREAM), row, today)


def list_entries(
    session: Session, today: date, after: str | None = None, limit: int | None = None
) -> list[EntryView]:
    """Return each entry as it stands, by code, from behind ``after`` on.

    Raises IntegrityFailure where a row is none that the log vouches for.
    """
    codes = select(ProcessingSystem.code).distinct().order_by(ProcessingSystem.code).limit(limit)
    if after is not None:
        codes = codes.where(ProcessingSystem.code > after)
    rows = [find_newest(session, code) for code in session.scalars(codes).all()]
    entries = read_stream(session, RECORDS_STREAM)
    return [_view(session, entries, row, today) for row in rows if row is not None]


def list_published(today: date) -> list[EntryView]:
    """Return the entries that ship, which nobody signed."""
    return [_of(one, list_findings(one, None, today), None) for one in load_published()]


def _view(session: Session, entries: Stream, row: ProcessingSystem, today: date) -> EntryView:
    last = entries.last(ENTERED, code=row.code)
    entered = entries.find_vouching(session, row)
    if last is None or entered is None or entered.idx != last.idx:
        raise IntegrityFailure("the register of processing systems is not the one of the log")
    entry = load_document(row.document)
    source = None if entry.source is None else session.get(Source, entry.source)
    rule = None if source is None else rule_for(session, source.id, source.kind)
    return _of(entry, list_findings(entry, rule, today), row)


def _of(entry: Entry, findings: tuple[Finding, ...], row: ProcessingSystem | None) -> EntryView:
    stated = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return EntryView(
        **stated,
        review_due_on=review_due_on(entry),
        findings=findings,
        generation=None if row is None else row.generation,
        approval=None if row is None else row.approval_id,
        set_at=None if row is None else row.set_at,
    )
