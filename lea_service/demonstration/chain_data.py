"""Who else carried a communication: all that an order to keep data gives (art. 126ni lid 2)."""

from __future__ import annotations

from lea_service.demonstration.authority import LETTER_PHONE, write_demand
from lea_service.demonstration.other_orders import KEEP, STATED
from lea_service.demonstration.walk import DEMANDS, NOT_ASKED, Walk, expect
from lea_service.kernel.canonical import Json

CHAIN = "provider_chain"
NUMBER: Json = {"kind": "parketnummer", "value": "05/123469-26"}


def give_the_chain(it: Walk) -> None:
    """Answer which other providers had a part in it: a plan and a package of its own."""
    now = it.clock.now()
    asked = write_demand(it.authority, it.samples, now, KEEP, None, [CHAIN])
    demand = it.record(asked | {"references": [NUMBER], "states": [*STATED]})
    it.call_back(demand)
    it.assess(demand)
    it.settle(demand, {NOT_ASKED: [LETTER_PHONE]})
    it.hand_over(demand)
    handler = it.staff.handler.client
    document = handler.get(f"{DEMANDS}/{demand}/plan")["document"]
    (item,) = document["items"]
    expect((item["categories"], document["sources"]) == ([CHAIN], []), "it is all that is given")
    it.tell.say(
        "its plan holds the chain alone; no source of ours records that, so its package says: not "
        "held"
    )
