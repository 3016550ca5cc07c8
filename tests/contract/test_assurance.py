"""What `make coverage-legal` and `make mutate-legal` judge: every rule of the law and the gate."""

import tomllib
from pathlib import Path

import pytest

from tests.support.judged_by import JUDGED_BY

TOP = Path(__file__).parents[2]
TOOLS = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]
MEASURED = TOOLS["coverage"]["run"]["include"]
PLUMBING = {
    "__init__", "answered_queries", "api", "approval", "audit", "catalogue_schemas", "catalogue_service", "cli", "clarification_queries", "clock_service",
    "fact_queries", "freezing_queries", "models", "paper_queries", "queries", "refusal_schemas", "schemas", "service",
}  # fmt: skip
"""Names of modules that carry rules elsewhere: routes, commands, tables, reads, use cases."""
BESIDE = {
    "advice", "annex/printed", "authenticity/anchors", "authenticity/appended", "authenticity/document_reader", "authenticity/documents",
    "authenticity/lacking", "authenticity/mail_reader", "authenticity/ports", "authenticity/register", "authenticity/replaced",
    "authenticity/shown", "authenticity/signature_reader", "authenticity/signatures",
    "confirmations/changes", "confirmations/printed", "css_colours", "order_html", "order_ink", "order_mail", "order_pdf",
    "order_reader", "order_reading", "order_styles", "listed", "phrases", "order_text", "preservation/changes", "printed", "reading",
    "reading_words", "seen",
}  # fmt: skip
"""Modules of `legal` that read documents, look things up or show them, and decide nothing."""

BESIDE_THE_GATE = {
    "demands": {
        "changes", "concerned", "demand", "document", "holds", "item_schemas", "look_service", "notices", "order",
        "order_media", "phrases", "proof", "recorded", "remedies", "shown", "waiting",
    },
    "extraction": {
        "document", "doubts", "forms", "halts", "holder_sources", "holders", "instalment_queries", "instant_queries", "matched", "named_queries", "needed_queries", "not_held_queries", "outcome", "page/content", "page/sections", "page/words",
        "phrases", "plan", "preview", "printed", "proof_lines", "result", "rules", "run", "scope_proof", "shown", "soundness", "spool", "store",
        "tenure_queries", "within",
    },
    "staff": {
        "accounts", "approval_service", "approvals_cli", "attempts", "bootstrap", "codes",
        "described", "encoding", "engagements", "exported", "forms", "keys", "named", "passwords",
        "people_queries", "phrases", "printable", "reach/codes", "roles_page", "root", "sign_in", "signing",
        "tokens",
    },
}  # fmt: skip
"""Modules that are not measured: what is decided on, its way out of the records, how it is shown,
how people come in. Who may decide, who did, and whether it still stands is said elsewhere.
"""


def modules_of(part):
    """Return the modules of a part of the service, by their place below it."""
    folder = TOP / "lea_service" / part
    return {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.py")}


def test_each_module_of_the_law_is_measured_or_decides_nothing():
    found = modules_of("legal")
    rules = {name for name in found if name.rpartition("/")[2] not in PLUMBING} - BESIDE
    measured = {name.removesuffix(".py") for name in MEASURED}
    assert {f"lea_service/legal/{name}" for name in rules} <= measured
    assert found >= BESIDE


@pytest.mark.parametrize("part", sorted(BESIDE_THE_GATE))
def test_each_module_of_the_gate_is_measured_or_stands_beside_it(part):
    """A new module of these parts has to be put on one side or the other."""
    found = modules_of(part)
    measured = {name for name in found if f"lea_service/{part}/{name}.py" in MEASURED}
    left = {name for name in found if name.rpartition("/")[2] not in PLUMBING} - measured
    assert left == BESIDE_THE_GATE[part]


def test_what_is_measured_is_there_and_in_order():
    assert sorted(set(MEASURED)) == MEASURED
    assert [name for name in MEASURED if not (TOP / name).is_file()] == []


def test_what_is_mutated_is_measured_too():
    assert set(TOOLS["mutmut"]["only_mutate"]) <= set(MEASURED)
    tests = TOOLS["mutmut"]["pytest_add_cli_args_test_selection"]
    assert [name for name in tests if not (TOP / name).is_file()] == []


def test_nothing_less_than_every_branch_will_do():
    assert TOOLS["coverage"]["run"]["branch"] is True
    assert TOOLS["coverage"]["report"]["fail_under"] == 100
    assert not {"omit", "exclude_lines"} & {*TOOLS["coverage"]["run"], *TOOLS["coverage"]["report"]}


def test_each_module_that_is_judged_by_its_own_tests_is_measured_and_has_them():
    for module, tests in JUDGED_BY.items():
        assert f"{module.replace('.', '/')}.py" in MEASURED
        assert [one for one in tests if not (TOP / "tests" / f"{one}.py").is_file()] == []
    assert list(JUDGED_BY) == sorted(JUDGED_BY)
