"""Rows of a table in batches, each read by one short query, as lines that the import takes in.

A batch is held in memory and the source let go before anything is written: a long reading would
keep a SQLite writer from its file, and a busy server from cleaning up.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, or_

from lea_service.kernel.canonical import dump_canonical
from lea_service.kernel.crypto import BlindIndex
from lea_service.records.lines import LONGEST_LINE, TOO_LONG, Line
from lea_service.records.live.connections import SQLITE, Connection, SourceFault
from lea_service.records.live.database import Reader, choose, choose_mark
from lea_service.records.live.kept import Kept, Span
from lea_service.records.live.marks import (
    DISORDER,
    EARLIEST,
    NO_YEAR,
    Bound,
    Rank,
    check_order,
    day_before,
    is_ahead,
    mark_of,
    read_bound,
    value_of,
)
from lea_service.records.mapping import Mapping, TableRule
from lea_service.records.row_ids import DIGEST_SIZE
from lea_service.records.selection import BEGINS
from lea_service.records.values import BadValue, text_of, texts_of

BATCH = 20_000
MOST_EQUAL = 1_000_000
FETCHED = 1_000
TOO_MANY = "too-many-equal"
ANCHORS = 10
"""How many of the last rows must be there again when a pull goes on."""


@dataclass(frozen=True, slots=True)
class Start:
    """From where rows are read: all of them, those from a watermark on, or those behind it."""

    mark: Bound | None = None
    is_behind: bool = False


@dataclass(frozen=True, slots=True)
class Anchors:
    """Digests of rows whose watermarks are ``start`` or greater."""

    start: str
    digests: tuple[str, ...]


@dataclass(slots=True)
class Batch:
    """Rows whose watermarks lie between two values, all of them; ``is_last`` when none follow.

    ``ahead`` is the number of the first row that is dated more than a day from now; ``anchors`` are
    the last rows that are not. ``kept`` are its lines, where they alone name rows; ``span`` is
    what of the table it read.
    """

    columns: tuple[str, ...]
    taken: list[Line]
    first: str | None
    last: str | None
    is_last: bool
    ahead: int | None = None
    anchors: Anchors | None = None
    kept: tuple[Kept, ...] = ()
    span: Span = field(default_factory=lambda: Span(None, is_behind=False, last=None))
    bytes_read: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        """Return the SHA-256 (hex) of the rows that were handed on."""
        return str(self._hash.hexdigest())

    def lines(self) -> Iterator[Line]:
        """Yield the rows as lines of JSON, numbered from 1."""
        for line in self.taken:
            self._hash.update(line.raw + b"\n")
            self.bytes_read += line.size + 1
            yield line


@dataclass(frozen=True, slots=True)
class _Marked:
    rank: Rank
    text: str
    line: Line


class AnchorNames:
    """Names rows by what no system changes of them later: what names the row, and its begin.

    Where only the line names a row, the watermark takes the place of a name: the rest of a line may
    be put right.
    """

    def __init__(self, mapping: Mapping, source: str, index: BlindIndex) -> None:
        table = mapping.get_table()
        begin = next(one for one in mapping.fields if one.field == BEGINS[mapping.kind])
        names = mapping.row_id.columns or (table.watermark.column,)
        self.columns = tuple(dict.fromkeys((*names, *begin.columns)))
        self._places = [table.columns.index(name) for name in self.columns]
        self._purpose = f"anchor {source}"
        self._index = index

    def name(self, values: Sequence[str]) -> str:
        """Return the digest of a row by the texts of all its columns."""
        return self.digest([values[at] for at in self._places])

    def name_line(self, raw: bytes) -> str:
        """Return the digest of a whole line."""
        return self._index.digest(self._purpose, raw)[:DIGEST_SIZE]

    def digest(self, parts: Sequence[str]) -> str:
        """Return the digest of a row by the texts of ``columns``."""
        return self._index.digest(self._purpose, dump_canonical([*parts]))[:DIGEST_SIZE]


class TableReader:
    """Reads the rows of one table on an open connection."""

    def __init__(
        self,
        connection: Reader,
        mapping: Mapping,
        place: Connection,
        now: datetime,
        names: AnchorNames,
        size: int = BATCH,
    ) -> None:
        self._connection = connection
        self._names = names
        self._rule: TableRule = mapping.get_table()
        self._zone = mapping.time.zone
        self._is_by_line = mapping.row_id.line_digest
        self._is_sqlite = place.engine == SQLITE
        self._now = now
        self._size = size

    def read(self, start: Start) -> Batch:
        """Return the next rows. Raises SourceFault where they cannot be read on by."""
        if self._is_sqlite and not start.is_behind:  # behind: the same pull was there just now
            self._check_hidden(start.mark)
        size = self._size
        while True:
            rows = list(self._fetch(start, size))
            if len(rows) <= size:
                return self._batch(rows, start, is_last=True)
            whole = [one for one in rows if one.rank != rows[-1].rank]  # its others may follow
            if whole:
                return self._batch(whole, start, is_last=False)
            if size >= MOST_EQUAL:
                column = self._rule.watermark.column
                raise SourceFault(TOO_MANY, f"more than {size} rows have one value in {column!r}")
            size = min(size * 4, MOST_EQUAL)

    def _fetch(self, start: Start, size: int) -> Iterator[_Marked]:
        """Yield one row more than asked for, which says whether others follow."""
        before = None if start.mark is None else start.mark.rank
        return self._marked(self._query(start).limit(size + 1), before)

    def _marked(self, query: Select[Any], before: Rank | None) -> Iterator[_Marked]:
        """Yield rows, none of which comes ``before`` the one that it follows."""
        place = self._rule.columns.index(self._rule.watermark.column)
        with self._connection.execute(query.execution_options(yield_per=FETCHED)) as found:
            for number, row in enumerate(found, 1):
                rank, text = mark_of(row[place], self._rule.watermark, number)
                if before is not None:
                    check_order(before, rank, self._rule.watermark, number)
                before = rank
                yield _Marked(rank, text, line_of(self._rule.columns, row, number))

    def _check_hidden(self, start: Bound | None) -> None:
        """Refuse instants that are not read on behind ``start`` since their text comes before it.

        SQLite compares them as texts, so a row in another form or zone may be behind by its
        instant alone.
        """
        if start is None or not isinstance(start.rank, datetime):
            return
        mark, rule = choose_mark(self._rule), self._rule.watermark
        column = mark.selected_columns[0]
        strange = or_(column < EARLIEST, column.between(*NO_YEAR))
        if self._connection.execute(mark.where(strange).limit(1)).first() is not None:
            raise SourceFault(DISORDER, f"{rule.column!r} is not everywhere in ISO 8601")
        near = mark.where(column >= day_before(start.rank), column < start.text)
        for number, row in enumerate(self._connection.execute(near), 1):
            rank, _ = mark_of(row[0], rule, number)
            check_order(rank, start.rank, rule, number)

    def _query(self, start: Start) -> Select[Any]:
        query = choose(self._rule)
        mark = query.selected_columns[self._rule.watermark.column]
        if start.mark is None:
            query = query.where(mark.is_not(None))
        else:
            bound = value_of(start.mark, is_sqlite=self._is_sqlite)
            query = query.where(mark > bound if start.is_behind else mark >= bound)
        return query.order_by(mark)

    def _batch(self, rows: Sequence[_Marked], start: Start, *, is_last: bool) -> Batch:
        rows = sorted(rows, key=_in_order)
        ahead = [one for one in rows if is_ahead(one.rank, self._now, self._zone)]
        return Batch(
            columns=self._rule.columns,
            taken=[one.line for one in rows],
            first=rows[0].text if rows else None,
            last=rows[-1].text if rows else None,
            is_last=is_last,
            ahead=ahead[0].line.number if ahead else None,
            kept=self._keep(rows),
            span=Span(
                None if start.mark is None else start.mark.rank,
                start.is_behind,
                None if is_last else rows[-1].rank,
            ),
            anchors=self._anchors(rows[: len(rows) - len(ahead)]),  # they are the last ones
        )

    def _keep(self, rows: Sequence[_Marked]) -> tuple[Kept, ...]:
        """Return all lines of the batch: each that was kept before is looked for among them."""
        if not self._is_by_line:
            return ()
        return tuple((one.text, self._names.name_line(one.line.raw)) for one in rows)

    def _anchors(self, rows: Sequence[_Marked]) -> Anchors | None:
        last = [(one.text, one.line.values) for one in rows[-ANCHORS:]]
        found = [(text, self._names.name(values)) for text, values in last if values is not None]
        return Anchors(found[0][0], tuple(name for _, name in found)) if found else None

    def hash_span(self, first: str, last: str) -> str:
        """Return the SHA-256 (hex) of the rows from one watermark to another, as of a batch."""
        rule, found = self._rule.watermark, hashlib.sha256()
        start, end = read_bound(first, rule), read_bound(last, rule)
        rows = self._query(Start(start))
        mark = rows.selected_columns[rule.column]
        query = rows.where(mark <= value_of(end, is_sqlite=self._is_sqlite))
        for _, equal in groupby(self._marked(query, start.rank), lambda one: one.rank):
            for one in sorted(equal, key=_in_order):
                found.update(one.line.raw + b"\n")
        return found.hexdigest()

    def has(self, anchors: Anchors) -> bool:
        """Say whether rows that were read before are all there still, as they were."""
        missing, left = Counter(anchors.digests), len(anchors.digests)
        start = Start(read_bound(anchors.start, self._rule.watermark))
        rows = self._query(start)
        query = rows.with_only_columns(
            *(rows.selected_columns[name] for name in self._names.columns)
        )
        with self._connection.execute(query.execution_options(yield_per=FETCHED)) as found:
            for row in found:
                name = self._names.digest([_shown(value) or "" for value in row])
                if missing[name] > 0:
                    missing[name] -= 1
                    left -= 1
                if not left:
                    return True
        return False


def _in_order(one: _Marked) -> tuple[Any, str, bytes]:
    """Return by what rows are ordered: those of one watermark as a digest finds them again."""
    return one.rank, one.text, one.line.raw


def line_of(columns: Sequence[str], row: Sequence[Any], number: int) -> Line:
    """Return a row as a line: an object of JSON that tells null from an empty text."""
    try:
        values = texts_of(row)
    except BadValue as err:
        raw = _dump(columns, [_shown(value) for value in row])
        cut = raw[:LONGEST_LINE]
        return Line(number, cut, len(raw), None, err.reason, columns[err.place])
    told = [None if value is None else text for value, text in zip(row, values, strict=True)]
    raw = _dump(columns, told)
    if len(raw) > LONGEST_LINE:
        return Line(number, raw[:LONGEST_LINE], len(raw), None, TOO_LONG)
    return Line(number, raw, len(raw), values)


def _dump(columns: Sequence[str], values: Sequence[str | None]) -> bytes:
    text = json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def _shown(value: Any) -> str | None:
    """Return a value of a row that is set aside, whatever it is."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    try:
        return text_of(value)
    except BadValue:
        return str(value)
