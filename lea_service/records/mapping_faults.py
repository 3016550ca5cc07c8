"""What is wrong with a mapping that has the form of one, each fault by its place."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from typing import Any

from lea_service.kernel.errors import InvalidInput
from lea_service.records.identifiers import REGIONS
from lea_service.records.kinds import (
    SIGNALLING,
    STRUCTURAL,
    is_answered_by,
    needs_of,
)
from lea_service.records.mapping import (
    CHAIN,
    JSON_LINES,
    OCTETS,
    RAW,
    TIME,
    WHOLE,
    FieldRule,
    FileRule,
    Mapping,
    RowIdRule,
    fills_ipv6,
    parsers_of,
    settable,
)
from lea_service.records.members import is_of_each, split_path
from lea_service.records.selection import BEGINS
from lea_service.records.times import TimeRule, check_format, needs_zone
from lea_service.web.problems import escape_pointer
from lea_service.web.schemas import ZONES


def list_faults(mapping: Mapping, given: Dictionary[str, Any]) -> list[tuple[str, str]]:
    """Return each fault of a mapping by its place, in words; ``given`` is its document."""
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
        *_host_faults(mapping),
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


def _host_faults(mapping: Mapping) -> list[tuple[str, str]]:
    """Have only parties said to hold hosts whose text is read, and holds them itself."""
    read = {rule.field.removesuffix("_raw") for rule in mapping.fields if rule.host is None}
    return [
        (f"/sip_hosts/{n}", "expected a party that is read from one column, once")
        for n, party in enumerate(mapping.sip_hosts)
        if party not in read or party in mapping.sip_hosts[:n] or mapping.kind != "call"
    ]


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
