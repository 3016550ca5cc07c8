"""What used a rule, a mapping or a catalogue of law is found across demands."""

import json

import pytest

from lea_service.kernel.errors import NotFound
from lea_service.oversight.inquiries.schemas import AnswerSchema
from tests.support.engines import ANY_ENGINE
from tests.support.retention import rule_request

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
