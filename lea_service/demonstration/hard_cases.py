"""What a legal officer meets besides: a question, a wait, another addressee, secrecy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lea_service.demonstration.authority import Authority
from lea_service.demonstration.letters import write_letter
from lea_service.demonstration.narration import tell_time
from lea_service.demonstration.other_orders import WAITING, write_other
from lea_service.demonstration.processes import at_once, run_lea
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.walk import DEMANDS, Walk, expect, expect_refusal
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import NotFound

INTELLIGENCE = "NL-WIV-55"
ANSWER = "answer"
QUESTION = "Bedoelt u werkelijk dit nummer? / Do you really mean this number?"
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
WIDTH = 90
"""Longer lines are left out here, so that what changes can be seen at once."""


def ask_and_refer(it: Walk) -> None:
    """Put a question to the authority, hear the answer, and refer the demand elsewhere."""
    handler = it.staff.handler.client
    number: Json = {"kind": "parketnummer", "value": "05/123459-26"}
    demand = it.record(write_other(it, it.authority, RIGHT_BASIS, number))
    it.call_back(demand)
    handler.post(f"{DEMANDS}/{demand}/assessment")
    asked: Json = {"question": QUESTION, "reasons": ["target"]}
    handler.post(f"{DEMANDS}/{demand}/clarifications", asked)
    for language in ("nl", "en"):
        write_letter(it, demand, "question", f"question-{language}", language)
    _, version = handler.get_versioned(f"{DEMANDS}/{demand}/clarifications")
    answer: Json = {"answer": "Yes, and the person behind it moved to another provider."}
    handler.put(f"{DEMANDS}/{demand}/clarifications", answer, version)
    referral: Json = {"to": "not_ours", "reason": "The number was ported out before the period."}
    handler.post(f"{DEMANDS}/{demand}/referral", referral)
    write_letter(it, demand, "referral", "referral")


def wait_for_enforcing_authority(it: Walk, abroad: Authority) -> str:
    """Show that a European order for traffic data waits, until when, and what ends the wait.

    Returns the demand.
    """
    number: Json = {"kind": "case_number", "value": "120 Js 4712/26"}
    role = {"issuing_role": "eu.public_prosecutor"}
    demand = it.record(write_other(it, abroad, WAITING, number, **role))
    clock = _read_answer_clock(it, demand)
    it.tell.say(f"nothing leaves before {tell_time(clock['earliest'])}")
    it.tell.show("\n".join(step["en"] for step in clock["steps"]))
    said: Json = {
        "demand": demand,
        "answer": "confirmed",
        "reason": "The enforcing authority raises no ground.",
    }
    proposed = it.staff.handler.propose("legal.enforcing_answer", said)
    expect(_read_answer_clock(it, demand)["waits_for"], "by one alone it goes on waiting")
    it.staff.approver.approve(proposed)
    expect(_read_answer_clock(it, demand)["waits_for"] is None, "it waits for nobody any more")
    it.tell.say("by two: the enforcing authority raises no ground, it waits for nobody any more")
    return demand


def hide_what_is_sealed(it: Walk) -> str:
    """Show that what an intelligence service asks only cleared people know; returns the demand."""
    handler = it.staff.handler.client
    number: Json = {"kind": "case_number", "value": "2026/7"}
    demand = it.record(write_other(it, it.authority, INTELLIGENCE, number))
    said = expect_refusal(NotFound, lambda: handler.get(f"{DEMANDS}/{demand}"))
    it.tell.say(f"who recorded it has no clearance, and asks for it again: {said}")
    listed = {one["id"] for one in handler.get(DEMANDS, limit=100)["items"]}
    expect(demand not in listed, "it is in no list")
    it.tell.say("in the list of all demands: no")
    return demand


def show_catalogue(it: Walk) -> None:
    """Show a row in words, and what the provider's own rows change in the catalogue that ships."""
    folder = it.top / "samples" / "overlay"
    folder.mkdir()
    (folder / "bases-own.json").write_bytes(
        (EXAMPLES / "legal-overlay" / "valid.json").read_bytes()
    )
    row, _, changes = at_once(
        lambda: it.run(it.staff.handler, "legal", "show", RIGHT_BASIS),
        lambda: run_lea(it.environ, "legal", "validate", str(folder)),
        lambda: run_lea(it.environ, "legal", "diff", str(folder), expected=1),
    )
    expect(RIGHT_BASIS in row, "the row is shown")
    it.tell.say(f"`lea legal show {RIGHT_BASIS}`, a row of law as a legal reader reviews it:")
    it.tell.show(row)
    it.tell.say("`lea legal validate`: the provider's own row is sound; `lea legal diff` shows it:")
    it.tell.show("\n".join(line for line in changes.splitlines() if len(line) < WIDTH))


def _read_answer_clock(it: Walk, demand: str) -> dict[str, Any]:
    clocks = it.staff.handler.client.get(f"{DEMANDS}/{demand}/deadlines")["deadlines"]
    return next(one for one in clocks if one["clock"] == ANSWER)
