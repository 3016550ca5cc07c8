"""The demand that is answered: everything of it but what lies outside its article."""

from __future__ import annotations

from lea_service.demonstration.authority import LETTER_PHONE, write_demand
from lea_service.demonstration.letters import write_letter
from lea_service.demonstration.walk import DEMANDS, NOT_ASKED, NOT_GIVEN, Walk, expect
from lea_service.kernel.canonical import Json

RIGHT_BASIS = "NL-SV-126n"
ASKED = ("traffic_call_records", NOT_GIVEN)
OUTSIDE = "category_outside_basis"


def take_in(it: Walk) -> str:
    """Record the demand and call back about it; returns the demand."""
    now, judge = it.clock.now(), "RC 26/4711"
    asked = write_demand(it.authority, it.samples, now, RIGHT_BASIS, judge, ASKED)
    demand = it.record(asked)
    it.call_back(demand)
    return demand


def give_less(it: Walk, demand: str) -> None:
    """Leave out what the article does not reach, say so in a letter, and settle what is left."""
    handler = it.staff.handler.client
    found = it.assess(demand)["findings"]
    outside = {one["subject"] for one in found if one["ground"] == OUTSIDE}
    expect(outside == {NOT_GIVEN}, "one category is outside the article")
    cut: Json = {
        "item": 1,
        "ground": OUTSIDE,
        "category": NOT_GIVEN,
        "reason": "Stored content takes an order under its own article.",
    }
    handler.post(f"{DEMANDS}/{demand}/narrowings", cut)
    it.tell.say(f"the handler leaves out {NOT_GIVEN} on ground {OUTSIDE}; 'too broad' is no ground")
    write_letter(it, demand, "narrowing", "narrowing")
    it.settle(demand, {NOT_ASKED: [LETTER_PHONE]})  # the letter's own number: no target
