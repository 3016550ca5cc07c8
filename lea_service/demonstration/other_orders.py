"""Three other orders: an urgent one, one by telephone to keep data, and a European one."""

from __future__ import annotations

from typing import Any

from lea_service.demonstration.authority import Authority, write_demand
from lea_service.demonstration.walk import DEMANDS, RIGHT_BASIS, Walk
from lea_service.kernel.canonical import Json
from lea_service.web.paper import make_pdf

KEEP, EUROPEAN, WAITING = "NL-SV-126ni", "EU-EPO-SUBSCRIBER", "EU-EPO-TRAFFIC"
TRAFFIC = (KEEP, WAITING)
NOT_READABLE = "order.not_readable"
CALLS, SUBSCRIBER = ["traffic_call_records"], ["subscriber_identity", "number_and_service"]
STATED = [
    "data_as_precisely_as_possible",
    "legal_basis_title",
    "preservation_period",
    "time_of_order",
    "whether_provider_chain_paragraph_applies",
]
URGENT: Json = {
    "reason": "threat_to_life",
    "explanation": "Somebody announced a shooting for this evening.",
    "claimed_by": {"name": "mr. J. de Groot", "function": "officier van justitie"},
}


def show_emergency(it: Walk) -> None:
    """Take in an urgent demand: it comes first, and is looked at twice."""
    handler = it.staff.handler.client
    number: Json = {"kind": "parketnummer", "value": "05/123457-26"}
    demand = it.record(write_other(it, it.authority, RIGHT_BASIS, number, emergency=URGENT))
    it.call_back(demand)
    it.show_findings(handler.post(f"{DEMANDS}/{demand}/assessment")["findings"])
    (urgent,) = handler.get(f"{DEMANDS}/emergencies")["items"]
    waits = urgent["elapsed_minutes"]
    it.tell.say(f"first in the lane, for {waits} minutes; more than who it is takes two call-backs")


def keep_data(it: Walk) -> None:
    """Keep what an order by telephone names; each clock explains itself."""
    handler = it.staff.handler.client
    number: Json = {"kind": "parketnummer", "value": "05/123458-26"}
    oral: dict[str, Json] = {"form": "oral", "channel": "phone", "states": [*STATED]}
    demand = it.record(write_other(it, it.authority, KEEP, number, **oral))
    it.call_back(demand)
    again = [f"{it.clock.now().date()}", it.samples.busiest.number]
    it.settle(demand, {NOT_READABLE: again})  # there is nothing in writing to compare with
    handler.post(f"{DEMANDS}/{demand}/preservation", {"days": None})
    it.tell.say("kept: from now on no purge takes these rows, and none of them leaves")
    for clock in handler.get(f"{DEMANDS}/{demand}/deadlines")["deadlines"]:
        due = f", due {clock['due']}" if clock["due"] else ""
        it.tell.say(f"{clock['clock']}: {clock['status']}{due}")
        it.tell.show("\n".join(step["en"] for step in clock["steps"]))


def reply_to_european_order(it: Walk, abroad: Authority) -> None:
    """Answer a European order that leaves something open with Annex III."""
    handler = it.staff.handler.client
    number: Json = {"kind": "case_number", "value": "120 Js 4711/26"}
    demand = it.record(
        write_other(it, abroad, EUROPEAN, number, issuing_role="eu.public_prosecutor")
    )
    it.show_findings(handler.post(f"{DEMANDS}/{demand}/assessment")["findings"], {"clarify"})
    body: dict[str, Json] = {
        "reasons": ["incomplete"],
        "statement": {
            "explanation": "The certificate does not say at which time the number was in use.",
            "question": "For which day and hour do you ask who held the number?",
            "is_preserved": True,
        },
    }
    handler.post(f"{DEMANDS}/{demand}/annex-forms", body)
    it.tell.say("answered with Annex III: no refusal, our term stops, and the data stay frozen")
    write_letter(it, demand, "annex", "annex-iii")


def write_letter(it: Walk, demand: str, about: str, name: str) -> str:
    """Write the letter of a demand as a PDF, and say where; returns its text."""
    path = f"{DEMANDS}/{demand}/letters/draft"
    text = str(it.staff.handler.client.get(path, about=about, language="en")["text"])
    file = it.top / "letters" / f"{name}.pdf"
    file.write_bytes(make_pdf(text))
    it.tell.say(f"the letter, ready to send: {file.parent.name}/{file.name}")
    return text


def write_other(
    it: Walk, authority: Authority, basis: str, number: Json, **changes: Any
) -> dict[str, Json]:
    """Return a demand about the busiest subscriber, of a case of its own."""
    asked = CALLS if basis in TRAFFIC else SUBSCRIBER  # no more than its article gives
    demand = write_demand(authority, it.samples, it.clock.now(), basis, None, asked)
    return demand | {"references": [number]} | changes
