"""What the open part of the log says of a sealed demand, and findings of those who may not know."""

from dataclasses import replace

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.demands.admission import shut_out
from lea_service.demands.demand import Channel
from lea_service.demands.narrowing import CutGround
from lea_service.demands.service import DemandService
from lea_service.demands.withdrawal import Withdrawal, WithdrawalReason
from lea_service.kernel.actors import worker_actor
from lea_service.legal.annex.form import Statement
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.deadlines import Status
from lea_service.legal.narrowing.service import Asked
from lea_service.legal.preservation.changes import produce
from lea_service.legal.queries import check_settled
from lea_service.legal.referral.service import ReferralService
from tests.demands.samples import item
from tests.demands.test_admission import clear
from tests.legal.annex.test_filing import answer_clock
from tests.legal.preservation.test_production import KEPT
from tests.legal.test_service import entries
from tests.support.call_backs import add_number
from tests.support.letters import send_form
from tests.support.log import check_log

SECRET = "NL-WIV-55"
MOVED = {"state", "version"}
"""What every entry that moves a demand says."""


@pytest.fixture
def demands(log):
    catalogue = load_catalogue()
    return DemandService(
        log.transactions,
        log.looks,
        is_known_basis=catalogue.has_basis,
        is_sealed_basis=catalogue.is_sealed,
        is_sealed_role=catalogue.is_sealed_role,
        max_order_bytes=1 << 20,
        kept_until=lambda _session, _demand: None,
    )


def stated(log, stream):
    """Return the open facts of a stream, as text."""
    with log.transactions.read() as session:
        return str([load_entry(one.data).get("facts") for one in list_stream(session, stream)])


def told_of(log, stream, event):
    """Return the names of the open facts of some entries."""
    return {name for one in entries(log, stream) if one["ev"] == event for name in one["facts"]}


def test_order_of_a_service_is_settled_by_cleared_people(
    log, authority, legal, house, handler, demands
):
    """Outside the sealed lane it is held; in it, it is judged like any order."""
    clear(house, "handler1")
    service = authority.register.organisation("AIVD", roles=["nl.hoofd_aivd"])
    head = authority.register.person(service, name="Karel Maes", roles=["nl.hoofd_aivd"])
    add_number(authority.register, service)
    demand = authority.send(
        legal_basis="NL-WIV-56",
        issuing_role="nl.hoofd_aivd",
        agency={"ref": service},
        issuing_person={"ref": head},
        states=["number_or_technical_feature", "data"],
        items=[item(categories=["subscriber_identity"])],
    )
    found = legal.assess(handler, demand)
    assert "instrument.sealed" in {one.code for one in found.findings}
    assert "instrument.intelligence" not in {one.code for one in found.findings}
    for ref in found.open:
        legal.accept_finding(handler, demand, ref, "a cleared person asked the service")
    with log.transactions.read(handler) as session:
        check_settled(session, demand)


def test_leaf_does_not_tell_the_basis(log, authority, legal, house, handler, clocks):
    clear(house, "handler1")
    demand = authority.send(legal_basis=SECRET)
    found = legal.assess(handler, demand)
    clocks.watch(lambda: log.transactions.begin(worker_actor()))
    legal.ask_clarification(handler, demand, "Which service asks?", [found.open[0]])
    said = stated(log, demand)
    assert found.basis_digest not in said
    assert not [one.code for one in found.findings if one.code in said]
    assert clocks.watch(lambda: log.transactions.begin(worker_actor())) == 0
    check_log(log)


def test_leaf_does_not_tell_what_annex_states(log, authority, legal, annex, house, handler):
    clear(house, "handler1")
    demand = authority.send(legal_basis="EU-EPO-SUBSCRIBER", lane="sealed")
    legal.assess(handler, demand)
    said = Statement("Het certificaat noemt geen periode.", is_preserved=True, question="Welke?")
    annex.file(handler, demand, ["incomplete"], said)
    assert not told_of(log, demand, "demand.clarification_asked") - {*MOVED, "clarification"}
    assert answer_clock(legal, handler, demand).status is Status.RUNNING
    send_form(log, handler, demand)
    assert told_of(log, demand, "demand.letter_sent") == {"letter", "language", "clarification"}
    assert answer_clock(legal, handler, demand).status is Status.HALTED
    legal.answer_clarification(handler, demand, "De maand juni.", 1)
    annex.file(handler, demand, ["other"], replace(said, question=None))
    assert answer_clock(legal, handler, demand).status is Status.RUNNING
    legal.answer_clarification(handler, demand, "De autoriteit handhaaft haar bevel.", 2)
    annex.file(handler, demand, ["not_stored"], replace(said, question=None))
    assert not told_of(log, demand, "demand.annex_filed") - MOVED
    assert not {"annex", "effect", "table"} & told_of(log, demand, "demand.clarification_asked")
    check_log(log)


def test_leaf_does_not_tell_whom_or_why(log, authority, legal, demands, house, handler):
    clear(house, "handler1")
    withdrawn = authority.send(legal_basis=SECRET)
    why = Withdrawal("de officier", Channel.POST, reason=WithdrawalReason.NOT_LAWFUL)
    demands.withdraw(handler, withdrawn, why)
    assert told_of(log, withdrawn, "demand.withdrawn") == MOVED
    referred = authority.send(legal_basis=SECRET, note="another")
    legal.assess(handler, referred)
    referrals = ReferralService(log.transactions, log.looks)
    referrals.refer(handler, referred, "not_ours", "Nagevraagd bij de afdeling.")
    assert told_of(log, referred, "demand.referred") == MOVED
    check_log(log)


def test_open_preservation_does_not_end_by_a_hidden_demand(
    log, authority, legal, preservation, handler
):
    kept = authority.send(**KEPT, items=[item()])
    legal.assess(handler, kept)
    preservation.keep(handler, kept)
    demand = authority.send(preservation=kept, items=[item()], lane="sealed", called_back=False)
    with log.transactions.begin(worker_actor()) as tx:
        produce(tx, demand)
    found = preservation.get(handler, kept)
    assert (found.state, found.released, found.production) == ("preserved", None, None)
    assert demand not in stated(log, kept)
    check_log(log)


def test_leaf_does_not_tell_what_is_not_given(log, authority, legal, narrowings, house, handler):
    clear(house, "handler1")
    both = [item(categories=["billing_payment", "traffic_call_records"])]
    demand = authority.send(legal_basis="NL-SV-126nd", items=both, lane="sealed")
    legal.assess(handler, demand)
    cut = Asked(1, CutGround.CATEGORY, category="traffic_call_records")
    made = narrowings.narrow(handler, demand, cut, "Artikel 126nd reikt daar niet toe.")
    assert told_of(log, demand, "demand.narrowed") == {"narrowing", "assessment"}
    assert narrowings.list(handler, demand) == (made,)
    check_log(log)


def test_repeats_name_only_what_one_may_know_of(log, authority, legal, house, handler):
    second = house.actor("handler2")
    paper = authority.paper(items=[item(), item(value="+31201234567")])
    hidden = authority.send(order=paper, items=[item()])
    demand = authority.send(order=paper, items=[item(value="+31201234567")])
    with log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, hidden, [second.id])
    assert seen(legal.assess(handler, demand)) == {"demands": [hidden], "count": 1}
    for found in (legal.get_assessment(second, demand), legal.assess(second, demand)):
        assert seen(found) == {"demands": [], "count": 0}
    assert seen(legal.get_assessment(handler, demand)) == {"demands": [hidden], "count": 1}
    check_log(log)


def seen(assessment):
    return next(one.seen for one in assessment.findings if one.code == "duplicate.document")
