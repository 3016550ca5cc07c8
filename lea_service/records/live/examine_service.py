"""Looking at a live source before it is relied on: can it be read, what else may the account do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lea_service.custody.looks import Looks
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import InvalidInput, Unavailable
from lea_service.kernel.outbox import enqueue_daily_alarm
from lea_service.kernel.printable import counted
from lea_service.kernel.transactions import RECORDS_STREAM, Transactions
from lea_service.records.live.clock import measure_clock
from lea_service.records.live.connections import (
    POSTGRESQL,
    Connection,
    Connections,
    SourceFault,
)
from lea_service.records.live.database import (
    ColumnFacts,
    Reader,
    count_unmarked,
    describe,
    find_mark_fault,
    holds_instants,
    holds_numbers,
    is_indexed,
    is_unreadable,
    list_newest,
    opened,
)
from lea_service.records.live.grants import write_grants
from lea_service.records.live.privileges import Privileges, find_privileges
from lea_service.records.live.pulling import MARK_TYPE, MAY_WRITE, UNMARKED, check_types
from lea_service.records.live.shapes import Shape, shapes_of
from lea_service.records.mapping import INSTANT, TIME
from lea_service.records.mapping import Mapping as Rules
from lea_service.records.queries import SourceView, get_source
from lea_service.records.times import ISO

ACCOUNT = r"[a-z_][a-z0-9_]{0,62}"
MOST_SAMPLED = 50
NOT_MEASURED = "not measured"
UNREADABLE, TIME_FORMAT = "unreadable-type", "time-format"
NO_INDEX, READS_MORE, MAPPING = "no-index", "reads-more", "mapping"
FILE_WRITABLE = "file-writable"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a source that somebody has to know; ``column`` where it is one of its."""

    code: str
    detail: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found; ``can_be_pulled`` says whether a pull would read it now.

    ``clock_ms`` is how far the clock of the database's server is ahead of ours, to the half of the
    time that asking took; that of the system that writes the rows may be another.
    """

    source: str
    place: str | None
    can_be_pulled: bool
    can_write: bool | None
    can_write_how: str
    clock_ms: int | None
    clock_to_ms: int | None
    clock_how: str
    findings: tuple[Finding, ...]


class ExamineService:
    """Tests live sources, samples their rows by shape, and writes the grants of their account."""

    def __init__(self, transactions: Transactions, looks: Looks, connections: Connections) -> None:
        self._transactions = transactions
        self._looks = looks
        self._connections = connections

    def examine(self, actor: Actor, ref: str) -> Examination:
        """Connect, and say what would keep the source from being read, or read wrongly.

        That it was tested is entered; an account that is not known to read only raises the alarm.
        Raises NotFound, InvalidInput for a source of files.
        """
        permit(actor, Permission.SOURCE_MANAGE)
        source = self._get(actor, ref)
        found = self._look(source)
        with self._transactions.begin(actor) as tx:
            facts: dict[str, Json] = {
                "source": source.id,
                "findings": [one.code for one in found.findings],
                "clock_ms": found.clock_ms,
            }
            tx.record("source.tested", RECORDS_STREAM, facts=facts)
            if any(one.code == MAY_WRITE for one in found.findings):
                enqueue_daily_alarm(tx, about=source.id, occasion=f"pull/{source.id}")
        return found

    def sample(self, actor: Actor, ref: str, count: int) -> list[tuple[Shape, ...]]:
        """Return the shapes of the newest rows; the look is entered first.

        Raises NotFound, InvalidInput, and Unavailable that says what is wrong with the source.
        """
        permit(actor, Permission.SOURCE_MANAGE)
        source = self._get(actor, ref)
        table = source.rules().get_table()
        self._looks.note(actor, RECORDS_STREAM, f"sample:{source.id}", "source.sampled")
        try:
            place = self._connections.get(source.name)
            with opened(place) as reader:
                describe(reader, table, place)
                rows = list_newest(reader, table, count)
        except SourceFault as fault:
            raise Unavailable(f"{source.name}: {fault.detail}", reason=fault.reason) from None
        return [shapes_of(table.columns, row) for row in rows]

    def write_grants(self, actor: Actor, ref: str, account: str) -> str:
        """Return the SQL of an account that reads what the mapping names, and nothing else."""
        permit(actor, Permission.SOURCE_MANAGE)
        if not re.fullmatch(ACCOUNT, account):
            raise InvalidInput.at("/account", "expected small letters, digits and underscores")
        source = self._get(actor, ref)
        table = source.rules().get_table()
        try:
            place = self._connections.get(source.name)
        except SourceFault:  # the account is made before the file names it
            return write_grants(table, POSTGRESQL, None, account)
        return write_grants(table, place.engine, place.url.database, account)

    def _get(self, actor: Actor, ref: str) -> SourceView:
        with self._transactions.read(actor) as session:
            source = get_source(session, ref)
        if "table" not in source.mapping:
            raise InvalidInput("expected a source that is a table: this one is imported from files")
        return source

    def _look(self, source: SourceView) -> Examination:
        found = Examination(
            source.name, None, False, None, NOT_MEASURED, None, None, NOT_MEASURED, ()
        )
        try:
            rules = source.rules()
            place = self._connections.get(source.name)
            found = replace(found, place=place.place)
            with opened(place) as reader:
                return self._inspect(found, rules, place, reader)
        except InvalidInput as err:  # zones and fields may be others than when it was declared
            return replace(found, findings=(Finding(MAPPING, err.detail),))
        except SourceFault as fault:
            return replace(found, findings=(Finding(fault.reason, fault.detail),))

    def _inspect(
        self, found: Examination, rules: Rules, place: Connection, reader: Reader
    ) -> Examination:
        found = self._measure(found, place, reader)
        may = find_privileges(reader, place)
        found = replace(found, can_write=may.can_write, can_write_how=may.how)
        findings = [*_privilege_findings(may)]
        is_free = may.can_write is False or place.may_write
        try:
            facts = describe(reader, rules.get_table(), place)
            check_types(facts, place)
        except SourceFault as fault:
            findings.append(Finding(fault.reason, fault.detail))
            return replace(found, findings=tuple(findings))
        marks = [*_mark_findings(rules, facts, reader, place)]
        findings += [*_column_findings(rules, facts), *marks]
        is_free = is_free and all(one.code != MARK_TYPE for one in marks)
        return replace(found, can_be_pulled=is_free, findings=tuple(findings))

    def _measure(self, found: Examination, place: Connection, reader: Reader) -> Examination:
        measured = measure_clock(self._transactions.clock, reader, place)
        if measured is None:
            return replace(found, clock_how=f"{NOT_MEASURED}: the engine has no clock of its own")
        return replace(
            found,
            clock_ms=measured.ms,
            clock_to_ms=measured.to_ms,
            clock_how="the server's clock was asked between two readings of ours",
        )


def _privilege_findings(may: Privileges) -> Iterator[Finding]:
    if may.can_write is not False:
        yield Finding(MAY_WRITE, "; ".join(may.kinds) or may.how)
    if may.holds_file:
        yield Finding(FILE_WRITABLE, "the account that the service runs under may write the file")
    if may.readable is not None and may.readable > 1:
        yield Finding(READS_MORE, f"the account may read {counted(may.readable, 'table')}")


def _column_findings(rules: Rules, facts: Mapping[str, ColumnFacts]) -> Iterator[Finding]:
    for one in facts.values():
        if is_unreadable(one):
            yield Finding(UNREADABLE, f"{one.type} has no text", one.name)
    for rule in rules.fields:
        if rule.parser != TIME or rule.then is not None:
            continue
        is_iso = (rule.time or rules.time).format == ISO
        column = facts[rule.column]
        if holds_instants(column) and not is_iso:
            yield Finding(TIME_FORMAT, "instants of this type are read as iso", column.name)
        if holds_numbers(column) and is_iso:
            yield Finding(TIME_FORMAT, "a number is no instant in the format iso", column.name)


def _mark_findings(
    rules: Rules, facts: Mapping[str, ColumnFacts], reader: Reader, place: Connection
) -> Iterator[Finding]:
    table = rules.get_table()
    mark = facts[table.watermark.column]
    is_other = holds_numbers(mark) if table.watermark.kind == INSTANT else holds_instants(mark)
    fault = find_mark_fault(mark, table, place)
    if is_other or fault is not None:
        detail = fault or f"{mark.type} is no {table.watermark.kind} to read on by"
        yield Finding(MARK_TYPE, detail, mark.name)
    if not is_indexed(reader, table):
        yield Finding(NO_INDEX, "each pull goes through the whole table", mark.name)
    unmarked = count_unmarked(reader, table) if mark.is_nullable else 0
    if unmarked:
        yield Finding(UNMARKED, f"{counted(unmarked, 'row')} without a value", mark.name)
