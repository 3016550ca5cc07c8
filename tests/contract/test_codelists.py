"""Each code that people read has words in Dutch and English, and each list says so to programs."""

import importlib
import json
import pkgutil
from enum import Enum
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

import lea_service
from lea_service.agencies.rules import KINDS as AGENCY_KINDS
from lea_service.cli import main
from lea_service.demands.demand import CATEGORIES
from lea_service.demands.schemas import HoldSchema
from lea_service.extraction.schemas import ProgressSchema
from lea_service.kernel.phrases import LANGUAGES
from lea_service.legal.confirmations.schemas import BreachSchema
from lea_service.legal.escalation import NOBODY_KNOWS, THRESHOLDS
from lea_service.legal.preservation.rules import EXPIRED
from lea_service.oversight.schemas import WarningSchema
from lea_service.records.kinds import KINDS
from lea_service.reporting.codelists import CODELISTS
from lea_service.staff.kinds import list_kinds
from lea_service.web.client import Client
from lea_service.web.output import legend

CODES = Path(lea_service.__file__).parent / "legal" / "data" / "codes.json"
NOT_SHOWN = "is shown to nobody"
FORM = "names a part of a form, and stands in no answer by itself"

LISTS = {
    "delivery.letters.text.About": "letters",
    "delivery.rules.Standing": "demand-standings",
    "demands.demand.Capacity": "capacities",
    "demands.demand.Channel": "channels",
    "demands.demand.EmergencyReason": "emergency-reasons",
    "demands.demand.Form": "demand-forms",
    "demands.demand.Lane": "demand-lanes",
    "demands.demand.ProcessorGround": "processor-grounds",
    "demands.demand.Protection": "protections",
    "demands.demand.TargetKind": "targets",
    "demands.narrowing.CutGround": "narrowing-grounds",
    "demands.states.State": "demand-states",
    "demands.withdrawal.WithdrawalReason": "withdrawal-reasons",
    "extraction.extra_decider.Reason": "extra-decider-reasons",
    "extraction.halts.HaltCode": "halts",
    "extraction.instalments.Standing": "instalment-standings",
    "extraction.instalments.Rhythm": "instalment-rhythms",
    "extraction.outcome.Outcome": "item-outcomes",
    "kernel.actors.Role": "roles",
    "legal.annex.table.Effect": "annex-effects",
    "legal.authenticity.call_back.CallOutcome": "call-back-outcomes",
    "legal.authenticity.observations.Sight": "authenticity-observations",
    "legal.breadth.Breadth": "breadths",
    "legal.confirmations.rules.Assessed": "breach-assessments",
    "legal.confirmations.rules.Cause": "breach-causes",
    "legal.counted.Cause": "clock-recounts",
    "legal.deadlines.Clock": "clocks",
    "legal.deadlines.Status": "clock-statuses",
    "legal.deadlines.Whose": "clock-owners",
    "legal.escalation.Audience": "escalation-audiences",
    "legal.findings.Outcome": "finding-outcomes",
    "legal.moments.Enforcing": "enforcing-authority",
    "legal.order_observations.Observation": "order-observations",
    "legal.preservation.rules.Longer": "preservation-extensions",
    "legal.questions.QuestionReason": "question-reasons",
    "legal.times.Awaited": "waits",
    "oversight.inquiries.rules.Question": "questions",
    "oversight.rules.WarningKind": "warnings",
    "retention.processing.rules.Ending": "processing-endings",
    "retention.processing.rules.Ground": "processing-grounds",
    "retention.processing.rules.Objection": "processing-objections",
    "retention.processing.rules.Span": "processing-spans",
    "retention.rules.Action": "retention-actions",
    "staff.engagement.EngagementKind": "engagements",
    "staff.reach.rules.Reach": "approver-reach",
    "staff.rules.ClearanceKind": "clearances",
    "staff.statement.Outcome": "approval-outcomes",
}
"""By enumeration the list that has its words."""

WITHOUT = {
    "demands.concerned.Mark": NOT_SHOWN,
    "kernel.actors.Permission": "stands in docs/roles.md only",
    "legal.annex.table.Certificate": FORM,
    "legal.annex.table.Need": FORM,
    "legal.annex.table.Tells": FORM,
    "legal.escalation.End": NOT_SHOWN,
    "legal.owed.Debt": NOT_SHOWN,
    "legal.preservation.rules.ReleaseGround": "has its words in preservation-releases, with expired",
    "legal.proposals.ProposalKind": "names what a text seems to be, beside that text",
    "legal.validation.Validation": NOT_SHOWN,
    "retention.rules.Unit": "stands beside its number",
    "staff.proven.Doubt": NOT_SHOWN,
    "staff.statement.Act": NOT_SHOWN,
    "workflow.notices.OwnMailbox": NOT_SHOWN,
    "workflow.notices.Reader": NOT_SHOWN,
}
"""By enumeration why no list has its words."""


def enumerations():
    """Return every enumeration of the service by where it stands."""
    found = {}
    for module in pkgutil.walk_packages(lea_service.__path__, "lea_service."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            is_enum = isinstance(value, type) and issubclass(value, Enum)
            if is_enum and value.__module__ == module.name and value.__name__ == name:
                found[f"{module.name.removeprefix('lea_service.')}.{name}"] = value
    return found


ENUMERATIONS = enumerations()


def test_each_enumeration_has_words_or_needs_none():
    assert set(ENUMERATIONS) == LISTS.keys() | WITHOUT.keys()


@pytest.mark.parametrize("where", LISTS)
def test_each_code_of_an_enumeration_has_words(where):
    assert set(CODELISTS[LISTS[where]]) == {str(one.value) for one in ENUMERATIONS[where]}


def test_each_code_that_is_no_enumeration_has_words():
    grounds = ENUMERATIONS["legal.preservation.rules.ReleaseGround"]
    kinds = {one.kind for one in list_kinds() if not one.kind.startswith("test.")}
    assert set(CODELISTS["preservation-releases"]) == {*map(str, grounds), EXPIRED, "produced"}
    assert set(CODELISTS["categories"]) == set(CATEGORIES)
    assert set(CODELISTS["record-kinds"]) == set(KINDS)
    assert set(CODELISTS["approval-kinds"]) == kinds
    assert set(CODELISTS["agency-kinds"]) == {one.code for one in AGENCY_KINDS}
    assert set(CODELISTS["issuing-roles"]) == set(json.loads(CODES.read_text())["roles"])
    assert set(CODELISTS["order-contents"]) == set(json.loads(CODES.read_text())["contents"])
    steps = {one.code for thresholds in THRESHOLDS.values() for one in thresholds}
    assert set(CODELISTS["escalation-steps"]) == steps | {NOBODY_KNOWS}
    sights = CODELISTS["authenticity-observations"]
    assert set(CODELISTS["authenticity-verdicts"]) == {*sights, "not_proven"}


def fields_of(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", CODELISTS)
def test_words_are_there_in_both_languages(name):
    assert CODELISTS[name]
    for dutch, english in CODELISTS[name].values():
        assert dutch.strip()
        assert english.strip()
        assert fields_of(dutch) == fields_of(english)


@pytest.mark.parametrize(
    ("schema", "name", "codelist"),
    [
        (BreachSchema, "cause", "breach-causes"),
        (WarningSchema, "kind", "warnings"),
        (HoldSchema, "code", "holds"),
        (ProgressSchema, "halt", "halts"),
    ],
)
def test_answer_says_each_code_in_both_languages(schema, name, codelist):
    says = schema(only=("says", "says_nl"))
    rows = [
        {name: code, **says.dump(SimpleNamespace(**{name: code}))} for code in CODELISTS[codelist]
    ]
    assert {one[name]: (one["says_nl"], one["says"]) for one in rows} == CODELISTS[codelist]
    for language, at in (("nl", 0), ("en", 1)):
        told = dict(line.split("  ", 1) for line in legend(rows, name, language).splitlines())
        assert {code: words.strip() for code, words in told.items()} == {
            code: words[at] for code, words in CODELISTS[codelist].items()
        }


def test_code_that_is_not_there_is_said_in_no_words():
    nothing = ProgressSchema(only=("says", "says_nl")).dump(SimpleNamespace(halt=None))
    assert nothing == {"says": None, "says_nl": None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_warnings_are_printed_with_the_words_of_their_codes(language, monkeypatch):
    code, (nl, en) = next(iter(CODELISTS["warnings"].items()))
    row = {"kind": code, "says": en, "says_nl": nl}
    monkeypatch.setattr(Client, "pages", lambda *_, **__: iter([row]))
    runner = CliRunner(env={"LEA_URL": "http://127.0.0.1:1", "LEA_TOKEN": "lea_s_x"})
    told = runner.invoke(main, ["warnings", "list", "--language", language]).output
    said, other = (nl, en) if language == "nl" else (en, nl)
    assert said in told
    assert other not in told


def test_command_says_what_codes_mean_without_a_service():
    runner = CliRunner(env={"LEA_URL": None, "LEA_TOKEN": None})
    assert runner.invoke(main, ["codelists"]).output.split() == list(CODELISTS)
    told = runner.invoke(main, ["codelists", "halts", "--language", "nl"])
    assert "de vordering wordt tegengehouden" in told.output
    as_json = runner.invoke(main, ["codelists", "halts", "--json"])
    rows = json.loads(as_json.output)
    assert {"code": "on_hold", "says": "the demand is held"} in rows
    unknown = runner.invoke(main, ["codelists", "colours"])
    assert unknown.exit_code == 2
    assert "agency-revocation-reasons" in unknown.output
    assert "colours" not in unknown.output
