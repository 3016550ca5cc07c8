"""Who must not know: a colleague or an officer who is asked about, and what overseers are told."""

from __future__ import annotations

from typing import Any

from lea_service.demonstration.mailboxes import list_notices
from lea_service.demonstration.other_orders import write_other
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.right_demand import RIGHT_BASIS
from lea_service.demonstration.walk import DEMANDS, Walk, expect, expect_refusal
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import NotFound, NotPermitted

OWN_NUMBER, OFFICER = "+31612345678", "j.degroot@om.example"
SHUT_OUT = "receiver_shut_out"
WARNED = {"target.asked_by_others", "officer.own_identifier"}


def shut_out_colleague(it: Walk) -> None:
    """Shut an approver out from a demand that asks about a number of his own."""
    approver, handler = it.staff.approver, it.staff.handler
    identifier: Json = {"kind": "phone_number", "value": OWN_NUMBER}
    own: Json = {"account": approver.account, "identifiers": [identifier]}
    it.staff.overseer.approve(it.staff.administrator.propose("oversight.own_identifiers", own))
    demand = _ask_about(it, "phone_number", OWN_NUMBER, "05/123461-26")
    expect(handler.client.get(f"{DEMANDS}/{demand}")["id"] == demand, "a colleague sees it")
    said = expect_refusal(NotFound, lambda: approver.client.get(f"{DEMANDS}/{demand}"))
    listed = {one["id"] for one in approver.client.get(DEMANDS, limit=100)["items"]}
    expect(demand not in listed, "it is not in his list")
    it.tell.say(f"about a number of {approver.who.name}, who asks for it and hears: {said}")


def shut_out_officer(it: Walk) -> None:
    """Shut a prosecutor out from a demand that asks about an address of his own."""
    demand = _ask_about(it, "email", OFFICER, "05/123462-26")
    holds = it.staff.handler.client.get(f"{DEMANDS}/{demand}/holds")["holds"]
    expect(SHUT_OUT in {one["code"] for one in holds}, "it is held while he is to receive it")
    path = f"/api/v1/collect/demands/{demand}"
    said = expect_refusal(NotFound, lambda: it.authority.client.get(path))
    it.tell.say(f"about the prosecutor's own address; held ({SHUT_OUT}), and he hears: {said}")


def warn_overseers(it: Walk) -> None:
    """Show what overseers are warned of without a target, and let one be settled."""
    overseer = it.staff.overseer
    open_ones = overseer.client.get("/api/v1/warnings", open="true")["items"]
    warned = {str(one["kind"]): one for one in open_ones}
    expect(warned.keys() == WARNED, "both are warned of")
    notices = wait_until(lambda: _read_notices(it), "nobody was told of a warning in time")
    told = f"{open_ones} {notices}"
    hidden = (it.samples.busiest.number.lstrip("0"), OFFICER)
    expect(not any(one in told for one in hidden), "no warning names a target")
    it.tell.say("overseers, who are screened and handle no demand, are warned; no target is named:")
    it.tell.show("\n".join(f"{kind}: {one['says']}" for kind, one in sorted(warned.items())))
    demand, reason = open_ones[0]["demand"], "Both cases are known here; nothing is odd."
    expect_refusal(NotPermitted, lambda: overseer.client.get(f"{DEMANDS}/{demand}"))
    it.run(overseer, "warnings", "settle", str(open_ones[0]["id"]), "--reason", reason)
    it.tell.say("they open no demand; one settles a warning with a reason")
    listed = it.run(overseer, "warnings", "lists")
    owner = it.staff.approver.account
    expect(owner in listed and OWN_NUMBER not in listed, "no identifier is told")
    it.tell.say("`lea warnings lists`: whom they go to, and who has identifiers of their own")
    it.tell.show(listed)


def _ask_about(it: Walk, kind: str, value: str, number: str) -> str:
    """Record a demand about a number or address; returns it."""
    reference: Json = {"kind": "parketnummer", "value": number}
    asked: dict[str, Any] = write_other(it, it.authority, RIGHT_BASIS, reference)
    asked["items"][0]["target"] = {"kind": kind, "value": value}
    return it.record(asked)


def _read_notices(it: Walk) -> str:
    """Return all notices of warnings that went out."""
    return " ".join(text for one in list_notices(it) if "w_" in (text := one.as_string()))
