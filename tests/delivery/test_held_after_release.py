"""What would have kept a package back before its release keeps it here after that as well."""

from contextlib import closing

import pytest

from lea_service.demands.changes import hold, release_hold
from lea_service.kernel.errors import IntegrityFailure, WrongState
from lea_service.kernel.sealed_file import SEGMENT
from tests.staff.attacker import Attacker
from tests.support.call_backs import call_back
from tests.support.delivery import WORKER
from tests.support.log import check_log


@pytest.fixture
def other(handover):
    """Return somebody beside the issuing person to whom the answer goes."""
    found = handover.register.person(handover.agency, "Bram Bakker")
    handover.register.certificate(found, "rsa", "bram")
    return found


def suspend_issuer(handover, demand):
    handler = handover.house.actor("handler1")
    handover.register.service.suspend(handler, handover.person, "doubt")


def deny(handover, demand):
    handler = handover.house.actor("handler1")
    call_back(handover.log.transactions, handler, demand, outcome="denied")


@pytest.mark.parametrize("doubt", [suspend_issuer, deny])
def test_doubted_demand_is_fetched_no_more(handover, other, doubt):
    _, actor = handover.sign_in(other)
    demand, package = handover.deliver([other])
    doubt(handover, demand)
    with pytest.raises(WrongState, match="held back for now") as caught:
        handover.service.fetch(actor, package)
    assert caught.value.facts == {}
    check_log(handover.log)


def test_fetch_goes_on_once_the_hold_is_lifted(handover, other):
    _, actor = handover.sign_in(other)
    demand, package = handover.deliver([other])
    with handover.log.transactions.begin(WORKER) as tx:
        hold(tx, demand, "other_reason")
    with pytest.raises(WrongState, match="held back for now"):
        handover.service.fetch(actor, package)
    with handover.log.transactions.begin(handover.house.actor("handler1")) as tx:
        release_hold(tx, demand, "other_reason")
    assert handover.collect(actor, package)


def test_hold_ends_a_long_download(handover, other, monkeypatch):
    monkeypatch.setattr("lea_service.delivery.service.RECHECK_BYTES", SEGMENT)
    demand, package = handover.deliver([other], rows=6_000)
    _, actor = handover.sign_in(other)
    with closing(handover.service.fetch(actor, package)) as download:
        next(download)
        suspend_issuer(handover, demand)
        with pytest.raises(WrongState, match="held back for now"):
            list(download)


def test_lost_certificate_of_somebody_else_holds_nothing(handover, other):
    _, package = handover.deliver([handover.person, other])
    _, actor = handover.sign_in()
    handover.revoke(other)
    assert handover.collect(actor, package)


def test_lifted_suspension_of_the_issuer_opens_nothing(handover, other):
    _, actor = handover.sign_in(other)
    demand, package = handover.deliver([other])
    suspend_issuer(handover, demand)
    handover.log.checkpointer.publish(WORKER)
    sql = Attacker(handover.house).sql
    sql("UPDATE agency_people SET suspension_id = NULL, suspended_at = NULL")
    with pytest.raises(IntegrityFailure, match="suspended in one place"):
        handover.service.fetch(actor, package)
