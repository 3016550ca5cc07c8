"""European orders of an emergency that are validated afterwards: the debt, and how it is paid."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.demands.demand import Channel
from lea_service.demands.service import Withdrawal
from lea_service.demonstration.order import write_order
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import InvalidInput, NotPermitted, WrongState
from lea_service.legal.basis import Condition
from lea_service.legal.case import Case
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.checks import checks_for
from lea_service.legal.clock_service import ClockService
from lea_service.legal.confirmations.changes import release_paid
from lea_service.legal.confirmations.queries import check_closable, owes_confirmation
from lea_service.legal.confirmations.service import ConfirmationService
from lea_service.legal.deadlines import Clock, Status
from lea_service.legal.facts import EmergencyFacts
from lea_service.legal.queries import OVERLAY
from lea_service.legal.working_days import load_working_days
from tests.demands.samples import item
from tests.legal.cases import TODAY, basis_of, suited
from tests.legal.confirmations.paying import ACCEPTANCE, ask, pay
from tests.legal.confirmations.test_service import (
    confirmations,
    events,
    holds,
    move,
    notices,
    watch,
)
from tests.legal.test_emergency import CLAIM
from tests.legal.test_overlay import lay, own
from tests.legal.test_service import REASON
from tests.support.log import check_log
from tests.support.orders import make_orders

__all__ = ["confirmations", "watch"]
UNNAMED = "order.validator_not_named"
OTHER, JUDGE = "eu.other_competent_authority", "eu.judge"
GIVEN = datetime(2026, 11, 27, 12, 20, tzinfo=UTC)
DAY = {"order_date": "2026-11-27", "received_at": "2026-11-27T12:20:00Z"}
LATE = datetime(2026, 11, 29, 13, tzinfo=UTC)
"""The hour from 12 does not count; 48 hours from 13:00 (Regulation 1182/71 art. 3)."""


class Belgium:
    """A Belgian service that needs a judge, its judge, and its urgent orders."""

    def __init__(self, authority):
        self.authority, register = authority, authority.register
        roles = [OTHER, JUDGE]
        belgian = {"country": "BE", "roles": roles}
        self.agency = register.organisation("Federale Politie", kind="police", **belgian)
        court = register.organisation("Rechtbank Brussel", kind="court", **belgian)
        self.officer = register.person(self.agency, "Eva Maes", roles=[OTHER])
        self.colleague = register.person(self.agency, "Luc Maes", roles=[OTHER])
        self.judge = register.person(court, "Jan Peeters", roles=[JUDGE])
        dutch = register.organisation("Rechtbank Oost", kind="court", roles=roles)
        self.dutch = register.person(dutch, "Piet Jansen", roles=[JUDGE])

    def paper(self, basis="EU-EPO-SUBSCRIBER"):
        """Return the order as it was validated."""
        return self.authority.paper("Gevalideerd door Jan Peeters", **self.asked(basis))

    def unvalidated(self, *more):
        """Return the order as it was recorded, or with lines that name no judge."""
        return self.authority.paper(*more, **self.asked("EU-EPO-SUBSCRIBER"))

    def send(self, basis="EU-EPO-SUBSCRIBER", **changes):
        asked = {"by": self.officer, **self.asked(basis)}
        return self.authority.send(called_back=False, **asked | changes)

    def asked(self, basis):
        return {
            "agency": {"ref": self.agency},
            "issuing_role": OTHER,
            "legal_basis": basis,
            "judicial_authorisation": None,
            "validating_authority": None,
            "items": [item(categories=["subscriber_identity"])],
            "emergency": CLAIM,
            **DAY,
        }


@pytest.fixture
def belgium(authority, clock):
    made = Belgium(authority)
    clock.set(GIVEN)
    return made


@pytest.mark.parametrize("basis", ["EU-EPO-SUBSCRIBER", "EU-EPRO"])
def test_validation_that_is_owed_is_accepted_and_counted(
    log, belgium, legal, confirmations, handler, clock, basis
):
    demand = belgium.send(basis)
    found = legal.assess(handler, demand)
    owed = {one.code: str(one.outcome) for one in found.findings if "validat" in one.code}
    assert owed == {"role.validation_owed": "clarify", "judicial.validation_owed": "clarify"}
    for code in owed:
        found = legal.accept_finding(handler, demand, code, REASON)
    assert not set(owed) & set(found.open)
    (one,) = confirmations.list_open(handler, None, 10)
    assert (one.demand, one.status, one.late, one.due) == (demand, Status.RUNNING, LATE, LATE)
    assert (one.officer, one.law) == (belgium.officer, "Regulation (EU) 2023/1543 art. 4(5)")
    check_log(log)


def test_nothing_is_owed_of_others(belgium, confirmations, handler):
    belgium.send(emergency=None)
    belgium.send("EU-EPO-TRAFFIC", items=[item(categories=["traffic_call_records"])])
    belgium.send(validating_authority={"ref": belgium.judge})
    belgium.send(by=belgium.judge, issuing_role=JUDGE)
    assert confirmations.list_open(handler, None, 10) == []


def test_unvalidated_order_stops_and_is_asked_about(
    log, belgium, watch, confirmations, house, handler
):
    demand = belgium.send()
    watch(LATE.replace(hour=12, minute=59))
    assert (holds(log, demand), notices(log)) == ([], [])
    watch(LATE)
    watch(LATE)
    assert holds(log, demand) == ["validation_awaited"]
    told = events(log, demand, "deadline.escalated")
    assert told == ["deadline.escalated"] * 3  # twice of this, and of the answer in an emergency
    (one,) = confirmations.list_open(handler, None, 10)
    assert (one.clock, one.status, one.is_alarm) == (Clock.VALIDATION, Status.OVER, True)
    # it had to be sought by then; whether it was nobody here can see, so it is no breach
    assert notices(log) == []
    assert confirmations.list_breaches(house.actor("overseer1"), None, None, 10) == []
    check_log(log)


def test_next_order_of_an_officer_takes_one_more_while_a_validation_is_not_proven(
    log, belgium, watch, confirmations, house, clock, demands, handler
):
    demand, another = belgium.send(), belgium.send(note="the next one", emergency=None)
    sealed = belgium.send(note="sealed", lane="sealed", emergency=None)
    move(log, demand, "under_review", "approved")
    before = LATE - timedelta(seconds=1)

    def owes(one=another, officer=belgium.officer, at=LATE):
        with log.transactions.read() as session:
            return owes_confirmation(session, one, officer, at)

    watch(LATE)
    assert owes()
    assert not owes(officer=belgium.colleague)
    assert not owes(at=before)
    assert not owes(demand)
    assert not owes(sealed)
    clock.advance(seconds=1)
    pay(house, confirmations, demand, belgium.paper(), belgium.judge)
    assert (owes(), owes(at=clock.now())) == (True, False)  # as it was when a plan was proposed
    third = belgium.send(note="a third")
    clock.advance(days=4)
    watch(clock.now())
    assert owes(at=clock.now())
    demands.withdraw(handler, third, Withdrawal("the clerk", Channel.PHONE))
    assert not owes(at=clock.now())


def test_person_who_validated_it_pays(log, belgium, watch, confirmations, handler, clock, house):
    demand = belgium.send()
    paper = belgium.paper()
    with pytest.raises(WrongState, match="correction"):
        confirmations.bring(handler, demand, paper, belgium.judge)
    move(log, demand, "under_review", "approved")
    watch(LATE)
    for wrong in (None, belgium.officer, belgium.colleague, belgium.dutch, "p_" + "9" * 32):
        with pytest.raises(InvalidInput) as refused:
            confirmations.bring(handler, demand, paper, wrong)
        assert [one.pointer for one in refused.value.errors] == ["/validated_by"]
    assert holds(log, demand) == ["validation_awaited"]
    pay(house, confirmations, demand, paper, belgium.judge)
    assert holds(log, demand) == []
    assert confirmations.list_open(handler, None, 10) == []
    with pytest.raises(WrongState, match="before"):
        confirmations.bring(handler, demand, paper, belgium.judge)
    watch(clock.now())
    assert holds(log, demand) == []
    check_log(log)


def test_order_that_was_recorded_proves_no_validation(
    log, belgium, demands, confirmations, handler
):
    demand = belgium.send()
    found = demands.get(handler, demand)
    again = belgium.unvalidated("Kopie")
    demands.correct(handler, demand, replace(found.content, note="again"), found.version, again)
    move(log, demand, "under_review", "approved")
    for known in (belgium.unvalidated(), again, again + b"\n"):
        with pytest.raises(InvalidInput, match="expected another paper") as refused:
            confirmations.bring(handler, demand, known, belgium.judge)
        assert [one.pointer for one in refused.value.errors] == ["/order"]
    assert len(confirmations.list_open(handler, None, 10)) == 1
    assert events(log, demand, "confirmation.received", "confirmation.brought") == []


@pytest.mark.parametrize("line", ["Gevalideerd door Luc Peeters", "Onderzoeksrechter Peeters"])
def test_paper_without_the_validator_differs(log, belgium, confirmations, house, handler, line):
    demand = belgium.send()
    move(log, demand, "under_review", "approved")
    paper = confirmations.bring(handler, demand, belgium.unvalidated(line), belgium.judge)
    assert [one.ref for one in paper.findings] == ["order.validator_not_named"]
    with pytest.raises(InvalidInput, match="each difference"):
        house.propose(ACCEPTANCE, ask(paper, accepted=()))
    assert len(confirmations.list_open(handler, None, 10)) == 1
    house.approve(ACCEPTANCE, ask(paper))
    assert confirmations.list_open(handler, None, 10) == []
    check_log(log)


def test_paper_without_text_names_nobody(log, belgium, confirmations, handler):
    demand = belgium.send()
    move(log, demand, "under_review", "approved")
    paper = confirmations.bring(handler, demand, write_order([""]), belgium.judge)
    found = [one.ref for one in paper.findings]
    assert found == ["order.not_readable", "order.validator_not_named"]


def test_suspended_person_pays_nothing(log, belgium, confirmations, handler):
    demand = belgium.send()
    move(log, demand, "under_review", "approved")
    belgium.authority.register.service.suspend(handler, belgium.judge, "doubt")
    with pytest.raises(InvalidInput, match="not suspended"):
        confirmations.bring(handler, demand, belgium.paper(), belgium.judge)


def test_nobody_validates_an_oral_order(log, authority, confirmations, handler):
    role = {"legal_basis": "NL-SV-126na-1", "issuing_role": "nl.opsporingsambtenaar"}
    demand = authority.send(
        order=None, form="oral", by=authority.officer, called_back=False, **role
    )
    move(log, demand, "under_review", "approved")
    with pytest.raises(InvalidInput, match="none with an oral order"):
        confirmations.bring(handler, demand, authority.paper(), authority.prosecutor)


def test_correction_that_names_the_judge_pays_before_the_decision(
    log, belgium, watch, demands, handler, confirmations
):
    demand = belgium.send()
    watch(LATE)
    found = demands.get(handler, demand)
    other = replace(found.content, note="nothing else")
    demands.correct(handler, demand, other, found.version, belgium.paper())
    with log.transactions.begin(handler) as tx:
        release_paid(tx, demand)
    assert holds(log, demand) == ["validation_awaited"]  # a written order is no validation
    found = demands.get(handler, demand)
    party = replace(found.agency, ref=belgium.judge)
    named = replace(found.content, validating_authority=party)
    demands.correct(handler, demand, named, found.version, belgium.paper())
    with log.transactions.begin(worker_actor()) as tx:
        release_paid(tx, demand)
    watch(LATE)
    assert holds(log, demand) == []
    assert confirmations.list_open(handler, None, 10) == []
    found = demands.get(handler, demand)
    gone = replace(found.content, validating_authority=None)
    demands.correct(handler, demand, gone, found.version, belgium.paper())
    watch(LATE)
    assert holds(log, demand) == ["validation_awaited"]


def test_validation_that_one_person_types_before_the_decision_takes_another(
    log, belgium, demands, legal, house, handler
):
    """The paper names no judge; whoever typed that there is one lets it not pass."""
    demand = belgium.send()
    for order, is_open in ((belgium.unvalidated("Kopie"), True), (belgium.paper(), False)):
        found = demands.get(handler, demand)
        party = replace(found.agency, ref=belgium.judge)
        named = replace(found.content, validating_authority=party)
        demands.correct(handler, demand, named, found.version, order)
        assert (UNNAMED in legal.assess(handler, demand).open) is is_open
        if is_open:
            with pytest.raises(NotPermitted, match="neither recorded nor assessed"):
                legal.accept_finding(handler, demand, UNNAMED, REASON)
            found = legal.accept_finding(house.actor("handler2"), demand, UNNAMED, REASON)
            assert UNNAMED not in found.open
    check_log(log)


def test_what_was_given_stays_open_until_it_is_validated(
    log, belgium, confirmations, handler, house
):
    demand = belgium.send()
    way = ("under_review", "approved", "extracting", "sealing", "ready", "delivered")
    move(log, demand, *way)
    with log.transactions.read() as session, pytest.raises(WrongState, match="not confirmed"):
        check_closable(session, log.keys, demand)
    pay(house, confirmations, demand, belgium.paper(), belgium.judge)
    with log.transactions.read() as session:
        check_closable(session, log.keys, demand)


def test_leaf_of_a_sealed_order_tells_its_clocks_and_nothing_of_its_law(log, belgium, watch):
    """What docs/sealed-lane.md says that a leaf still tells."""
    demand = belgium.send(lane="sealed")
    watch(LATE)
    with log.transactions.read() as session:
        leaves = {one.event: load_entry(one.data)["facts"] for one in list_stream(session, demand)}
    counted = {one["clock"] for one in leaves["deadline.counted"]["clocks"]}
    assert counted == {"answer", "emergency_answer", "validation"}
    assert leaves["demand.held"]["code"] == "validation_awaited"
    told = str(leaves)
    for secret in ("EU-EPO", belgium.agency, belgium.officer, "threat_to_life", "legal_basis"):
        assert secret not in told
    recorded = leaves["demand.recorded"].keys()
    assert recorded == {
        "state", "version", "has_order", "holds", "names_validation", "received_at", "order_date",
    }  # fmt: skip


def test_person_may_close_what_nobody_validated_and_the_worker_does_not(log, belgium, watch):
    demand = belgium.send()
    move(log, demand, "under_review", "approved", "extracting", "sealing", "ready", "delivered")
    with log.transactions.read() as session, pytest.raises(WrongState, match="not confirmed"):
        check_closable(session, log.keys, demand, by_person=True)
    watch(LATE)
    with log.transactions.read() as session:
        with pytest.raises(WrongState, match="not confirmed"):
            check_closable(session, log.keys, demand)
        check_closable(session, log.keys, demand, by_person=True)


@pytest.fixture
def both(log, tmp_path, monkeypatch):
    """Return the use cases by a row of a provider that lets such an order be oral as well."""
    term = load_catalogue().get_row(basis_of("NL-SV-126nd"))["oral"]["confirmation"]
    row = load_catalogue().get_row(basis_of("EU-EPRO"))
    changed = own(row, oral={"allowed": "yes", "confirmation": term})
    folder = lay(tmp_path / "own", changed)
    monkeypatch.setitem(log.transactions.database._info, OVERLAY, folder)
    catalogue, working = load_catalogue(folder), load_working_days()
    base = (log.transactions, log.looks)
    orders = make_orders(catalogue)
    confirmations = ConfirmationService(*base, orders, working, max_order_bytes=1 << 20)
    return confirmations, ClockService(*base, catalogue, working)


def test_writing_and_validation_run_stop_and_are_paid_each_for_itself(
    log, belgium, watch, both, handler, house
):
    confirmations, clocks = both
    demand = belgium.send("EU-EPRO", form="oral", order=None)
    found = {one.clock: one for one in confirmations.list_open(handler, None, 10)}
    assert found.keys() == {Clock.CONFIRMATION, Clock.VALIDATION}
    assert len({one.law for one in found.values()}) == 2
    move(log, demand, "under_review", "approved")
    watch(found[Clock.VALIDATION].late, clocks)
    assert (holds(log, demand), notices(log)) == (["validation_awaited"], [])
    watch(found[Clock.CONFIRMATION].late, clocks)
    assert sorted(holds(log, demand)) == ["confirmation_overdue", "validation_awaited"]
    assert "breach.opened" in notices(log)
    paper = belgium.paper("EU-EPRO")
    written = belgium.authority.paper(**belgium.asked("EU-EPRO"))
    pay(house, confirmations, demand, written)
    assert holds(log, demand) == ["validation_awaited"]
    (left,) = confirmations.list_open(handler, None, 10)
    assert left.clock is Clock.VALIDATION
    with pytest.raises(InvalidInput):
        confirmations.bring(handler, demand, paper)
    with pytest.raises(InvalidInput, match="expected another paper"):  # it paid the writing alone
        confirmations.bring(handler, demand, written, belgium.judge)
    pay(house, confirmations, demand, paper, belgium.judge)
    assert (holds(log, demand), confirmations.list_open(handler, None, 10)) == ([], [])
    with pytest.raises(WrongState, match="before"):
        confirmations.bring(handler, demand, paper, belgium.judge)
    check_log(log)


def test_validated_order_is_the_written_one_too(log, belgium, both, handler, house):
    confirmations, _ = both
    demand = belgium.send("EU-EPRO", form="oral", order=None)
    move(log, demand, "under_review", "approved")
    with pytest.raises(InvalidInput, match="not suspended"):
        confirmations.bring(handler, demand, belgium.paper("EU-EPRO"), belgium.dutch)
    pay(house, confirmations, demand, belgium.paper("EU-EPRO"), belgium.judge)
    assert confirmations.list_open(handler, None, 10) == []
    check_log(log)


def test_order_of_an_earlier_day_is_counted_from_the_end_of_that_day(
    belgium, confirmations, handler
):
    """Of 26 November only the day is known: 48 hours from 01:00 on the 27th in Amsterdam."""
    belgium.send(order_date="2026-11-26")
    (one,) = confirmations.list_open(handler, None, 10)
    assert one.late == datetime(2026, 11, 29, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("afterwards", "codes"),
    [
        ("as it is", {"role.validation_owed", "judicial.validation_owed"}),
        (None, {"role.unknown", "judicial.unknown"}),
        ("never", {"role.not_validated", "judicial.not_validated"}),
    ],
)
def test_row_says_whether_a_validation_may_follow(afterwards, codes):
    basis = basis_of("EU-EPO-SUBSCRIBER", date(2026, 11, 27))
    (condition,) = basis.judicial.conditions
    if afterwards != "as it is":
        found = afterwards and replace(condition.afterwards, when="never", term=None)
        changed = Condition(condition.kind, condition.categories, condition.text, found)
        basis = replace(basis, judicial=replace(basis.judicial, conditions=(changed,)))
    facts = replace(
        suited(basis),
        issuing_role=OTHER,
        authorisation=None,
        emergency=EmergencyFacts("threat_to_life"),
    )
    found = checks_for(basis).find(Case(facts, basis, load_catalogue(), TODAY))
    wrong = {one.code for one in found if one.outcome != "pass"}
    assert {one for one in wrong if one.startswith(("role.", "judicial."))} == codes
