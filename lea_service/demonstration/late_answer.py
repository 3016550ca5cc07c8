"""An answer that is overdue while too few approvers can be reached: the letter is ready."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lea_service.demonstration.authority import write_demand
from lea_service.demonstration.letters import write_letter
from lea_service.demonstration.mailboxes import wait_for_notice
from lea_service.demonstration.narration import tell_time
from lea_service.demonstration.walk import DEMANDS, LOOKS, Walk, expect
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant

BASIS, ANSWER = "NL-SV-126nd", "answer"
GIVEN = timedelta(days=2)
NUMBER: Json = {"kind": "parketnummer", "value": "05/123466-26"}


def answer_too_late(it: Walk) -> None:
    """Leave a demand unanswered until after the term that it states, and write that we are late."""
    now = it.clock.now().replace(second=0, microsecond=0)
    asked = write_demand(it.authority, it.samples, now, BASIS, None, ["usage_sessions"])
    due = format_instant(now + GIVEN)
    demand = it.record(asked | {"references": [NUMBER], "due_at": due})
    it.tell.say(f"the order wants its answer by {tell_time(due)}; nobody decides on it")
    it.move_to(due, LOOKS)
    alarms = it.environ["LEA_PROVIDER_CONTACT"]
    told = wait_for_notice(it, alarms, "Term presses", demand)
    clock = _read_clock(it, demand)
    expect(clock["status"] == "over", "the term is over")
    it.tell.say(f"{ANSWER}: {clock['status']} [{clock['law']}]; those who oversee are told: {told}")
    wait_for_notice(it, alarms, "Letter ready", demand)
    it.tell.say("fewer than two approvers are reached, so a letter to the authority is kept ready")
    digest = write_letter(it, demand, "late", "late")
    body: Json = {"about": "late", "language": "en", "digest": digest}
    it.staff.handler.client.post(f"{DEMANDS}/{demand}/letters", body)
    it.tell.say(f"{it.staff.handler.who.name} read it and sent it; it is kept with who sent it")


def _read_clock(it: Walk, demand: str) -> dict[str, Any]:
    clocks = it.staff.handler.client.get(f"{DEMANDS}/{demand}/deadlines")["deadlines"]
    return next(one for one in clocks if one["clock"] == ANSWER)
