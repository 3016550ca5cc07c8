"""A lawyer of another house, let in beforehand to decide where one's own people are too few."""

from __future__ import annotations

from datetime import timedelta

from lea_service.demonstration.deciders import REACHABILITY, answer_the_test
from lea_service.demonstration.people import SignedIn, let_in, new_colleague
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.walk import DEMANDS, LOOKS, Walk, expect, expect_refusal
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of, format_instant
from lea_service.kernel.errors import NotPermitted

COMPANY, PHONE = "Maatschap De Wit", "+31 20 5550123"
YEAR = timedelta(days=365)


def let_counsel_in(it: Walk) -> SignedIn:
    """Enrol outside counsel as an approver and nothing else; the alarm ends by that."""
    url, now = it.environ["LEA_URL"], it.clock.now()
    who = new_colleague(it.top / "people", "mr. A. de Wit", "wit", "EXT-1")
    footing: Json = {
        "kind": "outside_counsel",
        "from": format_instant(now),
        "until": format_instant(now + YEAR),
        "company": COMPANY,
        "phone": PHONE,
        "mailbox": who.mailbox,
    }
    founders, today = (it.staff.administrator, it.staff.overseer), day_of(now)
    counsel = let_in(url, who, ["approver"], *founders, today, footing)
    it.tell.say(f"{who.name} of {COMPANY}: approver for a year and nothing else, with an own key")
    expect_refusal(NotPermitted, lambda: counsel.client.post(f"{DEMANDS}/c_{'0' * 32}/plan", {}))
    it.clock.move_to(it.clock.now() + LOOKS)
    wait_until(lambda: not _is_alarm(it), "the alarm did not end in time")
    answer_the_test(it, counsel)
    found = it.staff.overseer.client.get(REACHABILITY)["approvers"]
    expect(len(found) > 1, "there are two approvers")
    people = ", ".join(sorted(f"{one['name']} ({one['reach']})" for one in found))
    it.tell.say(f"can decide: {people}; the alarm that fewer than two are reached is over")
    return counsel


def _is_alarm(it: Walk) -> bool:
    return bool(it.staff.overseer.client.get(REACHABILITY)["alarm"])
