"""Powers of supervisors ask a person; a direct order from abroad names the way that applies."""

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.facts import AgencyFacts, PersonFacts
from lea_service.legal.findings import Outcome, gravest
from tests.legal.cases import DATA, basis_of, check, facts, suited

CATALOGUE = load_catalogue()
SUPERVISORS = {"NL-AWB-5-16": "nl.toezichthouder", "NL-AWR-53": "nl.inspecteur"}
FOREIGN = [one.id for one in CATALOGUE.bases if one.enforceable is False]
OWN, BOUND, UNBOUND = (
    "order_under_dutch_law", "european_order_or_investigation_order", "mutual_legal_assistance"
)  # fmt: skip


def supervised(basis, **changes):
    role = SUPERVISORS[basis]
    agency = AgencyFacts("NL", (role,), is_suspended=False)
    person = PersonFacts((role,), is_suspended=False, is_of_agency=True)
    return facts(basis, role=role, agency=agency, person=person, **changes)


@pytest.mark.parametrize("basis", SUPERVISORS)
@pytest.mark.parametrize("category", sorted(CATALOGUE.codes["categories"]))
def test_supervisor_is_neither_passed_nor_refused(basis, category):
    found = check(supervised(basis, categories=[category], authorisation=None))
    assert gravest(found) is Outcome.ASK_HUMAN
    assert not [one.code for one in found if one.outcome is Outcome.DEFECT]
    asked = {one.code for one in found if one.outcome is Outcome.ASK_HUMAN}
    assert asked >= {
        "basis.in_force_unknown", "basis.incomplete", "instrument.unknown", "role.unknown",
        "category.unknown", "judicial.unknown", "target.unknown", "period.look_back_unknown",
    }  # fmt: skip


@pytest.mark.parametrize("basis", SUPERVISORS)
def test_nothing_but_the_article_is_stated_of_supervisors(basis):
    row = CATALOGUE.get_row(basis_of(basis))
    stated = {name for name, value in row.items() if value is not None}
    assert stated == {
        "id", "jurisdiction", "family", "citation", "title", "sources", "confidence", "memory",
        "corrections", "notes", "counsel_reviewed",
    }  # fmt: skip
    assert row["confidence"] == "low"


@pytest.mark.parametrize("basis", FOREIGN)
def test_direct_order_from_abroad_names_the_way(basis):
    found = {one.code: one for one in check(suited(basis_of(basis)))}["basis.foreign"]
    assert found.outcome is Outcome.DEFECT
    assert found.cure.startswith(CATALOGUE.codes["routes"][found.seen["route"]]["en"])
    assert "exist" not in found.cure  # the authority reads it, in the letter


def of(country, basis):
    demand = suited(basis_of(basis))
    return {
        one.code: one
        for one in check(replace(demand, agency=replace(demand.agency, country=country)))
    }


@pytest.mark.parametrize(
    ("country", "basis", "route"),
    [
        ("DK", "DK-NATIONAL-LAW", UNBOUND),
        ("BE", "EU-NATIONAL-LAW", BOUND),
        ("DK", "EU-NATIONAL-LAW", UNBOUND),
        ("NL", "EU-NATIONAL-LAW", OWN),
        ("US", "US-SCA-2703D", UNBOUND),
        ("GB", "UK-IPA-60A", UNBOUND),
        ("DE", "DE-STPO-100G", BOUND),
    ],
)
def test_way_depends_on_the_state(country, basis, route):
    assert of(country, basis)["basis.foreign"].seen["route"] == route


@pytest.mark.parametrize(
    ("country", "basis", "code", "route"),
    [
        ("DK", "EU-EPO-TRAFFIC", "agency.other_state", UNBOUND),
        ("NL", "EU-EPO-TRAFFIC", "agency.own_state", OWN),
        ("DK", "NL-SV-126n", "agency.other_state", UNBOUND),
        ("BE", "NL-SV-126n", "agency.other_state", BOUND),
        ("CH", "NL-SV-126n", "agency.other_state", UNBOUND),
    ],
)
def test_state_that_cannot_use_a_basis_is_told_its_way(country, basis, code, route):
    found = of(country, basis)[code]
    assert found.seen == {"country": country, "route": route}
    assert found.cure.startswith(CATALOGUE.codes["routes"][route]["en"])


def test_foreign_row_without_a_way_does_not_fit():
    schema = Draft202012Validator(json.loads((DATA / "legal-basis-1.json").read_bytes()))
    row = CATALOGUE.get_row(basis_of("DK-NATIONAL-LAW"))
    assert schema.is_valid(row)
    assert not schema.is_valid({**row, "route": None})
