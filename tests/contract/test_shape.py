"""Short functions, so that each can be read at once."""

import ast
from pathlib import Path
from statistics import median

import lea_service

TOP = Path(lea_service.__file__).parent
LONGEST, FILE_LINES = 60, 500


def lengths():
    """Yield (name, lines) of every function of the service."""
    for path in sorted(TOP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                where = f"{path.relative_to(TOP)}:{node.lineno} {node.name}"
                yield where, node.end_lineno - node.lineno + 1


def test_no_function_is_long():
    found = list(lengths())
    assert [one for one in found if one[1] > LONGEST] == []
    assert median(lines for _, lines in found) <= 12


def test_no_file_is_long():
    files = {path: len(path.read_text().splitlines()) for path in TOP.rglob("*.py")}
    assert {path.name for path, lines in files.items() if lines > FILE_LINES} == set()
