"""One run of a pull: from where the rows are read on, and what keeps them from being read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from lea_service.kernel.canonical import canonical_digest
from lea_service.kernel.database import Database
from lea_service.kernel.jobs import JobContext
from lea_service.kernel.printable import counted
from lea_service.records.clocks import Deviation
from lea_service.records.flags import FUTURE
from lea_service.records.import_service import Gap, Pulled
from lea_service.records.live.clock import measure_clock
from lea_service.records.live.columns import Forms, find_changes, forms_of
from lea_service.records.live.connections import Connection, Connections, SourceFault
from lea_service.records.live.database import (
    ColumnFacts,
    Reader,
    count_unmarked,
    describe,
    find_mark_fault,
    is_unzoned_timestamp,
    opened,
)
from lea_service.records.live.kept import look_again
from lea_service.records.live.marks import go_back, rank_of, read_bound
from lea_service.records.live.privileges import find_privileges
from lea_service.records.live.rows import AnchorNames, Anchors, Batch, Start, TableReader
from lea_service.records.queries import SourceView, find_reached, list_lost
from lea_service.records.store import ImportLedger, LiveStanding

MAY_WRITE, MOVED, UNMARKED = "may-write", "moved", "no-watermark"
NOT_CONTINUED = "not-continued"
COLUMN_TYPE = "column-type"
NO_ZONE, MARK_TYPE = "no-zone", "watermark-type"


class Pulling:
    """Reads the batches of one pull."""

    def __init__(
        self,
        records: Database,
        context: JobContext,
        source: SourceView,
        connections: Connections,
        size: int,
    ) -> None:
        self._records = records
        self._context = context
        self._source = source
        self._connections = connections
        self._size = size
        self._rules = source.rules()
        self._table = self._rules.get_table()
        self._whole = bool(context.args["whole"])
        self._names = AnchorNames(self._rules, source.name, context.transactions.index)
        self._is_begun = False
        self._deviation: Deviation | None = None
        self.gap: Gap | None = None
        """What was found missing, which is not in the store yet."""
        self.unmarked = 0
        """Rows that no pull reads, since they have no watermark."""
        self._writes: str | None = None
        self.oddities = set[str]()
        """Codes of what people are told of beside the rows."""
        self.is_at_end = False
        self.rows = 0

    def fetch(self) -> tuple[Batch, Pulled]:
        """Read the next batch. Raises SourceFault."""
        own, newest = self._find_reached()
        at = self._now()
        connection = self._connections.get(self._source.name)
        standing, is_anew = self._find_standing(), self._whole and own is None
        with opened(connection) as reader:
            facts = self._check(reader, connection, standing, is_anew=is_anew)
            if newest is not None:
                _check_place(newest, connection)
            self._begin(reader, connection)
            table = TableReader(reader, self._rules, connection, at, self._names, self._size)
            gap = None if standing is None else self._find_gap(table, standing, is_anew=is_anew)
            batch = table.read(self._start(own, newest))
            reads_all = batch.is_last and self._whole
            regained = self._find_regained(table) if reads_all else frozenset[str]()
            if batch.is_last and facts[self._table.watermark.column].is_nullable:
                self.unmarked = count_unmarked(reader, self._table)
        self.is_at_end = batch.is_last
        self.rows += len(batch.taken)
        lines = [] if standing is None else json.loads(standing.lines)
        kept, changed = look_again(lines, batch.kept, batch.span, self._table.watermark)
        pulled = replace(
            self._pulled(batch, newest, connection, at),
            gap=gap,
            is_anew=is_anew,
            columns=forms_of(facts),
            regained=regained,
            lines=tuple(kept),
            changed=changed,
            unmarked=self.unmarked,
        )
        return batch, pulled

    def _check(
        self,
        reader: Reader,
        connection: Connection,
        standing: LiveStanding | None,
        *,
        is_anew: bool,
    ) -> dict[str, ColumnFacts]:
        """Return the columns as they are. Raises SourceFault where they cannot be read on by."""
        facts = describe(reader, self._table, connection)
        check_types(facts, connection)
        self._check_mark(facts, connection)
        if standing is not None:
            self._check_columns(json.loads(standing.columns), forms_of(facts), is_anew=is_anew)
        return facts

    def _begin(self, reader: Reader, connection: Connection) -> None:
        """Look at rights and clock once, also where another worker, or an earlier turn, began."""
        if not self._is_begun:
            self._check_rights(reader, connection)
            self._deviation = measure_clock(self._context.transactions.clock, reader, connection)
        self._is_begun = True

    def refuse_unmarked(self) -> NoReturn:
        """Refuse to call a table read some of whose rows never are. Raises SourceFault."""
        column = self._table.watermark.column
        detail = f"not read: {counted(self.unmarked, 'row')} without a value in {column!r}"
        raise SourceFault(UNMARKED, detail)

    def _now(self) -> datetime:
        return self._context.transactions.clock.now()

    def _find_reached(self) -> tuple[ImportLedger | None, ImportLedger | None]:
        """Return the last batch of this pull, and the one that it goes on from."""
        with self._records.read() as session:
            own = find_reached(session, self._source.name, self._context.job_id)
            if own is not None or self._whole:
                return own, own
            return None, find_reached(session, self._source.name)

    def _start(self, own: ImportLedger | None, newest: ImportLedger | None) -> Start:
        if newest is None or newest.watermark_to is None or newest.finished_at is None:
            return Start()
        if own is not None:
            return Start(read_bound(newest.watermark_to, self._table.watermark), is_behind=True)
        mark, zone = self._table.watermark, self._rules.time.zone
        return Start(go_back(newest.watermark_to, mark, newest.finished_at, zone))

    def _pulled(
        self,
        batch: Batch,
        newest: ImportLedger | None,
        connection: Connection,
        at: datetime,
    ) -> Pulled:
        told = [] if self._writes is None else [self._writes]
        if batch.ahead is not None:
            self.oddities.add(FUTURE)
            column = self._table.watermark.column
            told.append(f"row {batch.ahead} is dated in the future by {column!r}")
        return Pulled(
            pull=self._context.job_id,
            place=connection.place,
            first=batch.first,
            last=self._reach(batch, newest),
            read_at=at,
            is_at_end=batch.is_last,
            fence=self._context.renew,
            detail="; ".join(told) or None,
            anchors=batch.anchors,
            deviation=self._deviation,
        )

    def _find_regained(self, table: TableReader) -> frozenset[str]:
        """Return the lost imports whose rows the table still has, all of them and as they were.

        The store has them again, since the whole table was read. Of others rows are gone from it or
        are different ones, so nobody knows whether all that was lost is there.
        """
        with self._records.read() as session:
            lost = list_lost(session, self._source.name)
        return frozenset(one.id for one in lost if self._has_again(table, one))

    def _has_again(self, table: TableReader, lost: ImportLedger) -> bool:
        self._context.renew()
        if lost.watermark_from is None or lost.watermark_to is None:
            return False
        sha256 = table.hash_span(lost.watermark_from, lost.watermark_to)
        return canonical_digest([lost.salt, sha256]) == lost.digest

    def _reach(self, batch: Batch, newest: ImportLedger | None) -> str | None:
        """Return how far the source was read with this batch: no less than before at its end."""
        before = None if newest is None else newest.watermark_to
        if before is None or not batch.is_last:
            return batch.last
        if batch.last is None:
            return before
        marks = (before, batch.last)
        return max(marks, key=lambda text: rank_of(text, self._table.watermark))

    def _check_rights(self, reader: Reader, connection: Connection) -> None:
        found = find_privileges(reader, connection)
        if found.can_write is False:
            return
        told = f"the account is not known to read only: {'; '.join(found.kinds) or found.how}"
        if not connection.may_write:
            raise SourceFault(MAY_WRITE, told)
        self.oddities.add(MAY_WRITE)
        self._writes = told

    def _check_mark(self, facts: Mapping[str, ColumnFacts], connection: Connection) -> None:
        fault = find_mark_fault(facts[self._table.watermark.column], self._table, connection)
        if fault is not None:
            raise SourceFault(MARK_TYPE, fault)

    def _find_standing(self) -> LiveStanding | None:
        with self._records.read() as session:
            return session.get(LiveStanding, self._source.name)

    def _check_columns(self, before: Forms, now: Forms, *, is_anew: bool) -> None:
        """Refuse values that may be written in another way than when they were read first.

        A row that is named by its whole line would have another name, and come in twice.
        """
        changes = find_changes(before, now)
        if not changes:
            return
        if not self._rules.row_id.line_digest:
            if is_anew:
                return
            remedy = "or pull the whole table"
        else:
            remedy = "since rows are named by their lines, and would come in twice"
        told = "; ".join(changes)
        raise SourceFault(
            COLUMN_TYPE, f"{told}: give it the type of before, or in a view that casts it, {remedy}"
        )

    def _find_gap(self, table: TableReader, standing: LiveStanding, *, is_anew: bool) -> Gap | None:
        """Look for the last rows that were read; returns what is not known where they are gone.

        Nobody can say then which rows were written and taken out since. Raises SourceFault unless
        the table is read anew.
        """
        if standing.anchors_from is None:
            return None
        if table.has(Anchors(standing.anchors_from, tuple(standing.anchors.split()))):
            return None
        gap = Gap(standing.batch, standing.read_at, self._now())
        if is_anew:
            return gap
        self.gap = gap
        raise SourceFault(
            NOT_CONTINUED,
            f"rows that were read until {standing.read_at:%Y-%m-%d %H:%M} UTC are not there any "
            "more as they were: the table began anew, or rows were taken out of it. What was "
            "written since may be missing; pull the whole table",
        )


def check_types(facts: Mapping[str, ColumnFacts], connection: Connection) -> None:
    """Refuse instants that come in a zone which nothing here says. Raises SourceFault."""
    for one in facts.values():
        if is_unzoned_timestamp(connection, one):
            raise SourceFault(NO_ZONE, f"{one.name!r} is a TIMESTAMP, in the zone of the server")


def _check_place(newest: ImportLedger, connection: Connection) -> None:
    if newest.place != connection.place:
        detail = f"{connection.place} was not read before: pull the whole table"
        raise SourceFault(MOVED, detail)
