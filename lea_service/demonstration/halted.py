"""A demand whose work halts by itself, is reviewed anew by two people and answered after all."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from lea_service.demonstration.authority import (
    LETTER_PHONE,
    midnight,
    write_demand,
    write_paper,
)
from lea_service.demonstration.house import bring_in
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.sample_data import write_late_calls
from lea_service.demonstration.walk import DEMANDS, NOT_ASKED, Walk, expect, expect_refusal
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import WrongState

MORE = 60
"""Calls that come in after the count: more than two people's decision lets through."""
OVER = "over_bounds"
CALLS = ["traffic_call_records"]
NUMBER: Json = {"kind": "parketnummer", "value": "05/123471-26"}


def review_anew(it: Walk) -> None:
    """Let a run halt on more rows than were decided on; its authority corrects the order."""
    handler, asked = it.staff.handler, _ask(it)
    demand = it.record(asked)
    it.call_back(demand)
    handler.client.post(f"{DEMANDS}/{demand}/assessment")
    it.settle(demand, {NOT_ASKED: [LETTER_PHONE]})
    plan = handler.client.post(f"{DEMANDS}/{demand}/plan", {})
    counted = handler.client.post(f"{DEMANDS}/{demand}/preview")["rows"]
    proposed = handler.propose("extraction.plan", {"plan": plan["id"]})
    import_late(it, "late-calls.csv", it.samples.last_day, MORE)
    it.staff.approver.approve(proposed)
    it.tell.say(f"two decide on {counted} rows; meanwhile {MORE} more are imported")
    halted = wait_until(lambda: _find_halt(it, demand), "the work did not halt in time")
    expect(halted["halt"] == OVER, "it halts on what nobody decided on")
    it.tell.say(f"the work halts by itself ({OVER}), nothing is sealed: {halted['says']}")
    _reopen(it, demand)
    _correct(it, demand, asked)
    it.hand_over(demand)


def _ask(it: Walk) -> dict[str, Any]:
    now, who = it.clock.now(), it.samples.quiet
    asked: dict[str, Any] = write_demand(
        it.authority, it.samples, now, RIGHT_BASIS, "RC 26/4724", CALLS
    )
    asked["items"][0]["target"]["value"] = who.number
    return asked | {"references": [NUMBER]}


def import_late(it: Walk, name: str, day: date, count: int) -> None:
    """Import calls of the quiet number on a day, as the telephone exchange hands them over."""
    file = it.top / "samples" / name
    write_late_calls(file, it.samples.quiet, day, count)
    import_file(it, "pbx", file)


def import_file(it: Walk, name: str, file: Path) -> None:
    """Bring a file of a source in, that its system wrote just now."""
    engineer = it.staff.engineer
    sources = engineer.client.get("/api/v1/sources")["items"]
    (source,) = [one["id"] for one in sources if one["name"] == name]
    bring_in(engineer, source, file, it.clock.now())


def _find_halt(it: Walk, demand: str) -> dict[str, Any] | None:
    found: dict[str, Any] = it.staff.handler.client.get(f"{DEMANDS}/{demand}/progress")
    return found if found["state"] == "halted" else None


def _reopen(it: Walk, demand: str) -> None:
    handler = it.staff.handler
    said = "The authority corrects its order: the last day alone."
    asked: Json = {"demand": demand, "ground": "corrected", "reason": said}
    proposed = handler.propose("extraction.reopening", asked)
    expect(_read_state(it, demand) == "halted", "one person opens nothing again")
    it.staff.approver.approve(proposed)
    expect(_read_state(it, demand) == "under_review", "two do")
    expect_refusal(WrongState, lambda: handler.client.post(f"{DEMANDS}/{demand}/resumption"))
    it.tell.say("the authority corrects its order; by two it is reviewed anew (corrected)")
    it.tell.say("no plan or decision of before counts any more")


def _correct(it: Walk, demand: str, asked: dict[str, Any]) -> None:
    """Record what the authority orders now, with its paper, and review that."""
    handler = it.staff.handler.client
    asked["items"][0]["period"]["start"] = midnight(it.samples.last_day)
    _, version = handler.get_versioned(f"{DEMANDS}/{demand}")
    files = {
        "demand": ("demand.json", json.dumps(asked).encode(), "application/json"),
        "order": ("order", write_paper(asked), "application/pdf"),
    }
    handler.upload(f"{DEMANDS}/{demand}", files, version=version)
    it.call_back(demand)
    handler.post(f"{DEMANDS}/{demand}/assessment")
    it.settle(demand, {NOT_ASKED: [LETTER_PHONE]})


def _read_state(it: Walk, demand: str) -> str:
    return str(it.staff.handler.client.get(f"{DEMANDS}/{demand}")["state"])
