"""Mapping files: how the lines of a source become canonical rows (``schemas/mapping/1.json``)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from typing import Any

from lea_service.kernel.errors import InvalidInput
from lea_service.records.kinds import (
    ANY_CHAIN,
    CHAINS,
    EQUIPMENT,
    INTEGER,
    SIGNALLING,
    STRUCTURAL,
    get_layout,
)
from lea_service.records.selection import BEGINS, ENDS
from lea_service.records.times import TimeRule

CHAIN = "transfer_chain"
PARTIES = ("caller", "callee", "forwarded_to", "number")
RAW = {party: f"{party}_raw" for party in PARTIES}
URI = {f"{party}_raw": f"{party}_uri" for party in ("caller", "callee", "forwarded_to")}
"""The column for the SIP address that the text of a party holds, which no mapping sets itself."""
OF_A_HOST = {**URI, f"{CHAIN}_raw": f"{CHAIN}_uri"}
"""By the text of a party, or of several, the column for what SIP addresses it holds."""

TEXT, TIME, PHONE, SIP, EMAIL = "text", "time", "phone", "sip", "email"
ADDRESS, PREFIX, WHOLE, SECONDS = "address", "prefix", "integer", "seconds"
IMEI, IMSI, ICCID, MAC = "imei", "imsi", "iccid", "mac"
TIMES = frozenset({*BEGINS.values(), *ENDS.values(), "answered_at"})
COUNTED = frozenset({"duration_s", "talk_s"})
OCTETS = frozenset({"octets_in", "octets_out"})
IPV6 = frozenset({"address6", "prefix6", "delegated6"})
SHIPPED = "mappings"
CSV, JSON_LINES = "csv", "json"
NUMBER, INSTANT = "number", "instant"
"""The kinds of a watermark."""
MEDIA_TYPES = {CSV: "text/csv", JSON_LINES: "application/x-ndjson"}

_GIVEN = frozenset({"source", "row_id", "flags", *URI.values(), *CHAINS}) - {CHAIN}


@dataclass(frozen=True, slots=True)
class FileRule:
    """How a file is cut into values; the first line of CSV names the columns when ``header``.

    Of JSON each line is an object and the columns are paths in it (``members.MemberReader``); a
    line may lack those in ``optional`` only.
    """

    encoding: str
    delimiter: str
    quote: str | None
    header: bool
    columns: tuple[str, ...]
    format: str = CSV
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WatermarkRule:
    """The column by whose value the rows of a table are read on, and how far back with each pull.

    ``overlap`` is in the unit of the column, or in seconds for an instant: rows are written later
    than their number or instant says, so those are read again and are known already.
    """

    column: str
    kind: str
    overlap: int


@dataclass(frozen=True, slots=True)
class TableRule:
    """A table or view of a database, by names as the database has them."""

    name: str
    columns: tuple[str, ...]
    watermark: WatermarkRule
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class OnlyRule:
    """Which lines of a file with lines of several kinds are read: by the text of one column."""

    column: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class RowIdRule:
    """What names a row: columns of the file, the digest of its whole line, or both.

    Of the columns those in ``shown`` stand in the name as they are.
    """

    columns: tuple[str, ...]
    shown: tuple[str, ...]
    line_digest: bool


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Where a field of the canonical row comes from, and how its text is read.

    An instant that a system writes as day and time has the time in ``then``. ``wraps`` counts how
    often a counter of 32 bits began anew (RFC 2869 section 5.1, Acct-Input-Gigawords). The host of
    a party that a system writes apart is in ``host``. Where ``unless`` has the same text as
    ``column``, the field has no value; neither where ``column`` has one of ``missing``. ``member``
    is a path in the JSON object that ``column`` holds. A list of parties is split at ``separator``,
    and with ``newest_first`` it is turned round.
    """

    field: str
    column: str
    parser: str
    time: TimeRule | None
    then: str | None = None
    wraps: str | None = None
    host: str | None = None
    unless: str | None = None
    missing: frozenset[str] = frozenset()
    member: str | None = None
    separator: str | None = None
    newest_first: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column that the field is read from."""
        named = (self.column, self.then, self.wraps, self.host, self.unless)
        return tuple(name for name in named if name is not None)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping, checked; its lines are those of a ``file`` or the rows of a ``table``.

    ``sip_hosts`` are the parties of calls whose texts hold SIP addresses with their hosts.
    """

    name: str
    kind: str
    file: FileRule | None
    table: TableRule | None
    missing: frozenset[str]
    only: OnlyRule | None
    time: TimeRule
    region: str | None
    row_id: RowIdRule
    fields: tuple[FieldRule, ...]
    categories: tuple[str, ...]
    ipv6: bool | None
    sip_hosts: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that the mapping names."""
        return (self.file or self.get_table()).columns

    def get_file(self) -> FileRule:
        """Return how its files are cut. Raises InvalidInput for a source that is a table."""
        if self.file is None:
            raise InvalidInput("expected a source of files: this one is pulled from its database")
        return self.file

    def get_table(self) -> TableRule:
        """Return which table is read. Raises InvalidInput for a source of files."""
        if self.table is None:
            raise InvalidInput("expected a source that is a table: this one is imported from files")
        return self.table


def parsers_of(field: str, kind: str) -> tuple[str, ...]:
    """Return how a field may be read; the first is the default."""
    if field in TIMES:
        return (TIME,)
    if field in PARTIES or field == CHAIN:
        return (PHONE,)
    if field in COUNTED:
        return (SECONDS, WHOLE)
    column = next(one for one in get_layout(kind).columns if one.name == field)
    if column.type == INTEGER:
        return (WHOLE, SECONDS)
    special = {"sip_uri": SIP, "email": EMAIL}
    special |= dict.fromkeys(SIGNALLING, ADDRESS)
    if kind == "usage":
        special |= {"address": ADDRESS, "address6": ADDRESS}
        special |= {"prefix6": PREFIX, "delegated6": PREFIX}
    if field in EQUIPMENT[kind] and not field.endswith("device"):
        return (field.rpartition("_")[2],)
    return (special[field],) if field in special else (TEXT,)


def list_filled(kind: str, mapped: Iterable[str], hosts: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of a kind that an import with these fields fills, in order.

    ``hosts`` are the parties whose texts hold SIP addresses with their hosts: of others none is
    there to be found, though a user that is written as an address would be read as one.
    """
    given = set(mapped)
    raws = {RAW[party] for party in given & set(PARTIES)}
    uris = {f"{party}_uri" for party in hosts}
    chains = {*CHAINS} - {OF_A_HOST[ANY_CHAIN]} if CHAIN in given else set()
    filled = given | raws | uris | chains | STRUCTURAL
    return tuple(name for name in get_layout(kind).names if name in filled)


def list_hosts(document: Dictionary[str, Any]) -> tuple[str, ...]:
    """Return the parties whose texts hold a host by a mapping: those it says, or writes apart."""
    apart = [name for name, rule in document["fields"].items() if rule and rule.get("host")]
    return (*document.get("sip_hosts", ()), *(name.removesuffix("_raw") for name in apart))


def fills_ipv6(mapped: Collection[str]) -> bool:
    """Say whether some of these fields hold nothing but IPv6."""
    return not IPV6.isdisjoint(mapped)


def settable(kind: str) -> frozenset[str]:
    """Return the fields a mapping may set: all but those that the import itself gives."""
    return frozenset(get_layout(kind).names) - _GIVEN
