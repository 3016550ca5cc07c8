"""What used a rule, a mapping or a catalogue of law is found across demands."""

import json

import pytest

from lea_service.extraction import named_queries
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.datakeys import FILE
from lea_service.kernel.errors import NotFound
from lea_service.oversight.inquiries.schemas import AnswerSchema
from tests.support.death import BEFORE, Killed, dying_at
from tests.support.engines import ANY_ENGINE
from tests.support.retention import rule_request
from tests.support.service import PHONE

REASON = "A mapping turned out to be wrong."


@ANY_ENGINE
def test_the_whole_service_finds_what_used_a_rule_a_mapping_or_a_catalogue(whole):
    """Of a demand that was answered: its plan states rule and mapping, its check the catalogue."""
    source = whole.source()
    whole.calls(3)
    demand = whole.delivered()
    other = whole.record()
    services = whole.services
    auditor = whole.actor("auditor1")
    plan = services.extraction.get_plan(whole.actor(), demand)
    (stated,) = [one for one in plan.document["sources"] if one["id"] == source]
    check = services.legal.get_assessment(whole.actor(), demand)

    def find(question, about):
        request = {"question": question, "about": about, "identifiers": [], "reason": REASON}
        inquiry = whole.house.approve("oversight.inquiry", request, "auditor1", "overseer1")
        answer = services.inquiries.answer(auditor, inquiry)
        return {one.demand: one.found_in for one in answer.demands}, answer

    found, answer = find("mapping", stated["mapping"])
    assert found == {demand: [plan.id]}
    events = {one.event for touched in answer.demands for one in touched.done}
    assert {"plan.compiled", "package.sealed", "package.made_available"} <= events
    for question in ("retention_rule", "mapping", "catalogue"):
        with pytest.raises(NotFound, match="no such code"):
            find(question, "CALL-6M")
    whole.house.approve("retention.rule", rule_request())
    assert find("retention_rule", "CALL-6M")[0] == {}
    by_catalogue, _ = find("catalogue", check.catalogue_digest)
    assert by_catalogue[demand] == [check.id]
    assert other not in by_catalogue
    assert json.loads(AnswerSchema().dumps(answer))["demands"][0]["demand"] == demand


OF_THE_OTHER = "A subscriber asks who was told of their calls."


def ask_about(whole, *identifiers):
    """Return what an inquiry finds of a subscriber, by demand, and its whole answer."""
    named = [dict(zip(("kind", "value", "source"), one, strict=False)) for one in identifiers]
    request = {"question": "subject", "identifiers": named, "reason": OF_THE_OTHER}
    inquiry = whole.house.approve("oversight.inquiry", request, "auditor1", "overseer1")
    answer = whole.services.inquiries.answer(whole.actor("auditor1"), inquiry)
    return {one.demand: one.found_in for one in answer.demands}, answer


CALLED = "+31687654321"
LINES = f"1,{PHONE},{CALLED},2026-11-02 10:00:00,9\n2,{PHONE},201,2026-11-02 11:00:00,9\n"


def test_the_other_party_of_calls_handed_over_is_found(whole):
    whole.source()
    whole.take_in(LINES.encode())
    demand = whole.delivered()
    package = whole.package(demand)
    assert ask_about(whole, ("phone_number", CALLED))[0] == {demand: [package]}
    assert ask_about(whole, ("phone_id", "201", "pbx"))[0] == {demand: [package]}
    assert ask_about(whole, ("phone_number", PHONE))[0] == {demand: ["record/1", package]}
    assert ask_about(whole, ("phone_number", "+31687654322"))[0] == {}
    whole.acknowledge(demand)
    whole.clock.advance(days=60)
    whole.work()
    assert whole.state(demand) == "erased"
    found, answer = ask_about(whole, ("phone_number", CALLED))
    assert (found, answer.not_looked_through) == ({demand: [package]}, 0)
    whole.check()


@ANY_ENGINE
def test_what_was_not_handed_over_is_no_hand_over(whole, monkeypatch):
    whole.source()
    whole.take_in(LINES.encode())
    demand = whole.decided()
    with dying_at(monkeypatch, "package.release", "release", BEFORE), pytest.raises(Killed):
        whole.work()
    assert ask_about(whole, ("phone_number", CALLED))[0] == {}
    assert whole.state(demand) == "ready"


@ANY_ENGINE
def test_rows_that_name_too_many_are_told_as_not_looked_through(whole, monkeypatch):
    monkeypatch.setattr(named_queries, "MOST", 3)
    whole.source()
    whole.take_in(LINES.encode())
    whole.delivered()
    found, answer = ask_about(whole, ("phone_number", CALLED))
    assert (found, answer.not_looked_through) == ({}, 1)


@ANY_ENGINE
def test_who_may_not_know_of_a_demand_finds_it_by_no_rule(whole):
    """Not by its rule, its mapping or its catalogue, nor among those that were erased."""
    source = whole.source()
    whole.house.approve("retention.rule", rule_request(term=240))
    whole.calls(3)
    demand = whole.delivered()
    services = whole.services
    plan = services.extraction.get_plan(whole.actor(), demand)
    (stated,) = [one for one in plan.document["sources"] if one["id"] == source]
    check = services.legal.get_assessment(whole.actor(), demand)
    own = {
        "account": whole.house.id("auditor1"),
        "identifiers": [{"kind": "phone_number", "value": PHONE}],
    }
    whole.house.approve("oversight.own_identifiers", own, "admin1", "overseer1")
    asked = {
        "retention_rule": ("CALL-6M", plan.id),
        "mapping": (stated["mapping"], plan.id),
        "catalogue": (check.catalogue_digest, check.id),
    }
    inquiries = {}
    for question, (about, where) in asked.items():
        request = {"question": question, "about": about, "identifiers": [], "reason": REASON}
        inquiries[question] = whole.house.approve(
            "oversight.inquiry", request, "overseer1", "auditor1"
        )
        hidden = services.inquiries.answer(whole.actor("auditor1"), inquiries[question])
        assert (hidden.demands, hidden.erased) == ([], 0)
        (found,) = services.inquiries.answer(whole.actor("overseer1"), inquiries[question]).demands
        assert (found.demand, found.found_in) == (demand, [where])
    end_file(whole, demand)
    answers = [
        services.inquiries.answer(whole.actor(one), inquiries["retention_rule"])
        for one in ("auditor1", "overseer1")
    ]
    assert [(one.demands, one.erased) for one in answers] == [([], 0), ([], 1)]


def end_file(whole, demand):
    """End the key of a file, as its erasure does."""
    transactions = whole.log.transactions
    with transactions.begin(worker_actor()) as tx:
        tx.keys.destroy(tx.session, demand, FILE, tx.now)
