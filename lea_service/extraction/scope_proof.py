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
from operator import itemgetter
from typing import Any

from lea_service.extraction.halts import ScopeViolation
from lea_service.extraction.plan import Ask, Plan, PlanSource
from lea_service.extraction.rules import OURS
from lea_service.kernel.clock import format_instant
from lea_service.records.flags import FLAG_COLUMNS
from lea_service.records.instants import are_instants
from lea_service.records.kinds import INSTANTS, INTEGER, RecordLayout, get_layout

Value = str | int | None
Row = tuple[Value, ...]
"""A whole row of the store in the order of the layout, instants as text."""

LookUp = Callable[[PlanSource, str, tuple[str | int, ...], datetime], Iterable[Row]]
"""Returns rows of a source that hold one of the values in a column and begin before an instant."""

BLOCK = 500
_MODULUS = 1 << 256
_BEGIN = {"call": "started_at", "usage": "started_at", "subscriber": "valid_from"}
_END = {"usage": "ended_at", "subscriber": "valid_to"}
_AGES_FROM = {
    "call": ("started_at",),
    "usage": ("ended_at", "started_at"),
    "subscriber": ("valid_to",),
}


@dataclass
class Tally:
    """Rows so far: how many, per item and per source, and a digest that order does not change.

    ``past_term`` are those whose term had ended, handed over on a ground; ``odd_flags`` those with
    a flag that by our tables tells of a column they do not show, in a plan of other rules.
    """

    rows: int = 0
    past_term: int = 0
    odd_flags: int = 0
    digest: int = 0
    items: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)


class ScopeProof:
    """Judges the rows of one record kind by a plan."""

    def __init__(self, plan: Plan, kind: str) -> None:
        layout = get_layout(kind)
        place = {name: at for at, name in enumerate(layout.names)}
        self._sources = {source.name: source for source in plan.sources_of(kind)}
        self._asks = {
            source.name: [_Asked(n, ask, place) for n, ask in plan.asks_to(source)]
            for source in self._sources.values()
        }
        self._limits = {
            source.name: format_instant(source.cutoff)
            for source in self._sources.values()
            if source.cutoff is not None
        }
        self._is_ours = plan.rules == OURS
        self._is_late_let_through = plan.past_term is not None
        self._lines = _Lines(layout)
        self._cuts = _Cuts(layout)
        self._key = secrets.token_bytes(32)
        self._source_at = place["source"]
        self._order_of = itemgetter(*(place[name] for name in layout.order))
        self._age_at = [place[name] for name in _AGES_FROM[kind]]

    def check_spooled(self, chunks: Iterable[bytes]) -> Tally:
        """Judge what was spooled, byte for byte. Raises ScopeViolation."""
        tally = Tally()
        last: Any = None
        for block in _blocks(iter_lines(chunks)):
            for line, row in zip(block, self._lines.read(block), strict=True):
                order = self._order_of(row)
                if last is not None and not last < order:
                    raise ScopeViolation("a row is out of order or there twice")
                last = order
                inside = [one for one in self._asks_to(row) if one.holds(row)]
                if not inside:
                    raise ScopeViolation("a row lies outside the plan")
                for one in inside:
                    tally.items[one.n] += 1
                self._check_term(row, tally)
                self._cuts.check(row, inside)
                if not self._cuts.are_flags_shown(row, inside):
                    if self._is_ours:
                        raise ScopeViolation("a row has a flag on a column outside its categories")
                    tally.odd_flags += 1
                self._count(tally, line, row)
        tally.digest %= _MODULUS
        return tally

    def read_again(self, look_up: LookUp) -> Tally:
        """Collect by a way of our own what should have been spooled. Raises ScopeViolation."""
        tally = Tally()
        for source in self._sources.values():
            for block in _blocks(self._iter_cut(source, look_up, tally)):
                for line, row in zip(self._lines.write(block), block, strict=True):
                    self._count(tally, line, row)
        tally.digest %= _MODULUS
        return tally

    def _iter_cut(self, source: PlanSource, look_up: LookUp, tally: Tally) -> Iterator[Row]:
        """Yield each row that the plan asks for exactly once, cut, at the first way to it."""
        asks = self._asks[source.name]
        for number, asked in enumerate(asks):
            earlier, later = asks[:number], asks[number + 1 :]
            for column, values, before in asked.ways():
                for row in look_up(source, column, values, asked.ask.end):
                    if not asked.holds(row) or any(row[at] in values for at in before):
                        continue
                    if any(one.holds(row) for one in earlier):
                        continue
                    self._check_term(row, tally)
                    inside = [asked, *(one for one in later if one.holds(row))]
                    for one in inside:
                        tally.items[one.n] += 1
                    yield self._cuts.cut(row, inside)

    def _asks_to(self, row: Row) -> list[_Asked]:
        asks = self._asks.get(str(row[self._source_at]))
        if asks is None:
            raise ScopeViolation("a row is of a source outside the plan")
        return asks

    def _check_term(self, row: Row, tally: Tally) -> None:
        limit = self._limits.get(str(row[self._source_at]))
        if limit is None:
            return
        aged = next((row[at] for at in self._age_at if row[at] is not None), None)
        if aged is None or str(aged) >= limit:
            return
        if not self._is_late_let_through:
            raise ScopeViolation("a row is past its term")
        tally.past_term += 1

    def _count(self, tally: Tally, line: bytes, row: Row) -> None:
        digest = blake2b(line, digest_size=32, key=self._key).digest()
        tally.rows += 1
        tally.digest += int.from_bytes(digest, "big")
        tally.sources[str(row[self._source_at])] += 1


class _Asked:
    """What one item asks of one source, ready to be compared with rows of it."""

    def __init__(self, n: int, ask: Ask, place: Mapping[str, int]) -> None:
        self.n = n
        self.ask = ask
        self.allowed = frozenset(place[name] for name in ask.columns)
        self._start, self._end = format_instant(ask.start), format_instant(ask.end)
        self._begin_at = place[_BEGIN[ask.kind]]
        self._end_at = place[_END[ask.kind]] if ask.kind in _END else None
        self.matches = [
            (tuple(place[name] for name in match.columns), set(match.values), match.or_missing)
            for match in ask.matches
        ]

    def ways(self) -> Iterator[tuple[str, tuple[str | int, ...], tuple[int, ...]]]:
        """Yield column, values, and the columns before it, by which every row is reached."""
        for match, (places, _, or_missing) in zip(self.ask.matches, self.matches, strict=True):
            if not or_missing:
                for number, column in enumerate(match.columns):
                    yield column, match.values, places[:number]
                return

    def holds(self, row: Row) -> bool:
        """Say whether a row lies in the ask, whole or cut: what it was found by is never cut."""
        return self._in_bounds(row) and all(
            _has_value(row, places, values) or (or_missing and _lacks_value(row, places))
            for places, values, or_missing in self.matches
        )

    def _in_bounds(self, row: Row) -> bool:
        begin: Any = row[self._begin_at]
        if self._end_at is None:
            return bool(self._start <= begin < self._end)
        end: Any = row[self._end_at]
        return bool(
            begin < self._end and (begin >= self._start or end is None or end > self._start)
        )


def _has_value(row: Row, places: tuple[int, ...], values: set[str | int]) -> bool:
    for at in places:  # noqa: SIM110 a generator for each row costs more than the comparison
        if row[at] in values:
            return True
    return False


def _lacks_value(row: Row, places: tuple[int, ...]) -> bool:
    return any(row[at] is None for at in places)


_Cut = dict[int, set[str | int]]
"""The columns to be left empty, and which values may stand in them all the same."""


class _Cuts:
    """What a row may show when it lies in some asks."""

    def __init__(self, layout: RecordLayout) -> None:
        self._width = len(layout.names)
        self._flags_at = layout.names.index("flags")
        self._tells = {
            flag: {layout.names.index(name) for name in columns}
            for flag, columns in FLAG_COLUMNS[layout.kind].items()
        }
        self._known: dict[tuple[_Asked, ...], _Cut] = {}
        self._known_flags: dict[tuple[Value, tuple[_Asked, ...]], str] = {}

    def check(self, row: Row, inside: list[_Asked]) -> None:
        """Refuse a row that shows what no ask gives a right to. Raises ScopeViolation."""
        for at, asked in self._find(inside).items():
            if row[at] is not None and row[at] not in asked:
                raise ScopeViolation("a row shows a column outside its categories")

    def are_flags_shown(self, row: Row, inside: list[_Asked]) -> bool:
        """Say whether each flag of a row tells of a column that an ask gives a right to."""
        flags = row[self._flags_at]
        return not flags or flags == self._find_flags(flags, inside)

    def cut(self, row: Row, inside: list[_Asked]) -> Row:
        """Return the row without what no ask gives a right to."""
        hidden = self._find(inside)
        if not hidden:
            return row
        left = [
            value if at not in hidden or value in hidden[at] else None
            for at, value in enumerate(row)
        ]
        if flags := left[self._flags_at]:
            left[self._flags_at] = self._find_flags(flags, inside)
        return tuple(left)

    def _find_flags(self, flags: Value, inside: list[_Asked]) -> str:
        """Return what is left of flags once those on columns of no category are taken out."""
        hidden = self._find(inside).keys()
        if not hidden:
            return str(flags)
        key = flags, tuple(inside)
        found = self._known_flags.get(key)
        if found is None:
            left = (one for one in str(flags).split() if self._tells.get(one, set()) - hidden)
            found = self._known_flags[key] = " ".join(left)
        return found

    def _find(self, inside: list[_Asked]) -> _Cut:
        key = tuple(inside)
        found = self._known.get(key)
        if found is None:
            allowed = frozenset[int]().union(*(one.allowed for one in inside))
            found = self._known[key] = {at: set() for at in range(self._width) if at not in allowed}
            for one in inside:
                for places, values, _ in one.matches:
                    for at in found.keys() & places:
                        found[at] |= values
        return found


class _Lines:
    """Canonical lines of one record kind, read and written a block at a time."""

    def __init__(self, layout: RecordLayout) -> None:
        self._layout = layout
        self._names = list(layout.names)
        self._instants = [(at, one) for at, one in enumerate(layout.names) if one in INSTANTS]
        self._seen: set[tuple[type, ...]] = set()
        pairs = (f"{json.dumps(name)}:%s" for name in layout.names)
        self._template = "{" + ",".join(pairs) + "}\n"

    def read(self, block: list[bytes]) -> list[Row]:
        """Return the rows of canonical lines. Raises ScopeViolation for any other line."""
        text = b"[" + b",".join([line[:-1] for line in block]) + b"]"
        try:
            values = json.loads(text)
            again = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        except ValueError as err:
            raise ScopeViolation("a row is not JSON") from err
        if again != text or len(values) != len(block):
            raise ScopeViolation("a row is not in canonical form")
        rows = [self._row(value) for value in values]
        self._check_instants(rows)
        return rows

    def _check_instants(self, rows: list[Row]) -> None:
        for at, name in self._instants:
            values: Any = [row[at] for row in rows]
            if not are_instants(values):
                raise ScopeViolation(f"a row has no instant in its column {name}")

    def write(self, rows: list[Row]) -> list[bytes]:
        """Return rows as canonical lines."""
        text = json.dumps(rows, ensure_ascii=False, separators=("\x1f", ":"))[2:-2]
        cells = (row.split("\x1f") for row in text.split("]\x1f["))
        return [(self._template % tuple(row)).encode() for row in cells]

    def _row(self, value: Any) -> Row:
        if not isinstance(value, dict) or list(value) != self._names:
            raise ScopeViolation("a row does not have the columns of its kind")
        row = tuple(value.values())
        types = tuple(map(type, row))
        if types not in self._seen:
            self._check_types(types)
            self._seen.add(types)
        return row

    def _check_types(self, types: tuple[type, ...]) -> None:
        for column, found in zip(self._layout.columns, types, strict=True):
            wanted = int if column.type == INTEGER else str
            if found is not wanted and not (column.nullable and found is type(None)):
                raise ScopeViolation(f"the column {column.name} holds a value of another type")


def compare_tallies(spooled: Tally, again: Tally, written: Mapping[int, int]) -> None:
    """Let through what both readings agree on. Raises ScopeViolation.

    ``written`` are the rows per item as the first pass counted them.
    """
    if (spooled.rows, spooled.sources) != (again.rows, again.sources):
        raise ScopeViolation("the two readings of the store differ in number")
    if spooled.digest != again.digest:
        raise ScopeViolation("the two readings of the store differ in content")
    if not +Counter(dict(written)) == again.items == spooled.items:
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


def _blocks(things: Iterable[Any]) -> Iterator[list[Any]]:
    block: list[Any] = []
    for thing in things:
        block.append(thing)
        if len(block) == BLOCK:
            yield block
            block = []
    if block:
        yield block
