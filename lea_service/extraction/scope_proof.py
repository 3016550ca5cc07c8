"""The second pass: proves that what was spooled is exactly what the plan asks for.

It shares no code with the first pass. It reads the spooled bytes back, judges each row by the plan
in plain Python, and compares count and digest of all rows with those of a reading of its own, which
looks rows up by one value at a time and judges them here instead of in the database.
"""

from __future__ import annotations

import json
import secrets
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from lea_service.extraction.halts import ScopeViolation
from lea_service.extraction.holders import Spans
from lea_service.extraction.plan import Ask, Plan, PlanSource
from lea_service.extraction.rules import OURS
from lea_service.kernel.clock import format_instant
from lea_service.records.flags import FLAG_COLUMNS
from lea_service.records.instants import are_instants
from lea_service.records.kinds import INSTANTS, INTEGER, Column, RecordLayout, get_layout

Value = str | int | None
Row = tuple[Value, ...]
"""A whole row of the store in the order of the layout, instants as text."""

LookUp = Callable[[PlanSource, str, tuple[str | int, ...], datetime], Iterable[list[Row]]]
"""Returns rows of a source that hold one of the values in a column and begin before an instant.

They come in blocks of any size.
"""

BLOCK = 500
_LISTS = frozenset({"transfer_chain", "transfer_chain_raw", "transfer_chain_uri"})
_MODULUS = 1 << 256
_BEGIN = {"call": "started_at", "usage": "started_at", "subscriber": "valid_from"}
_END = {"usage": "ended_at", "subscriber": "valid_to"}
_AGES_FROM = {
    "call": ("started_at",),
    "usage": ("ended_at", "started_at"),
    "subscriber": ("valid_to", "valid_from"),
}
"""The last of these; a subscriber who did not leave has no age at all."""


@dataclass
class Tally:
    """Rows so far: how many, per item and per source, and a digest that order does not change.

    ``past_term`` are those whose term had ended, handed over on a ground; ``odd_flags`` those with
    a flag that by our tables tells of a column they do not show, in a plan of other rules. ``held``
    are those by source, item and span, where the target of an item was not in one hand throughout.
    """

    rows: int = 0
    past_term: int = 0
    odd_flags: int = 0
    digest: int = 0
    items: Counter[int] = field(default_factory=Counter)
    held: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)


class ScopeProof:
    """Judges the rows of one record kind by a plan; ``spans`` are those it counts rows in."""

    def __init__(self, plan: Plan, kind: str, spans: Spans = MappingProxyType({})) -> None:
        layout = get_layout(kind)
        self.kind = kind
        place = self._place = {name: at for at, name in enumerate(layout.names)}
        self._sources = {source.name: source for source in plan.sources_of(kind)}
        self._asks = {
            source.name: [_Asked(n, ask, place, spans) for n, ask in plan.asks_to(source)]
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
        self._source_of = itemgetter(place["source"])
        self._order_of = itemgetter(*(place[name] for name in layout.order))
        self._age_at = [place[name] for name in _AGES_FROM[kind]]

    def check_spooled(self, chunks: Iterable[bytes]) -> Tally:
        """Judge what was spooled, byte for byte. Raises ScopeViolation."""
        tally = Tally()
        last: tuple[Value, ...] = ()
        for lines in whole_lines(chunks):
            rows = self._lines.read(lines)
            for row in rows:
                order = self._order_of(row)
                if not last < order:
                    raise ScopeViolation("a row is out of order or there twice")
                last = order
                inside = _holding(self._asks_to(row), row)
                if not inside:
                    raise ScopeViolation("a row lies outside the plan")
                _give(row, inside, tally)
                self._check_term(row, tally)
                self._cuts.check(row, inside)
                if not self._cuts.are_flags_shown(row, inside):
                    if self._is_ours:
                        raise ScopeViolation("a row has a flag on a column outside its categories")
                    tally.odd_flags += 1
            self._count(tally, lines, rows)
        tally.digest %= _MODULUS
        return tally

    def read_again(self, look_up: LookUp) -> Tally:
        """Collect by a way of our own what should have been spooled. Raises ScopeViolation."""
        tally = Tally()
        for source in self._sources.values():
            for rows in _blocks(self._iter_cut(source, look_up, tally)):
                self._count(tally, self._lines.write(rows), rows)
        tally.digest %= _MODULUS
        return tally

    def _iter_cut(self, source: PlanSource, look_up: LookUp, tally: Tally) -> Iterator[Row]:
        """Yield each row that the plan asks for exactly once, cut, at the first way to it."""
        asks = self._asks[source.name]
        for number, asked in enumerate(asks):
            earlier, later = asks[:number], asks[number + 1 :]
            for column, values, names in asked.ways():
                before, lists = self._places(names)
                blocks = look_up(source, column, values, asked.ask.end)
                for row in chain.from_iterable(blocks):
                    if not asked.holds(row) or _has_value(row, before, values):
                        continue
                    if _is_listed(row, lists, values):
                        continue
                    if _holding(earlier, row):
                        continue
                    self._check_term(row, tally)
                    inside = [asked, *_holding(later, row)]
                    _give(row, inside, tally)
                    yield self._cuts.cut(row, inside)

    def _places(self, names: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return where columns stand: those with one value, and those with a list of them."""
        return (
            tuple(self._place[name] for name in names if name not in _LISTS),
            tuple(self._place[name] for name in names if name in _LISTS),
        )

    def _asks_to(self, row: Row) -> list[_Asked]:
        asks = self._asks.get(self._source_of(row))
        if asks is None:
            raise ScopeViolation("a row is of a source outside the plan")
        return asks

    def _check_term(self, row: Row, tally: Tally) -> None:
        limit = self._limits.get(self._source_of(row))
        if limit is None or not self._is_late(row, limit):
            return
        if not self._is_late_let_through:
            raise ScopeViolation("a row is past its term")
        tally.past_term += 1

    def _is_late(self, row: Row, limit: str) -> bool:
        if self.kind == "subscriber" and row[self._age_at[0]] is None:
            return False
        return all(row[at] is None or str(row[at]) < limit for at in self._age_at)

    def _count(self, tally: Tally, lines: bytes, rows: list[Row]) -> None:
        digests = (
            blake2b(line, digest_size=32, key=self._key).digest() for line in lines.splitlines()
        )
        tally.rows += len(rows)
        tally.digest += sum(int.from_bytes(digest, "big") for digest in digests)
        tally.sources.update(map(self._source_of, rows))


class _Asked:
    """What one item asks of one source, ready to be compared with rows of it."""

    def __init__(self, n: int, ask: Ask, place: Mapping[str, int], spans: Spans) -> None:
        self.n = n
        self.is_split = n in spans
        self._starts = [format_instant(one.start) for one in spans.get(n, ())][1:]
        self.ask = ask
        self.allowed = frozenset(place[name] for name in ask.columns)
        self._filled_at = tuple(place[name] for name in ask.filled)
        self._start, self._end = format_instant(ask.start), format_instant(ask.end)
        self._begin_at = place[_BEGIN[ask.kind]]
        self._end_at = place[_END[ask.kind]] if ask.kind in _END else None
        self.matches = [
            (
                tuple(place[name] for name in match.columns if name not in _LISTS),
                tuple(place[name] for name in match.columns if name in _LISTS),
                set(match.values),
                match.or_missing,
            )
            for match in ask.matches
        ]

    def ways(self) -> Iterator[tuple[str, tuple[str | int, ...], tuple[str, ...]]]:
        """Yield column, values, and the columns before it, by which every row is reached."""
        for match in self.ask.matches:
            if not match.or_missing:
                for number, column in enumerate(match.columns):
                    yield column, match.values, match.columns[:number]
                return

    def span_of(self, row: Row) -> int:
        """Return in which span of the item a row begins; what began earlier is in the first."""
        return bisect_right(self._starts, str(row[self._begin_at]))

    def holds(self, row: Row) -> bool:
        """Say whether a row lies in the ask, whole or cut: what it was found by is never cut."""
        if not self._in_bounds(row):
            return False
        if self._filled_at and all(row[at] is None for at in self._filled_at):
            return False
        for places, lists, values, or_missing in self.matches:
            if _has_value(row, places, values) or _is_listed(row, lists, values):
                continue
            if not or_missing or not _lacks_value(row, places):
                return False
        return True

    def _in_bounds(self, row: Row) -> bool:
        begin: Any = row[self._begin_at]
        if self._end_at is None:
            return bool(self._start <= begin < self._end)
        end: Any = row[self._end_at]
        return bool(
            begin < self._end and (begin >= self._start or end is None or end > self._start)
        )


def _holding(asks: Iterable[_Asked], row: Row) -> list[_Asked]:
    return [one for one in asks if one.holds(row)]


def _give(row: Row, inside: Iterable[_Asked], tally: Tally) -> None:
    for one in inside:
        tally.items[one.n] += 1
        if one.is_split:
            tally.held[one.ask.source, one.n, one.span_of(row)] += 1


def _has_value(row: Row, places: tuple[int, ...], values: Container[Value]) -> bool:
    for at in places:  # noqa: SIM110 a generator for each row costs more than the comparison
        if row[at] in values:
            return True
    return False


def _is_listed(row: Row, lists: tuple[int, ...], values: Container[Value]) -> bool:
    """Say whether a list in the row has one of the values: words, in which a blank is escaped."""
    for at in lists:
        words = row[at]
        if words is not None and any(unquote(word) in values for word in str(words).split(" ")):
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
        left = list(row)
        for at, asked in hidden.items():
            if left[at] not in asked:
                left[at] = None
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
                for places, _, values, _ in one.matches:
                    for at in found.keys() & places:
                        found[at] |= values
        return found


class _Lines:
    """Canonical lines of one record kind, read and written many at a time."""

    def __init__(self, layout: RecordLayout) -> None:
        self._types = [(column.name, _types_of(column)) for column in layout.columns]
        self._instants = [(at, one) for at, one in enumerate(layout.names) if one in INSTANTS]
        pairs = (f"{json.dumps(name)}:%s" for name in layout.names)
        self._template = "{" + ",".join(pairs) + "}\n"

    def read(self, lines: bytes) -> list[Row]:
        """Return the rows of canonical lines. Raises ScopeViolation for any other bytes.

        Canonical is what ``write`` makes of the values: their names, order and spelling with it.
        """
        try:
            values = json.loads(b"[" + lines[:-1].replace(b"\n", b",") + b"]")
            rows = [tuple(dict.values(value)) for value in values]
            self._check_types(rows)
            again = self.write(rows)
        except (ValueError, TypeError) as err:
            raise ScopeViolation("a row is not an object with the columns of its kind") from err
        if again != lines:
            raise ScopeViolation("a row is not in canonical form")
        self._check_instants(rows)
        return rows

    def _check_instants(self, rows: list[Row]) -> None:
        for at, name in self._instants:
            values: Any = [row[at] for row in rows]
            if not are_instants(values):
                raise ScopeViolation(f"a row has no instant in its column {name}")

    def write(self, rows: list[Row]) -> bytes:
        """Return rows as canonical lines; to fill in all of them at once costs half of each alone.

        A control character is never bare inside JSON, so it can stand between the values.
        """
        values = list(chain.from_iterable(rows))
        cells = json.dumps(values, ensure_ascii=False, separators=("\x1f", ":"))[1:-1]
        return (self._template * len(rows) % tuple(cells.split("\x1f"))).encode()

    def _check_types(self, rows: list[Row]) -> None:
        """Raise ScopeViolation for a value of another type, ValueError for rows of other widths."""
        for (name, types), values in zip(self._types, zip(*rows, strict=True), strict=True):
            if not types.issuperset(map(type, values)):
                raise ScopeViolation(f"the column {name} holds a value of another type")


def _types_of(column: Column) -> set[type]:
    wanted: type = int if column.type == INTEGER else str
    return {wanted, type(None)} if column.nullable else {wanted}


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
    if spooled.held != again.held:
        raise ScopeViolation("the two readings of the store differ in what each holder gets")


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Regroup bytes so that each part ends with a line. Raises ScopeViolation if the last has none.

    No part is larger than a chunk and a line.
    """
    held = b""
    for chunk in chunks:
        lines, end, held = (held + chunk).rpartition(b"\n")
        if end:
            yield lines + end
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
