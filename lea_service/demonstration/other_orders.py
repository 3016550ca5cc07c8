"""Three other orders: an urgent one, one by telephone to keep data, and a European one."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from lea_service.demands.order_media import PDF
from lea_service.demonstration.authority import Authority, write_demand, write_paper
from lea_service.demonstration.letters import write_letter
from lea_service.demonstration.narration import tell_time
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.walk import DEMANDS, NOT_ASKED, Walk, expect, expect_refusal
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of
from lea_service.kernel.errors import LeaError

V1 = "/api/v1"
KEEP, EUROPEAN, WAITING = "NL-SV-126ni", "EU-EPO-SUBSCRIBER", "EU-EPO-TRAFFIC"
SPOKEN, PRESERVING = "NL-SV-126nd-6", "EU-EPRO"
DEFECT = "european_order_defect"
NOT_READABLE = "order.not_readable"
CALLS, SUBSCRIBER = ["traffic_call_records"], ["subscriber_identity", "number_and_service"]
GIVES = {KEEP: CALLS, WAITING: CALLS, SPOKEN: ["identifying_admin"]}
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
    it.assess(demand)
    (urgent,) = handler.get(f"{DEMANDS}/emergencies")["items"]
    waits = urgent["elapsed_minutes"]
    it.tell.say(f"first in the lane, for {waits} minutes; more than who it is takes two call-backs")


def keep_data(it: Walk) -> str:
    """Keep what an order by telephone names; each clock explains itself. Returns the demand."""
    handler = it.staff.handler.client
    number: Json = {"kind": "parketnummer", "value": "05/123458-26"}
    oral: dict[str, Json] = {"form": "oral", "channel": "phone", "states": [*STATED]}
    asked = write_other(it, it.authority, KEEP, number, **oral)
    demand = it.record(asked)
    it.call_back(demand)
    it.assess(demand)
    again = [f"{day_of(it.clock.now())}", it.samples.busiest.number]
    it.settle(demand, {NOT_READABLE: again})  # there is nothing in writing to compare with
    handler.post(f"{DEMANDS}/{demand}/preservation", {"days": None})
    it.tell.say("kept: from now on no purge takes these rows, and none of them leaves")
    for clock in handler.get(f"{DEMANDS}/{demand}/deadlines")["deadlines"]:
        due = f", due {tell_time(clock['due'])}" if clock["due"] else ""
        it.tell.say(f"{clock['clock']}: {clock['status']}{due}")
        it.tell.show("\n".join(step["en"] for step in clock["steps"]))
    confirm(it, demand, write_paper(asked))
    return demand


def confirm(it: Walk, demand: str, order: bytes, validated_by: str | None = None) -> None:
    """Take in the writing of an oral order: one of us brings it, and by two it counts.

    With who ``validated_by`` it is the order of an emergency with its validation.
    """
    handler, approver = it.staff.handler, it.staff.approver
    owed = f"{V1}/confirmations"
    path = f"{DEMANDS}/{demand}/confirmation-papers"
    to = path if validated_by is None else f"{path}?validated_by={validated_by}"
    paper = handler.client.send_file(to, BytesIO(order), len(order), media_type=PDF)
    differs = [one["ref"] for one in paper["differences"]]
    codes = {one.partition("/")[0] for one in differs}
    expect(NOT_ASKED in codes, "the number of the letter itself is found, which nobody asked about")
    asked: Json = {"paper": paper["id"], "accepted": [*differs], "ground": "read_by_person"}
    proposed = handler.propose("confirmation.acceptance", asked)
    waits = [one["demand"] for one in handler.client.get(owed)["items"]]
    expect(demand in waits, "one person confirms no order")
    expect(approver.client.get_bytes(f"{path}/{paper['id']}") == order, "it can be read")
    approver.approve(proposed)
    waits = [one["demand"] for one in handler.client.get(owed)["items"]]
    expect(demand not in waits, "two do")
    what = "writing" if validated_by is None else "validation"
    it.tell.say(
        f"its {what} came, compared with what was acted on: it counts since a second agreed"
    )


def extend_and_let_go(it: Walk, demand: str) -> None:
    """Keep longer as the authority says, then let go before the end, which takes two people."""
    handler, path = it.staff.handler, f"{DEMANDS}/{demand}/preservation"
    first = handler.client.get(path)["due"]
    it.run(handler, "preservation", "extend", demand, "--reason", "Extended in writing today.")
    longer = handler.client.get(path)
    expect((longer["state"], longer["due"] > first) == ("extended", True), "it is kept longer")
    ends = f"from {tell_time(first)} to {tell_time(longer['due'])}"
    it.tell.say(f"extended as the authority wrote: {ends}")
    let_go: Json = {"demand": demand, "ground": "authority", "reason": "Withdrawn in writing."}
    proposed = handler.propose("preservation.release", let_go)
    expect(handler.client.get(path)["state"] == "extended", "one person lets nothing go")
    it.staff.approver.approve(proposed)
    ended = handler.client.get(path)
    expect((ended["state"], ended["released"]) == ("released", "authority"), "two let go")
    it.tell.say("the authority withdraws it: one proposes to let go, and by two it is released")


def reply_to_european_order(it: Walk, abroad: Authority) -> str:
    """Answer a European order that leaves something open with Annex III; returns the demand."""
    handler = it.staff.handler.client
    number: Json = {"kind": "case_number", "value": "120 Js 4711/26"}
    demand = it.record(
        write_other(it, abroad, EUROPEAN, number, issuing_role="eu.public_prosecutor")
    )
    found = handler.post(f"{DEMANDS}/{demand}/assessment")["findings"]
    it.show_findings(found, lambda one: one["outcome"] == "clarify")
    asked = [one["ref"] for one in found if one["outcome"] == "clarify"]
    refusal: Json = {"ground": DEFECT, "findings": asked, "explanation": "It lacks a day and hour."}
    said = expect_refusal(LeaError, lambda: handler.post(f"{DEMANDS}/{demand}/refusal", refusal))
    it.tell.say(f"whoever would refuse it hears: {said}")
    body: dict[str, Json] = {
        "reasons": ["incomplete"],
        "statement": {
            "explanation": "The certificate does not say at which time the number was in use.",
            "question": "For which day and hour do you ask who held the number?",
            "is_preserved": True,
        },
    }
    handler.post(f"{DEMANDS}/{demand}/annex-forms", body)
    it.tell.say("answered with Annex III: no refusal, and the data stay frozen")
    write_letter(it, demand, "annex", "annex-iii")
    it.tell.say("our term stops once that went out, and the five days of the authority begin")
    return demand


def write_other(
    it: Walk, authority: Authority, basis: str, number: Json, **changes: Any
) -> dict[str, Json]:
    """Return a demand about the busiest subscriber, of a case of its own."""
    asked = GIVES.get(basis, SUBSCRIBER)  # no more than its article gives
    demand = write_demand(authority, it.samples, it.clock.now(), basis, None, asked)
    return demand | {"references": [number]} | changes
