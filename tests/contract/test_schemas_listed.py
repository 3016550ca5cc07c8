"""schemas/README.md names every contract, and every contract is one of those it names."""

import re
from pathlib import Path

SCHEMAS = Path(__file__).parents[2] / "schemas"
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def test_readme_names_exactly_the_files_there_are():
    named = ROW.findall((SCHEMAS / "README.md").read_text())
    there = {
        str(path.relative_to(SCHEMAS))
        for path in SCHEMAS.rglob("*")
        if path.is_file() and "examples" not in path.parts and path.name != "README.md"
    }
    assert sorted(named) == sorted(there)


def test_examples_are_of_published_contracts():
    examples = {path.name for path in (SCHEMAS / "examples").iterdir()}
    versioned = {path.parent.name for path in SCHEMAS.glob("*/*.json")}
    assert examples == versioned
    names = [path.name for path in (SCHEMAS / "examples").rglob("*.json")]
    assert all(re.match(r"(valid|invalid-[a-z-]+)", name) for name in names)
