"""The order to produce that follows a preservation: what it covers, and when it ends the freeze."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from lea_service.demands.changes import advance
from lea_service.demands.demand import CONTENTS, Target, TargetKind
from lea_service.demands.likeness import is_covered
from lea_service.demands.narrowing import CutGround
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import WrongState
from lea_service.legal.facts import KeptFacts
from lea_service.legal.narrowing.service import Asked
from lea_service.legal.preservation.changes import produce
from lea_service.legal.preservation.rules import LET_GO
from lea_service.records.identifiers import normalise_target
from tests.demands.samples import content, item
from tests.legal.cases import check, facts
from tests.legal.test_service import correct
from tests.support.frozen import list_frozen
from tests.support.log import check_log

KEPT = {"legal_basis": "NL-SV-126ni", "states": [*CONTENTS]}
TWO = ["traffic_call_records", "location"]
CHAIN = ["provider_chain"]
OTHER = item(value="+31201234567")
asks_for = partial(is_covered, normalise=partial(normalise_target, region="NL"))


@pytest.mark.parametrize(
    ("kept", "code", "outcome"),
    [(KeptFacts(True), "preserved.covers", "pass"),
     (KeptFacts(True, (1,)), "preserved.not_covered", "ask_human"),
     (KeptFacts(False), "preserved.unknown", "ask_human")],
)  # fmt: skip
def test_link_is_a_finding(kept, code, outcome):
    found = {one.code: one for one in check(facts(kept=kept)) if one.code.startswith("preserved")}
    assert {code: str(one.outcome) for code, one in found.items()} == {code: outcome}
    assert "preserved" not in str([one.code for one in check(facts())])


@pytest.mark.parametrize(
    ("basis", "categories", "found"),
    [("NL-SV-126ni", CHAIN, "pass"), ("NL-SV-126ui", CHAIN, "pass"),
     ("NL-SV-126zja", CHAIN, "ask_human"), ("EU-EPRO", CHAIN, "held"),
     ("NL-SV-126ni", [*CHAIN, "traffic_call_records"], "held"), ("NL-SV-126ni", TWO, "held")],
)  # fmt: skip
def test_only_the_chain_of_providers_is_handed_over(basis, categories, found):
    (one,) = (
        one for one in check(facts(basis, categories=categories)) if one.code[:10] == "instrument"
    )
    is_open = "pass" if one.outcome == "pass" else str(one.outcome)
    assert found == ("held" if one.code == "instrument.preservation" else is_open)
    assert one.can_be_accepted == (found == "ask_human")


def test_chain_of_providers_is_nothing_to_keep(authority, legal, preservation, handler):
    demand = authority.send(**KEPT, items=[item(categories=CHAIN)])
    found = legal.assess(handler, demand)
    assert "instrument.chain" in {one.code for one in found.findings}
    assert found.open == ()
    with pytest.raises(WrongState):
        preservation.keep(handler, demand)


def test_item_is_covered_by_all_that_ask_for_it():
    asked = content(items=[item(categories=TWO)]).items[0]
    halves = [replace(asked, categories=(one,)) for one in TWO]
    assert asks_for(asked, halves)
    assert not asks_for(asked, halves[:1])
    period, day = asked.period, timedelta(days=1)
    assert asks_for(asked, [replace(asked, period=replace(period, end=period.end + day))])
    assert not asks_for(asked, [replace(asked, period=replace(period, end=period.end - day))])
    assert not asks_for(asked, [replace(asked, period=replace(period, start=period.start + day))])
    assert asks_for(asked, [replace(asked, target=replace(asked.target, value="06 12345678"))])
    assert not asks_for(asked, content(items=[OTHER]).items)


@pytest.mark.parametrize(
    ("kind", "kept", "asked", "is_one"),
    [("phone_number", "+31612345678", "0031 6 1234-5678", True),
     ("phone_number", "+31612345678", "+33612345678", False),
     ("phone_number", "no number", "no number", False),
     ("customer_number", "K-1", "K1", False), ("customer_number", "AB1", "ab1", False),
     ("customer_number", " K-1 ", "K-1", True),
     ("email", "jan@x.example", "j.an@x.example", False),
     ("email", "Jan@X.example", "jan@x.example", True),
     ("sip_uri", "sips:jan@x.example", "jan@x.example", True),
     ("ip_address", "2001:db8::1", "2001:DB8:0::1", True),
     ("ip_address", "2001:db8::11", "2001:db8::1:1", False)],
)  # fmt: skip
def test_only_what_records_hold_as_one_is_one(kind, kept, asked, is_one):
    first = content().items[0]
    kept, asked = (replace(first, target=Target(TargetKind(kind), one)) for one in (kept, asked))
    assert asks_for(kept, [asked]) is is_one


def test_order_about_another_ends_no_freeze(log, authority, legal, preservation, handler):
    """Without what gives targets their form they are one when they were typed so."""
    kept = authority.send(**KEPT, items=[item()])
    legal.assess(handler, kept)
    preservation.keep(handler, kept)
    other = authority.send(preservation=kept, items=[item(value="+33612345678")])
    found = legal.assess(handler, other).findings
    assert [one.code for one in found if one.code[:9] == "preserved"] == ["preserved.not_covered"]
    with log.transactions.begin(worker_actor()) as tx:
        produce(tx, other)
    assert preservation.get(handler, kept).state == "preserved"


def test_freeze_ends_with_the_answer_to_all_of_it(log, authority, legal, preservation, handler):
    kept = authority.send(**KEPT, items=[item(), OTHER])
    legal.assess(handler, kept)
    preservation.keep(handler, kept)
    part, whole, alien = (
        authority.send(preservation=kept, **changes)
        for changes in (
            {},
            {"items": [item(), OTHER]},
            {"items": [item(), OTHER], "agency": {"name": "Politie"}},
        )
    )
    codes = [
        [one.code for one in legal.assess(handler, one).findings if one.code[:9] == "preserved"]
        for one in (part, whole, alien)
    ]
    assert codes == [["preserved.covers"], ["preserved.covers"], ["preserved.unknown"]]
    for demand in (part, alien, whole):
        assert preservation.get(handler, kept).state == "preserved"
        with log.transactions.begin(worker_actor()) as tx:
            produce(tx, demand)
    ended = preservation.get(handler, kept)
    assert (ended.state, ended.released, ended.production) == ("produced", "produced", whole)
    with log.transactions.begin(worker_actor()) as tx:
        produce(tx, whole)
    check_log(log)


def test_what_was_not_given_stays_kept(log, authority, legal, preservation, narrowings, handler):
    both = [item(categories=["billing_payment", "traffic_call_records"])]
    kept = authority.send(**KEPT, items=both)
    legal.assess(handler, kept)
    preservation.keep(handler, kept)
    asked = authority.send(legal_basis="NL-SV-126nd", items=both, preservation=kept)
    legal.assess(handler, asked)
    cut = Asked(1, CutGround.CATEGORY, category="traffic_call_records")
    narrowings.narrow(handler, asked, cut, "Artikel 126nd strekt zich daar niet toe uit.")
    with log.transactions.begin(worker_actor()) as tx:
        produce(tx, asked)
    assert preservation.get(handler, kept).state == "preserved"


def test_what_a_correction_took_out_stays_kept(log, authority, legal, preservation, handler, clock):
    """One of us corrected it out; the answer to what was left is none to that."""
    kept = authority.send(**KEPT, items=[item(), OTHER])
    less = {**KEPT, "items": [item()]}
    correct(authority, log, kept, authority.paper(**less), **less)
    legal.assess(handler, kept)
    preservation.keep(handler, kept)
    asked = authority.send(preservation=kept, items=[item()])
    with log.transactions.begin(worker_actor()) as tx:
        produce(tx, asked)
    assert preservation.get(handler, kept).state == "preserved"
    (frozen,) = (one for one in list_frozen(log, clock.now()) if one.id == kept)
    assert OTHER["target"]["value"] in [one.target.value for one in frozen.items]
    check_log(log)


def test_correction_of_the_agency_lets_no_other_authority_end_a_freeze(
    log, authority, legal, preservation, handler
):
    """One of us typed whose order it is; the answer to the other house is none to that."""
    theirs = authority.register.organisation("FIOD", kind="police")
    kept = authority.send(**KEPT, agency={"ref": theirs}, items=[item()])
    correct(authority, log, kept, authority.paper(**KEPT), **KEPT)
    legal.assess(handler, kept)
    preservation.keep(handler, kept)
    asked = authority.send(preservation=kept)
    with log.transactions.begin(worker_actor()) as tx:
        produce(tx, asked)
    assert preservation.get(handler, kept).state == "preserved"


@pytest.mark.parametrize("is_corrected", [True, False])
def test_answer_ends_no_freeze_of_what_a_correction_took_out(log, authority, clock, is_corrected):
    """Of a European order to produce, which has no term: for as long as after a withdrawal."""
    order = {"legal_basis": "EU-EPO-TRAFFIC"}
    demand = authority.send(**order, items=[item(), OTHER])
    if is_corrected:
        less = {**order, "items": [item()]}
        correct(authority, log, demand, authority.paper(**less), **less)
    with log.transactions.begin(worker_actor()) as tx:
        for state in ("under_review", "approved", "extracting", "sealing", "ready"):
            advance(tx, demand, state, "demand.resumed")
        advance(tx, demand, "delivered", "package.made_available")
    given = clock.now()
    named = [one.target.value for found in list_frozen(log, given) for one in found.items]
    assert (OTHER["target"]["value"] in named) is is_corrected
    assert list_frozen(log, given + LET_GO) == []
