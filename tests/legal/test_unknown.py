"""Whatever becomes unknown in the catalogue never makes a demand pass."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lea_service.legal.basis import load_basis
from lea_service.legal.catalogue import build_catalogue, load_catalogue
from lea_service.legal.editions import key_of
from lea_service.legal.facts import Authorisation
from lea_service.legal.findings import Outcome, gravest
from lea_service.legal.rows import place_rows
from tests.legal.cases import DATA, ITEM, TODAY, basis_of, check, facts, suited

CATALOGUE = load_catalogue()
SCHEMA = Draft202012Validator(json.loads((DATA / "legal-basis-1.json").read_bytes()))
NO_FACT = {"valid_to", "succeeded_by", "route", "notes"}
IDS = [basis.id for basis in CATALOGUE.bases]


def places(row):
    """Return the path of every legal fact of a row that the schema lets be unknown."""
    found = []
    for name, value in row.items():
        if name in NO_FACT:
            continue
        paths = [(name,)]
        if name in {"judicial_authorisation", "oral"} and value:
            paths += [(name, inner) for inner in value if inner != "confirmation"]
        for path in paths:
            if SCHEMA.is_valid(without(row, path)):
                found.append(path)
    return found


def without(row, path):
    spoiled = deepcopy(row)
    place = spoiled
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = None
    return spoiled


def catalogue_with(row):
    key = key_of(row["id"])
    return replace(CATALOGUE, _editions={**CATALOGUE._editions, key: (load_basis(row),)})


ROWS = {one.id: CATALOGUE.get_row(one) for one in CATALOGUE.bases}
PLACES = {one: places(row) for one, row in ROWS.items()}


def test_every_legal_field_may_be_unknown():
    names = {path[0] for path in PLACES["NL-SV-126n"]}
    assert names >= {
        "issuing_roles", "judicial_authorisation", "categories", "excluded_categories",
        "unsettled_categories", "threshold", "targets", "look_back", "look_forward", "oral",
        "contents", "response", "emergency_response", "preservation", "secrecy", "notification",
        "reimbursement", "order_validity", "valid_from", "status", "enforceable_in_nl",
        "instrument",
    }  # fmt: skip


@pytest.mark.parametrize("basis_id", IDS)
def test_each_unknown_field_asks_a_person(basis_id):
    demand = suited(basis_of(basis_id))
    for path in PLACES[basis_id]:
        found = check(demand, catalogue_with(without(ROWS[basis_id], path)))
        assert gravest(found) is not Outcome.PASS, path
        assert any(one.outcome in {Outcome.ASK_HUMAN, Outcome.DEFECT} for one in found)


demands = st.builds(
    lambda basis, role, category, kind, start, length, given_on, form, has_order: facts(
        basis,
        role=role,
        items=(
            replace(
                ITEM,
                target_kind=kind,
                categories=(category,),
                starts_on=start,
                last_on=date.fromordinal(start.toordinal() + length),
            ),
        ),
        authorisation=given_on,
        form=form,
        has_order=has_order,
    ),
    st.sampled_from(IDS),
    st.sampled_from(["nl.officier_van_justitie", "nl.opsporingsambtenaar", "eu.judge", "us.court"]),
    st.sampled_from(sorted(CATALOGUE.codes["categories"])),
    st.sampled_from(["phone_number", "customer_number", "ip_address"]),
    st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    st.integers(0, 200),
    st.none()
    | st.builds(Authorisation, st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))),
    st.sampled_from(["written", "oral"]),
    st.booleans(),
)


@given(demands, st.data())
def test_unknown_field_never_turns_into_a_pass(demand, data):
    row = ROWS[demand.legal_basis]
    spoiled = catalogue_with(without(row, data.draw(st.sampled_from(PLACES[demand.legal_basis]))))
    before, after = gravest(check(demand)), gravest(check(demand, spoiled))
    assert after is not Outcome.PASS
    if before is Outcome.DEFECT:
        assert after in {Outcome.DEFECT, Outcome.ASK_HUMAN}


@given(demands)
def test_every_question_gets_an_answer(demand):
    codes = {one.code.partition(".")[0] for one in check(demand)}
    wanted = {"basis", "instrument", "agency", "person", "dates"}
    if basis_of(demand.legal_basis).enforceable:
        wanted |= {"role", "category", "judicial", "form", "validity", "target", "period"}
    assert wanted <= codes


def test_rebuilt_catalogue_has_the_same_digest():
    head = json.loads((DATA / "catalogue.json").read_bytes())
    rows = place_rows(reversed(ROWS.values()))
    built = build_catalogue(head, CATALOGUE.codes, CATALOGUE.sources, rows)
    assert built.digest == CATALOGUE.digest
    assert check(facts(), built, TODAY) == check(facts())
