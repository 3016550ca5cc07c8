"""What an authority owes afterwards: a judge's word in writing, the validation of an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lea_service.demonstration.authority import LETTER_PHONE, Authority, agree, write_lines
from lea_service.demonstration.late_writing import fetch, list_holds
from lea_service.demonstration.narration import tell_time
from lea_service.demonstration.order import write_order
from lea_service.demonstration.other_orders import PRESERVING, SPOKEN, confirm, write_other
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.walk import DEMANDS, NOT_ASKED, Walk, expect, expect_refusal
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of, format_instant
from lea_service.kernel.errors import LeaError

OTHER_AUTHORITY, JUDGE_ABROAD = "eu.other_competent_authority", "eu.judge"
AUTHORISATION, VALIDATION = "authorisation", "validation"
UNWRITTEN, AWAITED = "authorisation_unwritten", "validation_awaited"
OFFICER, JUDGE = "Eva Maes", "Jan Peeters"
HOUR = timedelta(hours=1)
THREAT: Json = {
    "reason": "threat_to_life",
    "explanation": "Somebody is held against his will; the data would be gone tomorrow.",
    "claimed_by": {"name": OFFICER, "function": "commissaris"},
}


@dataclass(frozen=True)
class Owing:
    """Two demands that owe something still, and who validates the second of them."""

    spoken: str
    urgent: str
    asked: dict[str, Json]
    judge: str


def take_in_what_is_owed(it: Walk) -> Owing:
    """Act on what a judge said by telephone, and keep data on an order that nobody validated."""
    spoken = _act_on_a_judges_word(it)
    officer, judge = _register_belgium(it)
    number: Json = {"kind": "case_number", "value": "BR 52.99.101/26"}
    changes: dict[str, Any] = {"issuing_role": OTHER_AUTHORITY, "emergency": THREAT}
    asked = write_other(it, officer, PRESERVING, number, **changes)
    urgent = it.record(asked)
    it.call_back(urgent, spoke_to=OFFICER)
    _keep(it, urgent)
    return Owing(spoken, urgent, asked, judge)


def _act_on_a_judges_word(it: Walk) -> str:
    said_at = format_instant(it.clock.now() - HOUR)
    oral: Json = {"oral": {"given_by": "mr. R. de Rechter", "given_at": said_at}}
    number: Json = {"kind": "parketnummer", "value": "05/123468-26"}
    changes = {"judicial_authorisation": oral}
    demand = it.record(write_other(it, it.authority, SPOKEN, number, **changes))
    it.call_back(demand)
    it.assess(demand)
    it.settle(demand, {NOT_ASKED: [LETTER_PHONE]})
    it.hand_over(demand)
    clock = _read_clock(it, demand, AUTHORISATION)
    it.tell.say(f"owed: the judge's writing, by {tell_time(clock['due'])} [{clock['law']}]")
    return demand


def _keep(it: Walk, demand: str) -> None:
    handler = it.staff.handler.client
    found = handler.post(f"{DEMANDS}/{demand}/assessment")["findings"]
    it.show_findings(found, lambda one: "validation" in one["code"])
    it.settle(demand, {NOT_ASKED: [LETTER_PHONE]})
    handler.post(f"{DEMANDS}/{demand}/preservation", {"days": None})
    clock = _read_clock(it, demand, VALIDATION)
    it.tell.say(f"kept at once; owed: its validation, by {tell_time(clock['due'])}")
    it.tell.show("\n".join(step["en"] for step in clock["steps"]))


def show_what_both_stop(it: Walk, owing: Owing) -> None:
    """Show what stops once both are over, and let two people end each hold by what came."""
    for demand, hold in ((owing.spoken, UNWRITTEN), (owing.urgent, AWAITED)):
        wait_until(lambda: hold in list_holds(it, demand), "it was not held in time")  # noqa: B023
        it.tell.say(f"over, and nothing came: held ({hold})")
    said = expect_refusal(LeaError, lambda: fetch(it, it.authority, owing.spoken))
    it.tell.say(f"the prosecutor, who had not fetched it yet, hears: {said}")
    _take_in_the_judges_writing(it, owing.spoken)
    lines = [*write_lines(owing.asked), f"Gevalideerd door {JUDGE}"]
    confirm(it, owing.urgent, write_order(lines), owing.judge)
    expect(AWAITED not in list_holds(it, owing.urgent), "the validation ends its hold")
    it.tell.say(f"{JUDGE}, a judge of the register, validated it: that hold ends as well")
    _let_production_follow(it, owing.urgent)


def _take_in_the_judges_writing(it: Walk, demand: str) -> None:
    handler, today = it.staff.handler, day_of(it.clock.now())
    told: Json = {
        "demand": demand,
        "reference": "RC 26/4723",
        "written_on": f"{today}",
        "reason": "The registry of the court read it out by telephone.",
    }
    proposed = handler.propose("confirmation.authorisation", told)
    expect(UNWRITTEN in list_holds(it, demand), "one person ends no hold")
    it.staff.approver.approve(proposed)
    expect(UNWRITTEN not in list_holds(it, demand), "two do")
    it.tell.say("by two: the judge wrote it down, its reference and day are named; the hold ends")


def _let_production_follow(it: Walk, demand: str) -> None:
    """Keep for as long as it takes, since an order to produce follows (Annex V)."""
    body = {
        "by": "production_follows",
        "days": None,
        "reason": "Annex V of today: an order to produce was issued.",
    }
    path = f"{DEMANDS}/{demand}/preservation"
    before = it.staff.handler.client.get(path)["due"]
    kept = it.staff.handler.client.post(f"{path}/extensions", body)
    expect((before is None, kept["due"]) == (False, None), "it has no end by itself any more")
    it.tell.say(
        f"Annex V says that an order to produce follows: kept past {tell_time(before)}, "
        "until it was produced"
    )


def _read_clock(it: Walk, demand: str, name: str) -> dict[str, Any]:
    clocks = it.staff.handler.client.get(f"{DEMANDS}/{demand}/deadlines")["deadlines"]
    return next(one for one in clocks if one["clock"] == name)


def _register_belgium(it: Walk) -> tuple[Authority, str]:
    """Put a service that needs a judge, and a judge, into the register; returns both."""
    two, roles = (it.staff.handler, it.staff.approver), [OTHER_AUTHORITY]
    police: dict[str, Json] = {
        "name": "Federale Politie", "kind": "police", "country": "BE", "roles": [*roles],
    }  # fmt: skip
    agency = agree(*two, "agency.organisation", police)
    officer: dict[str, Json] = {
        "agency": agency, "name": OFFICER, "function": "commissaris",
        "email": "e.maes@police.example", "roles": [*roles],
    }  # fmt: skip
    bench: dict[str, Json] = {
        "name": "Rechtbank Brussel", "kind": "court", "country": "BE", "roles": [JUDGE_ABROAD],
    }  # fmt: skip
    judge: dict[str, Json] = {
        "agency": agree(*two, "agency.organisation", bench), "name": JUDGE,
        "function": "onderzoeksrechter", "email": "j.peeters@court.example",
        "roles": [JUDGE_ABROAD],
    }  # fmt: skip
    person = agree(*two, "agency.person", officer)
    phone: dict[str, Json] = {
        "agency": agency, "kind": "phone", "value": "+32 2 642 60 00",
        "found_by_way": "public directory, read on the service's own site",
    }  # fmt: skip
    agree(*two, "agency.contact", phone)
    return Authority(agency, person), agree(*two, "agency.person", judge)
