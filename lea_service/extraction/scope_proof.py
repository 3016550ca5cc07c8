"""The second pass: proves that what was spooled is exactly what the plan asks for.

It shares no code with the first pass. It reads the spooled bytes back, judges each row by the plan
in plain Python, and compares count and digest of all rows with those of a reading of its own, which
looks rows up by one value at a time and judges them here instead of in the database.
"""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import compress, groupby
from operator import and_, lt, or_
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from lea_service.extraction.halts import ScopeViolation
from lea_service.extraction.holders import Spans
from lea_service.extraction.plan import Ask, Plan, PlanSource
from lea_service.extraction.proof_lines import ProofLines, is_empty, whole_lines
from lea_service.extraction.rules import OURS
from lea_service.kernel.clock import format_instant
from lea_service.records.flags import FLAG_COLUMNS
from lea_service.records.kinds import RecordLayout, get_layout
from lea_service.records.rows import Columns, Value

LookUp = Callable[[PlanSource, str, tuple[str | int, ...], datetime], Iterable[Columns]]
"""Returns rows of a source that hold one of the values in a column and begin before an instant.

They come in blocks of any size but none, whole: every column of the layout in its order.
"""

Places = tuple[tuple[int, ...], tuple[int, ...]]
"""Where columns stand: those with one value, and those with a list of them."""
Values = AbstractSet[Value]

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
        self._lines = ProofLines(layout)
        self._cuts = _Cuts(layout)
        self._key = secrets.token_bytes(32)
        self._order_at = [place[name] for name in layout.order]
        self._age_at = [place[name] for name in _AGES_FROM[kind]]

    def check_spooled(self, chunks: Iterable[bytes]) -> Tally:
        """Judge what was spooled, byte for byte. Raises ScopeViolation."""
        tally = Tally()
        last: tuple[Value, ...] = ()
        for lines in whole_lines(chunks):
            columns = self._lines.read(lines)
            last = self._check_order(columns, last)
            for source, part in self._by_source(columns):
                self._check_part(source, part, tally)
            self._count(lines, tally)
        tally.digest %= _MODULUS
        return tally

    def read_again(self, look_up: LookUp) -> Tally:
        """Collect by a way of our own what should have been spooled. Raises ScopeViolation."""
        tally = Tally()
        for source in self._sources.values():
            for columns in self._iter_cut(source, look_up, tally):
                tally.sources[source.name] += len(columns[0])
                self._count(self._lines.write(columns), tally)
        tally.digest %= _MODULUS
        return tally

    def _check_order(self, columns: Columns, last: tuple[Value, ...]) -> tuple[Value, ...]:
        """Raise ScopeViolation unless each row comes behind the one before; returns the last."""
        orders: Any = list(zip(*(columns[at] for at in self._order_at), strict=True))
        if not all(map(lt, [last, *orders], orders)):
            raise ScopeViolation("a row is out of order or there twice")
        found: tuple[Value, ...] = orders[-1]
        return found

    def _by_source(self, columns: Columns) -> Iterator[tuple[str, Columns]]:
        """Yield rows, which are in order, source by source."""
        start = 0
        for source, rows in groupby(columns[self._order_at[0]]):
            end = start + sum(1 for _ in rows)
            yield str(source), [column[start:end] for column in columns]
            start = end

    def _check_part(self, source: str, columns: Columns, tally: Tally) -> None:
        asks = self._asks.get(source)
        if asks is None:
            raise ScopeViolation("a row is of a source outside the plan")
        self._check_term(source, columns, tally)
        for inside, part in _by_asks(asks, columns):
            if not inside:
                raise ScopeViolation("a row lies outside the plan")
            _give(part, inside, tally)
            self._cuts.check(part, inside)
            if odd := self._cuts.count_odd_flags(part, inside):
                if self._is_ours:
                    raise ScopeViolation("a row has a flag on a column outside its categories")
                tally.odd_flags += odd
        tally.sources[source] += len(columns[0])

    def _iter_cut(self, source: PlanSource, look_up: LookUp, tally: Tally) -> Iterator[Columns]:
        """Yield each row that the plan asks for exactly once, cut, at the first way to it."""
        asks = self._asks[source.name]
        for number, asked in enumerate(asks):
            earlier, later = asks[:number], asks[number + 1 :]
            for column, values, names in asked.ways():
                before, wanted = self._places(names), frozenset(values)
                for columns in look_up(source, column, values, asked.ask.end):
                    fresh = _first_found(asked, columns, before, wanted, earlier)
                    for inside, part in _by_asks(later, _pick(columns, fresh)):
                        self._check_term(source.name, part, tally)
                        given = (asked, *inside)
                        _give(part, given, tally)
                        yield self._cuts.cut(part, given)

    def _places(self, names: tuple[str, ...]) -> Places:
        """Return where columns stand: those with one value, and those with a list of them."""
        return (
            tuple(self._place[name] for name in names if name not in _LISTS),
            tuple(self._place[name] for name in names if name in _LISTS),
        )

    def _check_term(self, source: str, columns: Columns, tally: Tally) -> None:
        limit = self._limits.get(source)
        late = 0 if limit is None else self._count_late(columns, limit)
        if late and not self._is_late_let_through:
            raise ScopeViolation("a row is past its term")
        tally.past_term += late

    def _count_late(self, columns: Columns, limit: str) -> int:
        """Count rows whose every instant that counts lies before a limit.

        A subscriber who did not leave has no age at all.
        """
        late = [True] * len(columns[0])
        for at in self._age_at:
            late = [
                one and (value is None or str(value) < limit)
                for one, value in zip(late, columns[at], strict=True)
            ]
        if self.kind == "subscriber":
            late = [
                one and left is not None
                for one, left in zip(late, columns[self._age_at[0]], strict=True)
            ]
        return sum(late)

    def _count(self, lines: bytes, tally: Tally) -> None:
        digests = [
            int.from_bytes(blake2b(line, digest_size=32, key=self._key).digest(), "big")
            for line in lines.splitlines()
        ]
        tally.rows += len(digests)
        tally.digest += sum(digests)


class _Asked:
    """What one item asks of one source, ready to be compared with rows of it.

    Rows come as columns, and what is said of each is one list: a step for a whole column takes a
    fraction of the same step for each row.
    """

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

    def count_spans(self, columns: Columns) -> Counter[int]:
        """Count rows by the span of the item they begin in; what began earlier is in the first."""
        begins = columns[self._begin_at]
        return Counter(bisect_right(self._starts, str(begin)) for begin in begins)

    def holds(self, columns: Columns) -> list[bool]:
        """Say of each row whether it lies in the ask, whole or cut.

        What a row was found by is never cut.
        """
        held = self._in_bounds(columns)
        if self._filled_at:
            held = _both(held, _any_of(columns, self._filled_at, _is_there))
        for places, lists, values, or_missing in self.matches:
            found = _have_value(columns, places, lists, values)
            if or_missing:
                lacks = _any_of(columns, places, _is_missing)
                found = list(map(or_, found, lacks))
            held = _both(held, found)
        return held

    def _in_bounds(self, columns: Columns) -> list[bool]:
        start, end = self._start, self._end
        begins: Any = columns[self._begin_at]
        if self._end_at is None:
            return [start <= begin < end for begin in begins]
        ends: Any = columns[self._end_at]
        return [
            begin < end and (begin >= start or ended is None or ended > start)
            for begin, ended in zip(begins, ends, strict=True)
        ]


def _by_asks(
    asks: Sequence[_Asked], columns: Columns
) -> Iterator[tuple[tuple[_Asked, ...], Columns]]:
    """Yield rows by which of the asks they lie in, for each such set of asks once."""
    if not asks and columns[0]:
        yield (), columns
    found = list(zip(*(one.holds(columns) for one in asks), strict=True))
    for pattern in dict.fromkeys(found):
        yield tuple(compress(asks, pattern)), _pick(columns, [one == pattern for one in found])


def _first_found(
    asked: _Asked, columns: Columns, before: Places, values: Values, earlier: Sequence[_Asked]
) -> list[bool]:
    """Say of each row whether it lies in an ask, and neither a way before nor an ask found it."""
    fresh = asked.holds(columns)
    seen = _have_value(columns, *before, values)
    for one in earlier:
        seen = list(map(or_, seen, one.holds(columns)))
    return [held and not known for held, known in zip(fresh, seen, strict=True)]


def _pick(columns: Columns, wanted: list[bool]) -> Columns:
    """Return the rows that are wanted."""
    if all(wanted):
        return columns
    return [tuple(compress(column, wanted)) for column in columns]


def _give(columns: Columns, inside: Iterable[_Asked], tally: Tally) -> None:
    for one in inside:
        tally.items[one.n] += len(columns[0])
        if one.is_split:
            for at, rows in one.count_spans(columns).items():
                tally.held[one.ask.source, one.n, at] += rows


def _both(ones: list[bool], others: list[bool]) -> list[bool]:
    return list(map(and_, ones, others))


def _have_value(
    columns: Columns, places: tuple[int, ...], lists: tuple[int, ...], values: Values
) -> list[bool]:
    """Say of each row whether a column has one of the values, or a list one among its words."""
    found = _any_of(columns, places, values.__contains__)
    if not lists:
        return found
    return list(map(or_, found, _any_of(columns, lists, lambda words: _is_listed(words, values))))


def _is_listed(words: Value, values: Values) -> bool:
    """Say whether a list has one of the values: words, in which a blank is escaped."""
    return words is not None and any(unquote(word) in values for word in str(words).split(" "))


def _any_of(
    columns: Columns, places: tuple[int, ...], judge: Callable[[Value], bool]
) -> list[bool]:
    """Say of each row whether some of its columns are judged so."""
    found = [False] * len(columns[0])
    for at in places:
        found = list(map(or_, found, map(judge, columns[at])))
    return found


def _is_there(value: Value) -> bool:
    """Say whether there is a value."""
    return value is not None


def _is_missing(value: Value) -> bool:
    """Say whether there is none."""
    return value is None


_Cut = dict[int, set[str | int]]
"""The columns to be left empty, and which values may stand in them all the same."""


class _Cuts:
    """What rows may show that lie in the same asks."""

    def __init__(self, layout: RecordLayout) -> None:
        self._width = len(layout.names)
        self._flags_at = layout.names.index("flags")
        self._tells = {
            flag: {layout.names.index(name) for name in columns}
            for flag, columns in FLAG_COLUMNS[layout.kind].items()
        }
        self._known: dict[tuple[_Asked, ...], _Cut] = {}
        self._known_flags: dict[tuple[Value, tuple[_Asked, ...]], str] = {}

    def check(self, columns: Columns, inside: tuple[_Asked, ...]) -> None:
        """Refuse rows that show what no ask gives a right to. Raises ScopeViolation."""
        for at, asked in self._find(inside).items():
            if not is_empty(columns[at]) and not {None, *asked}.issuperset(columns[at]):
                raise ScopeViolation("a row shows a column outside its categories")

    def count_odd_flags(self, columns: Columns, inside: tuple[_Asked, ...]) -> int:
        """Count rows with a flag that tells of no column which an ask gives a right to."""
        found = Counter(columns[self._flags_at])
        return sum(
            rows
            for flags, rows in found.items()
            if flags and flags != self._find_flags(flags, inside)
        )

    def cut(self, columns: Columns, inside: tuple[_Asked, ...]) -> Columns:
        """Return rows without what no ask gives a right to."""
        hidden = self._find(inside)
        if not hidden:
            return columns
        left = list(columns)
        for at, asked in hidden.items():
            if not is_empty(left[at]):
                left[at] = [value if value in asked else None for value in left[at]]
        flags = left[self._flags_at]
        left[self._flags_at] = [one and self._find_flags(one, inside) for one in flags]
        return left

    def _find_flags(self, flags: Value, inside: tuple[_Asked, ...]) -> str:
        """Return what is left of flags once those on columns of no category are taken out."""
        hidden = self._find(inside).keys()
        if not hidden:
            return str(flags)
        key = flags, inside
        found = self._known_flags.get(key)
        if found is None:
            left = (one for one in str(flags).split() if self._tells.get(one, set()) - hidden)
            found = self._known_flags[key] = " ".join(left)
        return found

    def _find(self, inside: tuple[_Asked, ...]) -> _Cut:
        found = self._known.get(inside)
        if found is None:
            allowed = frozenset[int]().union(*(one.allowed for one in inside))
            found = self._known[inside] = {
                at: set() for at in range(self._width) if at not in allowed
            }
            for one in inside:
                for places, _, values, _ in one.matches:
                    for at in found.keys() & places:
                        found[at] |= values
        return found


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
