"""The second pass: proves that what was spooled is exactly what the plan asks for.

It shares no code with the first pass. It reads the spooled bytes back, judges each row by the plan
in plain Python, and compares count and digest of all rows with those of a reading of its own, which
looks rows up by one value at a time and judges them here instead of in the database.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from lea_service.extraction.halts import ScopeViolation
from lea_service.extraction.plan import Ask, Plan, PlanSource
from lea_service.kernel.clock import format_instant
from lea_service.records.kinds import INTEGER, RecordLayout, get_layout

Value = str | int | None
Row = tuple[Value, ...]
"""A whole row of the store in the order of the layout, instants as text."""

LookUp = Callable[[PlanSource, str, tuple[str | int, ...], datetime], Iterable[Row]]
"""Returns rows of a source that hold one of the values in a column and begin before an instant."""

_MODULUS = 1 << 256
_BEGIN = {"call": "started_at", "usage": "started_at", "subscriber": "valid_from"}
_END = {"usage": "ended_at", "subscriber": "valid_to"}


@dataclass
class Tally:
    """Rows so far: how many, per item and per source, and a digest that order does not change."""

    rows: int = 0
    digest: int = 0
    items: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)


class ScopeProof:
    """Judges the rows of one record kind by a plan."""

    def __init__(self, plan: Plan, kind: str) -> None:
        self._layout = get_layout(kind)
        self._names = list(self._layout.names)
        self._asks = [_Asked(n, ask, self._layout) for n, ask in plan.asks_of(kind)]
        self._sources = {source.name: source for source in plan.sources_of(kind)}
        self._limits = {
            source.name: format_instant(source.cutoff)
            for source in self._sources.values()
            if source.cutoff is not None and plan.past_term is None
        }
        self._key = secrets.token_bytes(32)
        self._seen_types: set[tuple[type, ...]] = set()
        position = {name: at for at, name in enumerate(self._names)}
        self._source_at = position["source"]
        self._order_at = [position[name] for name in self._layout.order]
        self._age_at = [position[name] for name in _ages_from(kind)]

    def check_spooled(self, chunks: Iterable[bytes]) -> Tally:
        """Judge what was spooled, byte for byte. Raises ScopeViolation."""
        tally = Tally()
        last: tuple[Value, ...] = ()
        for line in iter_lines(chunks):
            row = self._read(line)
            order = tuple(row[at] for at in self._order_at)
            if last and not last < order:
                raise ScopeViolation("a row is out of order or there twice")
            last = order
            inside = [one for one in self._asks if one.may_hold(row)]
            if not inside:
                raise ScopeViolation("a row lies outside the plan")
            self._check_term(row)
            self._check_columns(row, inside)
            self._count(tally, line, row)
        return tally

    def read_again(self, look_up: LookUp) -> Tally:
        """Collect by a way of our own what should have been spooled. Raises ScopeViolation."""
        tally = Tally()
        for source in self._sources.values():
            for asked, row in self._iter_once(source, look_up):
                self._check_term(row)
                inside = [one for one in self._asks if one is asked or one.holds(row)]
                line = _dump(self._names, self._cut(row, inside))
                self._count(tally, line, row)
                tally.items.update(one.n for one in inside)
        return tally

    def _iter_once(self, source: PlanSource, look_up: LookUp) -> Iterator[tuple[_Asked, Row]]:
        """Yield each row that the plan asks for exactly once, at the first way that leads to it."""
        for number, asked in enumerate(self._asks):
            earlier = self._asks[:number]
            for column, values, ways_before in asked.ways():
                for row in look_up(source, column, values, asked.ask.end):
                    if any(row[at] in values for at in ways_before) or not asked.holds(row):
                        continue
                    if not any(one.holds(row) for one in earlier):
                        yield asked, row

    def _read(self, line: bytes) -> Row:
        try:
            value = json.loads(line)
        except ValueError as err:
            raise ScopeViolation("a row is not JSON") from err
        if not isinstance(value, dict) or list(value) != self._names:
            raise ScopeViolation("a row does not have the columns of its kind")
        row = tuple(value.values())
        types = tuple(map(type, row))
        if types not in self._seen_types:
            self._check_types(types)
            self._seen_types.add(types)
        if _dump(self._names, row) != line:
            raise ScopeViolation("a row is not in canonical form")
        return row

    def _check_types(self, types: tuple[type, ...]) -> None:
        for column, found in zip(self._layout.columns, types, strict=True):
            wanted = int if column.type == INTEGER else str
            if found is not wanted and not (column.nullable and found is type(None)):
                raise ScopeViolation(f"the column {column.name} holds a value of another type")

    def _check_term(self, row: Row) -> None:
        source = row[self._source_at]
        if source not in self._sources:
            raise ScopeViolation("a row is of a source outside the plan")
        limit = self._limits.get(str(source))
        aged = next((row[at] for at in self._age_at if row[at] is not None), None)
        if limit is not None and aged is not None and str(aged) < limit:
            raise ScopeViolation("a row is past its term")

    def _check_columns(self, row: Row, inside: list[_Asked]) -> None:
        allowed = inside[0].allowed.union(*(one.allowed for one in inside[1:]))
        if any(value is not None and at not in allowed for at, value in enumerate(row)):
            raise ScopeViolation("a row shows a column outside its categories")

    def _cut(self, row: Row, inside: list[_Asked]) -> Row:
        allowed = inside[0].allowed.union(*(one.allowed for one in inside[1:]))
        return tuple(value if at in allowed else None for at, value in enumerate(row))

    def _count(self, tally: Tally, line: bytes, row: Row) -> None:
        digest = blake2b(line, digest_size=32, key=self._key).digest()
        tally.rows += 1
        tally.digest = (tally.digest + int.from_bytes(digest, "big")) % _MODULUS
        tally.sources[str(row[self._source_at])] += 1


class _Asked:
    """What one item asks, ready to be compared with rows."""

    def __init__(self, n: int, ask: Ask, layout: RecordLayout) -> None:
        position = {name: at for at, name in enumerate(layout.names)}
        self.n = n
        self.ask = ask
        self.allowed = frozenset(position[name] for name in ask.columns)
        self._start, self._end = format_instant(ask.start), format_instant(ask.end)
        self._begin_at = position[_BEGIN[ask.kind]]
        self._end_at = position[_END[ask.kind]] if ask.kind in _END else None
        self._matches = [
            (tuple(position[name] for name in match.columns), set(match.values), match.or_missing)
            for match in ask.matches
        ]

    def ways(self) -> Iterator[tuple[str, tuple[str | int, ...], tuple[int, ...]]]:
        """Yield column, values, and the columns before it, by which every row is reached."""
        first = next(match for match in self.ask.matches if not match.or_missing)
        places = self._matches[self.ask.matches.index(first)][0]
        for number, column in enumerate(first.columns):
            yield column, first.values, places[:number]

    def holds(self, row: Row) -> bool:
        """Say whether a whole row lies in the ask."""
        return self._in_period(row) and all(
            any(row[at] in values or (or_missing and row[at] is None) for at in places)
            for places, values, or_missing in self._matches
        )

    def may_hold(self, row: Row) -> bool:
        """Say whether a row as it was cut can lie in the ask.

        A column that its categories do not show is empty there, so it cannot speak against it; the
        comparison with whole rows decides.
        """
        return self._in_period(row) and all(
            any(
                row[at] in values or (row[at] is None and (or_missing or at not in self.allowed))
                for at in places
            )
            for places, values, or_missing in self._matches
        )

    def _in_period(self, row: Row) -> bool:
        begin: Any = row[self._begin_at]
        if self._end_at is None:
            return bool(self._start <= begin < self._end)
        end: Any = row[self._end_at]
        return bool(
            begin < self._end and (begin >= self._start or end is None or end > self._start)
        )


def compare_tallies(spooled: Tally, again: Tally, written: Mapping[int, int]) -> None:
    """Let through what both readings agree on. Raises ScopeViolation.

    ``written`` are the rows per item as the first pass counted them.
    """
    if (spooled.rows, spooled.sources) != (again.rows, again.sources):
        raise ScopeViolation("the two readings of the store differ in number")
    if spooled.digest != again.digest:
        raise ScopeViolation("the two readings of the store differ in content")
    if +Counter(dict(written)) != again.items:
        raise ScopeViolation("the two readings of the store differ in what each item gets")


def iter_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines with their end. Raises ScopeViolation when the last has none."""
    held = b""
    for chunk in chunks:
        lines = (held + chunk).split(b"\n")
        held = lines.pop()
        for line in lines:
            yield line + b"\n"
    if held:
        raise ScopeViolation("the last row is cut short")


def _ages_from(kind: str) -> tuple[str, ...]:
    return {
        "call": ("started_at",),
        "usage": ("ended_at", "started_at"),
        "subscriber": ("valid_to",),
    }[kind]


def _dump(names: list[str], row: Row) -> bytes:
    pairs = dict(zip(names, row, strict=True))
    return json.dumps(pairs, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
