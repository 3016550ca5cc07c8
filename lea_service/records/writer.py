"""Writing to the record store: rows in batches, each row once, whatever was read before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lea_service.kernel.database import lock_named
from lea_service.kernel.errors import Conflict, IntegrityFailure
from lea_service.records.conversion import (
    BadLine,
    Converter,
    KindReader,
    Row,
    is_completion,
    is_same,
)
from lea_service.records.kinds import get_layout
from lea_service.records.lines import LONGEST_LINE, Line
from lea_service.records.mapping import Mapping
from lea_service.records.partitions import Partition, find_partitions, make_partitions, quoted
from lea_service.records.queries import find_purged_until
from lea_service.records.row_ids import RowNames, number_row_id
from lea_service.records.selection import BEGINS, ENDS, is_past_term
from lea_service.records.shards import is_spread
from lea_service.records.store import LONGEST_ROW_ID, TABLES, Reject

BATCH = 2_000
ROW_ID_TAKEN = "row-id-taken"
Spares = Callable[[Row], bool]
"""Says of a row past its term whether an order to preserve names it."""
FindSpares = Callable[[], Spares]
"""Gives what says so at this moment; an order may come while lines are read."""

_SEEN = Table(
    "seen_lines",
    MetaData(),
    Column("name", String(LONGEST_ROW_ID), primary_key=True),
    Column("count", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
"""How often each line came in this file: a table, so that memory does not grow with it."""


@dataclass(slots=True)
class Counts:
    """What became of the lines; ``flagged`` counts added rows that have flags.

    ``past_term`` are late lines, which a purge of the past would have taken, whatever became of
    them: whoever imports may not learn whom an order to preserve names. ``left_out`` are lines of
    another kind than the mapping reads; nothing of them is kept.
    """

    lines: int = 0
    added: int = 0
    known: int = 0
    completed: int = 0
    past_term: int = 0
    left_out: int = 0
    flagged: int = 0
    rejected: int = 0

    def add(self, outcome: str, *, is_late: bool) -> None:
        """Count a line by what became of it, a late one as such."""
        name = "past_term" if is_late else outcome
        setattr(self, name, getattr(self, name) + 1)


@dataclass(slots=True)
class _Candidate:
    line: Line
    row: Row
    is_late: bool


def _none(_row: Row) -> bool:
    """Spare no row."""
    return False


class RowWriter:
    """Takes the lines of one import into the store, in the caller's transaction.

    ``told_until`` is the newest begin or end of its rows that came before ``now``.
    """

    def __init__(
        self,
        session: Session,
        mapping: Mapping,
        kinds: KindReader,
        converter: Converter,
        names: RowNames,
        *,
        source: str,
        import_id: str,
        now: datetime,
        find_spares: FindSpares,
    ) -> None:
        self._session = session
        self._mapping = mapping
        self._kinds = kinds
        self._converter = converter
        self._row_names = names
        self._source = source
        self._import_id = import_id
        self._now = now
        self._find_spares = find_spares
        self._table = TABLES[mapping.kind]
        self._names = get_layout(mapping.kind).names
        self._purged = find_purged_until(session, source, mapping.kind)
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"
        self._is_spread = not self._is_sqlite and is_spread(session)
        self._rejects: list[dict[str, Any]] = []
        self._roomy: set[Partition] = set()
        self._written: Counter[str] = Counter()
        self.counts = Counts()
        self.told_until: datetime | None = None

    def take_in(self, lines: Iterable[Line]) -> None:
        """Write all lines: as rows, as rows known already, or aside."""
        self._begin()
        batch: list[_Candidate] = []
        for line in lines:
            self.counts.lines += 1
            candidate = self._convert(line)
            if candidate is not None:
                batch.append(candidate)
            if len(batch) + len(self._rejects) >= BATCH:
                self._write(batch)
                batch = []
        self._write(batch)
        self._end()

    def _convert(self, line: Line) -> _Candidate | None:
        if line.values is None:
            self._reject(line, line.reason or "", line.column)
            return None
        try:
            if not self._kinds.is_wanted(line.values):
                self.counts.add("left_out", is_late=False)
                return None
            row = self._converter.convert(line.values, self._now)
        except BadLine as err:
            self._reject(line, err.reason, err.field)
            return None
        self._note_instants(row)
        is_late = self._is_past_term(row)
        try:
            row["row_id"] = self._row_names.name(line.values, line.raw)
        except BadLine as err:
            self._set_aside(line, err.reason, err.field, is_late=is_late)
            return None
        return _Candidate(line, row, is_late)

    def _note_instants(self, row: Row) -> None:
        """Note the newest begin or end so far; one that is to come tells of no change yet."""
        known = [self.told_until, *(row[names[self._mapping.kind]] for names in (BEGINS, ENDS))]
        self.told_until = max((at for at in known if at and at <= self._now), default=None)

    def _set_aside(self, line: Line, reason: str, name: str | None, *, is_late: bool) -> None:
        """Keep a line as it came, unless it is past its term."""
        if is_late:
            self.counts.add("rejected", is_late=True)
        else:
            self._reject(line, reason, name)

    def _is_past_term(self, row: Row) -> bool:
        """Say whether a purge of the past would have taken the row."""
        return self._purged is not None and is_past_term(self._mapping.kind, row, self._purged)

    def _reject(self, line: Line, reason: str, name: str | None) -> None:
        self.counts.add("rejected", is_late=False)
        self._rejects.append(
            {
                "import_id": self._import_id,
                "line": line.number,
                "reason": reason,
                "field": name,
                "size": line.size,
                "raw": line.raw[:LONGEST_LINE],
                "digest": self._digest(line),
            }
        )

    def _digest(self, line: Line) -> str | None:
        if self._mapping.table is None:
            return None
        return hashlib.sha256(f"{self._source}\n".encode() + line.raw).hexdigest()

    def _keep_rejects(self) -> None:
        """Keep lines aside, each row of a live source once, however often it was read."""
        digests = {one["digest"] for one in self._rejects}
        query = select(Reject.digest).where(Reject.digest.in_(digests - {None}))
        kept = set(self._session.scalars(query)) - {None}
        fresh = [one for one in self._rejects if one["digest"] not in kept]
        if fresh:
            self._session.execute(insert(Reject), fresh)
        self._rejects = []

    def _write(self, batch: Sequence[_Candidate]) -> None:
        if batch and self._mapping.row_id.line_digest:
            self._number(batch)
        stored = self._find([one.row["row_id"] for one in batch])
        spares = self._find_spares() if any(one.is_late for one in batch) else _none
        fresh: dict[str, Row] = {}
        for one in batch:
            row_id = one.row["row_id"]
            earlier = stored.get(row_id) or fresh.get(row_id)
            if earlier is not None:  # also a late end, or the row that is there would never go
                self._settle(one, earlier, is_stored=row_id in stored)
                continue
            self.counts.add("added", is_late=one.is_late)
            if not one.is_late or spares(one.row):
                fresh[row_id] = one.row
        self._insert(list(fresh.values()))
        self._check_stored(stored | fresh)
        if self._rejects:
            self._keep_rejects()

    def _settle(self, one: _Candidate, earlier: Row, *, is_stored: bool) -> None:
        """Decide on a row whose id is there already."""
        if is_same(earlier, one.row):
            self.counts.add("known", is_late=one.is_late)
        elif is_completion(self._mapping.kind, earlier, one.row):
            self.counts.add("completed", is_late=one.is_late)
            if is_stored:
                self._complete(one.row)
            earlier.update(one.row)
        else:
            self._set_aside(one.line, ROW_ID_TAKEN, "row_id", is_late=one.is_late)

    def _complete(self, row: Row) -> None:
        mine = (self._table.c.source == self._source) & (self._table.c.row_id == row["row_id"])
        changed = {name: value for name, value in row.items() if name not in {"source", "row_id"}}
        self._make_room([row])
        self._session.execute(
            update(self._table).where(mine).values(**changed, import_id=self._import_id)
        )

    def _insert(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        parts = self._make_room(rows)
        dialect = sqlite if self._is_sqlite else postgresql
        statement = (
            dialect.insert(self._table)
            .on_conflict_do_nothing()
            .execution_options(preserve_rowcount=True)
        )
        given = [{**row, "import_id": self._import_id} for row in rows]
        done = self._session.connection().execute(statement, given)
        if done.rowcount != len(rows):
            raise Conflict("another import of this source ran at the same time; repeat this one")
        self._note_figures(parts)
        self.counts.flagged += sum(
            1 for row in rows if row["flags"] and not self._is_past_term(row)
        )

    def _check_stored(self, wanted: dict[str, Row]) -> None:
        """Read back what a batch left in the store. Raises IntegrityFailure for another row."""
        if self._find(list(wanted)) != wanted:
            raise IntegrityFailure("the store does not hold the rows that were read")

    def _find(self, row_ids: Sequence[str]) -> dict[str, Row]:
        columns = [self._table.c[name] for name in self._names]
        query = select(*columns).where(
            self._table.c.source == self._source, self._table.c.row_id.in_(row_ids)
        )
        rows = self._session.execute(query).all()
        found = (dict(zip(self._names, row, strict=True)) for row in rows)
        by_id = {str(row["row_id"]): row for row in found}
        if len(by_id) != len(rows):
            raise IntegrityFailure("the store holds two rows by one id")
        return by_id

    def _number(self, batch: Sequence[_Candidate]) -> None:
        """Give each row its id, the second of two equal lines another than the first."""
        names = {one.row["row_id"] for one in batch}
        query = select(_SEEN.c.name, _SEEN.c.count).where(_SEEN.c.name.in_(names))
        seen: Counter[str] = Counter()
        for name, count in self._session.execute(query):
            seen[name] = count
        for one in batch:
            name = one.row["row_id"]
            seen[name] += 1
            one.row["row_id"] = number_row_id(name, seen[name])
        dialect = sqlite if self._is_sqlite else postgresql
        upsert = dialect.insert(_SEEN)
        upsert = upsert.on_conflict_do_update(
            index_elements=[_SEEN.c.name], set_={"count": upsert.excluded.count}
        )
        rows = [{"name": name, "count": count} for name, count in seen.items()]
        self._session.connection().execute(upsert, rows)

    def _begin(self) -> None:
        lock_named(self._session, f"lea import {self._source}")
        if self._mapping.row_id.line_digest:
            _SEEN.create(self._session.connection())

    def _end(self) -> None:
        connection = self._session.connection()
        if self._mapping.row_id.line_digest:
            _SEEN.drop(connection)
        if self._written and self._is_sqlite:
            connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        for table in self._written:
            self._take_figures(table)

    def _make_room(self, rows: Sequence[Row]) -> set[Partition]:
        """Return where rows are about to be written; on PostgreSQL they find it there.

        It is looked for once: while this import has its source, nobody drops a partition of it.
        """
        if self._is_sqlite:
            return set()
        parts = find_partitions(self._table, rows)
        make_partitions(self._session, self._table, parts - self._roomy)
        self._roomy |= parts
        return parts

    def _note_figures(self, parts: set[Partition]) -> None:
        """Note which tables grew, and take figures of one each time it has grown twofold.

        Without them an engine would look a number or a row id up by reading it all. Other servers
        on which rows lie take them by themselves.
        """
        if self._is_sqlite:
            self._written[self._table.name] += 1
            return
        for one in () if self._is_spread else parts:
            self._written[one.name] += 1
            batches = self._written[one.name]
            if batches & (batches - 1) == 0:
                self._take_figures(one.name)

    def _take_figures(self, table: str) -> None:
        self._session.connection().exec_driver_sql(f"ANALYZE {quoted(table)}")
