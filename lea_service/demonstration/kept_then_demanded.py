"""Data that are kept on one order and demanded by a later one, which ends the first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lea_service.demonstration.authority import LETTER_PHONE, write_demand
from lea_service.demonstration.mailboxes import wait_for_notice
from lea_service.demonstration.narration import tell_time
from lea_service.demonstration.other_orders import CALLS, KEEP, STATED, write_other
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.walk import DEMANDS, NOT_ASKED, Walk, expect
from lea_service.kernel.canonical import Json

NUMBER: Json = {"kind": "parketnummer", "value": "05/123467-26"}
LATER = timedelta(days=1)


def demand_what_is_kept(it: Walk) -> None:
    """Keep what an order names; a later order demands it, and once it is given nothing is kept."""
    kept = _keep(it)
    it.move_to(it.clock.now(), LATER)
    now = it.clock.now()
    asked = write_demand(it.authority, it.samples, now, RIGHT_BASIS, "RC 26/4720", CALLS)
    demand = it.record(asked | {"references": [NUMBER], "preservation": kept})
    it.call_back(demand)
    found = it.staff.handler.client.post(f"{DEMANDS}/{demand}/assessment")["findings"]
    (linked,) = [one for one in found if one["code"].startswith("preserved.")]
    expect(linked["outcome"] == "pass", "what is demanded lies within what is kept")
    it.tell.say(f"it names the order on which the data are kept: {linked['says']}")
    it.settle(demand, {NOT_ASKED: [LETTER_PHONE]})
    it.hand_over(demand)
    ended = _read(it, kept)
    expect(ended["state"] == "produced", "nothing of it is left to keep")
    it.tell.say("all of it is given, so nothing is kept any longer: produced, and let go")
    wait_for_notice(it, "j.degroot@om.example", kept)


def _keep(it: Walk) -> str:
    handler = it.staff.handler.client
    kept = it.record(write_other(it, it.authority, KEEP, NUMBER, states=[*STATED]))
    it.call_back(kept)
    handler.post(f"{DEMANDS}/{kept}/assessment")
    it.settle(kept, {NOT_ASKED: [LETTER_PHONE]})
    handler.post(f"{DEMANDS}/{kept}/preservation", {"days": None})
    it.tell.say(f"kept until {tell_time(_read(it, kept)['due'])}")
    return kept


def _read(it: Walk, kept: str) -> dict[str, Any]:
    found: dict[str, Any] = it.staff.handler.client.get(f"{DEMANDS}/{kept}/preservation")
    return found
