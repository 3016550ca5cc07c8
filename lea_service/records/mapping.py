"""Mapping files: how the lines of a source become canonical rows (``schemas/mapping/1.json``)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.errors import FieldError, InvalidInput, NotFound
from lea_service.records.identifiers import REGIONS
from lea_service.records.kinds import (
    CHAINS,
    EQUIPMENT,
    INTEGER,
    SIGNALLING,
    STRUCTURAL,
    get_layout,
    is_answered_by,
    needs_of,
)
from lea_service.records.members import is_of_each, split_path
from lea_service.records.schemas import MappingSchema
from lea_service.records.selection import BEGINS, ENDS
from lea_service.records.times import TimeRule, check_format, needs_zone
from lea_service.web.problems import escape_pointer
from lea_service.web.schemas import ZONES, load_form, within

CHAIN = "transfer_chain"
PARTIES = ("caller", "callee", "forwarded_to", "number")
RAW = {party: f"{party}_raw" for party in PARTIES}
URI = {f"{party}_raw": f"{party}_uri" for party in ("caller", "callee", "forwarded_to")}
"""The column for the SIP address that the text of a party holds, which no mapping sets itself."""

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
    """A whole mapping, checked; its lines are those of a ``file`` or the rows of a ``table``."""

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


def load_mapping(document: Any, at: str = "") -> Mapping:
    """Read a mapping. Raises InvalidInput that names the place, beginning with ``at``."""
    with within(at):
        found = load_form(MappingSchema, document)
        mapping = _build(found)
        faults = _faults(mapping, found["fields"])
        if faults:
            places = [FieldError(pointer, detail) for pointer, detail in faults]
            raise InvalidInput("expected another mapping", places)
    return mapping


def declare(document: Any, zone: str | None, region: str | None, at: str = "") -> dict[str, Any]:
    """Return a mapping document with the zone and region of one system put in, checked."""
    if not isinstance(document, dict):
        raise InvalidInput.at(at, "expected a mapping, which is a JSON object")
    declared = dict(document)
    if zone is not None and isinstance(document.get("time"), dict):
        declared["time"] = {**document["time"], "zone": zone}
    if region is not None:
        declared["region"] = region
    load_mapping(declared, at)
    return declared


def list_shipped() -> list[str]:
    """Return the names of the mappings that come with the service."""
    folder = resources.files("lea_service.records") / SHIPPED
    return sorted(
        one.name.removesuffix(".json") for one in folder.iterdir() if one.name.endswith(".json")
    )


def load_shipped(name: str) -> dict[str, Any]:
    """Return the document of a mapping that comes with the service. Raises NotFound."""
    if name not in list_shipped():
        raise NotFound(f"no such mapping; there are {', '.join(list_shipped())}")
    path = resources.files("lea_service.records") / SHIPPED / f"{name}.json"
    document: dict[str, Any] = load_strict(path.read_bytes())
    return document


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


def list_filled(kind: str, mapped: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of a kind that an import with these fields fills, in order."""
    given = set(mapped)
    raws = {RAW[party] for party in given & set(PARTIES)} | given & set(URI)
    uris = {URI[raw] for raw in raws & set(URI)}
    chains = {*CHAINS} if CHAIN in given else set()
    filled = given | raws | uris | chains | STRUCTURAL
    return tuple(name for name in get_layout(kind).names if name in filled)


def fills_ipv6(mapped: Collection[str]) -> bool:
    """Say whether some of these fields hold nothing but IPv6."""
    return not IPV6.isdisjoint(mapped)


def settable(kind: str) -> frozenset[str]:
    """Return the fields a mapping may set: all but those that the import itself gives."""
    return frozenset(get_layout(kind).names) - _GIVEN


_GIVEN = frozenset({"source", "row_id", "flags", *URI.values(), *CHAINS}) - {CHAIN}


def _build(found: Dictionary[str, Any]) -> Mapping:
    time = TimeRule(**found["time"])
    return Mapping(
        name=found["name"],
        kind=found["kind"],
        file=_file(found["file"]),
        table=_table(found["table"]),
        missing=frozenset(found["missing"]),
        only=_only(found["only"]),
        time=time,
        region=found["region"],
        row_id=_row_id(found["row_id"]),
        fields=tuple(
            _field(name, rule, time, found["kind"]) for name, rule in found["fields"].items()
        ),
        categories=tuple(found["categories"]),
        ipv6=found["ipv6"],
    )


def _file(found: Dictionary[str, Any] | None) -> FileRule | None:
    if found is None:
        return None
    named = {"columns": tuple(found["columns"]), "optional": frozenset(found["optional"])}
    return FileRule(**{**found, **named})


def _table(found: Dictionary[str, Any] | None) -> TableRule | None:
    if found is None:
        return None
    watermark = WatermarkRule(**found["watermark"])
    return TableRule(found["name"], tuple(found["columns"]), watermark, found["schema"])


def _only(found: Dictionary[str, Any] | None) -> OnlyRule | None:
    return None if found is None else OnlyRule(found["column"], frozenset(found["values"]))


def _row_id(found: Dictionary[str, Any]) -> RowIdRule:
    return RowIdRule(tuple(found["columns"]), tuple(found["shown"]), found["line_digest"])


def _field(name: str, rule: Dictionary[str, Any], time: TimeRule, kind: str) -> FieldRule:
    parser = rule.get("as")
    if parser is None and name in settable(kind):
        parser = parsers_of(name, kind)[0]
    own = TimeRule(**rule["time"]) if "time" in rule else None
    if own is not None and own.zone is None:
        own = replace(own, zone=time.zone)
    names = ("then", "wraps", "host", "unless", "member", "separator", "newest_first")
    beside = {other: rule[other] for other in names}
    missing = frozenset(rule["missing"])
    return FieldRule(name, rule["column"], parser or TEXT, own, **beside, missing=missing)


def _faults(mapping: Mapping, given: Dictionary[str, Any]) -> list[tuple[str, str]]:
    return [
        *_mark_faults(mapping.file),
        *_member_faults(mapping),
        *_watermark_faults(mapping),
        *_only_faults(mapping),
        *_time_faults("/time", mapping.time),
        *_region_faults(mapping.region),
        *_column_faults("/row_id/columns", mapping.row_id.columns, mapping),
        *_row_id_faults(mapping.row_id),
        *_shown_faults(mapping),
        *_category_faults(mapping),
        *_begin_faults(mapping),
        *_ipv6_faults(mapping),
        *(fault for rule in mapping.fields for fault in _field_faults(rule, mapping, given)),
    ]


def _mark_faults(rule: FileRule | None) -> list[tuple[str, str]]:
    if rule is None or rule.quote != rule.delimiter:
        return []
    return [("/file/quote", "expected another character than the delimiter")]


def _member_faults(mapping: Mapping) -> list[tuple[str, str]]:
    optional = mapping.file.optional if mapping.file is not None else ()
    faults = _column_faults("/file/optional", sorted(optional), mapping)
    if _knows_null(mapping) and "" not in mapping.missing:
        faults.append(("/missing", "expected the empty text too, which stands for null"))
    return faults


def _knows_null(mapping: Mapping) -> bool:
    return mapping.file is None or mapping.file.format == JSON_LINES


def _watermark_faults(mapping: Mapping) -> list[tuple[str, str]]:
    if mapping.table is None:
        return []
    named = [mapping.table.watermark.column]
    return _column_faults("/table/watermark/column", named, mapping)


def _only_faults(mapping: Mapping) -> list[tuple[str, str]]:
    if mapping.only is None:
        return []
    faults = _column_faults("/only/column", [mapping.only.column], mapping)
    if mapping.only.values & mapping.missing:
        faults.append(("/only/values", "expected no text that means no value"))
    return faults


def _time_faults(place: str, rule: TimeRule) -> list[tuple[str, str]]:
    try:
        check_format(rule.format)
    except InvalidInput as err:
        return [(f"{place}/format", err.detail)]
    if rule.zone is not None and rule.zone not in ZONES:
        return [(f"{place}/zone", "expected the IANA name of a time zone, as Europe/Amsterdam")]
    if rule.zone is None and needs_zone(rule):
        return [(f"{place}/zone", "expected a time zone, since the times may come without")]
    return []


def _region_faults(region: str | None) -> list[tuple[str, str]]:
    if region is None or region in REGIONS:
        return []
    return [("/region", "expected a country by its two letters (ISO 3166)")]


def _row_id_faults(rule: RowIdRule) -> list[tuple[str, str]]:
    if rule.columns or rule.line_digest:
        return []
    return [("/row_id", "expected columns, line_digest, or both")]


def _shown_faults(mapping: Mapping) -> list[tuple[str, str]]:
    """Return the columns that may not stand in a row id as they are: it comes with every row."""
    withheld = {
        name for rule in mapping.fields if rule.field not in STRUCTURAL for name in rule.columns
    }
    return [
        (f"/row_id/shown/{n}", "expected one of the row id's columns that no field is read from")
        for n, name in enumerate(mapping.row_id.shown)
        if name not in mapping.row_id.columns or name in withheld
    ]


def _category_faults(mapping: Mapping) -> list[tuple[str, str]]:
    faults = []
    mapped = {rule.field for rule in mapping.fields}
    for n, name in enumerate(mapping.categories):
        needs = needs_of(name, mapping.kind)
        if not is_answered_by(name, mapping.kind):
            detail = f"expected a category that {mapping.kind} records can answer"
            faults.append((f"/categories/{n}", detail))
        elif not needs & mapped:
            named = ", ".join(sorted(needs))
            faults.append((f"/categories/{n}", f"expected with one of the fields {named}"))
    return faults


def _ipv6_faults(mapping: Mapping) -> list[tuple[str, str]]:
    """Have it said whether a column of addresses can hold IPv6: no source tells by itself."""
    mapped = {rule.field for rule in mapping.fields}
    of_both = {"usage": {"address"}, "call": SIGNALLING}.get(mapping.kind, frozenset()) & mapped
    has_to_say = bool(of_both) and not fills_ipv6(mapped)
    if has_to_say == (mapping.ipv6 is not None):
        return []
    named = " and ".join(f"`{name}`" for name in sorted(of_both)) or "`address` or signalling"
    expected = f"whether {named} can hold IPv6" if has_to_say else f"with {named} alone only"
    return [("/ipv6", f"expected {expected}")]


def _begin_faults(mapping: Mapping) -> list[tuple[str, str]]:
    begin = BEGINS[mapping.kind]
    if begin in {rule.field for rule in mapping.fields}:
        return []
    return [("/fields", f"expected the field {begin}")]


def _field_faults(
    rule: FieldRule, mapping: Mapping, given: Dictionary[str, Any]
) -> list[tuple[str, str]]:
    place = "/fields/" + escape_pointer(rule.field)
    if rule.field not in settable(mapping.kind):
        return [(place, f"no such field in a {mapping.kind} record")]
    faults = [*_place_faults(place, rule, mapping)]
    allowed = parsers_of(rule.field, mapping.kind)
    if rule.parser not in allowed:
        faults.append((f"{place}/as", f"expected one of {', '.join(allowed)}"))
    for party, raw in RAW.items():
        if rule.field == raw and party in given:
            faults.append((place, f"the field {party} sets it already"))
    if rule.time is not None:
        if rule.parser != TIME:
            faults.append((f"{place}/time", "expected no time rule: the field is not a time"))
        faults += _time_faults(f"{place}/time", rule.time)
    return faults


def _place_faults(place: str, rule: FieldRule, mapping: Mapping) -> list[tuple[str, str]]:
    faults = _column_faults(f"{place}/column", [rule.column], mapping)
    if rule.then is not None:
        faults += _column_faults(f"{place}/then", [rule.then], mapping)
        if rule.parser != TIME:
            faults.append((f"{place}/then", "expected no second column: the field is not a time"))
    if rule.wraps is not None:
        faults += _column_faults(f"{place}/wraps", [rule.wraps], mapping)
        if rule.field not in OCTETS or rule.parser != WHOLE:
            named = ", ".join(sorted(OCTETS))
            faults.append((f"{place}/wraps", f"expected with a whole number in {named} only"))
    if rule.member is not None and len(rule.columns) > 1:
        faults.append((f"{place}/member", "expected no second column beside it"))
    faults += _chain_faults(place, rule, mapping)
    for member, name in (("host", rule.host), ("unless", rule.unless)):
        if name is not None:
            faults += _column_faults(f"{place}/{member}", [name], mapping)
            if rule.field not in {*RAW, *RAW.values()}:
                faults.append((f"{place}/{member}", "expected with a party only"))
    return faults


def _chain_faults(place: str, rule: FieldRule, mapping: Mapping) -> list[tuple[str, str]]:
    """Have lists where a list is wanted, and nowhere else."""
    if rule.field != CHAIN:
        faults = [
            (f"{place}/{name}", f"expected with {CHAIN} only")
            for name, given in (("separator", rule.separator), ("newest_first", rule.newest_first))
            if given
        ]
        return faults + [
            (f"{place}/column", f"expected one value: a list is of {CHAIN} only")
            for name in rule.columns
            if _is_list(name, mapping)
        ]
    if _is_list(rule.column, mapping) != (rule.separator is None):
        return [(f"{place}/separator", "expected where the column is one text, and only there")]
    if rule.member is not None or rule.missing:
        return [(place, "expected neither member nor missing in a list")]
    return []


def _is_list(column: str, mapping: Mapping) -> bool:
    is_json = mapping.file is not None and mapping.file.format == JSON_LINES
    return is_json and is_of_each(split_path(column))


def _column_faults(place: str, names: Sequence[str], mapping: Mapping) -> list[tuple[str, str]]:
    known, where = mapping.columns, "file" if mapping.table is None else "table"
    return [(place, f"no column {name!r} in the {where}") for name in names if name not in known]
