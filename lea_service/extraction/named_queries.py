"""Whom rows that are handed over name, by keyed digests: found later where somebody asks.

The rows are erased when their receiver has them. What tells that a subscriber is in them lies
under the file key, as long as the demand itself can be read, and names nobody
(``docs/inquiries.md``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from lea_service.demands.concerned import digest_identifier, forms_of
from lea_service.demands.demand import OF_A_SOURCE, Target, TargetKind
from lea_service.extraction.matched import MATCHED
from lea_service.extraction.models import RunResult
from lea_service.extraction.plan import Plan, PlanSource, select_rows
from lea_service.kernel.canonical import Json
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.datakeys import DataKeys, open_sealed, seal_value
from lea_service.records.chains import read_chain
from lea_service.records.identifiers import normalise_target
from lea_service.records.kinds import CHAINS
from lea_service.records.selection import Selection, where_any
from lea_service.records.store import TABLES

MOST = 10_000
"""Of more identifiers than these none is kept: such rows are no answer about somebody."""
BATCH = 2_000
NAMING = tuple(kind for kind in MATCHED if kind is not TargetKind.IP_ADDRESS)
"""Kinds of identifiers that stay somebody's for a while; an address may be another's next hour."""


def seal_named(
    connection: Connection, plan: Plan, index: BlindIndex, key: bytes, run_id: str
) -> bytes | None:
    """Seal whom the rows of a plan name under a file key; None where that are too many."""
    named = list_named(connection, plan)
    if named is None:
        return None
    digests: list[Json] = [*sorted({*_digests(index, named)})]
    return seal_value(key, plan.demand, digests, named_label(run_id))


def find_named(session: Session, keys: DataKeys, demand_id: str, run_id: str) -> set[str] | None:
    """Return the digests of whom the rows of a run name; None where there were too many.

    Raises Unavailable (key destroyed), IntegrityFailure.
    """
    row = session.get_one(RunResult, run_id)
    if row.named is None:
        return None
    found = open_sealed(session, keys, demand_id, row.named, named_label(run_id))
    return set(cast("list[str]", found))


def named_label(run_id: str) -> str:
    """Return what the digests of a run are sealed as."""
    return f"run.named/{run_id}"


def list_named(connection: Connection, plan: Plan) -> set[Target] | None:
    """Return the identifiers in rows that a plan gives, of columns it gives; None for too many."""
    found: set[Target] = set()
    for source in plan.asked:
        for columns, group in _by_columns(plan, source).items():
            for target in _iter_named(connection, source, columns, group):
                found.add(target)
                if len(found) > MOST:
                    return None
    return found


def _by_columns(plan: Plan, source: PlanSource) -> dict[tuple[str, ...], list[Selection]]:
    """Return what is asked of a source by the columns that it gives."""
    found: dict[tuple[str, ...], list[Selection]] = {}
    pairs = zip(plan.asks_to(source), select_rows(plan, source), strict=True)
    for (_, ask), selection in pairs:
        found.setdefault(ask.columns, []).append(selection)
    return found


def _iter_named(
    connection: Connection, source: PlanSource, columns: tuple[str, ...], group: list[Selection]
) -> Iterator[Target]:
    table = TABLES[source.kind]
    places = [
        (kind, name)
        for kind in NAMING
        for name in MATCHED[kind].get(source.kind, ())
        if name in columns
    ]
    if not places:
        return
    query = select(*(table.c[name] for _, name in places)).where(where_any(group))
    result = connection.execute(query.execution_options(yield_per=BATCH))
    for rows in result.partitions():
        for (kind, name), values in zip(places, zip(*rows, strict=True), strict=True):
            of_source = source.name if kind in OF_A_SOURCE else None
            for value in _texts(name, {*values}):
                yield Target(kind, value, source=of_source)


def _texts(name: str, values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if value is not None and name in CHAINS:
            yield from read_chain(value)
        elif value is not None:
            yield value


def _digests(index: BlindIndex, named: Iterable[Target]) -> Iterator[str]:
    normalise = partial(normalise_target, region=None)
    for target in named:
        for kind, form in forms_of(target, normalise):
            yield digest_identifier(index, kind, form)
