"""Who can decide: the monthly test of that, and a role that is lent and taken back at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from lea_service.demonstration.house import RULES, write_rule
from lea_service.demonstration.mailboxes import list_notices, read_text
from lea_service.demonstration.people import SignedIn
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.walk import Walk, expect
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import NotPermitted

REACHABILITY = "/api/v1/staff/reachability"
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
MONTHS = 24


def show_who_can_decide(it: Walk) -> None:
    """Answer the test of this month, and show whether enough people can decide."""
    approver = it.staff.approver
    answer_the_test(it, approver)
    it.tell.say(f"the test of this month in {approver.who.name}'s mailbox, answered with its code")
    found = it.staff.overseer.client.get(REACHABILITY)
    people = ", ".join(f"{one['name']} ({one['reach']})" for one in found["approvers"])
    enough = "an alarm: fewer than two are" if found["alarm"] else "enough are"
    it.tell.say(f"can decide: {people}; {enough} known to be reached")


def answer_the_test(it: Walk, who: SignedIn) -> None:
    """Answer the test that the worker sent to an approver with the code in it."""
    code = wait_until(lambda: _find_code(it, who), "the test was not sent in time")
    expect(_reach(it, who) == "asked", "the worker asked the approver")
    it.run(who, "staff", "reachable", "confirm", code)
    expect(_reach(it, who) == "answered", "the answer counts")


def lend_the_role(it: Walk) -> None:
    """Lend the role of an approver from tomorrow, then from now, and take it back."""
    handler, now = it.staff.handler, it.clock.now()
    waiting = [_propose_rule(it, months) for months in (MONTHS, MONTHS + 1)]
    expect(not _can_decide(handler, waiting[0]), "a handler does not decide")
    day = timedelta(days=1)
    _agree(it, "staff.delegation", {"delegation": _lent(it, now + day, now + 8 * day)})
    expect(not _can_decide(handler, waiting[0]), "what is lent from tomorrow on counts not yet")
    it.tell.say(
        f"{it.staff.approver.who.name} lends the role from tomorrow on: today it does not count"
    )
    _agree(it, "staff.delegation", {"delegation": _lent(it, now, now + day)})
    expect(_can_decide(handler, waiting[0]), "what is lent from now on counts at once")
    it.tell.say(f"lent from now on, {handler.who.name} decides at once, with her own key")
    _agree(it, "staff.roles", {"roles": ["handler"]})
    expect(not _can_decide(handler, waiting[1]), "what was lent ended at once")
    it.tell.say("taken back by two people: the next decision is refused at once")


def _lent(it: Walk, since: Any, until: Any) -> dict[str, Json]:
    lender = it.staff.approver.account
    return {"of": lender, "from": format_instant(since), "until": format_instant(until)}


def _agree(it: Walk, kind: str, change: dict[str, Json]) -> None:
    """Have two people agree on a change of the handler's rights."""
    request: Json = {"account": it.staff.handler.account, **change}
    it.staff.overseer.approve(it.staff.administrator.propose(kind, request))


def _propose_rule(it: Walk, months: int) -> dict[str, Any]:
    """Let the engineer propose to keep calls longer, which an approver decides on."""
    _, kind, purpose, _ = RULES[0]
    rule = write_rule(f"CALL-{months}M", kind, purpose, months)
    return it.staff.engineer.propose("retention.rule", rule)


def _can_decide(who: SignedIn, approval: dict[str, Any]) -> bool:
    """Say whether somebody's decision, to send it back, is taken in."""
    try:
        who.send_back(approval, "too_much", "So long is not needed.")
    except NotPermitted:
        return False
    return True


def _reach(it: Walk, who: SignedIn) -> str:
    listed = it.staff.overseer.client.get(REACHABILITY)["approvers"]
    return next(str(one["reach"]) for one in listed if one["account"] == who.account)


def _find_code(it: Walk, who: SignedIn) -> str | None:
    """Return the code that a notice to somebody tells, as they would read it."""
    read = (CODE.search(read_text(one)) for one in list_notices(it, who.who.mailbox))
    return next((found[0] for found in read if found), None)
