"""The order of the house: left never imports right, and each layer keeps to its tools."""

import ast
import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2] / "lea_service"
ORDER = (
    ("kernel",),
    ("web",),
    ("custody",),
    ("staff",),
    ("agencies",),
    ("demands",),
    ("legal",),
    ("records",),
    ("retention",),
    ("extraction",),
    ("packaging",),
    ("delivery",),
    ("oversight",),
    ("workflow",),
    ("reporting", "interop"),
    (
        "app",
        "backup",
        "wiring",
        "services",
        "cli",
        "settings",
        "databases",
        "serve",
        "demonstration",
        "operations",
    ),
)
RANK = {name: rank for rank, group in enumerate(ORDER) for name in group}
EDGES = {"api", "console"}


def files():
    return sorted(TOP.rglob("*.py"))


def slice_of(path):
    part = path.relative_to(TOP).parts[0]
    return part.removesuffix(".py")


def imports_of(tree):
    """Yield (line, module) of every import that runs, at whatever depth."""
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.lineno, node.module


def test_left_never_imports_right():
    wrong = []
    for path in files():
        own = slice_of(path)
        if own == "__init__":
            continue
        for line, module in imports_of(ast.parse(path.read_text())):
            parts = module.split(".")
            if parts[0] != "lea_service" or len(parts) == 1 or parts[1] == own:
                continue
            if RANK[parts[1]] > RANK[own] or (RANK[parts[1]] == RANK[own] < RANK["app"]):
                wrong.append(f"{path.relative_to(TOP)}:{line} imports {module}")
    assert wrong == []


def test_every_slice_has_its_place():
    assert {slice_of(path) for path in files()} - {"__init__"} <= set(RANK)


def test_picture_of_the_house_names_its_folders_in_their_order():
    picture = (TOP.parent / "docs" / "house.svg").read_text()
    *slices, shell = re.findall(r'font-weight="600"[^>]*>([^<]+)<', picture)
    assert slices == [
        name for group in ORDER[:-1] for name in group if (TOP / name / "__init__.py").is_file()
    ]
    assert set(shell.split(" · ")) <= set(ORDER[-1])


def test_only_the_edge_knows_flask():
    wrong = [
        f"{path.relative_to(TOP)}:{line}"
        for path in files()
        if slice_of(path) not in {"web", "app", "serve", "demonstration"} and path.stem not in EDGES
        for line, module in imports_of(ast.parse(path.read_text()))
        if module.split(".")[0] in {"flask", "flask_smorest", "werkzeug"}
    ]
    assert wrong == []


def test_no_import_inside_a_function():
    wrong = [
        f"{path.relative_to(TOP)}:{inner.lineno}"
        for path in files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert wrong == []


@pytest.mark.parametrize("call", ["datetime.now", "datetime.utcnow", "time.time", "date.today"])
def test_only_the_clock_reads_the_time(call):
    wrong = [
        f"{path.relative_to(TOP)}:{node.lineno}"
        for path in files()
        if path != TOP / "kernel" / "clock.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(call)
    ]
    assert wrong == []
