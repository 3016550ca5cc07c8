"""Every demand of the table is found what an oracle, written apart from the checks, says it is."""

import ast
from pathlib import Path

import pytest

from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.checks import check_demand
from tests.legal.decision_table.oracle import ROWS, expect
from tests.legal.decision_table.table import TODAY, around, grid, suited, to_facts

CATALOGUE = load_catalogue()
LEAST = {"grid": 40_000, "around": 10_000}


def differences(cases):
    """Return how many cases there are, and the first few on which the two do not agree."""
    count, differing = 0, []
    for case in cases:
        count += 1
        found = {
            one.ref: str(one.outcome)
            for one in check_demand(to_facts(case), CATALOGUE, case["today"])
            if one.outcome != "pass"
        }
        wanted = expect(case)
        if found != wanted and len(differing) < 5:
            differing.append((case["row"]["id"], found.items() ^ wanted.items()))
    return count, differing


@pytest.mark.parametrize(("name", "cases"), [("grid", grid), ("around", around)])
def test_checks_and_oracle_never_differ(name, cases):
    count, differing = differences(cases())
    assert differing == []
    assert count > LEAST[name]


def test_each_row_is_in_the_table():
    assert [row["id"] for row in ROWS] == list({row["id"]: None for row in ROWS})
    assert {row["id"] for row in ROWS} == {basis.id for basis in CATALOGUE.bases}
    assert {case["row"]["id"] for case in grid()} == {row["id"] for row in ROWS}


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
    assert imported == {"json", "calendar", "datetime", "importlib.resources"}
