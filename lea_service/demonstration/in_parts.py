"""Data still to come: one decision of two, a package for each day, an end at any hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from lea_service.demonstration.authority import LETTER_PHONE, midnight, write_demand
from lea_service.demonstration.halted import import_file, import_late
from lea_service.demonstration.narration import tell_time
from lea_service.demonstration.other_orders import CALLS
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.walk import DEMANDS, LOOKS, NOT_ASKED, Walk, expect
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of

NUMBER: Json = {"kind": "parketnummer", "value": "05/123475-26"}
BACK, AHEAD = timedelta(days=3), timedelta(days=8)
A_DAY, NOON = timedelta(days=1), timedelta(hours=12)
CALLED = 5
"""Calls on the morning of each day that is lived through."""


def give_in_parts(it: Walk) -> None:
    """Decide once on an order that reaches ahead, give two parts of it, and let it end."""
    _come_to_noon(it)
    demand = _ask(it)
    _decide(it, demand)
    _wait_for(it, demand, 1)
    clock = _read_clock(it, demand)
    it.tell.say(f"what is past is given at once; the next: {clock['steps'][0]['en']}")
    _come_to_noon(it)
    parts = _wait_for(it, demand, 2)
    rows = parts[1]["rows"]
    it.tell.say(f"the day after, nobody did anything: {rows} rows, a package of its own")
    expect(rows == CALLED, "a call is in the part of its day")
    told = {"by": "mr. J. de Groot", "channel": "phone", "until": parts[1]["end"]}
    left = it.staff.handler.client.post(f"{DEMANDS}/{demand}/shortening", told)["instalments"]
    standings = [one["standing"] for one in left]
    expect(standings[:2] == ["given", "given"], "what was given stays")
    expect(set(standings[2:]) == {"dropped"}, "nothing is left to give")
    it.tell.say(
        f"the authority ends it by telephone; one person enters that: {len(standings) - 2} parts "
        "fall away"
    )


def _come_to_noon(it: Walk) -> None:
    """Live until noon of the next day, whose calls are brought in, and who holds what by then."""
    day = day_of(it.clock.now()) + A_DAY
    it.clock.move_to(datetime.fromisoformat(midnight(day)) + NOON)
    import_late(it, f"calls-of-{day}.csv", day, CALLED)
    import_file(it, "crm", it.samples.subscribers)
    it.tell.say(f"it is {tell_time(it.clock.now())}; the calls of the morning are brought in")


def _ask(it: Walk) -> str:
    now, who = it.clock.now(), it.samples.quiet
    asked: dict[str, Any] = write_demand(
        it.authority, it.samples, now, RIGHT_BASIS, "RC 26/4731", CALLS
    )
    item = asked["items"][0]
    item["target"]["value"] = who.number
    item["period"] |= {
        "start": midnight(day_of(now) - BACK),
        "end": midnight(day_of(now) + AHEAD),
    }
    demand = it.record(asked | {"references": [NUMBER]})
    it.call_back(demand)
    it.staff.handler.client.post(f"{DEMANDS}/{demand}/assessment")
    it.settle(demand, {NOT_ASKED: [LETTER_PHONE]})
    return demand


def _decide(it: Walk, demand: str) -> None:
    handler = it.staff.handler
    wanted: Json = {"instalments": {"rhythm": "daily", "rows_each": 50}}
    plan = handler.client.post(f"{DEMANDS}/{demand}/plan", wanted)
    handler.client.post(f"{DEMANDS}/{demand}/preview")
    it.staff.approver.approve(handler.propose("extraction.plan", {"plan": plan["id"]}))
    parts = _list_parts(it, demand)
    it.tell.say(
        f"decided once: {len(parts)} parts, the last until {tell_time(parts[-1]['end'])}, each "
        "of at most 50 rows"
    )


def _list_parts(it: Walk, demand: str) -> list[dict[str, Any]]:
    client = it.staff.handler.client
    found: list[dict[str, Any]] = client.get(f"{DEMANDS}/{demand}/instalments")["instalments"]
    return found


def _wait_for(it: Walk, demand: str, number: int) -> list[dict[str, Any]]:
    """Let the worker give a part; returns all of them."""

    def is_given() -> list[dict[str, Any]] | None:
        parts = _list_parts(it, demand)
        return parts if parts[number - 1]["standing"] == "given" else None

    it.clock.move_to(it.clock.now() + LOOKS)
    return wait_until(is_given, "the part was not given in time")


def _read_clock(it: Walk, demand: str) -> dict[str, Any]:
    clocks = it.staff.handler.client.get(f"{DEMANDS}/{demand}/deadlines")["deadlines"]
    return next(one for one in clocks if one["clock"] == "instalment")
