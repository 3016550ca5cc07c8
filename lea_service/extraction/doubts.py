"""What a source holds that may concern a demand and could not be compared: counts, never rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType

from lea_service.demands.demand import TargetKind
from lea_service.extraction.holders import Spans
from lea_service.extraction.instant_queries import count_at_instants
from lea_service.extraction.plan import HOUR, OVERLAPPING, Ask, Plan, PlanSource, select_rows
from lea_service.records.flags import (
    AMBIGUOUS,
    NOT_E164,
    ODD_ADDRESS,
    ODD_EMAIL,
    ODD_ICCID,
    ODD_IMEI,
    ODD_IMSI,
    ODD_MAC,
    ODD_SIP,
)
from lea_service.records.identifiers import Near, on_any_port, with_other_extension
from lea_service.records.kinds import CHAINS
from lea_service.records.mapping import OF_A_HOST
from lea_service.records.reader import Snapshot
from lea_service.records.selection import Nearby, Selection

SET_ASIDE, OTHER_PORT, OTHER_EXTENSION = "set-aside", "other-port", "other-extension"
LOST, UNREAD, CHANGED = "lost-lines", "unread-gap", "changed-lines"
UNMARKED = "unmarked-rows"
CAME_LATE = "came-late"
"""Is counted beside these, of what earlier instalments were of."""
ODD_PORT = "odd-port"
NO_HOST = "no-host"
AMBIGUOUS_GIVEN = "ambiguous-time-given"
AMBIGUOUS_HOLDER, AMBIGUOUS_CHANGE = "ambiguous-holder", "ambiguous-change"
NEAR: Mapping[str, Callable[[str], Iterator[Near]]] = {
    OTHER_PORT: on_any_port,
    OTHER_EXTENSION: with_other_extension,
}
"""By reason what else may be the party of a SIP address that was asked for."""

PORT = ("port",)

ODD: Mapping[TargetKind, str] = {
    TargetKind.PHONE_NUMBER: NOT_E164,
    TargetKind.SIP_URI: ODD_SIP,
    TargetKind.EMAIL: ODD_EMAIL,
    TargetKind.IP_ADDRESS: ODD_ADDRESS,
    TargetKind.IMEI: ODD_IMEI,
    TargetKind.IMSI: ODD_IMSI,
    TargetKind.ICCID: ODD_ICCID,
    TargetKind.MAC_ADDRESS: ODD_MAC,
}
"""The flag of a row with a value that has no form in which such a target is compared."""


def count_doubts(
    snapshot: Snapshot, plan: Plan, source: PlanSource, spans: Spans = MappingProxyType({})
) -> dict[str, int]:
    """Count by reason what was not handed over and might belong there; reasons without any are out.

    ``set-aside`` are lines of the source of which no row could be made, whenever they came in;
    ``lost-lines`` are those of files whose rows were lost with an older copy of the store;
    ``unread-gap`` counts how often a live source did not go on from where it had been read to;
    ``changed-lines`` are lines of one whose rows are named by them alone, that were not there any
    more as they were; ``unmarked-rows`` are those of a live source that no pull reads;
    ``other-port`` are rows of the user and host of a SIP address that was asked for, on another
    port than its own; ``other-extension`` are rows of its number and host, on whatever port, that
    say more of extension and subaddress than it does, or less: where one of the two leaves open
    what the other names, they may be the same telephone, whichever it is. Who is asked for with
    one extension is not looked for under another: that is somebody else. ``odd-port`` are sessions
    of an address that was asked for with a port, whose own port is none. ``no-host`` are calls with
    a party whose host the source does not tell, where a SIP address was asked for. The other
    reasons are flags of rows. A row flagged ``ambiguous-time`` was read as the earlier of two hours
    that a clock showed alike: it counts if the later one would lie in the period. Such rows that
    are handed over, and would lie after the period by the later hour, are ``ambiguous-time-given``;
    those that by it would be of the next holder in ``spans`` are ``ambiguous-holder``. What else
    makes those that are handed over unsure is said at ``count_at_instants``.
    """
    counts = {
        **count_unread(snapshot, source.name),
        **count_at_instants(snapshot.connection, plan, source),
    }
    chosen = select_rows(plan, source)
    for flag, group in _doubtful(plan, source).items():
        counts[flag] = snapshot.count_flagged(group, flag, besides=chosen)
    for reason, find_near in NEAR.items():
        if asked := list(_nearby(plan, source, find_near)):
            counts[reason] = snapshot.count_near(asked, besides=chosen)
    asks = [ask for _, ask in plan.asks_to(source)]
    if late := [_hour_until(one.end, one, source, overlap=False) for one in asks]:
        counts[AMBIGUOUS_GIVEN] = snapshot.count_flagged(late, AMBIGUOUS, within=chosen)
    if edges := list(_before_changes(plan, source, spans)):
        counts[AMBIGUOUS_HOLDER] = snapshot.count_flagged(edges, AMBIGUOUS, within=chosen)
    if with_port := list(_of_any_port(plan, source)):
        counts[ODD_PORT] = snapshot.count_odd_ports(with_port, besides=chosen)
    if parties := _without_host(source):
        calls = [_whole_period(ask, source, plan) for ask in _asks_for_sip(plan, source)]
        if calls:
            counts[NO_HOST] = snapshot.count_with(calls, parties, besides=chosen)
    return {reason: count for reason, count in counts.items() if count}


def count_unread(snapshot: Snapshot, source: str) -> dict[str, int]:
    """Count by reason what of a source is not in the store, or not as it was, whoever is asked."""
    return {
        SET_ASIDE: snapshot.count_set_aside(source),
        LOST: snapshot.count_lost(source),
        UNREAD: len(snapshot.list_gaps(source)),
        CHANGED: snapshot.count_changed(source),
        UNMARKED: snapshot.count_unmarked(source),
    }


def _doubtful(plan: Plan, source: PlanSource) -> dict[str, list[Selection]]:
    """Return by flag among which rows of a source those that carry it are in doubt."""
    groups: dict[str, list[Selection]] = {}
    for item in plan.items:
        for ask in item.asks:
            if ask.source == source.name:
                overlap = ask.kind in OVERLAPPING
                before = _hour_until(ask.start, ask, source, overlap=overlap)
                groups.setdefault(AMBIGUOUS, []).append(before)
                if (flag := ODD.get(item.target.kind)) is not None:
                    groups.setdefault(flag, []).append(_whole_period(ask, source, plan))
    return groups


def _without_host(source: PlanSource) -> list[str]:
    """Return the columns with texts of parties that hold no host, in which nobody is looked for."""
    return [
        text for text, address in OF_A_HOST.items() if {text, address} & {*source.columns} == {text}
    ]


def _asks_for_sip(plan: Plan, source: PlanSource) -> Iterator[Ask]:
    for item in plan.items:
        if item.target.kind == TargetKind.SIP_URI:
            yield from (ask for ask in item.asks if ask.source == source.name)


def _nearby(
    plan: Plan, source: PlanSource, find_near: Callable[[str], Iterator[Near]]
) -> Iterator[Nearby]:
    """Yield for each SIP address that is asked of a source what is near it, where it counts."""
    for ask in _asks_for_sip(plan, source):
        for match in ask.matches:
            nears = tuple(near for value in match.values for near in find_near(str(value)))
            if nears:
                columns = tuple(name for name in match.columns if name not in CHAINS)
                yield Nearby(_whole_period(ask, source, plan), columns, nears)


def _before_changes(plan: Plan, source: PlanSource, spans: Spans) -> Iterator[Selection]:
    """Yield what is asked of a source in the hour before a target changed hands."""
    for n, ask in plan.asks_to(source):
        for _, later in pairwise(spans.get(n, ())):
            yield _hour_until(later.start, ask, source, overlap=False)


def _of_any_port(plan: Plan, source: PlanSource) -> Iterator[Selection]:
    """Yield what is asked of a source with a port, without it."""
    for _, ask in plan.asks_to(source):
        matches = tuple(match for match in ask.matches if match.columns != PORT)
        if matches != ask.matches:
            yield replace(_whole_period(ask, source, plan), matches=matches)


def _hour_until(end: datetime, ask: Ask, source: PlanSource, *, overlap: bool) -> Selection:
    return Selection(
        kind=ask.kind,
        source=source.name,
        matches=ask.matches,
        start=end - HOUR,
        end=end,
        overlap=overlap,
        filled=ask.filled,
    )


def _whole_period(ask: Ask, source: PlanSource, plan: Plan) -> Selection:
    return Selection(
        kind=ask.kind,
        source=source.name,
        start=ask.start,
        end=ask.end,
        overlap=ask.kind in OVERLAPPING,
        not_before=plan.limit_of(source),
        filled=ask.filled,
    )
