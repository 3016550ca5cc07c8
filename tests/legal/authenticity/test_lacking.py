"""What the proof of a demand lacks is told where the demand is shown, in either language."""

import re

import httpx
import pytest
from click.testing import CliRunner

from lea_service.demands.cli import demands as group
from lea_service.legal.authenticity.lacking import list_lacks
from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.policy import judge, load_shipped
from lea_service.web.client import Client
from tests.support.call_backs import call_back

S = Sight
CASES = [
    (),
    (S.AGENCY_KNOWN, S.PERSON_KNOWN),
    (S.AGENCY_KNOWN, S.PERSON_KNOWN, S.SIGNATURE_BY_ISSUER),
    (S.CALL_BACK_DENIED, S.MAIL_LOOK_ALIKE),
    (S.AGENCY_KNOWN, S.PERSON_KNOWN, S.CALL_BACK_CONFIRMED),
]


@pytest.fixture
def engine_name():
    """The commands are the same on each engine."""
    return "sqlite"


@pytest.fixture
def show(app, monkeypatch):
    transport = httpx.WSGITransport(app=app)

    def connect():
        return Client("http://localhost", "handler", transport=transport)

    monkeypatch.setattr(Client, "from_environment", connect)
    return lambda *args: CliRunner().invoke(group, ["show", *args], catch_exceptions=False).output


def lacks(*seen):
    return list_lacks(judge(load_shipped(), seen), seen)


@pytest.mark.parametrize("seen", CASES)
def test_each_reason_of_the_verdict_is_said(seen):
    assert tuple(one.code for one in lacks(*seen)) == judge(load_shipped(), seen).reasons


def test_of_a_proof_only_what_was_not_seen_is_named():
    (proof,) = lacks(S.AGENCY_KNOWN, S.PERSON_KNOWN, S.SIGNATURE_BY_ISSUER)
    assert proof.en == (
        "one of these proofs, not seen yet: “The agency confirmed this demand on a number of the "
        "register.” or “The document holds the proof that the certificate was not revoked.”"
    )
    assert proof.nl.startswith("een van deze bewijzen, nog niet gezien: “De instantie bevestigde")
    agency, *_ = lacks()
    assert agency.nl.startswith("nog niet gezien: “De instantie staat in het register")


def test_policy_without_a_proof_says_so():
    (lack,) = list_lacks(judge(load_shipped().__class__(0, "", (), (), ()), ()), ())
    assert (lack.code, lack.en) == ("not_proven", "the policy knows no proof")


def test_demand_under_review_tells_what_its_proof_lacks(
    show, authority, legal, handler, house, log
):
    demand = authority.send(called_back=False)
    assert "not_proven: where the demand comes from is proven by nothing yet" in show(demand)
    legal.assess(handler, demand)
    text, dutch = show(demand), show(demand, "--language", "nl")
    assert re.search(r"\nproof lacks +not_proven: one of these proofs, not seen yet: “The ", text)
    assert re.search(r"\nbewijs mist +not_proven: een van deze bewijzen", dutch)
    assert "“De instantie bevestigde deze vordering op een nummer uit het register.”" in dutch
    call_back(log.transactions, house.actor("handler1"), demand)
    assert re.search(r"\nproof lacks +nothing: what the policy asks was seen\n", show(demand))
