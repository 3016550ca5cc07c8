"""Each library that is asked for has its reason in the documents, and no other is named there."""

import re
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "dependencies.md").read_text()
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())


def names(requirements):
    return {re.match(r"[\w-]+", one)[0] for one in requirements}


def rows(title):
    """Return the names in the first column of a table."""
    table = PAGE.partition(f"## {title}")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")][1:]
    return {name for cell in cells for name in re.findall(r"[\w-]+", cell.partition("(")[0])}


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("For running", PROJECT["project"]["dependencies"]),
        (
            "For testing",
            PROJECT["project"]["optional-dependencies"]["test"]
            + PROJECT["build-system"]["requires"],
        ),
        ("For measuring", PROJECT["project"]["optional-dependencies"]["bench"]),
        ("For judging the tests", PROJECT["project"]["optional-dependencies"]["assurance"]),
    ],
)
def test_each_library_has_its_reason(title, asked):
    assert rows(title) == names(asked)
