"""When a plan takes one more person: an officer who left an order unconfirmed, and a quota."""

from __future__ import annotations

from typing import Any

from lea_service.demonstration.authority import LETTER_PHONE, Receiving
from lea_service.demonstration.late_writing import WHO_IS_IT
from lea_service.demonstration.other_orders import URGENT, write_other
from lea_service.demonstration.people import SignedIn
from lea_service.demonstration.police import OFFICER, ROLE
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.walk import DEMANDS, NOT_ASKED, Walk, expect
from lea_service.extraction.phrases import ONE_MORE
from lea_service.kernel.canonical import Json
from lea_service.kernel.phrases import ENGLISH, phrase

UNCONFIRMED, QUOTA = "unconfirmed_before", "quota"
CLAIMED: dict[str, Json] = {
    "reason": "threat_to_life",
    "explanation": "Somebody threatens to jump; we know the number alone.",
    "claimed_by": {"name": OFFICER, "function": "opsporingsambtenaar"},
}


def tighten(it: Walk, police: Receiving, counsel: SignedIn) -> None:
    """Take in an urgent demand of an officer who owes a writing: a third person has to agree."""
    number: Json = {"kind": "case_number", "value": "PL0600-2026-123999"}
    changes: dict[str, Any] = {"emergency": CLAIMED, "issuing_role": ROLE}
    demand = it.record(write_other(it, police, WHO_IS_IT, number, **changes))
    it.call_back(demand, spoke_to=OFFICER)
    _decide_by_three(it, demand, counsel, UNCONFIRMED)


def exceed_the_quota(it: Walk, counsel: SignedIn) -> None:
    """Take in more urgent demands of one officer on a day than the house lets two decide on."""
    quota = int(it.environ["LEA_OFFICER_QUOTA"])
    for n in range(quota + 1):
        number: Json = {"kind": "parketnummer", "value": f"05/12347{n}-26"}
        demand = it.record(write_other(it, it.authority, RIGHT_BASIS, number, emergency=URGENT))
    it.tell.say(
        f"{quota + 1} emergencies of one officer on a day, where LEA_OFFICER_QUOTA is {quota}"
    )
    it.call_back(demand)
    _decide_by_three(it, demand, counsel, QUOTA)


def _decide_by_three(it: Walk, demand: str, counsel: SignedIn, why: str) -> None:
    """Let the plan of a demand be agreed to by two beside its proposer, for the reason ``why``."""
    handler, approver = it.staff.handler, it.staff.approver
    handler.client.post(f"{DEMANDS}/{demand}/assessment")
    it.settle(demand, {NOT_ASKED: [LETTER_PHONE]})
    plan = handler.client.post(f"{DEMANDS}/{demand}/plan", {})
    handler.client.post(f"{DEMANDS}/{demand}/preview")
    approval = handler.propose("extraction.plan", {"plan": plan["id"]})
    expect(approval["needs_deciders"] == 2, "two beside the proposer have to agree")
    it.tell.say(f"one more person has to agree: {phrase(ONE_MORE, why, ENGLISH)} [policy]")
    opened = approver.approve(approval)
    expect(opened["facts"]["extra_decider"] == [why], "for that reason alone")
    waits = handler.client.get(f"/api/v1/approvals/{approval['id']}")["approval"]
    expect(waits["outcome"] is None, "one is not enough")
    page = it.top / "letters" / f"page-for-counsel-{why}.html"
    page.write_bytes(counsel.client.get_bytes(f"/api/v1/approvals/{approval['id']}/page"))
    counsel.approve(approval)
    it.tell.say(
        f"{approver.who.name} agrees and it waits; {counsel.who.name} reads one page, and agrees"
    )
    it.wait_for_delivery(demand)
