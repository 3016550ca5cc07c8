"""What a reader of the register would object to, and that nothing else is objected to."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.errors import InvalidInput
from lea_service.retention.processing.document import dump_document, load_document, load_published
from lea_service.retention.processing.phrases import OBJECTIONS
from lea_service.retention.processing.rules import (
    DataTerm,
    Ending,
    Ground,
    Kept,
    Objection,
    Processor,
    Span,
    list_findings,
    review_due_on,
)
from lea_service.retention.processing.schemas import EntryRequestSchema
from lea_service.web.schemas import load_form
from tests.support.processing import entry_request

TODAY = date(2026, 11, 27)
ENTRY = load_document(dump_document(load_form(EntryRequestSchema, entry_request())))
TWO_YEARS = Kept(Span.FIXED, 24, "months")
FOREVER, UNSAID = Kept(Span.INDEFINITE), Kept(Span.NOT_STATED)
RULE = SimpleNamespace(term=24, unit="months", action="destroy")


def objections(entry, rule=None, today=TODAY):
    return [(one.code, one.at) for one in list_findings(entry, rule, today)]


def data(kept, ending=Ending.DESTROY):
    return (DataTerm("name", kept, ending),)


def test_nothing_is_objected_to_an_entry_that_states_all():
    assert objections(ENTRY) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"purpose": None}, [("purpose_not_stated", "/purpose")]),
        ({"ground": Ground.NOT_STATED}, [("ground_not_stated", "/ground")]),
        ({"ground": Ground.LEGAL_OBLIGATION}, [("obligation_without_article", "/article")]),
        ({"ground": Ground.LEGAL_OBLIGATION, "article": "AWR art. 52"}, []),
        ({"ground": Ground.CONSENT}, [("consent_without_evidence", "/consent_evidence")]),
        ({"ground": Ground.CONSENT, "consent_evidence": "log of the form"}, []),
        ({"data": data(FOREVER)}, [("indefinite", "/data/0/kept")]),
        ({"data": data(FOREVER, Ending.NOT_STATED)}, [("indefinite", "/data/0/kept")]),
        ({"data": data(UNSAID)}, [("term_not_stated", "/data/0/kept")]),
        ({"data": data(TWO_YEARS, Ending.NOT_STATED)}, [("ending_not_stated", "/data/0/ending")]),
        ({"owner": None}, [("owner_not_stated", "/owner")]),
        ({"processors": (Processor("a host", TWO_YEARS),)}, []),
        (
            {"processors": (Processor("a host", TWO_YEARS), Processor("b", FOREVER))},
            [("processor_term_not_stated", "/processors/1/kept")],
        ),
    ],
)
def test_what_is_missing_is_objected_to_where_it_stands(changes, found):
    assert objections(replace(ENTRY, **changes)) == found


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (RULE, []),
        (None, [("no_rule", "/source")]),
        (SimpleNamespace(term=6, unit="months", action="destroy"), [("other_rule", "/data/0")]),
        (SimpleNamespace(term=24, unit="days", action="destroy"), [("other_rule", "/data/0")]),
        (SimpleNamespace(term=24, unit="months", action="anonymise"), [("other_rule", "/data/0")]),
    ],
)
def test_register_and_the_rule_by_which_is_purged_say_the_same(rule, found):
    assert objections(replace(ENTRY, source="so_" + "0" * 32), rule) == found
    assert objections(ENTRY, rule) == []  # of a system that is no source no rule says anything


def test_review_is_due_a_year_later():
    reviewed = replace(ENTRY, reviewed_on=date(2025, 11, 27))
    assert objections(reviewed) == [("review_due", "/reviewed_on")]
    assert objections(reviewed, today=date(2026, 11, 26)) == []
    assert review_due_on(replace(ENTRY, reviewed_on=date(2028, 2, 29))) == date(2029, 2, 28)


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)))
def test_a_year_is_a_year(day):
    due = review_due_on(replace(ENTRY, reviewed_on=day))
    assert timedelta(days=365) <= due - day <= timedelta(days=366)


def test_article_stands_beside_each_objection_of_law():
    found = list_findings(replace(ENTRY, owner=None, data=data(FOREVER)), None, TODAY)
    assert [one.law for one in found] == ["Regulation (EU) 2016/679 art. 5(1)(e)", None]
    assert set(OBJECTIONS) == set(map(str, Objection))


def test_published_statement_stands_as_it_is_and_is_criticised():
    customers, telephony, website = load_published()
    spans = {one.category: one.kept for one in (*customers.data, *telephony.data, *website.data)}
    assert spans.pop("website activity") == Kept(Span.FIXED, 50, "months")
    forever = {"name", "telephone number", "e-mail address"}
    assert {name for name, kept in spans.items() if kept == FOREVER} == forever
    unsaid = {"address", "location", "bank account", "call data", "usage data"}
    assert {name for name, kept in spans.items() if kept == UNSAID} == unsaid
    assert set(spans) == forever | unsaid
    codes = [code for code, _ in objections(customers)]
    assert (codes.count("indefinite"), codes.count("term_not_stated")) == (3, 3)
    assert [code for code, _ in objections(telephony)].count("term_not_stated") == 2
    assert ("ending_not_stated", "/data/0/ending") in objections(website)


@pytest.mark.parametrize(
    ("kept", "place"),
    [
        ({"span": "indefinite", "value": 2, "unit": "months"}, "/data/0/kept/value"),
        ({"span": "fixed"}, "/data/0/kept/value"),
        ({"span": "fixed", "value": 2}, "/data/0/kept/unit"),
        ({"span": "always"}, "/data/0/kept/span"),
        ({"span": "fixed", "value": 0, "unit": "months"}, "/data/0/kept/value"),
    ],
)
def test_figure_is_of_a_fixed_term_alone(kept, place):
    request = entry_request(data=[{"category": "name", "kept": kept, "ending": "destroy"}])
    with pytest.raises(InvalidInput) as caught:
        load_form(EntryRequestSchema, request)
    assert caught.value.errors[0].pointer == place


def test_document_says_what_was_proposed():
    form = load_form(EntryRequestSchema, entry_request(ground="consent", article="art. 1"))
    assert dump_document(form) == dump_document({**form, "generation": 3})
    entry = load_document(dump_document(form))
    assert (entry.ground, entry.article, entry.data) == (Ground.CONSENT, "art. 1", data(TWO_YEARS))
