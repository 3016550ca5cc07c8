"""Both passes write rows as JSON would, whatever stands in them: each in its own quick way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.extraction.proof_lines import ProofLines
from lea_service.extraction.spool import _dump
from lea_service.records.kinds import Column, RecordLayout

LAYOUT = RecordLayout(
    "small",
    1,
    (Column("a"), Column("b", nullable=True), Column("n", "integer", True), Column("c")),
    ("a", "b", "n"),
)
ODD = st.sampled_from(
    ['"', "\\", "\x00", "\x1f", "\x7f", "\u2028", "%s", "null", "", "é\U0001f600"]
)
TEXT = ODD | st.text(st.characters(exclude_categories=("Cs",)), max_size=8) | st.just("plain")
ROWS = st.lists(
    st.tuples(TEXT, st.none() | TEXT, st.none() | st.integers(-(2**53), 2**53), TEXT), min_size=1
)


def one_by_one(rows):
    named = (dict(zip(LAYOUT.names, row, strict=True)) for row in rows)
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in named)
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize(
    "write", [ProofLines(LAYOUT).write, lambda rows: _dump(LAYOUT.names, rows)]
)
@given(ROWS)
def test_lines_are_those_of_json(write, rows):
    assert write(list(zip(*rows, strict=True))) == one_by_one(rows)


@given(ROWS)
def test_lines_read_back_as_columns(rows):
    read = ProofLines(LAYOUT).read(one_by_one(rows))
    assert list(zip(*read, strict=True)) == rows
