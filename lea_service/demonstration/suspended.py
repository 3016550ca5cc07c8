"""An agency in doubt: one person suspends it at once, and two lift that."""

from __future__ import annotations

from lea_service.demonstration.authority import Receiving
from lea_service.demonstration.late_writing import list_holds, write_oral
from lea_service.demonstration.mailboxes import list_notices
from lea_service.demonstration.police import OFFICER, SERVICE
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.walk import DEMANDS, Walk, expect, expect_refusal
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import LeaError, WrongState

GROUND, HELD, UNSENT = "mailbox_taken", "agency_suspended", "notice.unsent"
MAILBOX = "s.mulder@politie.example"
NUMBER: Json = {"kind": "case_number", "value": "PL0600-2026-124001"}


def suspend_and_lift(it: Walk, police: Receiving) -> None:
    """Suspend the police: their demand is held and hears nothing, until two people lift that."""
    handler = it.staff.handler
    handler.client.post(
        "/api/v1/agencies/suspensions", {"subject": police.agency, "ground": GROUND}
    )
    it.tell.say(f"{SERVICE} is suspended by one person, at once: somebody may read its mailbox")
    said = expect_refusal(LeaError, lambda: police.client.get("/api/v1/collect/packages"))
    it.tell.say(f"{OFFICER}, who comes for packages, hears: {said}")
    demand = it.record(write_oral(it, police) | {"references": [NUMBER]})
    expect(HELD in list_holds(it, demand), "a demand of it is held")
    expect_refusal(WrongState, lambda: handler.client.post(f"{DEMANDS}/{demand}/plan", {}))
    it.tell.say(f"its next demand is recorded and counted, and held ({HELD})")
    subject: Json = {"subject": police.agency}
    proposed = handler.propose("agency.lift", subject)
    wait_until(lambda: UNSENT in _list_events(it, demand), "the notice was not kept back in time")
    sent = [one for one in list_notices(it, MAILBOX) if demand in one.as_string()]
    expect(sent == [], "nothing goes to a mailbox that somebody else may read")
    it.tell.say("no acknowledgement goes out: whoever reads that mailbox learns nothing")
    it.staff.approver.approve(proposed)
    expect(HELD not in list_holds(it, demand), "two people lift it")
    police.client.get("/api/v1/collect/packages")
    it.tell.say(f"two lift it: the demand goes on, and {OFFICER} can come for packages again")


def _list_events(it: Walk, demand: str) -> set[str]:
    entries = it.staff.handler.client.pages(f"{DEMANDS}/{demand}/custody")
    return {str(one["event"]) for one in entries}
