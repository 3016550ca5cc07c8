"""The record store: canonical rows by kind, and ledgers of what was brought in and destroyed.

A database of its own. ``source`` is the name of a declared source, the same text that stands in
delivered rows. Rows are business data of the provider, so they are not sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Table, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import BigId, RecordBase, UtcDateTime, attach_ddl

LONGEST_ROW_ID = 200
LONGEST_TEXT = 500
"""An index entry of PostgreSQL holds 2,704 bytes; a character takes up to four."""
LONGEST_CHAIN = 8_000
"""A list of parties stands in no index."""

LONGEST_GROUP = 400
"""Of what rows that are counted together have in common, as JSON."""

RowId = String(LONGEST_ROW_ID).with_variant(String(LONGEST_ROW_ID, collation="C"), "postgresql")
"""Ordered by code point on every engine, as the canonical order of rows wants it."""

Words = String(LONGEST_TEXT)
Chain = String(LONGEST_CHAIN)


def _lookup(column: str, start: str) -> Index:
    """Index rows by source and one value they are found by; rows without the value stay out."""
    return _where_there(column, "source", column, start)


def _by_month(aged: str) -> dict[str, str]:
    """Cut a table on PostgreSQL by source, and by the instant that the term of a row counts from.

    ``aged`` is what ``selection.aged_by`` says, letter by letter: the planner compares the two.
    """
    return {"postgresql_partition_by": f"RANGE (source, {aged})"}


def _where_there(column: str, *indexed: str) -> Index:
    there = text(f"{column} IS NOT NULL")
    return Index(None, *indexed, sqlite_where=there, postgresql_where=there)


class CallRecord(RecordBase):
    """One call."""

    __tablename__ = "call_records"
    __table_args__ = (
        Index(None, "source", "started_at", "row_id"),
        *(
            _lookup(f"{party}{form}", "started_at")
            for party in ("caller", "callee", "forwarded_to")
            for form in ("", "_raw", "_uri")
        ),
        # few calls have a chain; who is in one is looked for in each of them
        _where_there("transfer_chain_raw", "source", "started_at"),
        _lookup("account", "started_at"),
        _lookup("signalling_in", "started_at"),
        _lookup("signalling_out", "started_at"),
        *(
            _lookup(f"{side}_{name}", "started_at")
            for side in ("caller", "callee")
            for name in ("mac", "imei", "imsi")
        ),
        _by_month("started_at"),
    )

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    row_id: Mapped[str] = mapped_column(RowId, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duration_s: Mapped[int | None] = mapped_column(BigId)
    talk_s: Mapped[int | None] = mapped_column(BigId)
    direction: Mapped[str | None] = mapped_column(Words)
    caller: Mapped[str | None] = mapped_column(Words)
    caller_raw: Mapped[str | None] = mapped_column(Words)
    caller_uri: Mapped[str | None] = mapped_column(Words)
    callee: Mapped[str | None] = mapped_column(Words)
    callee_raw: Mapped[str | None] = mapped_column(Words)
    callee_uri: Mapped[str | None] = mapped_column(Words)
    forwarded_to: Mapped[str | None] = mapped_column(Words)
    forwarded_to_raw: Mapped[str | None] = mapped_column(Words)
    forwarded_to_uri: Mapped[str | None] = mapped_column(Words)
    transfer_chain: Mapped[str | None] = mapped_column(Chain)
    transfer_chain_raw: Mapped[str | None] = mapped_column(Chain)
    transfer_chain_uri: Mapped[str | None] = mapped_column(Chain)
    account: Mapped[str | None] = mapped_column(Words)
    agent: Mapped[str | None] = mapped_column(Words)
    queue: Mapped[str | None] = mapped_column(Words)
    trunk: Mapped[str | None] = mapped_column(Words)
    channel_in: Mapped[str | None] = mapped_column(Words)
    channel_out: Mapped[str | None] = mapped_column(Words)
    signalling_in: Mapped[str | None] = mapped_column(Words)
    signalling_out: Mapped[str | None] = mapped_column(Words)
    caller_device: Mapped[str | None] = mapped_column(Words)
    caller_mac: Mapped[str | None] = mapped_column(Words)
    caller_imei: Mapped[str | None] = mapped_column(Words)
    caller_imsi: Mapped[str | None] = mapped_column(Words)
    callee_device: Mapped[str | None] = mapped_column(Words)
    callee_mac: Mapped[str | None] = mapped_column(Words)
    callee_imei: Mapped[str | None] = mapped_column(Words)
    callee_imsi: Mapped[str | None] = mapped_column(Words)
    cell: Mapped[str | None] = mapped_column(Words)
    result: Mapped[str | None] = mapped_column(Words)
    cause: Mapped[str | None] = mapped_column(Words)
    flags: Mapped[str] = mapped_column(Words)
    import_id: Mapped[str] = mapped_column(String(40))


class UsageRecord(RecordBase):
    """One session of use; without ``ended_at`` while it is open."""

    __tablename__ = "usage_records"
    __table_args__ = (
        Index(None, "source", "started_at", "row_id"),
        *(_lookup(name, "started_at") for name in ("address", "address6", "prefix6", "delegated6")),
        *(_lookup(name, "started_at") for name in ("account", "mac", "imei", "imsi")),
        _by_month("(CASE WHEN ended_at > started_at THEN ended_at ELSE started_at END)"),
    )

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    row_id: Mapped[str] = mapped_column(RowId, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duration_s: Mapped[int | None] = mapped_column(BigId)
    account: Mapped[str | None] = mapped_column(Words)
    address: Mapped[str | None] = mapped_column(Words)
    address6: Mapped[str | None] = mapped_column(Words)
    prefix6: Mapped[str | None] = mapped_column(Words)
    delegated6: Mapped[str | None] = mapped_column(Words)
    port: Mapped[int | None] = mapped_column(BigId)
    server: Mapped[str | None] = mapped_column(Words)
    session: Mapped[str | None] = mapped_column(Words)
    mac: Mapped[str | None] = mapped_column(Words)
    imei: Mapped[str | None] = mapped_column(Words)
    imsi: Mapped[str | None] = mapped_column(Words)
    octets_in: Mapped[int | None] = mapped_column(BigId)
    octets_out: Mapped[int | None] = mapped_column(BigId)
    cause: Mapped[str | None] = mapped_column(Words)
    flags: Mapped[str] = mapped_column(Words)
    import_id: Mapped[str] = mapped_column(String(40))


class SubscriberRecord(RecordBase):
    """What was known of a subscriber from ``valid_from`` until ``valid_to``."""

    __tablename__ = "subscriber_records"
    __table_args__ = (
        Index(None, "source", "valid_from", "row_id"),
        _lookup("number", "valid_from"),
        _lookup("number_raw", "valid_from"),
        _lookup("sip_uri", "valid_from"),
        _lookup("email", "valid_from"),
        _lookup("customer_number", "valid_from"),
        *(_lookup(name, "valid_from") for name in ("mac", "imei", "imsi", "iccid")),
        _by_month(
            "(coalesce(CASE WHEN valid_to < valid_from THEN valid_from ELSE valid_to END, "
            "'infinity'::timestamptz))"
        ),
    )

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    row_id: Mapped[str] = mapped_column(RowId, primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    customer_number: Mapped[str | None] = mapped_column(Words)
    name: Mapped[str | None] = mapped_column(Words)
    address: Mapped[str | None] = mapped_column(Words)
    postcode: Mapped[str | None] = mapped_column(Words)
    city: Mapped[str | None] = mapped_column(Words)
    country: Mapped[str | None] = mapped_column(Words)
    number: Mapped[str | None] = mapped_column(Words)
    number_raw: Mapped[str | None] = mapped_column(Words)
    sip_uri: Mapped[str | None] = mapped_column(Words)
    email: Mapped[str | None] = mapped_column(Words)
    service: Mapped[str | None] = mapped_column(Words)
    payer_name: Mapped[str | None] = mapped_column(Words)
    payer_number: Mapped[str | None] = mapped_column(Words)
    payer_account: Mapped[str | None] = mapped_column(Words)
    device: Mapped[str | None] = mapped_column(Words)
    mac: Mapped[str | None] = mapped_column(Words)
    imei: Mapped[str | None] = mapped_column(Words)
    imsi: Mapped[str | None] = mapped_column(Words)
    iccid: Mapped[str | None] = mapped_column(Words)
    flags: Mapped[str] = mapped_column(Words)
    import_id: Mapped[str] = mapped_column(String(40))


class ImportLedger(RecordBase):
    """An import that took effect, or was given up so that it never can.

    ``digest`` is the salted digest of the SHA-256 (hex) of the bytes that were read. One that is
    ``lost`` was in the store before an older copy of it was put back; ``regained_by`` is the import
    that brought the same in again. Of rows of a live source ``pull`` is the job that read them, at
    ``place``, from one watermark to the other; ``batch`` counts them in the source, so that the
    greatest says how far it was read. ``told_until`` is when a file was made, or the newest begin
    or end in it that had come, of a live source when it was read to its end.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'abandoned', 'lost')", name="state"),
        Index(None, "source", "batch"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(9))
    bytes_read: Mapped[int] = mapped_column(BigId)
    lines: Mapped[int] = mapped_column(BigId)
    added: Mapped[int] = mapped_column(BigId)
    known: Mapped[int] = mapped_column(BigId)
    completed: Mapped[int] = mapped_column(BigId)
    past_term: Mapped[int] = mapped_column(BigId)
    left_out: Mapped[int] = mapped_column(BigId)
    flagged: Mapped[int] = mapped_column(BigId)
    rejected: Mapped[int] = mapped_column(BigId)
    salt: Mapped[str | None] = mapped_column(String(22))
    digest: Mapped[str | None] = mapped_column(String(43))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    regained_by: Mapped[str | None] = mapped_column(String(40))
    pull: Mapped[str | None] = mapped_column(String(40))
    batch: Mapped[int | None] = mapped_column(BigId)
    place: Mapped[str | None] = mapped_column(String(500))
    watermark_from: Mapped[str | None] = mapped_column(String(60))
    watermark_to: Mapped[str | None] = mapped_column(String(60))


class LiveStanding(RecordBase):
    """Where the reading of a live source stands, and what the next pull must find there again.

    ``anchors`` are digests under the index key, with blanks between, of the last rows of the
    ``batch``, which was read at ``read_at``; they lie at ``anchors_from`` or behind it.
    ``columns`` (JSON) are the forms of its columns by name, ``clock`` (JSON) is how far that of its
    server was from ours. ``lines`` (JSON) are watermark and digest of the last lines, where lines
    name rows; ``changed`` counts those that were not there any more when they were read again.
    ``unmarked`` rows have no watermark, and are read by no pull.
    """

    __tablename__ = "live_standings"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    batch: Mapped[int] = mapped_column(BigId)
    anchors_from: Mapped[str | None] = mapped_column(String(60))
    anchors: Mapped[str] = mapped_column(String(500))
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
    columns: Mapped[str] = mapped_column(Text)
    clock: Mapped[str | None] = mapped_column(Text)
    lines: Mapped[str] = mapped_column(Text)
    changed: Mapped[int] = mapped_column(BigId)
    unmarked: Mapped[int] = mapped_column(BigId)


class SourceGap(RecordBase):
    """A live source that did not go on behind a ``batch``: rows written since may be missing.

    It was read last at ``read_until``, and at ``found_at`` what had been read was not there any
    more.
    """

    __tablename__ = "source_gaps"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    batch: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    read_until: Mapped[datetime] = mapped_column(UtcDateTime)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Reject(RecordBase):
    """A line that could not be read, kept as it came; ``size`` says how long it was in all.

    ``digest`` (SHA-256, hex, of source and line) is of a row of a live source, which comes again
    with each pull whose overlap it lies in and is kept once.
    """

    __tablename__ = "rejects"

    import_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    line: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(40))
    field: Mapped[str | None] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigId)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str | None] = mapped_column(String(64), index=True)


class PurgeLedger(RecordBase):
    """A purge that took effect: rows of one source and kind past ``cutoff`` under a rule.

    ``cutoff`` is empty where it was let do nothing. ``rejects`` counts unreadable lines that went
    with the ``rows``, or without any. ``is_done`` once nothing is left of it to do;
    ``reach`` is then how far it was let go.
    """

    __tablename__ = "purges"
    __table_args__ = (Index(None, "source", "kind"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(60))
    cutoff: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rows: Mapped[int] = mapped_column(BigId)
    rejects: Mapped[int] = mapped_column(BigId, default=0)
    is_done: Mapped[bool] = mapped_column(default=False)
    reach: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Residue(RecordBase):
    """A table of PostgreSQL in whose files rows may still lie that were deleted from it."""

    __tablename__ = "residues"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class RecordStatistic(RecordBase):
    """What is left of rows of a source that were made anonymous: sums of a day, no row.

    ``day`` (YYYY-MM-DD) is the one that their term ran from, by the provider's clock; ``group``
    what they have in common (a JSON object). Sums that their kind does not have are zero.
    """

    __tablename__ = "record_statistics"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    group: Mapped[str] = mapped_column(String(LONGEST_GROUP), primary_key=True)
    rows: Mapped[int] = mapped_column(BigId)
    duration_s: Mapped[int] = mapped_column(BigId, default=0)
    talk_s: Mapped[int] = mapped_column(BigId, default=0)
    octets_in: Mapped[int] = mapped_column(BigId, default=0)
    octets_out: Mapped[int] = mapped_column(BigId, default=0)


def _table(model: Any) -> Table:
    return cast(Table, model.__table__)


TABLES: Mapping[str, Table] = {
    "call": _table(CallRecord),
    "usage": _table(UsageRecord),
    "subscriber": _table(SubscriberRecord),
}
"""The table of each record kind."""


def _told(table: Table) -> tuple[str, ...]:
    """Return the columns of which the server may keep no sample: it would outlive the rows."""
    texts = (one for one in table.columns if isinstance(one.type, String | LargeBinary))
    return tuple(one.name for one in texts if one.name not in {"source", "import_id"})


UNSAMPLED: Mapping[str, tuple[str, ...]] = {
    table.name: _told(table) for table in (*TABLES.values(), _table(Reject))
}
"""By table the columns that hold what was recorded of somebody."""


def unsampled_ddl(table: str, name: str) -> str:
    """Return the statement by which no values of a table like ``table`` are sampled."""
    changes = ", ".join(f'ALTER "{column}" SET STATISTICS 0' for column in UNSAMPLED[table])
    return f'ALTER TABLE "{name}" {changes}'


for _one in TABLES.values():
    _one.primary_key.ddl_if(dialect="sqlite")  # on PostgreSQL each partition has an index like it
for _one in (*TABLES.values(), _table(Reject)):
    attach_ddl(_one, "postgresql", [unsampled_ddl(_one.name, _one.name)], [])
