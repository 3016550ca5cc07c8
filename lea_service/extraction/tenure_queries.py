"""Who held what an item asks about, out of all records of subscribers that there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from lea_service.demands.demand import Target, TargetKind
from lea_service.extraction.holders import HELD, Spans, Tenure, is_one_hand, split_period
from lea_service.extraction.matched import MATCHED
from lea_service.extraction.plan import HOUR, Plan, PlanItem, PlanSource
from lea_service.kernel.errors import InvalidInput
from lea_service.records.flags import AMBIGUOUS
from lea_service.records.identifiers import match_values, normalise_party
from lea_service.records.selection import is_past_term
from lea_service.records.store import TABLES

SUBSCRIBER = "subscriber"
NUMBER, ADDRESS = "number", "sip_uri"
LAST_DIGITS = 6
"""So many last digits of a number are looked for in addresses, which are then read one by one."""
SEPARATORS = "-.()"


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """What one record says of who held something; ``address`` is its SIP address."""

    row_id: str
    customer: str | None
    name: str | None
    address: str | None
    start: datetime
    end: datetime | None
    flags: str

    @property
    def ends_first(self) -> bool:
        """Say whether it ends before it begins: one of the two is wrong."""
        return self.end is not None and self.end < self.start

    def may_reach(self, start: datetime) -> bool:
        """Say whether it may tell of ``start`` or later, by either of two hours shown alike."""
        is_over = self.end is not None and self.end <= start and not self.ends_first
        return not is_over or AMBIGUOUS in self.flags.split()

    def is_past_term(self, cutoff: datetime | None) -> bool:
        """Say whether its term had ended at the cut-off of its source, which may have none."""
        row = {"valid_from": self.start, "valid_to": self.end}
        return cutoff is not None and is_past_term(SUBSCRIBER, row, cutoff)


@dataclass(frozen=True, slots=True)
class Told:
    """What one source says of who held the target of an item; no rows where it knows nobody."""

    source: PlanSource
    item: PlanItem
    rows: tuple[SubscriberRow, ...]


def read_tenures(
    connection: Connection, plan: Plan, holding: Sequence[PlanSource]
) -> tuple[Told, ...]:
    """Read, once, what each source says of who held what items ask about, source by source.

    ``holding`` are all sources of subscribers, whatever the plan asks of them; one that lists
    nothing of the kind says nothing.
    """
    return tuple(
        Told(source, item, tuple(find_rows(connection, plan, item, source)))
        for source in sorted(holding, key=lambda one: one.name.encode())
        for item in held_items(plan)
        if can_tell(source, item.target, plan.region)
    )


def find_spans(told: Iterable[Told]) -> Spans:
    """Return the spans of each item that is asked about what was not in one hand throughout."""
    items: dict[int, PlanItem] = {}
    tenures: dict[int, list[Tenure]] = {}
    for one in told:
        items[one.item.n] = one.item
        found = tenures.setdefault(one.item.n, [])
        found += (_as_tenure(one.source, row) for row in one.rows)
    spans = {n: split_period(tenures[n], item.start, item.end) for n, item in items.items()}
    return {n: found for n, found in spans.items() if not is_one_hand(found)}


def held_items(plan: Plan) -> list[PlanItem]:
    """Return the items that are asked about what is somebody's for a time."""
    return [item for item in plan.items if item.target.kind in HELD and item.asks]


def find_rows(
    connection: Connection, plan: Plan, item: PlanItem, source: PlanSource
) -> list[SubscriberRow]:
    """Return what a source that can tell says of who held the target of an item in its period.

    Or in the hour before it, where a clock may have shown that hour twice. A number and a SIP
    address whose user is that number are one line: either is looked for by both.
    """
    target, region = item.target, plan.region
    rows: dict[str, SubscriberRow] = {}
    line = find_line(target, region)
    asked = match_values(target.kind, target.value, region)
    wanted = dict.fromkeys(MATCHED[target.kind][SUBSCRIBER], asked)
    if line is not None:
        wanted[NUMBER] = (line,)
    for name in sorted(wanted.keys() & set(source.columns)):
        is_asked = TABLES[SUBSCRIBER].c[name].in_(wanted[name])
        rows |= {row.row_id: row for row in _rows(connection, source, item, is_asked)}
    if line is not None and ADDRESS in source.columns:
        found = _rows(connection, source, item, _may_be_of(line))
        rows |= {row.row_id: row for row in found if _is_of(row, line, target, region)}
    return list(rows.values())


def can_tell(source: PlanSource, target: Target, region: str | None) -> bool:
    """Say whether a source lists anything by which it may tell who held a target."""
    if target.source not in (None, source.name):
        return False
    names = {*MATCHED[target.kind][SUBSCRIBER]}
    if find_line(target, region) is not None:
        names |= {NUMBER, ADDRESS}
    return not names.isdisjoint(source.columns)


def list_told(source: PlanSource, plan: Plan) -> list[datetime]:
    """Return the begins of the items whose target a source may tell the holder of.

    A target that a plan of other rules could read and we cannot counts.
    """
    return [one.start for one in held_items(plan) if _may_tell(source, one.target, plan.region)]


def _may_tell(source: PlanSource, target: Target, region: str | None) -> bool:
    try:
        return can_tell(source, target, region)
    except InvalidInput:
        return target.source in (None, source.name)


def find_line(target: Target, region: str | None) -> str | None:
    """Return the number whose line a target is; None for what is no line."""
    if target.kind is TargetKind.PHONE_NUMBER:
        return match_values(target.kind, target.value, region)[0]
    return normalise_party(target.value, region) if target.kind is TargetKind.SIP_URI else None


def _may_be_of(line: str) -> ColumnElement[bool]:
    """Return a condition that holds of each SIP address whose user is a number, and of others."""
    column: ColumnElement[str] = TABLES[SUBSCRIBER].c[ADDRESS]
    for separator in SEPARATORS:
        column = func.replace(column, separator, "")
    return column.contains(line[-LAST_DIGITS:], autoescape=True)


def _is_of(row: SubscriberRow, line: str, target: Target, region: str | None) -> bool:
    """Say whether the address of a row is of a line, whatever its host.

    Who is asked for by an address with an extension is not who has another one on the same line.
    """
    if row.address is None or normalise_party(row.address, region) != line:
        return False
    if target.kind is TargetKind.PHONE_NUMBER:
        return True
    asked = match_values(target.kind, target.value, region)[0]
    return _extension(row.address) in ("", _extension(asked))


def _extension(address: str) -> str:
    """Return which telephone of a line an address names; where it was dialled names none."""
    parameters = address.partition("@")[0].split(";")[1:]
    return ";".join(one for one in parameters if not one.startswith("phone-context="))


def _rows(
    connection: Connection, source: PlanSource, item: PlanItem, where: ColumnElement[bool]
) -> Iterator[SubscriberRow]:
    table = TABLES[SUBSCRIBER].c
    query = select(
        *(table.row_id, table.customer_number, table.name, table.sip_uri),
        *(table.valid_from, table.valid_to, table.flags),
    ).where(
        table.source == source.name,
        where,
        table.valid_from < item.end,
        or_(
            table.valid_to.is_(None),
            table.valid_to > item.start - HOUR,
            table.valid_to < table.valid_from,
        ),
    )
    for row in (SubscriberRow(*found) for found in connection.execute(query)):
        if row.may_reach(item.start):
            yield row


def _as_tenure(source: PlanSource, row: SubscriberRow) -> Tenure:
    """Return who held it; without a customer number each record is somebody.

    Each source numbers its customers itself, so the same number in two of them is two holders, and
    so are two names under one number: a contract may be taken over. Whose record ends before it
    begins may hold it still.
    """
    holder = f"\n{row.row_id}"  # no customer number has a line end
    if row.customer:
        holder = f"{row.customer}\n{' '.join((row.name or '').casefold().split())}"
    return Tenure(f"{source.name}\n{holder}", row.start, None if row.ends_first else row.end)
