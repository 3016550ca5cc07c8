"""Nobody alone ends a demand of which its authority does not hear: by a correction it is left out."""

import pytest
from sqlalchemy import select

from lea_service.demands.demand import Channel
from lea_service.demands.withdrawal import Withdrawal
from lea_service.kernel.jobs import Job
from lea_service.legal.annex.form import Statement
from lea_service.legal.referral.service import ReferralService
from tests.legal.test_service import REASON, correct

NATIONAL, EUROPEAN = "NL-SV-126n", "EU-EPO-SUBSCRIBER"
NOBODY = {"agency": {"name": "parket"}, "issuing_person": {"name": "A."}, "receivers": []}
GROUND = "sender_not_authenticated"


@pytest.fixture
def ways(log, authority, legal, annex, handler):
    """How each way of ending a demand is gone."""
    refer = ReferralService(log.transactions, log.looks).refer
    taken_back, said = Withdrawal("the clerk", Channel.PHONE), Statement(REASON, is_preserved=True)
    return {
        "withdrawn": lambda demand: authority.demands.withdraw(handler, demand, taken_back),
        "refused": lambda demand: legal.refuse(handler, demand, GROUND, [], REASON),
        "replied": lambda demand: refer(handler, demand, "not_ours", REASON),
        "annex": lambda demand: annex.file(handler, demand, ["not_stored"], said),
    }


def list_told(log, demand):
    """Return to whom notices of a demand go, but for what acknowledged it."""
    with log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.subject == demand)).all()
        return {
            one.args["receiver"] for one in jobs if one.args["template"] != "demand.acknowledged"
        }


@pytest.mark.parametrize("way", ["withdrawn", "refused", "replied", "annex"])
def test_authority_that_a_correction_left_out_hears_of_each_end(log, authority, legal, ways, way):
    said = {"legal_basis": EUROPEAN if way == "annex" else NATIONAL}
    for number in ("05/123456-26", "05/123457-26"):
        said["references"] = [{"kind": "parketnummer", "value": number}]
        demand = authority.send(called_back=False, order=None, **said)
        correct(authority, log, demand, called_back=False, **said, **NOBODY)
        legal.assess(authority.house.actor("handler1"), demand)
        ways[way](demand)
        assert list_told(log, demand) == {None, authority.prosecutor, authority.desk}


def test_who_is_suspended_meanwhile_hears_of_the_end_later(log, authority, ways):
    demand = authority.send(called_back=False, order=None)
    authority.register.service.suspend(authority.house.actor("handler1"), authority.agency, "doubt")
    correct(authority, log, demand, called_back=False, **NOBODY)
    ways["withdrawn"](demand)
    assert list_told(log, demand) == {None, authority.prosecutor, authority.desk}


def test_agency_of_which_nobody_was_named_hears_of_the_end(log, authority, ways):
    agency = {"agency": {"ref": authority.agency}}
    demand = authority.send(called_back=False, order=None, **(NOBODY | agency))
    correct(authority, log, demand, called_back=False, **NOBODY)
    ways["withdrawn"](demand)
    assert list_told(log, demand) == {None, authority.agency}
