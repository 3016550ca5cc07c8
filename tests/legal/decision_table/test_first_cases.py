"""A part of the table that takes a second, for whoever changes a check again and again: mutants do."""

import json
from itertools import islice

from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.checks import check_demand
from tests.legal.decision_table.oracle import expect
from tests.legal.decision_table.said import SAID, without_words
from tests.legal.decision_table.table import around, to_facts

CATALOGUE = load_catalogue()
EACH = 23
"""Coprime to how many cases a basis has, so that each basis gives others."""


def find(case):
    return check_demand(to_facts(case), CATALOGUE, case["today"])


def test_first_case_of_each_finding_says_what_was_read_before():
    told = [json.loads(line) for line in SAID.read_text().splitlines()]
    cases = dict(enumerate(around()))
    for row in told:
        n = row.pop("case")
        assert row in [without_words(one) for one in find(cases[n])], n


def test_checks_and_oracle_agree_on_a_part():
    for case in islice(around(), 0, None, EACH):
        found = {one.ref: str(one.outcome) for one in find(case) if one.outcome != "pass"}
        assert found == expect(case)
