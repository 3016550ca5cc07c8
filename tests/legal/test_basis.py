"""What is read of a row: each member in its place, what is not known, and how sure it is."""

from dataclasses import replace
from datetime import date

import pytest

from lea_service.kernel.canonical import canonical_digest
from lea_service.legal.basis import (
    Afterwards,
    Basis,
    Condition,
    Extension,
    GivenOrally,
    Judicial,
    Memory,
    NotBefore,
    Review,
    Term,
    load_basis,
)

ROW = {
    "id": "NL-X-1",
    "jurisdiction": "NL",
    "family": "criminal",
    "citation": "article 1",
    "title": {"nl": "titel", "en": "title"},
    "instrument": "demand",
    "status": "in_force",
    "enforceable_in_nl": True,
    "route": "direct",
    "valid_from": "2025-01-01",
    "valid_to": "2026-12-31",
    "succeeded_by": None,
    "notes": None,
    "issuing_roles": ["role"],
    "roles_if_validated": ["police"],
    "judicial_authorisation": {
        "need": "conditional",
        "by": "judge",
        "rests_on": ["statute"],
        "conditions": [
            {
                "kind": "role_needs_validation",
                "categories": ["traffic"],
                "text": "where the police ask",
                "afterwards": {
                    "when": "emergency",
                    "citation": "article 2",
                    "term": {"rule": "at_most", "value": 48, "unit": "hours"},
                    "sources": ["S2"],
                    "confidence": "medium",
                },
                "rests_on": ["case_law"],
                "if_missing": "clarify",
            },
            {"kind": "always", "text": "in each case"},
        ],
        "if_missing": "defect",
        "oral": {
            "allowed": "urgent",
            "citation": "article 3",
            "confirmation": {"rule": "at_most", "value": 3, "unit": "days", "counting": "nl.sv"},
            "sources": ["S3"],
            "confidence": "low",
        },
    },
    "categories": ["traffic"],
    "excluded_categories": ["content"],
    "unsettled_categories": ["location"],
    "threshold": {"text": "four years"},
    "targets": ["phone_number"],
    "contents": ["period"],
    "look_back": {"rule": "at_most", "value": 6, "unit": "months"},
    "look_forward": {"rule": "at_most", "value": 3, "unit": "months"},
    "oral": {"allowed": "yes", "confirmation": {"rule": "at_most", "value": 4, "unit": "days"}},
    "response": {
        "rule": "at_most",
        "value": 10,
        "unit": "days",
        "text": "ten days",
        "counting": "eu.1182",
        "alarm_hours": 72,
        "not_before": {"value": 9, "unit": "days", "when": "notified", "ends_early_by": "consent"},
        "extension": {"value": 2, "unit": "weeks", "times": 1},
        "gives": ["traffic"],
    },
    "emergency_response": {"rule": "at_most", "value": 8, "unit": "hours"},
    "preservation": {"rule": "at_most", "value": 90, "unit": "days", "gives": None},
    "order_validity": {"rule": "at_most", "value": 5, "unit": "weeks"},
    "sources": ["S1"],
    "confidence": "medium",
    "memory": {
        "targets": {"confidence": "low", "note": "by heart", "of": ["phone_number"]},
        "oral": {"confidence": "high", "note": None},
    },
}
"""Each member has a value of its own, so that none can stand in for another."""


def at_most(value, unit, **more):
    return Term("at_most", value, unit, None, **more)


AFTERWARDS = Afterwards("emergency", "article 2", at_most(48, "hours"), ("S2",), "medium")
ORALLY = GivenOrally("urgent", "article 3", at_most(3, "days", counting="nl.sv"), ("S3",), "low")
CONDITIONS = (
    Condition(
        "role_needs_validation",
        ("traffic",),
        "where the police ask",
        AFTERWARDS,
        ("case_law",),
        "clarify",
    ),
    Condition("always", (), "in each case"),
)
READ = Basis(
    id="NL-X-1",
    jurisdiction="NL",
    family="criminal",
    citation="article 1",
    title={"nl": "titel", "en": "title"},
    instrument="demand",
    status="in_force",
    enforceable=True,
    route="direct",
    valid_from=date(2025, 1, 1),
    valid_to=date(2026, 12, 31),
    issuing_roles=("role",),
    roles_if_validated=("police",),
    judicial=Judicial("conditional", "judge", ("statute",), CONDITIONS, "defect", ORALLY),
    categories=("traffic",),
    excluded_categories=("content",),
    unsettled_categories=("location",),
    threshold="four years",
    targets=("phone_number",),
    contents=("period",),
    look_back=at_most(6, "months"),
    look_forward=at_most(3, "months"),
    oral="yes",
    confirmation=at_most(4, "days"),
    response=Term(
        "at_most",
        10,
        "days",
        "ten days",
        "eu.1182",
        72,
        NotBefore(9, "days", "notified", "consent"),
        Extension(2, "weeks", 1),
        ("traffic",),
    ),
    emergency_response=at_most(8, "hours"),
    preservation=at_most(90, "days", gives=None),
    order_validity=at_most(5, "weeks"),
    sources=("S1",),
    confidence="medium",
    memory={
        "targets": Memory("low", "by heart", ("phone_number",)),
        "oral": Memory("high", None, ()),
    },
    unknown=(),
    digest=canonical_digest(ROW),
)


def test_each_member_of_a_row_is_in_its_place():
    assert load_basis(ROW) == READ
    review = Review("Mr. A. Recht", date(2026, 9, 1), "The court held otherwise.")
    assert load_basis(ROW, review) == replace(READ, reviewed=review)
    assert review.dump() == {
        "by": "Mr. A. Recht",
        "on": "2026-09-01",
        "why": "The court held otherwise.",
    }


MAY_BE_NULL = {
    "instrument", "status", "enforceable_in_nl", "valid_from", "issuing_roles",
    "roles_if_validated", "judicial_authorisation", "categories", "excluded_categories",
    "unsettled_categories", "threshold", "targets", "contents", "look_back", "look_forward",
    "oral", "response", "emergency_response", "preservation", "order_validity",
}  # fmt: skip
NO_FACT = {"valid_to", "succeeded_by", "route", "notes"}
NAMED_OTHERWISE = {"enforceable_in_nl": "enforceable", "judicial_authorisation": "judicial"}


@pytest.mark.parametrize("name", sorted(MAY_BE_NULL))
def test_null_is_not_known_and_becomes_nothing_else(name):
    found = load_basis({**ROW, name: None})
    assert getattr(found, NAMED_OTHERWISE.get(name, name)) is None
    assert found.unknown == (name,)
    if name == "oral":
        assert found.confirmation is None


def test_what_is_not_known_is_listed_in_order():
    assert load_basis({**ROW, **dict.fromkeys(MAY_BE_NULL)}).unknown == (*sorted(MAY_BE_NULL),)


def test_null_where_nothing_is_planned_is_no_gap():
    found = load_basis({**ROW, **dict.fromkeys(NO_FACT)})
    assert (found.unknown, found.valid_to, found.route) == ((), None, None)


def test_whether_it_may_be_oral_is_not_known_either_way():
    oral = {"allowed": None, "confirmation": None}
    assert load_basis({**ROW, "oral": oral}).unknown == ("oral",)
    assert load_basis({**ROW, "oral": {**oral, "allowed": "no"}}).unknown == ()


def judicial_with(**more):
    return {**ROW["judicial_authorisation"], **more}


def condition_with(**more):
    first, *rest = ROW["judicial_authorisation"]["conditions"]
    return judicial_with(conditions=[{**first, **more}, *rest])


AFTERWARDS_ROW = ROW["judicial_authorisation"]["conditions"][0]["afterwards"]
ORAL_ROW = ROW["judicial_authorisation"]["oral"]


@pytest.mark.parametrize(
    "judicial",
    [
        *(judicial_with(**{name: None}) for name in ("need", "by", "rests_on", "conditions")),
        judicial_with(if_missing=None),
        judicial_with(oral=None),
        judicial_with(oral={**ORAL_ROW, "allowed": None}),
        judicial_with(oral={**ORAL_ROW, "confirmation": None}),
        condition_with(afterwards=None),
        condition_with(afterwards={**AFTERWARDS_ROW, "term": None}),
    ],
)
def test_authorisation_of_which_something_is_not_known_is_not_known(judicial):
    assert load_basis({**ROW, "judicial_authorisation": judicial}).unknown == (
        "judicial_authorisation",
    )


def test_first_condition_of_a_validation_is_that_of_the_row():
    assert load_basis(ROW).validation == CONDITIONS[0]
    assert (
        load_basis({**ROW, "judicial_authorisation": judicial_with(conditions=[])}).validation
        is None
    )
    assert load_basis({**ROW, "judicial_authorisation": None}).validation is None


@pytest.mark.parametrize(
    ("field", "code", "expected"),
    [
        ("contents", None, "medium"),
        ("targets", "phone_number", "low"),
        ("targets", "imsi", "medium"),
        ("targets", None, "medium"),
        ("oral", None, "medium"),
        ("oral", "yes", "medium"),
    ],
)
def test_field_is_as_sure_as_the_least_sure_of_it_and_its_row(field, code, expected):
    """What is remembered better than the row makes nothing surer than the row."""
    assert load_basis(ROW).confidence_of(field, code) == expected


def test_whole_field_by_heart_makes_each_of_its_codes_as_unsure():
    memory = {"oral": {"confidence": "low", "note": None}}
    assert load_basis({**ROW, "memory": memory}).confidence_of("oral", "yes") == "low"
