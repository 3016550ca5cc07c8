"""What an earlier record of a demand said, and its newest does not say any more.

What one person types makes the service stricter; what loosens it takes a second. Whoever types
that nobody is protected would else take the question to the authority away alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.orm import Session

from lea_service.custody.replay import read_stream
from lea_service.demands.concerned import Normalise, forms_of
from lea_service.demands.demand import Demand, DemandContent, Item, Protection, Target
from lea_service.demands.document import load_content
from lea_service.demands.queries import get_state, list_alike, list_records
from lea_service.demands.states import DECLINED, OVER
from lea_service.kernel.canonical import Json
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import NotFound, Unavailable
from lea_service.legal.basis import Basis
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.owed import Debt, list_owed
from lea_service.legal.receipts import (
    find_date_doubts,
    find_doubts,
    find_order_dates,
    find_receipts,
)
from lea_service.legal.times import collect_times
from lea_service.legal.working_days import WorkingDays

TAKEN_BACK = "protection.taken_back"
MOST = 20
"""So many demands that are alike are read; a figure of our own. Of more a second person looks."""


def find_taken_back(
    session: Session,
    keys: DataKeys,
    demand: Demand,
    normalise: Normalise,
    basis: Basis | None,
    working: WorkingDays,
) -> list[Finding]:
    """Return what asks a second person, since an earlier record of the demand said otherwise.

    So does a receipt, or a date of the order, that is no longer, or never was, the one by which
    it was recorded. Raises Unavailable.
    """
    earlier = list_earlier(session, keys, demand)
    entries = read_stream(session, demand.id)
    receipts, dates = find_receipts(demand, entries), find_order_dates(demand, entries)
    owed = () if basis is None else list_owed(basis, collect_times(demand, entries))
    is_owed = any(one.met_at is None and one.debt is not Debt.AUTHORISATION for one in owed)
    return [
        *_of_protection(session, keys, demand, earlier, normalise),
        *find_doubts(receipts, basis, working),
        *find_date_doubts(dates, basis, is_owed=is_owed),
    ]


def list_earlier(session: Session, keys: DataKeys, demand: Demand) -> list[DemandContent]:
    """Return what each record of a demand before its newest said, the first first."""
    return [
        load_content(document)
        for version, document, _ in list_records(session, keys, demand.id)
        if version != demand.record_version
    ]


def _of_protection(
    session: Session,
    keys: DataKeys,
    demand: Demand,
    earlier: Sequence[DemandContent],
    normalise: Normalise,
) -> Iterator[Finding]:
    """Yield the finding, where some other record of the order said more.

    That is an earlier one of the demand, or one of a demand that is alike: whoever has a demand
    withdrawn records its order anew. Of such a demand that goes on only what is about the same
    target: its order may be about others as well.
    """
    items = [item for one in earlier for item in one.items]
    asked = {form for one in demand.items for form in forms_of(one.target, normalise)}
    alike = {one for each in list_alike(session, demand.id).values() for one in each}
    for one in sorted(alike)[:MOST]:
        others, is_over = _list_items(session, keys, one)
        items += [
            item
            for item in others
            if is_over or not asked.isdisjoint(forms_of(item.target, normalise))
        ]
    found: list[Json] = [*list_taken_back(demand.items, items, normalise)]
    unread: dict[str, Json] = {"not_read": len(alike) - MOST} if len(alike) > MOST else {}
    if found or unread:
        yield make_finding(TAKEN_BACK, seen={"protection": found, **unread})


def _list_items(session: Session, keys: DataKeys, demand_id: str) -> tuple[list[Item], bool]:
    """Return the items of all records of a demand that can be read, and whether it is done with."""
    try:
        is_over = get_state(session, demand_id) in OVER | DECLINED
        records = list_records(session, keys, demand_id)
    except (NotFound, Unavailable):
        return [], True
    return [item for _, document, _ in records for item in load_content(document).items], is_over


def list_taken_back(
    now: Sequence[Item], earlier: Iterable[Item], normalise: Normalise
) -> list[str]:
    """Return the codes of protections that an item had and whoever it is about has no more.

    Of somebody who is not asked about now every item has to have it: the target may have been
    typed in another way.
    """
    codes: set[str] = set()
    forms = [{*forms_of(one.target, normalise)} for one in now]
    for target, protection in {(one.target, one.protection) for one in earlier}:
        if protection in {None, Protection.NONE}:
            continue
        wanted = {*forms_of(target, normalise)}
        same = [one for one, own in zip(now, forms, strict=True) if not wanted.isdisjoint(own)]
        if any(one.protection is not protection for one in same or now):
            codes.add(str(protection))
    return sorted(codes)


def is_about_same(one: Target, other: Target, normalise: Normalise) -> bool:
    """Say whether two targets are one, in whatever way each is written."""
    return not {*forms_of(one, normalise)}.isdisjoint(forms_of(other, normalise))
