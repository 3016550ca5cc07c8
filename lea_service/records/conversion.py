"""One line's values into one canonical row; what is odd is kept and flagged, never put right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from lea_service.demands.devices import (
    normalise_iccid,
    normalise_imei,
    normalise_imsi,
    read_mac,
    read_spare_imei,
)
from lea_service.kernel.canonical import MAX_INTEGER
from lea_service.records import mapping as m
from lea_service.records.chains import read_chain, write_chain
from lea_service.records.flags import (
    ADDRESSES,
    COUNTER,
    COUNTERS,
    END_FIRST,
    FRACTION,
    FUTURE,
    NEGATIVE_DURATION,
    NO_PARTY,
    NOT_E164,
    ODD_ADDRESS,
    ODD_EMAIL,
    ODD_ICCID,
    ODD_IMEI,
    ODD_IMSI,
    ODD_MAC,
    ODD_SIP,
    TALK_LONGER,
    ZERO_DURATION,
)
from lea_service.records.identifiers import (
    looks_like_sip,
    normalise_address,
    normalise_customer,
    normalise_email,
    normalise_party,
    normalise_prefix,
    normalise_sip,
)
from lea_service.records.kinds import CHAINS, get_layout
from lea_service.records.mapping import FieldRule, Mapping
from lea_service.records.members import BadObject, MemberReader
from lea_service.records.selection import BEGINS, ENDS
from lea_service.records.store import LONGEST_CHAIN, LONGEST_TEXT
from lea_service.records.times import time_reader

TIME, NUMBER, LONG, NO_BEGIN = "time", "number", "value-too-long", "no-begin"
NO_KIND = "no-kind"
SOON = timedelta(days=1)
WRAP = 2**32
FULL_COUNTERS = frozenset({2**31 - 1, 2**32 - 1})
IDENTIFIERS = frozenset({"account", "customer_number"})

_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_DECIMAL = re.compile(r"([+-]?\d{1,18})\.(\d{1,12})", re.ASCII)
_CLOCK = re.compile(r"(\d{1,6}):([0-5]\d):([0-5]\d)", re.ASCII)

Row = dict[str, Any]
Flags = set[str]
Normalise = Callable[[str], str | None]
Parser = Callable[[str, Flags], Any]
Reader = Callable[[Sequence[str], Flags], Any]
Find = Callable[[Sequence[str]], str | None]


class BadLine(Exception):
    """A line gives no row: why, and in which field."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class KindReader:
    """Says by the values of a line whether it is of the kind that the mapping reads ``only``."""

    def __init__(self, mapping: Mapping, columns: Sequence[str]) -> None:
        rule = mapping.only
        self._place = None if rule is None else columns.index(rule.column)
        self._wanted = frozenset[str]() if rule is None else rule.values
        self._missing = mapping.missing

    def is_wanted(self, values: Sequence[str]) -> bool:
        """Say whether the line is to be read. Raises BadLine where it does not tell its kind."""
        if self._place is None:
            return True
        kind = values[self._place]
        if kind in self._missing or not kind.strip():
            raise BadLine(NO_KIND)
        return kind in self._wanted


class Converter:
    """Makes rows of one source out of the values of its lines."""

    def __init__(self, mapping: Mapping, source: str, columns: Sequence[str]) -> None:
        self._mapping = mapping
        self._empty: Row = dict.fromkeys(get_layout(mapping.kind).names)
        self._empty["source"] = source
        self._begin = BEGINS[mapping.kind]
        self._steps = [
            (rule.field, _reader(rule, mapping, columns))
            for rule in mapping.fields
            if rule.field != m.CHAIN
        ]
        self._raws = [
            (m.RAW[rule.field], _finder(rule, mapping, columns))
            for rule in mapping.fields
            if rule.field in m.RAW
        ]
        self._uris = tuple(m.URI.items()) if mapping.kind == "call" else ()
        self._chains = [
            _chain_filler(rule, mapping, columns)
            for rule in mapping.fields
            if rule.field == m.CHAIN
        ]

    def convert(self, values: Sequence[str], now: datetime) -> Row:
        """Return the row of a line, without its id. Raises BadLine."""
        row, flags = dict(self._empty), set[str]()
        for field, read in self._steps:
            row[field] = read(values, flags)
        for field, find in self._raws:
            text = find(values)
            if text is not None:
                row[field] = _checked(field, text)
        for raw, uri in self._uris:
            if row[raw] is not None:
                row[uri] = normalise_sip(row[raw])
                if row[uri] is None and looks_like_sip(row[raw]):
                    flags.add(ODD_SIP)
        for fill in self._chains:
            fill(row, values, flags)
        if row[self._begin] is None:
            raise BadLine(NO_BEGIN, self._begin)
        row["flags"] = " ".join(sorted(flags | find_oddities(self._mapping.kind, row, now)))
        return row


def find_oddities(kind: str, row: Row, now: datetime) -> Flags:
    """Return the flags of what is odd in a whole row."""
    begin, end = row[BEGINS[kind]], row[ENDS[kind]]
    flags: Flags = set()
    if end is not None and end < begin:
        flags.add(END_FIRST)
    if begin > now + SOON:
        flags.add(FUTURE)
    if kind == "call" and row["caller_raw"] is None and row["callee_raw"] is None:
        flags.add(NO_PARTY)
    if kind == "usage" and all(row[name] is None for name in ("account", *ADDRESSES)):
        flags.add(NO_PARTY)
    if kind != "subscriber":
        flags |= _duration_flags(row)
    if kind == "usage":
        flags |= {COUNTER for name in COUNTERS if _is_odd_counter(name, row[name])}
    return flags


def is_completion(kind: str, old: Row, new: Row) -> bool:
    """Say whether ``new`` is the same record as ``old`` with its end known now, or counted on.

    That is how a system writes a session that was open, or a subscription that ended since. What
    is counted may have grown, and an address that was not assigned yet at the begin may have come;
    everything else must be equal. Of a session that is still open no counter may be less.
    """
    end = ENDS[kind]
    if kind == "call" or old[end] is not None:
        return False
    if new[end] is None and (kind != "usage" or not _counts_on(old, new)):
        return False
    grows = {end, "duration_s", "octets_in", "octets_out", "cause", "flags"}
    grows |= {name for name in ADDRESSES if kind == "usage" and old[name] is None}
    return all(old[name] == new[name] for name in old if name not in grows)


def _counts_on(old: Row, new: Row) -> bool:
    """Say whether no counter of an open session went back."""
    return all(
        old[name] is None or (new[name] is not None and new[name] >= old[name])
        for name in ("duration_s", "octets_in", "octets_out")
    )


def is_same(old: Row, new: Row) -> bool:
    """Say whether two rows hold the same; flags may differ, since time passes."""
    return all(old[name] == new[name] for name in old if name != "flags")


def _duration_flags(row: Row) -> Flags:
    duration, talk = row["duration_s"], row.get("talk_s")
    flags: Flags = set()
    if duration == 0:
        flags.add(ZERO_DURATION)
    if (duration or 0) < 0 or (talk or 0) < 0:
        flags.add(NEGATIVE_DURATION)
    if duration is not None and talk is not None and talk > duration:
        flags.add(TALK_LONGER)
    return flags


def _is_odd_counter(name: str, value: int | None) -> bool:
    if value is None:
        return False
    if name == "port":
        return not 0 < value < 65_536
    return value < 0 or value in FULL_COUNTERS


def _reader(rule: FieldRule, mapping: Mapping, columns: Sequence[str]) -> Reader:
    """Return what reads a field from the values of a line; None where they hold none."""
    index, parse, missing = columns.index(rule.column), _parser(rule, mapping), mapping.missing
    find = _finder(rule, mapping, columns)

    def read(values: Sequence[str], flags: Flags) -> Any:
        text = find(values)
        if text is None:
            return None
        value = parse(text, flags)
        return _checked(rule.field, value) if isinstance(value, str) else value

    if rule.then is not None:
        then = columns.index(rule.then)

        def read_both(values: Sequence[str], flags: Flags) -> Any:
            texts = [values[index], values[then]]
            if missing.issuperset(texts):
                return None
            return parse(" ".join(texts), flags)

        return read_both

    if rule.wraps is not None:
        wraps = columns.index(rule.wraps)

        def read_wrapped(values: Sequence[str], flags: Flags) -> Any:
            low, high = read(values, flags), values[wraps]
            if low is None or high in missing:
                return low
            return _bounded(low + parse(high, flags) * WRAP, rule.field)

        return read_wrapped

    return read


def _finder(rule: FieldRule, mapping: Mapping, columns: Sequence[str]) -> Find:
    """Return what finds the text of a field in the values of a line; None where there is none."""
    index, missing = columns.index(rule.column), mapping.missing | rule.missing

    def find(values: Sequence[str]) -> str | None:
        text = values[index]
        return None if text in missing else text

    if rule.member is not None:
        return _member_finder(find, rule.field, rule.member, missing)
    if rule.host is None and rule.unless is None:
        return find
    host = None if rule.host is None else columns.index(rule.host)
    unless = None if rule.unless is None else columns.index(rule.unless)
    parse = _parser(rule, mapping)

    def is_same_party(text: str, other: str) -> bool:
        """Say whether both are one party: a proxy may only have written the number out."""
        return text == other or parse(text, set()) == parse(other, set()) is not None

    def find_party(values: Sequence[str]) -> str | None:
        text = find(values)
        if text is None or (unless is not None and is_same_party(text, values[unless])):
            return None
        return text if host is None or values[host] in missing else f"{text}@{values[host]}"

    return find_party


def _member_finder(find: Find, field: str, member: str, missing: frozenset[str]) -> Find:
    reader = MemberReader([member], [member])

    def find_member(values: Sequence[str]) -> str | None:
        found = find(values)
        if found is None:
            return None
        try:
            (text,) = reader.read(found)
        except BadObject as err:
            raise BadLine(str(err), field) from err
        return None if not text or text in missing else text

    return find_member


def _chain_filler(
    rule: FieldRule, mapping: Mapping, columns: Sequence[str]
) -> Callable[[Row, Sequence[str], Flags], None]:
    """Return what fills in the list of parties, where callee and last forwarding do not say it."""
    index, missing, region = columns.index(rule.column), mapping.missing, mapping.region

    def fill(row: Row, values: Sequence[str], flags: Flags) -> None:
        text, mark = values[index], rule.separator
        found = read_chain(text) if mark is None else map(str.strip, text.split(mark))
        parties = [one for one in found if one and one not in missing]
        if text in missing or {row["callee_raw"], row["forwarded_to_raw"]}.issuperset(parties):
            return
        if rule.newest_first:
            parties.reverse()
        numbers = [normalise_party(one, region) for one in parties]
        uris = [normalise_sip(one) for one in parties]
        if None in numbers:
            flags.add(NOT_E164)
        if any(uri is None and looks_like_sip(one) for one, uri in zip(parties, uris, strict=True)):
            flags.add(ODD_SIP)
        lists: tuple[Sequence[str | None], ...] = (numbers, parties, uris)
        for name, several in zip(CHAINS, lists, strict=True):
            row[name] = write_chain(one for one in several if one is not None)
            if row[name] is not None and len(row[name]) > LONGEST_CHAIN:
                raise BadLine(LONG, rule.field)

    return fill


def _checked(field: str, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise BadLine(LONG, field)
    return text


def _parser(rule: FieldRule, mapping: Mapping) -> Parser:
    field = rule.field
    if rule.parser == m.TIME:
        return _time_parser(field, rule, mapping)
    if rule.parser in {m.WHOLE, m.SECONDS}:
        return _number_parser(field, clock=rule.parser == m.SECONDS)
    if field in m.PARTIES:
        return _party_parser(mapping.region)
    normalise, flag = {
        m.SIP: (normalise_sip, ODD_SIP),
        m.EMAIL: (normalise_email, ODD_EMAIL),
        m.ADDRESS: (normalise_address, ODD_ADDRESS),
        m.PREFIX: (normalise_prefix, ODD_ADDRESS),
        m.IMEI: (normalise_imei, ODD_IMEI),
        m.IMSI: (normalise_imsi, ODD_IMSI),
        m.ICCID: (normalise_iccid, ODD_ICCID),
        m.MAC: (read_mac, ODD_MAC),
    }.get(rule.parser, (None, ""))
    if normalise is not None:
        return _keeping(normalise, flag, read_spare_imei if rule.parser == m.IMEI else None)
    if field in m.RAW.values():
        return _keep_party
    return _keep_customer if field in IDENTIFIERS else _keep


def _keeping(normalise: Normalise, flag: str, spare: Normalise | None) -> Parser:
    """Return what flags a text that has no one form, in the form ``spare`` has of it, or as it is.

    An IMEI without its check digit is kept as the digits that a demand for it looks for.
    """

    def parse(text: str, flags: Flags) -> str:
        found = normalise(text)
        if found is None:
            flags.add(flag)
            return (spare and spare(text)) or text
        return found

    return parse


def _party_parser(region: str | None) -> Parser:
    def parse(text: str, flags: Flags) -> str | None:
        found = normalise_party(text, region)
        if found is None:
            flags.add(NOT_E164)
        return found

    return parse


def _keep(text: str, _flags: Flags) -> str:
    return text


def _keep_customer(text: str, _flags: Flags) -> str:
    return normalise_customer(text) or text


def _keep_party(text: str, flags: Flags) -> str:
    """Keep the text of a party that the mapping does not take for a number."""
    flags.add(NOT_E164)
    return text


def _time_parser(field: str, rule: FieldRule, mapping: Mapping) -> Parser:
    read = time_reader(rule.time or mapping.time)

    def parse(text: str, flags: Flags) -> datetime:
        try:
            instant, flag = read(text)
        except ValueError as err:
            raise BadLine(TIME, field) from err
        if flag is not None:
            flags.add(flag)
        return instant

    return parse


def _number_parser(field: str, *, clock: bool) -> Parser:
    def parse(text: str, flags: Flags) -> int:
        plain = text.strip()
        if _WHOLE.fullmatch(plain):
            return _bounded(int(plain), field)
        if (decimal := _DECIMAL.fullmatch(plain)) is not None:
            if int(decimal[2]):
                flags.add(FRACTION)
            return _bounded(int(decimal[1]), field)
        if clock and (parts := _CLOCK.fullmatch(plain)) is not None:
            return int(parts[1]) * 3600 + int(parts[2]) * 60 + int(parts[3])
        raise BadLine(NUMBER, field)

    return parse


def _bounded(number: int, field: str) -> int:
    if abs(number) > MAX_INTEGER:
        raise BadLine(NUMBER, field)
    return number
