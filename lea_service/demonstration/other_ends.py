"""What else becomes of a demand: sent twice, upheld, stopped by another authority, taken back."""

from __future__ import annotations

from lea_service.demonstration.authority import write_paper
from lea_service.demonstration.other_orders import write_other
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.walk import DEMANDS, Walk, expect
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of

TWICE = {"duplicate.order", "duplicate.document"}
REFUSED = "enforcing_authority_refused"


def find_it_twice(it: Walk) -> None:
    """Show what is read in an order, that it came before, and that its authority takes it back."""
    handler = it.staff.handler.client
    number: Json = {"kind": "parketnummer", "value": "05/123463-26"}
    asked = write_other(it, it.authority, RIGHT_BASIS, number)
    paper = write_paper(asked)
    first = it.record(asked, paper)
    expect(it.record(asked, paper) == first, "what is sent twice by a slip is one demand")
    again = it.record(asked | {"note": "It came by post as well."}, paper)
    reading = handler.get(f"{DEMANDS}/{again}/order/reading")
    read = {one["kind"] for one in reading["proposals"]}
    it.tell.say(f"read in the order, beside what was typed: {', '.join(sorted(read))}")
    found = {one["code"] for one in it.assess(again)["findings"]}
    expect(found >= TWICE, "the same order is found")
    it.tell.say(f"the very same order was recorded before: {', '.join(sorted(TWICE))}")
    for demand, why in ((again, "mistake"), (first, "not_needed")):
        said: Json = {"by": "mr. J. de Groot", "channel": "phone", "reason": why}
        handler.post(f"{DEMANDS}/{demand}/withdrawal", said)
    it.tell.say("its authority takes both back; what is withdrawn ends, and stays in the log")


def uphold(it: Walk, demand: str) -> None:
    """Tell the authority that data are not stored; it upholds its order, and states what lacked."""
    handler = it.staff.handler.client
    explanation = "At the times that it names no such data were stored."
    form: dict[str, Json] = {
        "reasons": ["not_stored"],
        "statement": {"explanation": explanation, "is_preserved": True},
    }
    handler.post(f"{DEMANDS}/{demand}/annex-forms", form)
    expect(handler.get(f"{DEMANDS}/{demand}")["state"] == "replied", "it was replied to")
    said: Json = {"reason": "The issuing authority states day and hour, and upholds its order."}
    handler.post(f"{DEMANDS}/{demand}/upholding", said)
    expect(handler.get(f"{DEMANDS}/{demand}")["state"] == "under_review", "it is looked at again")
    it.tell.say("Annex III once more: not stored; its authority upholds it, so it is reviewed anew")


def stop_and_let_go(it: Walk, demand: str) -> None:
    """Let the enforcing authority raise a ground, which one records and two people end."""
    handler = it.staff.handler
    refusal: Json = {"reason": "A ground of article 12 is raised, by letter of today."}
    handler.client.post(f"{DEMANDS}/{demand}/enforcing-refusal", refusal)
    holds = handler.client.get(f"{DEMANDS}/{demand}/holds")["holds"]
    expect(REFUSED in {one["code"] for one in holds}, "it is held")
    it.tell.say(f"the enforcing authority raises a ground: held at once ({REFUSED})")
    said: Json = {
        "demand": demand,
        "answer": "confirmed",
        "reason": "The enforcing authority takes its ground back.",
    }
    proposed = handler.propose("legal.enforcing_answer", said)
    holds = handler.client.get(f"{DEMANDS}/{demand}/holds")["holds"]
    expect(REFUSED in {one["code"] for one in holds}, "one person ends no refusal")
    it.staff.approver.approve(proposed)
    holds = handler.client.get(f"{DEMANDS}/{demand}/holds")["holds"]
    expect(REFUSED not in {one["code"] for one in holds}, "two do")
    it.tell.say("it takes that back: by two people, and it waits for nobody any more")


def let_cleared_in(it: Walk, demand: str) -> None:
    """Clear the approver for the sealed lane: whoever is cleared works in it, nobody else."""
    approver, today = it.staff.approver, day_of(it.clock.now())
    cleared: Json = {"kind": "sealed", "from": f"{today}", "until": f"{today.year + 1}-12-31"}
    asked: Json = {"account": approver.account, "clearances": [cleared]}
    it.staff.overseer.approve(it.staff.administrator.propose("staff.clearance", asked))
    expect(approver.client.get(f"{DEMANDS}/{demand}")["id"] == demand, "who is cleared finds it")
    listed = {one["id"] for one in it.staff.handler.client.get(DEMANDS, limit=100)["items"]}
    expect(demand not in listed, "nobody else does")
    it.tell.say(
        f"{approver.who.name} is cleared by two people, and finds it; its recorder does not"
    )
