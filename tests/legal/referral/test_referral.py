"""Referring elsewhere: what is said, whom it may name, and that nothing else is told."""

import pytest

from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.legal.annex.form import Statement
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.referral.service import ReferralService
from lea_service.legal.referral.table import load_referrals
from tests.legal.test_service import entries, notices, state
from tests.support.log import check_log

REASON = "Nagevraagd bij de afdeling nummers."
NAME = "Andere Telecom B.V."
TABLE = load_referrals()


@pytest.fixture
def referrals(log):
    return ReferralService(log.transactions, log.looks)


@pytest.fixture
def send(authority, legal, handler):
    """A function that records a demand and has it assessed."""

    def record(**changes):
        demand = authority.send(**changes)
        legal.assess(handler, demand)
        return demand

    return record


def test_kinds_say_little_in_two_languages():
    for one in TABLE.rows:
        assert len({one.nl, one.en, ""}) == 3
        assert one.confidence in load_catalogue().codes["sureness"]
        assert not {"klant", "abonnee", "customer", "subscriber"} & set(
            f"{one.nl} {one.en}".split()
        )
    assert not set(TABLE.kinds) & set(load_catalogue().grounds)


@pytest.mark.parametrize("code", sorted(TABLE.kinds))
def test_only_some_kinds_name_somebody(code):
    assert TABLE.choose(code, None).code == code
    if TABLE.kinds[code].may_name:
        assert TABLE.choose(code, NAME).code == code
    else:
        with pytest.raises(InvalidInput) as refused:
            TABLE.choose(code, NAME)
        assert str(refused.value) == "/name: expected none: nobody is named in this answer"


def test_controller_is_never_named():
    assert not TABLE.kinds["controller_first"].may_name
    assert not TABLE.kinds["not_ours"].may_name
    with pytest.raises(InvalidInput) as refused:
        TABLE.choose("wrong_addressee", None)
    assert str(refused.value) == "/to: expected a kind of the table of referrals"


def test_authority_is_referred_without_a_refusal(log, send, referrals, house, handler):
    demand = send()
    with pytest.raises(NotFound):
        referrals.get(handler, demand)
    with pytest.raises(NotPermitted):
        referrals.refer(house.actor("auditor1"), demand, "not_ours", REASON)
    made = referrals.refer(handler, demand, "other_provider", REASON, NAME)
    assert (made.kind.code, made.name, made.reason) == ("other_provider", NAME, REASON)
    assert referrals.get(handler, demand) == made
    assert state(log, demand) == "replied"
    assert "demand.replied" in notices(log, demand)
    (entry,) = (one for one in entries(log, demand) if one["ev"] == "demand.referred")
    facts = entry["facts"]
    assert (facts["reasons"], facts["names"]) == (["other_provider"], True)
    assert facts["table"] == TABLE.digest
    assert NAME not in str(entries(log, demand))
    with pytest.raises(WrongState):
        referrals.refer(handler, demand, "not_ours", REASON)
    check_log(log)


def test_european_order_is_referred_by_annex(log, send, referrals, annex, handler):
    demand = send(legal_basis="EU-EPO-SUBSCRIBER")
    with pytest.raises(WrongState, match="other_addressee"):
        referrals.refer(handler, demand, "not_ours", REASON)
    said = Statement("Een andere aanbieder is de geadresseerde.", is_preserved=False)
    annex.file(handler, demand, ["other_addressee"], said)
    assert state(log, demand) == "replied"


def test_demand_is_assessed_before_it_is_referred(log, authority, referrals, handler):
    with pytest.raises(WrongState):
        referrals.refer(handler, authority.send(), "not_ours", REASON)


def test_order_that_was_referred_is_recorded_anew(send, legal, referrals, handler):
    demand = send()
    referrals.refer(handler, demand, "not_ours", REASON)
    with pytest.raises(WrongState, match="recorded anew"):
        legal.uphold(handler, demand, "De autoriteit houdt vol dat het van ons is.")
