"""What a legal officer meets besides: a question, a wait, another addressee, secrecy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lea_service.demonstration.authority import Authority
from lea_service.demonstration.other_orders import WAITING, write_letter, write_other
from lea_service.demonstration.processes import run_lea
from lea_service.demonstration.walk import DEMANDS, RIGHT_BASIS, Walk
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import NotFound

INTELLIGENCE = "NL-WIV-55"
ANSWER = "answer"
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
SHOWN_LINES = 4
WIDTH = 90
"""Longer lines are left out here, so that what changes can be seen at once."""


def ask_and_refer(it: Walk) -> None:
    """Put a question to the authority, hear the answer, and refer the demand elsewhere."""
    handler = it.staff.handler.client
    number: Json = {"kind": "parketnummer", "value": "05/123459-26"}
    demand = it.record(write_other(it, it.authority, RIGHT_BASIS, number))
    it.call_back(demand)
    handler.post(f"{DEMANDS}/{demand}/assessment")
    asked: Json = {"question": "Is the number really the one you mean?", "reasons": ["target"]}
    handler.post(f"{DEMANDS}/{demand}/clarifications", asked)
    _show_letter(it, demand, "question")
    _, version = handler.get_versioned(f"{DEMANDS}/{demand}/clarifications")
    answer: Json = {"answer": "Yes, and the person behind it moved to another provider."}
    handler.put(f"{DEMANDS}/{demand}/clarifications", answer, version)
    referral: Json = {"to": "not_ours", "reason": "The number was ported out before the period."}
    handler.post(f"{DEMANDS}/{demand}/referral", referral)
    _show_letter(it, demand, "referral")


def wait_for_enforcing_authority(it: Walk, abroad: Authority) -> None:
    """Show that a European order for traffic data waits, until when, and what ends the wait."""
    handler = it.staff.handler.client
    number: Json = {"kind": "case_number", "value": "120 Js 4712/26"}
    role = {"issuing_role": "eu.public_prosecutor"}
    demand = it.record(write_other(it, abroad, WAITING, number, **role))
    clock = _read_answer_clock(it, demand)
    it.tell.say(f"nothing leaves before {clock['earliest']}")
    it.tell.show("\n".join(step["en"] for step in clock["steps"]))
    said: Json = {"answer": "confirmed", "reason": "The enforcing authority raises no ground."}
    handler.post(f"{DEMANDS}/{demand}/enforcing-answer", said)
    clock = _read_answer_clock(it, demand)
    if clock["waits_for"] is None:
        it.tell.say("the enforcing authority raises no ground: it waits for nobody any more")


def hide_what_is_sealed(it: Walk) -> None:
    """Show that an order of an intelligence service is known to cleared people alone."""
    handler = it.staff.handler.client
    number: Json = {"kind": "case_number", "value": "2026/7"}
    demand = it.record(write_other(it, it.authority, INTELLIGENCE, number))
    listed = {one["id"] for one in handler.get(DEMANDS, limit=100)["items"]}
    try:
        handler.get(f"{DEMANDS}/{demand}")
    except NotFound as err:
        it.tell.say(f"who recorded it has no clearance, and asks for it again: {err.detail}")
    it.tell.say(f"in the list of all demands: {'yes' if demand in listed else 'no'}")


def show_who_can_decide(it: Walk) -> None:
    """Show which approvers can be reached, and what is missing."""
    found = it.staff.overseer.client.get("/api/v1/staff/reachability")
    people = ", ".join(f"{one['name']} ({one['reach']})" for one in found["approvers"])
    enough = "an alarm: fewer than two are" if found["alarm"] else "enough are"
    it.tell.say(f"can decide: {people}; {enough} known to be reached")


def compare_catalogues(it: Walk) -> None:
    """Check the provider's own rows, and show what they change in the catalogue that ships."""
    folder = it.top / "samples" / "overlay"
    folder.mkdir()
    (folder / "bases-own.json").write_bytes(
        (EXAMPLES / "legal-overlay" / "valid.json").read_bytes()
    )
    run_lea(it.environ, "legal", "validate", str(folder))
    it.tell.say("`lea legal validate`: the provider's own row is sound; `lea legal diff` shows it:")
    lines = run_lea(it.environ, "legal", "diff", str(folder), expected=1).splitlines()
    it.tell.show("\n".join(line for line in lines if len(line) < WIDTH))


def _read_answer_clock(it: Walk, demand: str) -> dict[str, Any]:
    clocks = it.staff.handler.client.get(f"{DEMANDS}/{demand}/deadlines")["deadlines"]
    return next(one for one in clocks if one["clock"] == ANSWER)


def _show_letter(it: Walk, demand: str, about: str) -> None:
    text = write_letter(it, demand, about, about)
    lines = [line for line in text.splitlines() if line.strip()]
    it.tell.show("\n".join(lines[-SHOWN_LINES:]))
