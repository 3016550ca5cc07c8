"""What `make coverage-legal` and `make mutate-legal` judge: every rule of the law is among it."""

import tomllib
from pathlib import Path

TOP = Path(__file__).parents[2]
TOOLS = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]
MEASURED = TOOLS["coverage"]["run"]["include"]
PLUMBING = {
    "__init__", "api", "approval", "audit", "cli", "clarification_queries", "clock_service",
    "freezing_queries", "models", "queries", "schemas", "service",
}  # fmt: skip
"""Names of modules that carry rules elsewhere: routes, commands, tables, reads, use cases."""
BESIDE = {
    "authenticity/anchors", "authenticity/document_reader", "authenticity/documents",
    "authenticity/mail_reader", "authenticity/ports", "authenticity/register",
    "authenticity/shown", "authenticity/signature_reader", "authenticity/signatures",
    "confirmations/changes", "css_colours", "order_html", "order_ink", "order_mail", "order_pdf",
    "order_reader", "order_reading", "order_styles", "order_text", "preservation/changes", "reading",
}  # fmt: skip
"""Modules of `legal` that read documents, look things up or show them, and decide nothing."""


def test_each_module_of_the_law_is_measured_or_decides_nothing():
    folder = TOP / "lea_service" / "legal"
    found = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.py")}
    rules = {name for name in found if name.rpartition("/")[2] not in PLUMBING} - BESIDE
    measured = {name.removesuffix(".py") for name in MEASURED}
    assert {f"lea_service/legal/{name}" for name in rules} <= measured
    assert found >= BESIDE


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
