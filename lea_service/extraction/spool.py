"""The first pass: rows of one kind as canonical lines, in order, each cut to what was asked."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, compress, groupby
from json import JSONEncoder
from json.encoder import encode_basestring
from typing import Any, Protocol

from lea_service.extraction.plan import Ask, Plan, PlanSource
from lea_service.kernel.clock import format_instant
from lea_service.records.flags import FLAG_COLUMNS
from lea_service.records.kinds import get_layout
from lea_service.records.rows import Columns, Row, Value
from lea_service.records.selection import BEGINS, ENDS, is_filled, is_matched

STEP = 10_000
"""How many rows go by between two reports of progress."""

_BETWEEN = "\x1f"
_NOTHING: frozenset[str] = frozenset()
_encode = JSONEncoder(ensure_ascii=False, separators=(_BETWEEN, ":"), check_circular=False).encode

Progress = Callable[[int], None]
"""Told how many rows went by since it was last told."""


class Sink(Protocol):
    """Takes bytes in order."""

    def write(self, data: bytes, /) -> object:
        """Take ``data``."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """What was spooled of a kind: rows in all, per item and per source, and SHA-256 (hex)."""

    rows: int
    sha256: str
    items: Mapping[int, int]
    sources: Mapping[str, int]


def spool_kind(
    sink: Sink,
    plan: Plan,
    kind: str,
    read: Callable[[PlanSource, Sequence[str]], Iterable[Columns]],
    progress: Progress,
) -> Spooled:
    """Write the rows of ``kind`` into ``sink``.

    ``read`` returns columns of the selected rows of one source, by begin and row id.
    """
    digest = hashlib.sha256()
    items: Counter[int] = Counter()
    sources: Counter[str] = Counter()
    names = get_layout(kind).names
    for source in plan.sources_of(kind):
        cut = _Cutter(kind, plan.asks_to(source), items)
        for block in read(source, cut.names):
            data = b"".join(_dump(names, part) for part in cut.parts(block))
            digest.update(data)
            sink.write(data)
            rows = len(block[0])
            sources[source.name] += rows
            progress(rows)
    return Spooled(sources.total(), digest.hexdigest(), dict(items), dict(sources))


def count_steps(tell: Callable[[int], None], start: int = 0) -> Progress:
    """Return a progress that tells the sum every ``STEP`` rows."""
    state = {"sum": start, "told": start}

    def add(rows: int) -> None:
        state["sum"] += rows
        if state["sum"] - state["told"] >= STEP:
            state["told"] = state["sum"]
            tell(state["sum"])

    return add


_Right = tuple[int, frozenset[str], Mapping[str, tuple[str | int, ...]]]
"""An item, the columns it gives a right to, and others with the values it was asked for."""


class _Cutter:
    """Leaves of each row of a source the columns that the items it lies in give a right to.

    Of the columns by which it was found it leaves the values that were asked for, and of the flags
    those that tell of a column somebody has a right to. ``names`` are the columns that are read:
    what nobody may see is not even asked for.
    """

    def __init__(self, kind: str, asks: list[tuple[int, Ask]], items: Counter[int]) -> None:
        self._items = items
        self._all_names = get_layout(kind).names
        self._rights: list[_Right] = [
            (n, frozenset(ask.columns), _found_by(ask)) for n, ask in asks
        ]
        self._is_in = [_membership(ask) for _, ask in asks]
        self._flag_columns = FLAG_COLUMNS[kind]
        self._known: dict[tuple[str, frozenset[str]], str] = {}
        wanted = _wanted(kind, [ask for _, ask in asks])
        self.names = tuple(name for name in self._all_names if name in wanted)

    def parts(self, columns: Columns) -> Iterator[Columns]:
        """Yield rows with every column, empty where nobody may see it, in their order.

        Rows in a row that lie in the same items come together.
        """
        if len(self._rights) == 1:  # the store selected by this very ask
            yield self._cut(columns, self._rights)
            return
        start = 0
        for inside, rows in groupby(self._judge(columns)):
            end = start + sum(1 for _ in rows)
            part = [column[start:end] for column in columns]
            yield self._cut(part, list(compress(self._rights, inside)))
            start = end

    def _judge(self, columns: Columns) -> Iterator[tuple[bool, ...]]:
        """Say of each row which items it lies in."""
        for values in zip(*columns, strict=True):
            row = dict(zip(self.names, values, strict=True))
            yield tuple(is_in(row) for is_in in self._is_in)

    def _cut(self, columns: Columns, inside: list[_Right]) -> Columns:
        rows = len(columns[0])
        given = dict(zip(self.names, columns, strict=True))
        allowed = _NOTHING.union(*(one for _, one, _ in inside))
        asked: dict[str, tuple[str | int, ...]] = {}
        for n, _, found_by in inside:
            self._items[n] += rows
            for name, values in found_by.items():
                asked[name] = asked.get(name, ()) + values
        cut = {name: given[name] for name in allowed}
        cut |= {
            name: [value if value in values else None for value in given[name]]
            for name, values in asked.items()
            if name not in allowed
        }
        if any(flags := cut.get("flags", ())):
            cut["flags"] = [one and self._flags(str(one), allowed) for one in flags]
        nothing = [None] * rows
        return [cut.get(name, nothing) for name in self._all_names]

    def _flags(self, flags: str, allowed: frozenset[str]) -> str:
        """Return the flags that tell of a column which may be seen."""
        if len(allowed) == len(self._all_names):
            return flags
        kept = self._known.get((flags, allowed))
        if kept is None:
            shown = (
                word
                for word in flags.split()
                if not allowed.isdisjoint(self._flag_columns.get(word, _NOTHING))
            )
            kept = self._known[flags, allowed] = " ".join(shown)
        return kept


def _wanted(kind: str, asks: list[Ask]) -> set[str]:
    """Return the columns that rows may show, and those that tell several asks apart."""
    wanted = {name for ask in asks for name in ask.columns}
    wanted |= {name for ask in asks for match in ask.matches for name in match.columns}
    if len(asks) > 1:
        wanted |= {BEGINS[kind], ENDS[kind], *(name for ask in asks for name in ask.filled)}
    return wanted


def _found_by(ask: Ask) -> dict[str, tuple[str | int, ...]]:
    """Return the columns by which rows are found and that no category shows, with what is asked."""
    return {
        name: tuple(
            value for match in ask.matches if name in match.columns for value in match.values
        )
        for match in ask.matches
        for name in match.columns
        if name not in ask.columns
    }


def _membership(ask: Ask) -> Callable[[Row], bool]:
    """Return what says whether a selected row is one of this ask's."""
    begin, end = BEGINS[ask.kind], ENDS[ask.kind]
    start_text, end_text = format_instant(ask.start), format_instant(ask.end)

    def is_in(row: Row) -> bool:
        began, ended = str(row[begin]), row[end]
        if began >= end_text:
            return False
        lasts = ask.kind != "call" and (ended is None or str(ended) > start_text)
        if began < start_text and not lasts:
            return False
        if not is_filled(ask.filled, row):
            return False
        return all(is_matched(match, row) for match in ask.matches)

    return is_in


def _dump(names: Sequence[str], columns: Columns) -> bytes:
    """Return rows as canonical lines: all at once, at a third of what each alone would cost.

    What is empty in each row stands in the template itself, and so do the quotes around texts that
    are written as they are.
    """
    forms: list[str] = []
    cells: list[Sequence[Value]] = []
    for name, column in zip(names, columns, strict=True):
        if column.count(None) == len(column):
            forms.append(f'"{name}":null')
            continue
        form, values = _dump_column(column)
        forms.append(f'"{name}":{form}')
        cells.append(values)
    template = "{" + ",".join(forms) + "}\n"
    filled = chain.from_iterable(zip(*cells, strict=True))
    return (template * len(columns[0]) % tuple(filled)).encode()


def _dump_column(column: Sequence[Value]) -> tuple[str, Sequence[Value]]:
    """Return how the values of a column stand in the template, and what is to be filled in.

    A control character is never bare inside JSON, so it can stand between the values.
    """
    texts: Any = column
    with suppress(TypeError):  # there are numbers in it, or rows without a value
        whole = "".join(texts)
        if len(encode_basestring(whole)) == len(whole) + 2:
            return '"%s"', texts
    return "%s", _encode(column)[1:-1].split(_BETWEEN)
