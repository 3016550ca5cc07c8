"""An oral order that was answered and is not put in writing in time: what stops, who is told."""

from __future__ import annotations

import re
import zipfile
from datetime import timedelta
from typing import Any

from lea_service.demonstration.authority import Receiving, write_lines
from lea_service.demonstration.mailboxes import wait_for_notice
from lea_service.demonstration.narration import tell_time
from lea_service.demonstration.order import write_order
from lea_service.demonstration.other_orders import confirm, write_other
from lea_service.demonstration.police import OFFICER, PROSECUTION_MAIL, ROLE, SERVICE_MAIL
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.walk import DEMANDS, Walk, expect, expect_refusal, shell
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of
from lea_service.kernel.errors import LeaError, VerificationFailed, WrongState
from lea_service.packaging.commands import container_name, encrypted_name, opening_commands
from lea_service.packaging.receipt import read_receipt_code

WHO_IS_IT = "NL-SV-126na-1"
CONFIRMATION, HOLD = "confirmation", "confirmation_overdue"
NOT_READABLE = "order.not_readable"
HOUR = timedelta(hours=1)
REFERENCE = re.compile(r" \w+_[0-9a-f]{32}$")
ASKED = ["target_person_or_number", "data_requested", "legal_basis_title"]


def answer_an_oral_order(it: Walk, oral: dict[str, Json]) -> str:
    """Answer an officer who asked by telephone who a subscriber is; returns the demand."""
    demand = it.record(oral)
    it.call_back(demand, spoke_to=OFFICER)
    it.assess(demand)
    again = [f"{day_of(it.clock.now())}", it.samples.busiest.number]
    it.settle(demand, {NOT_READABLE: again})
    it.hand_over(demand)
    clock = read_clock(it, demand)
    it.tell.say(f"owed: its writing, by {tell_time(clock['due'])} [{clock['law']}]")
    return demand


def write_oral(it: Walk, police: Receiving) -> dict[str, Json]:
    """Return the order as it was given by telephone."""
    number: Json = {"kind": "case_number", "value": "PL0600-2026-123456"}
    oral = {"form": "oral", "channel": "phone", "issuing_role": ROLE, "states": [*ASKED]}
    return write_other(it, police, WHO_IS_IT, number, **oral)


def let_it_run_out(it: Walk, demand: str) -> None:
    """Let the end of the term pass, and show what the service does by itself."""
    clock = read_clock(it, demand)
    late = clock["late"]
    it.move_to(late, HOUR)
    wait_until(lambda: HOLD in list_holds(it, demand), "the demand was not held in time")
    it.tell.say(f"over at {tell_time(late)} and nothing in writing: held ({HOLD}) [{clock['law']}]")
    _tell_who_is_told(it)


def _tell_who_is_told(it: Walk) -> None:
    alarms = it.environ["LEA_PROVIDER_CONTACT"]
    for who, mailbox, words in (
        ("the prosecution that the register names", PROSECUTION_MAIL, "not confirmed"),
        ("the service that owes it", SERVICE_MAIL, "Confirmation missing"),
        ("those who oversee", alarms, "Possible breach"),
    ):
        subject = wait_for_notice(it, mailbox, words)
        it.tell.say(f"told is {who} ({mailbox}): {REFERENCE.sub('', subject)}")


def show_what_stops(it: Walk, demand: str, police: Receiving) -> None:
    """Show that nothing more leaves on that order, and that a breach notice waits."""
    said = expect_refusal(LeaError, lambda: fetch(it, police, demand))
    it.tell.say(f"the officer, who had not fetched it yet, hears: {said}")
    (notice,) = it.staff.overseer.client.get("/api/v1/breaches", open="true")["items"]
    expect(notice["demand"] == demand, "the notice is about that order")
    it.tell.say(f"a breach notice is open: {notice['says']}")
    for term in notice["report_by"]:
        it.tell.show(f"if it is one, to be reported by {tell_time(term['at'])} [{term['law']}]")


def fetch(it: Walk, police: Receiving, demand: str) -> str:
    """Let the officer fetch the package of a demand; returns it."""
    (made,) = it.staff.handler.client.get(f"{DEMANDS}/{demand}/packages")["items"]
    package, folder = str(made["id"]), it.top / "police"
    place = f"/api/v1/collect/packages/{package}/content"
    police.client.download(place, folder / encrypted_name(package))
    return package


def _give_receipt(it: Walk, police: Receiving, package: str) -> None:
    """Open the package as the officer does, and send the code that lies in it."""
    folder = it.top / "police"
    shell(opening_commands(package)[:1], folder)
    with zipfile.ZipFile(folder / container_name(package)) as archive:
        code = read_receipt_code(archive.read("RECEIPT.txt"))
    body: Json = {"format": "lea.receipt/1", "package": package, "code": code}
    police.client.post("/api/v1/collect/receipts", body)


def read_clock(it: Walk, demand: str) -> dict[str, Any]:
    """Return the clock of the writing that is owed."""
    clocks = it.staff.handler.client.get(f"{DEMANDS}/{demand}/deadlines")["deadlines"]
    return next(one for one in clocks if one["clock"] == CONFIRMATION)


def list_holds(it: Walk, demand: str) -> set[str]:
    """Return the codes of what holds a demand."""
    holds = it.staff.handler.client.get(f"{DEMANDS}/{demand}/holds")["holds"]
    return {str(one["code"]) for one in holds}


def take_in_the_writing(it: Walk, demand: str, police: Receiving, oral: dict[str, Json]) -> None:
    """Record the written order that came late: it pays, the work goes on, the notice stays."""
    confirm(it, demand, write_order(write_lines(oral)))
    expect(HOLD not in list_holds(it, demand), "what was owed ends its hold at once")
    it.tell.say("it came late: the hold ends, and the breach notice stays")
    _give_receipt(it, police, fetch(it, police, demand))
    it.tell.say("the officer fetches the package, opens it and sends the receipt")
    it.tell.say(f"not closed yet: {_try_to_close(it, demand).detail}")


def assess(it: Walk) -> None:
    """Let somebody who oversees say what the breach notice comes to."""
    overseer = it.staff.overseer
    (notice,) = overseer.client.get("/api/v1/breaches", open="true")["items"]
    reason = "Confirmed late, by the officer who asked; the answer named one subscriber."
    it.run(overseer, "breaches", "assess", str(notice["id"]), "no_breach", "--reason", reason)
    expect(overseer.client.get("/api/v1/breaches", open="true")["items"] == [], "it is assessed")
    it.tell.say(f"{overseer.who.name} assesses the notice as no breach, with a reason")


def let_it_close(it: Walk, demand: str) -> None:
    """Let the days after the receipt pass: the worker closes the demand, and erases its rows."""
    client = it.staff.handler.client
    said = _try_to_close(it, demand)
    until = str(said.facts["until"])
    it.tell.say(f"not closed yet: {said.detail}")
    it.move_to(until, HOUR)
    wait_until(lambda: _read_state(it, demand) == "erased", "the demand was not closed in time")
    passed = [one["event"] for one in client.pages(f"{DEMANDS}/{demand}/custody")]
    expect("demand.closed" in passed, "it was closed before it was erased")
    it.tell.say("the worker closes it, and ends the key of its rows: nobody here can read them now")


def _try_to_close(it: Walk, demand: str) -> WrongState:
    try:
        it.staff.handler.client.post(f"{DEMANDS}/{demand}/closing")
    except WrongState as err:
        return err
    raise VerificationFailed("the demonstration went another way: it was closed")


def _read_state(it: Walk, demand: str) -> str:
    return str(it.staff.handler.client.get(f"{DEMANDS}/{demand}/progress")["state"])
