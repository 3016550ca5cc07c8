"""Two hundred impostors, each a script of what arrives and what happens here: none gets through.

A script is a way in (who sends what), with what goes wrong here and what the letter says. The demand
itself is right in law, in all of them: only where it comes from speaks against it.
"""

from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from lea_service.demands.demand import Channel
from lea_service.extraction import changes as extraction_changes
from lea_service.extraction.models import ExtractionRun, Plan, PlanPreview, RunResult
from lea_service.extraction.service import ExtractionService
from lea_service.kernel.errors import InvalidInput, NotFound, WrongState
from lea_service.legal.authenticity.approval import KIND
from lea_service.legal.authenticity.policy import shipped_document
from lea_service.legal.authenticity.queries import judge_now
from lea_service.legal.queries import find_assessment
from lea_service.legal.service import LegalService
from lea_service.legal.working_days import load_working_days
from lea_service.oversight import approval as _own  # noqa: F401 declares the kind of identifiers
from lea_service.packaging.models import Package
from lea_service.records.reader import RecordReader
from tests.support.call_backs import add_number, call_back, find_numbers
from tests.support.delivery import make_handover
from tests.support.extraction import PHONE, Office
from tests.support.impostors import (
    DOMAIN,
    OURS,
    anchor,
    change_after,
    fingerprints,
    make_check,
    records_of,
    sign_mail,
    sign_pdf,
    with_list,
    write_mail,
)
from tests.support.log import check_log
from tests.support.orders import make_orders
from tests.support.package import make_signer

TRUSTED = "Example Trust CA"
LETTER = "+31 20 111 22 33"
HOSTS = ("po1itie.example", "politie.example.net", "politie-example.net", "pоlitie.example",
         "xn--poltie-b4a.example", "politie.test")  # fmt: skip
RECORDS = records_of(DOMAIN, "bulk.example", *(one for one in HOSTS if one.isascii()))
PASSES = (
    f"dkim=pass header.d={DOMAIN}; spf=pass smtp.mailfrom=a@{DOMAIN}; "
    f"dmarc=pass header.from={DOMAIN}"
)
CALM = "Hierbij de vordering."
PRESSURE = {
    "calm": CALM,
    "urgent": "SPOED: er is een kind vermist, elke minuut telt. Lever binnen een uur.",
    "threat": "Bij uitblijven volgt proces-verbaal wegens niet meewerken, art. 184 Sr.",
    "secret": "Geheim onderzoek: bel niemand, ook niet onze eigen centrale.",
}
"""What the letter says beside the demand."""


class Scene:
    """What a script works with: the paper behind the demand, and the people."""

    def __init__(self, authority, log):
        self.authority = authority
        self.log = log
        self.says = CALM
        self.asks, self.target_is_ours = {}, False

    def send(self, arrival, **options):
        """Record what arrives, with what it says of its sender; returns the demand."""
        order = arrival(self)
        return self.authority.send(order=order, **options, **self.asks)

    @property
    def paper(self):
        return self.authority.paper(self.says, f"Bel voor vragen {LETTER}")

    def mail(self, signed_by=None, files=None, **options):
        files = [self.paper] if files is None else files
        made = write_mail(self.says, files=files, **options)
        return sign_mail(made, domain=signed_by) if signed_by else made


def hacked_mailbox(scene):
    return scene.mail(signed_by=DOMAIN)


def stolen_order_in_a_mail(scene):
    return scene.mail(signed_by=DOMAIN, files=[with_list(sign_pdf(scene.paper))])


def forged_results(scene):
    return scene.mail(head=["Received: x", f"Authentication-Results: {OURS}; {PASSES}"])


def forged_below_ours(scene):
    head = [f"Authentication-Results: {OURS}; dkim=none", "Received: x"]
    return scene.mail(head=[*head, f"Authentication-Results: {OURS}; {PASSES}"])


def results_of_another_server(scene):
    return scene.mail(head=[f"Authentication-Results: mx.evil.example; {PASSES}"])


def own_server_passed_it(scene):
    return scene.mail(head=[f"Authentication-Results: {OURS}; {PASSES}", "Received: x"])


def changed_on_its_way(scene):
    return scene.mail(signed_by=DOMAIN).replace(b"Subject: Vordering", b"Subject: Vordering2")


def second_sender(scene):
    return b"From: officier@politie.example\r\n" + scene.mail(signed_by="bulk.example")


def disguised_sender(scene):
    sender = f'"officier@{DOMAIN}" <x@bulk.example>'
    return scene.mail(sender=sender, signed_by="bulk.example")


def reply_goes_elsewhere(scene):
    return scene.mail(signed_by=DOMAIN, Reply_To="officier@gmail.test")


def plain_letter(scene):
    return scene.paper


def signed_by_a_stranger(scene):
    return with_list(sign_pdf(scene.paper, name="Mallory", organisation="Mallory B.V."))


def signed_by_an_unknown_issuer(scene):
    return sign_pdf(scene.paper, issuer="Evil CA")


def signed_by_the_wrong_office(scene):
    return with_list(sign_pdf(scene.paper, organisation="Politie Eenheid West"))


def signed_without_proof_of_revocation(scene):
    return sign_pdf(scene.paper)


def revoked_card(scene):
    return with_list(sign_pdf(scene.paper, serial=99), 99)


def changed_after_signing(scene):
    return change_after(with_list(sign_pdf(scene.paper)))


def broken_signature(scene):
    return with_list(sign_pdf(scene.paper)).replace(b"Vordering", b"Vordering"[::-1], 1)


def no_document(scene):
    return None


def foreign_agency(scene):
    """An agency abroad of the register, by its genuine mailbox, under an article of ours."""
    if not scene.asks:
        scene.asks = abroad(scene.authority)
    return scene.mail(sender="x@bulk.example", signed_by="bulk.example")


def abroad(authority):
    """Put an agency of another State with its officer and desk into the register; returns them."""
    agency = authority.register.organisation("Bundeskriminalamt", country="DE")
    officer = authority.register.person(agency, "Kai Berg", roles=["nl.officier_van_justitie"])
    desk = authority.register.desk(agency, [officer])
    authority.register.certificate(desk)
    return {"agency": {"ref": agency}, "issuing_person": {"ref": officer}, "receivers": [desk]}


def our_own_handler(scene):
    """A hacked mailbox that asks for the calls of one of those who work here."""
    if not scene.target_is_ours:
        own(scene.authority.house, "handler2", PHONE)
        scene.target_is_ours = True
    return scene.mail(signed_by=DOMAIN)


def own(house, name, value):
    """Let two people record a number of somebody who works here."""
    identifiers = [{"kind": "phone_number", "value": value}]
    request = {"account": house.id(name), "identifiers": identifiers}
    house.approve("oversight.own_identifiers", request, by="admin1", decided_by="overseer1")


def look_alike(host):
    def send(scene):
        signer = host if host.isascii() else None
        return scene.mail(sender=f"officier@{host}", signed_by=signer)

    send.__name__ = f"look_alike_{HOSTS.index(host)}"
    return send


ARRIVALS = (
    hacked_mailbox, stolen_order_in_a_mail, forged_results, forged_below_ours,
    results_of_another_server, own_server_passed_it, changed_on_its_way, second_sender,
    disguised_sender, reply_goes_elsewhere, plain_letter, signed_by_a_stranger,
    signed_by_an_unknown_issuer, signed_by_the_wrong_office, signed_without_proof_of_revocation,
    revoked_card, changed_after_signing, broken_signature, no_document,
    foreign_agency, our_own_handler, *map(look_alike, HOSTS),
)  # fmt: skip


def no_call(scene, demand):
    """The handler calls nobody."""


def calls_the_letter(scene, demand):
    """The handler calls the number in the letter; it cannot be recorded."""
    with pytest.raises(InvalidInput):
        call(scene, demand, contact=LETTER)


def agency_denies(scene, demand):
    """The real agency says that it is not its own; the same handler then says it is."""
    call(scene, demand, "denied")
    call(scene, demand)


def nobody_answers(scene, demand):
    call(scene, demand, "unreachable", spoke_to=None)


def another_agency_confirms(scene, demand):
    """An accomplice elsewhere, genuinely in the register, confirms."""
    other = scene.authority.register.organisation("Politie Eenheid Zuid")
    number = add_number(scene.authority.register, other, "+31 88 222 22 22")
    with pytest.raises(InvalidInput):
        call(scene, demand, contact=number)


def confirmed_then_changed(scene, demand):
    """Confirmed, and then the demand is made to say something else."""
    call(scene, demand)
    handler = scene.authority.house.actor("handler1")
    version = scene.authority.demands.get(handler, demand).version
    form = scene.authority.form(note="other numbers", channel=Channel.EMAIL.value)
    scene.authority.demands.correct(handler, demand, form, version)


def confirmed_then_suspended(scene, demand):
    """Confirmed, and then the person turns out to be somebody else."""
    call(scene, demand)
    handler = scene.authority.house.actor("handler1")
    scene.authority.register.service.suspend(handler, scene.authority.prosecutor, "impersonation")


def confirmed_number_was_wrong(scene, demand):
    """Confirmed on a number that the agency itself has replaced since."""
    call(scene, demand)
    scene.log.transactions.clock.advance(seconds=1)
    add_number(scene.authority.register, scene.authority.agency, "+31 88 333 33 33")


def call(scene, demand, outcome="confirmed", **said):
    handler = scene.authority.house.actor("handler1")
    if not said.get("contact") and not find_numbers(scene.log.transactions, demand):
        return None
    return call_back(scene.log.transactions, handler, demand, outcome, **said)


MISTAKES = (
    no_call, calls_the_letter, agency_denies, nobody_answers, another_agency_confirms,
    confirmed_then_changed, confirmed_number_was_wrong, confirmed_then_suspended,
)  # fmt: skip
"""What goes wrong here; none of it is a confirmation of this demand that still counts."""

STOPPED_ALL_THE_SAME = (
    changed_on_its_way, second_sender, forged_below_ours, revoked_card, changed_after_signing,
    broken_signature, *ARRIVALS[-len(HOSTS):],
)  # fmt: skip
"""What is held even when somebody at the agency, fooled or bought, confirms it."""


WORDS = [*PRESSURE]


def is_allowed(log, demand):
    """Say what the policy that counts now makes of the newest assessment."""
    with log.transactions.read() as session:
        assessed = find_assessment(session, demand)
        return judge_now(session, assessed.id).allows


def scripts_of(arrival):
    """Yield what goes wrong with an arrival, under pressures in turn; then a call that confirms."""
    n = ARRIVALS.index(arrival)
    held = [call] if arrival in STOPPED_ALL_THE_SAME else []
    for m, mistake in enumerate([*held, *MISTAKES]):
        yield mistake, WORDS[(n + m) % len(WORDS)]


@pytest.fixture
def engine_name():
    """The rules are the same on each engine."""
    return "sqlite"


def decide_on(house, *issuers):
    """Have two people decide whose signatures count."""
    policy = {**shipped_document(), "anchors": fingerprints(*issuers)}
    house.approve(KIND, {"policy": policy}, "handler1", "overseer1")


@pytest.fixture
def watchful(log, house):
    decide_on(house, TRUSTED)
    check = make_check(RECORDS, [OURS], [anchor()])
    return LegalService(log.transactions, log.looks, load_working_days(), make_orders(), check)


def try_to_accept(legal, handler, found):
    """Accept what speaks against the newest demand, were that possible."""
    for ref in found.open:
        if ref.startswith("authenticity."):
            with pytest.raises(WrongState):
                legal.accept_finding(handler, found.demand_id, ref, "They sounded genuine.")


def test_there_are_two_hundred_of_them():
    scripts = [(one, *script) for one in ARRIVALS for script in scripts_of(one)]
    assert len(set(scripts)) == len(scripts) >= 200
    assert {pressure for _, _, pressure in scripts} == {*PRESSURE}


@pytest.mark.parametrize("arrival", ARRIVALS, ids=lambda one: one.__name__)
def test_impostor_gets_nothing(log, authority, watchful, handler, arrival):
    scene = Scene(authority, log)
    for n, (mistake, pressure) in enumerate(scripts_of(arrival)):
        scene.says = PRESSURE[pressure]
        demand = scene.send(arrival, called_back=False, note=f"script {n}")
        mistake(scene, demand)
        found = watchful.assess(handler, demand)
        name = f"{mistake.__name__}, {pressure}"
        assert not found.is_settled, name
        assert not found.authentic.allows, name
        assert any(one.startswith("authenticity.") for one in found.open), name
    try_to_accept(watchful, handler, found)


@pytest.mark.parametrize(
    "who", ["other_agency", "foreign_agency", "unknown_person", "unknown_agency"]
)
def test_stranger_gets_nothing_though_confirmed(log, authority, watchful, handler, who):
    other = authority.register.organisation("Politie Eenheid Noord")
    foreign = abroad(authority)
    add_number(authority.register, foreign["agency"]["ref"], "+49 611 55 0")
    changes = {
        "other_agency": {"agency": {"ref": other}},
        "foreign_agency": foreign,
        "unknown_person": {"issuing_person": {"name": "mr. X"}},
        "unknown_agency": {"agency": {"name": "Parket Nergens"}},
    }
    demand = authority.send(**changes[who])
    found = watchful.assess(handler, demand)
    assert not found.is_settled
    assert found.authentic.allows == (who == "foreign_agency")  # who is who they say, and abroad


@pytest.mark.parametrize("is_mail", [False, True])
def test_genuine_demand_is_settled(log, authority, watchful, handler, is_mail):
    scene = Scene(authority, log)
    paper = authority.paper()
    order = scene.mail(signed_by=DOMAIN, files=[paper]) if is_mail else paper
    demand = authority.send(order=order)
    found = watchful.assess(handler, demand)
    assert found.authentic.allows
    assert not any(one.startswith("authenticity.") for one in found.open)


def test_signed_order_of_the_issuer_needs_no_call(log, authority, watchful, handler):
    demand = authority.send(order=with_list(sign_pdf(authority.paper())), called_back=False)
    assert watchful.assess(handler, demand).authentic.allows
    assert is_allowed(log, demand)
    decide_on(authority.house, "Another CA")
    assert not is_allowed(log, demand)
    decide_on(authority.house, TRUSTED)
    assert is_allowed(log, demand)
    check_log(log)


def test_issuer_put_into_the_folder_alone_proves_nothing(log, authority, watchful, handler):
    """Whoever fills the folder signs with an issuer of their own making, in the name of theirs."""
    order = with_list(sign_pdf(authority.paper(), issuer="Evil CA"), issuer="Evil CA")
    check = make_check(RECORDS, [OURS], [anchor(), anchor("Evil CA")])
    legal = LegalService(log.transactions, log.looks, load_working_days(), make_orders(), check)
    demand = authority.send(order=order, called_back=False)
    found = legal.assess(handler, demand)
    assert (found.is_settled, found.authentic.allows) == (False, False)
    assert found.open == ("authenticity.not_proven",)
    decide_on(authority.house, TRUSTED, "Evil CA")
    assert not is_allowed(log, demand)
    assert legal.assess(handler, demand).authentic.allows


BEFORE_THE_GATE = (
    hacked_mailbox, stolen_order_in_a_mail, forged_results, changed_on_its_way, disguised_sender,
    plain_letter, signed_by_a_stranger, revoked_card, broken_signature, ARRIVALS[-1],
    foreign_agency, our_own_handler,
)  # fmt: skip
"""One of each kind of arrival; what is behind the assessment is tried with these."""
MADE = (Plan, PlanPreview, ExtractionRun, RunResult, Package)
NO_PLAN, NO_PACKAGE = "pl_" + "0" * 32, "pk_" + "0" * 32


@pytest.fixture
def handover(databases, log, authority, demands, tmp_path):
    """Everything behind the assessment: plans, extraction, sealing, release; there are calls."""
    authority.register.certificate(authority.desk)
    service = ExtractionService(
        log.transactions,
        log.looks,
        reader=RecordReader(databases.records),
        custody=log.service,
        spool_dir=tmp_path / "spool",
        load_root=authority.house.load_root,
        working=load_working_days(),
        region="NL",
    )
    office = Office(databases, authority.register, demands, service, tmp_path / "spool")
    office.agency, office.person = authority.agency, authority.prosecutor
    return make_handover(office, tmp_path, make_signer(tmp_path))


@contextmanager
def gate_left_open():
    """Let plans be made and decided whatever the assessment says, as a fault there would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction_changes, "check_settled", lambda *_given: None)
        yield


def made(log):
    """Return what there is behind the assessment, by table."""
    with log.transactions.read() as session:
        counts = {one: session.scalar(select(func.count()).select_from(one)) for one in MADE}
    return {one.__tablename__: n for one, n in counts.items() if n}


@pytest.mark.parametrize("arrival", BEFORE_THE_GATE, ids=lambda one: one.__name__)
def test_impostor_gets_past_no_gate(log, authority, watchful, handler, handover, arrival):
    """Plan, proposal, decision, extraction, sealing and release are each tried, and each says no."""
    scene, office = Scene(authority, log), handover.office
    demand = scene.send(arrival, called_back=False)
    assert not watchful.assess(handler, demand).is_settled
    if arrival is our_own_handler:
        with pytest.raises(NotFound):
            watchful.assess(authority.house.actor("handler2"), demand)
    for act in (office.plan, office.preview):
        with pytest.raises(WrongState, match="the legal check is not settled"):
            act(demand)
    with pytest.raises(NotFound):
        authority.house.propose("extraction.plan", {"plan": NO_PLAN})
    assert made(log) == {}  # and so no source was asked how much there is
    with gate_left_open():
        plan = office.planned(demand)
    with pytest.raises(WrongState, match="the legal check is not settled"):
        office.propose(plan)
    with gate_left_open():
        proposed = office.propose(plan)
    with pytest.raises(WrongState, match="the legal check is not settled"):
        authority.house.decide(proposed)
    with gate_left_open():
        authority.house.decide(proposed)
    run = office.current_run(demand)
    assert office.work(run) == "halted"
    for act in (handover.sealery.seal, handover.release):
        with pytest.raises((WrongState, NotFound)):
            act(demand, run if act == handover.sealery.seal else NO_PACKAGE)
    assert {RunResult.__tablename__, Package.__tablename__}.isdisjoint(made(log))
    assert not any(handover.sealery.packages.rglob("*.*"))
    check_log(log)
