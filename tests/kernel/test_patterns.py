"""A ``$`` of a schema is the very end of a text, wherever Python validates by it."""

import ast
import json
import re
from pathlib import Path

import pytest

from lea_service.kernel.patterns import make_validator, to_ecma, to_python

TOP = Path(__file__).parents[2]
SCHEMAS = sorted(
    path
    for path in (*(TOP / "schemas").rglob("*.json"), *(TOP / "lea_service").rglob("*.json"))
    if "examples" not in path.parts and '"pattern"' in path.read_text()
)


def patterns_of(value):
    """Yield each pattern of a schema."""
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from patterns_of(one)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_pattern_of_ours_lets_a_newline_end_a_text(path):
    found = set(patterns_of(json.loads(path.read_text())))
    assert found
    for pattern in found:
        assert r"\Z" not in pattern, "ECMA-262 knows a capital by that"
        assert re.compile(to_python(pattern)).flags == re.compile(pattern).flags
        if pattern.endswith("$"):
            assert to_python(pattern).endswith(r"\Z")


def test_dollar_is_the_end_and_nothing_else():
    assert to_python(r"^a[$b]\$c$|^\\$") == r"^a[$b]\$c\Z|^\\\Z"
    assert to_ecma(r"[$b]\$c\Z") == r"^[$b]\$c$"
    assert to_ecma(r"^a$") == r"^a$"


def test_pattern_is_kept_at_any_depth():
    inner = {"$id": "urn:inner", "$schema": "https://json-schema.org/draft/2020-12/schema",
             "type": "string", "pattern": "^[a-z]+$"}  # fmt: skip
    schema = {
        "$schema": inner["$schema"],
        "$defs": {"inner": inner},
        "properties": {"pattern": {"items": {"$ref": "urn:inner"}}},
    }
    validator = make_validator(schema)
    assert validator.is_valid({"pattern": ["abc"]})
    assert not validator.is_valid({"pattern": ["abc\n"]})


def test_nothing_of_ours_validates_by_a_schema_as_it_is():
    """Whoever needs a validator takes it from here."""
    for path in sorted((TOP / "lea_service").rglob("*.py")):
        called = {
            one.func.id
            for one in ast.walk(ast.parse(path.read_text()))
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)
        }
        if path.name != "patterns.py":
            assert not called & {"Draft202012Validator"}, path
