"""Who else had a part in a communication (art. 126ni lid 2): a plan and a package of its own."""

import json

import pytest

from lea_service.demands.demand import CONTENTS
from lea_service.kernel.errors import NotPermitted, WrongState
from tests.support.service import make_item

CHAIN = ["provider_chain"]
SAID = {
    "nl": "Niet aanwezig. Gegevens van deze soort worden niet vastgelegd",
    "en": "Not held. Data of this kind are not recorded",
}


def ask(whole, categories):
    """Record an order to preserve that asks for some categories; returns it."""
    item = make_item() | {"categories": categories}
    return whole.record([item], legal_basis="NL-SV-126ni", states=sorted(CONTENTS))


@pytest.fixture
def filled(whole):
    whole.source()
    whole.calls(30)
    return whole


def test_chain_of_providers_goes_its_whole_way_and_says_what_is_not_held(filled):
    demand = filled.settle(ask(filled, CHAIN))
    plan, preview = filled.plan(demand)
    assert (plan.read().sources, preview.rows) == ((), 0)
    proposed = filled.propose(plan)
    with pytest.raises(NotPermitted):
        filled.house.decide(proposed, by="handler1")
    filled.house.decide(proposed)
    filled.work()
    assert filled.state(demand) == "delivered"
    receiver = filled.sign_in()
    container = filled.open(filled.fetch(receiver, filled.package(demand)), receiver.id)
    report = filled.verify(container)
    assert (report.problems, report.doubts, report.rows) == ([], [], 0)
    members = filled.opened(demand, receiver)
    (item,) = json.loads(members["manifest.json"])["items"]
    assert (item["outcome"], item["rows"]) == ("not_held", 0)
    for language, said in SAID.items():
        assert said in " ".join(members[f"LETTER.{language}.txt"].decode().split())
    assert not [name for name in members if name.startswith("records/")]
    filled.check_bundle(filled.bundle(demand))
    filled.check()


def test_chain_of_providers_takes_nothing_of_what_is_only_kept_along(filled):
    demand = ask(filled, [*CHAIN, "traffic_call_records"])
    filled.call_back(demand)
    found = filled.services.legal.assess(filled.actor(), demand)
    assert "instrument.preservation" in found.open
    with pytest.raises(WrongState, match=r"instrument\.preservation"):
        filled.plan(demand)
