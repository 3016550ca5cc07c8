"""Every demand of the table is found what an oracle, written apart from the checks, says it is."""

import ast
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.checks import check_demand
from tests.legal.decision_table.oracle import ROWS, expect
from tests.legal.decision_table.said import SAID, collect
from tests.legal.decision_table.table import TODAY, around, everybody, grid, suited, to_facts

CATALOGUE = load_catalogue()
LEAST = {"grid": 40_000, "around": 10_000, "everybody": 2_000}


@cache
def answered(cases):
    """Return each case with its facts and the answer of the oracle."""
    return [(case, to_facts(case), expect(case)) for case in cases()]


def differences(cases):
    """Yield each case on which the two do not agree, with what one of them finds alone."""
    for case, facts, wanted in answered(cases):
        found = {
            one.ref: str(one.outcome)
            for one in check_demand(facts, CATALOGUE, case["today"])
            if one.outcome != "pass"
        }
        if found != wanted:
            yield case["row"]["id"], found.items() ^ wanted.items()


@pytest.mark.parametrize(
    ("name", "cases"), [("grid", grid), ("around", around), ("everybody", everybody)]
)
def test_checks_and_oracle_never_differ(name, cases):
    assert list(islice(differences(cases), 5)) == []
    assert len(answered(cases)) > LEAST[name]


def test_findings_say_what_was_read_before():
    """What differs is right or wrong: somebody reads it, and writes it down by `said.py`."""
    assert collect() == SAID.read_text().splitlines()


def test_each_row_is_in_the_table():
    assert [row["id"] for row in ROWS] == list({row["id"]: None for row in ROWS})
    assert {row["id"] for row in ROWS} == {basis.id for basis in CATALOGUE.bases}
    assert {case["row"]["id"] for case in grid()} == {row["id"] for row in ROWS}


def test_each_role_asks_by_each_basis():
    pairs = {(case["row"]["id"], case["role"]) for case in everybody()}
    assert pairs == {(row["id"], role) for row in ROWS for role in CATALOGUE.codes["roles"]}


def test_difference_would_be_seen():
    case = suited(ROWS[0]) | {"today": TODAY}
    wrong = expect(case)
    assert wrong != expect(case | {"agency": None})
    assert wrong != expect(case | {"person": None})


def test_oracle_takes_nothing_from_the_checks():
    tree = ast.parse((Path(__file__).parent / "oracle.py").read_text())
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"json", "calendar", "datetime", "importlib.resources", "zoneinfo"}
