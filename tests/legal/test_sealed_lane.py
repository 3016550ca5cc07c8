"""What the open part of the log says of a sealed demand, and findings of those who may not know."""

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.demands.admission import shut_out
from lea_service.demands.service import DemandService
from lea_service.kernel.actors import worker_actor
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.preservation.changes import produce
from tests.demands.samples import item
from tests.demands.test_admission import clear
from tests.legal.preservation.test_production import KEPT
from tests.support.log import check_log

SECRET = "NL-WIV-55"


@pytest.fixture
def demands(log):
    catalogue = load_catalogue()
    return DemandService(
        log.transactions,
        log.looks,
        is_known_basis=catalogue.has_basis,
        is_sealed_basis=catalogue.is_sealed,
        max_order_bytes=1 << 20,
        kept_until=lambda _session, _demand: None,
    )


def stated(log, stream):
    """Return the open facts of a stream, as text."""
    with log.transactions.read() as session:
        return str([load_entry(one.data).get("facts") for one in list_stream(session, stream)])


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


def test_repeats_name_only_what_one_may_know_of(log, authority, legal, house, handler):
    second = house.actor("handler2")
    paper = authority.paper(items=[item(), item(value="+31201234567")])
    hidden = authority.send(order=paper, items=[item()])
    demand = authority.send(order=paper, items=[item(value="+31201234567")])
    with log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, hidden, [second.id])
    assert seen(legal.assess(handler, demand)) == {"demands": [hidden], "count": 1}
    for found in (legal.get_assessment(second, demand), legal.assess(second, demand)):
        assert seen(found) == {"demands": [], "count": 1}
    assert seen(legal.get_assessment(handler, demand)) == {"demands": [hidden], "count": 1}
    check_log(log)


def seen(assessment):
    return next(one.seen for one in assessment.findings if one.code == "duplicate.document")
