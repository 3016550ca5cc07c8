"""``make demo``: the main job from end to end, on embedded storage, through REST."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, closing
from pathlib import Path

from lea_service.demonstration.authority import register, register_abroad
from lea_service.demonstration.deciders import lend_the_role, show_who_can_decide
from lea_service.demonstration.false_sender import hold_false_sender
from lea_service.demonstration.foreign_order import refuse_from_abroad
from lea_service.demonstration.hard_cases import (
    ask_and_refer,
    hide_what_is_sealed,
    show_catalogue,
    wait_for_enforcing_authority,
)
from lea_service.demonstration.house import connect, hire, lay_foundation, make_environ
from lea_service.demonstration.issuer import Issuer
from lea_service.demonstration.later_days import live_through
from lea_service.demonstration.narration import Narrator, tell_time
from lea_service.demonstration.other_ends import (
    find_it_twice,
    let_cleared_in,
    stop_and_let_go,
    uphold,
)
from lea_service.demonstration.other_orders import (
    extend_and_let_go,
    keep_data,
    reply_to_european_order,
    show_emergency,
)
from lea_service.demonstration.own_people import (
    shut_out_colleague,
    shut_out_officer,
    warn_overseers,
)
from lea_service.demonstration.processes import Running
from lea_service.demonstration.right_demand import give_less, take_in
from lea_service.demonstration.sample_data import write_samples
from lea_service.demonstration.signed_order import judge_signatures
from lea_service.demonstration.stage_clock import StageClock
from lea_service.demonstration.walk import Walk
from lea_service.kernel.clock import day_of
from lea_service.kernel.folders import for_owner_alone

OUT = Path("demo-out")


def main() -> None:
    """Walk one demand from arrival to receipt, and say what happens."""
    tell = Narrator()
    if OUT.exists():
        shutil.rmtree(OUT)
    demonstrate(OUT.resolve(), tell)
    tell.end()
    tell.say(f"Everything is in {OUT}/: samples, letters, receiver (package), audit, trust, logs.")


@for_owner_alone()
def demonstrate(top: Path, tell: Narrator) -> None:
    """Do everything in the folder ``top``, which is not there yet."""
    top.mkdir(parents=True)
    clock = StageClock.begin(top / "clock")
    today = day_of(clock.now())
    tell.step("The provider sets up: keys, two databases, the first two people")
    tell.say(f"the clock of all that follows is set back; it begins at {tell_time(clock.now())}")
    environ = make_environ(top, clock)
    issuer = Issuer.make(clock.now())
    (top / "anchors" / "issuer.pem").write_bytes(issuer.write())
    founders = lay_foundation(environ, top, today)
    samples = write_samples(top / "samples", today)
    tell.say("an administrator and an overseer, pinned outside the database")
    with ExitStack() as ends:
        service = ends.enter_context(closing(Running(environ, top / "logs")))
        service.serve()
        url = environ["LEA_URL"]
        tell.step("Two founders let four colleagues in: each account needs both signatures")
        staff = ends.enter_context(closing(hire(url, top, founders, today)))
        tell.say("handler, approver, auditor, engineer: each with a key made on their own machine")
        service.work()
        tell.step("The engineer connects call records, usage sessions and subscribers")
        for line in connect(staff, samples, clock.now()):
            tell.say(line)
        tell.step("A prosecutor is put into the register, with certificate and phone number")
        authority = register(staff, url, top / "receiver", clock.now())
        ends.enter_context(authority.client)
        tell.say("each by two people; the token is claimed with a code only the prosecutor has")
        walk(Walk(top, environ, clock, service, staff, authority, samples, issuer, tell))


def walk(it: Walk) -> None:
    """Take the demands their way."""
    it.tell.step("A first demand arrives: call records, on an article that does not cover them")
    it.refuse_the_wrong_demand()
    it.tell.step("The agency sends a second demand, on the right article; it asks one thing more")
    demand = take_in(it)
    give_less(it, demand)
    it.tell.step("Plan, preview, and a decision of two people")
    it.decide(demand)
    it.tell.step("The worker extracts exactly that, proves it, seals it, makes it available")
    it.wait_for_delivery(demand)
    it.tell.step("The prosecutor collects the package and opens it with openssl")
    package = it.collect()
    it.tell.step("The receipt: the code from inside the encrypted package")
    it.give_receipt(package)
    it.tell.step("A mail from a domain that only looks like the prosecutor's, and a mistyped digit")
    hold_false_sender(it)
    it.tell.step("A signed order is judged by who vouches for it; one written over is held")
    judge_signatures(it)
    it.tell.step("An urgent demand: who a subscriber is")
    show_emergency(it)
    it.tell.step("An order by telephone, to keep data and hand over none")
    extend_and_let_go(it, keep_data(it))
    it.tell.step("An American order that comes here directly is refused, on a coded ground")
    refuse_from_abroad(it)
    it.tell.step("A European order that leaves something open is answered with Annex III")
    abroad = register_abroad(it.staff)
    uphold(it, reply_to_european_order(it, abroad))
    it.tell.step("A European order for traffic data waits for the enforcing authority")
    stop_and_let_go(it, wait_for_enforcing_authority(it, abroad))
    it.tell.step("A question to the authority, and a referral to another addressee")
    ask_and_refer(it)
    it.tell.step("The same order twice, read beside what was typed, and taken back")
    find_it_twice(it)
    it.tell.step("Who must not know, and who watches: sealed orders, own people, warnings")
    let_cleared_in(it, hide_what_is_sealed(it))
    shut_out_colleague(it)
    shut_out_officer(it)
    warn_overseers(it)
    it.tell.step("Who can decide: the monthly test, and a role that is lent for some days")
    show_who_can_decide(it)
    lend_the_role(it)
    it.tell.step("The catalogue of law: a row in words, and a row of one's own")
    show_catalogue(it)
    live_through(it)
    it.tell.step("The auditor verifies the custody log offline")
    it.audit(demand)
    it.tell.step("The whole package is verified offline, then a tampered copy")
    it.verify_and_tamper(package)


if __name__ == "__main__":
    main()
