import csv
import io
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.errors import IntegrityFailure
from lea_service.packaging import renderings
from lea_service.packaging.renderings import csv_blocks, line_blocks, read_csv_columns
from lea_service.records.kinds import Column, RecordLayout
from tests.support.rows import CALL, call_rows, dump_row

SMALL = RecordLayout(
    "small",
    1,
    (Column("a"), Column("b", nullable=True), Column("n", "integer", True)),
    ("a", "b", "n"),
)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
FORMULA = st.sampled_from(["=1+1", "+31", "-2", "@x", "\\", "\\N", "\t=", "\r=", "＝1", " =1", ""])


def render(rows, layout=SMALL):
    return b"".join(csv_blocks([b"".join(dump_row(row, layout) for row in rows)], layout))


@given(st.lists(st.tuples(TEXT | FORMULA, st.none() | TEXT | FORMULA, st.none() | st.integers())))
def test_every_value_comes_back(rows):
    if not rows:
        return
    data = render(rows)
    body = data.split(b"\r\n", 1)[1]
    assert read_csv_columns(body, SMALL.columns) == [
        list(column) for column in zip(*rows, strict=True)
    ]


CELL = TEXT | st.sampled_from(["", "plain", 'a"b', "a,b", "a\rb", "a\nb", "a\r\nb", " "])


@given(st.lists(st.tuples(CELL, CELL), min_size=1))
def test_cells_are_those_of_a_plain_writer(rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    assert renderings._write(rows) == text.getvalue().encode()
    assert list(renderings._read(text.getvalue())) == [list(row) for row in rows]


@given(TEXT | FORMULA)
def test_no_cell_starts_a_formula(text):
    cells = list(csv.reader(io.StringIO(render([(text, text, -1)]).decode(), newline="")))[1]
    for cell in cells[:2]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " "))
        assert cell.startswith("'") == text.startswith("'")  # 's-Gravenhage stays as it is


def test_null_and_empty_text_differ():
    assert render([("", "", 0)]).endswith(b"\r\n,\\,0\r\n")
    assert render([("", None, None)]).endswith(b"\r\n,,\r\n")


def test_rendering_of_many_blocks_has_every_row():
    data = b"".join(call_rows(3000))
    blocks = list(line_blocks(data[start : start + 999] for start in range(0, len(data), 999)))
    assert len(blocks) > 3
    text = b"".join(csv_blocks(iter(blocks), CALL)).decode()
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    whole = [json.loads(row) for row in data.splitlines()]
    assert [row["row_id"] for row in read] == [row["row_id"] for row in whole]
    assert read[7]["caller"] == "\\" + whole[7]["caller"]


@given(st.binary(max_size=200).map(lambda b: b + b"\n"), st.integers(1, 50), st.integers(1, 60))
def test_blocks_end_at_lines_and_lose_nothing(data, step, size):
    chunks = [data[start : start + step] for start in range(0, len(data), step)]
    blocks = list(line_blocks(chunks, size))
    assert b"".join(blocks) == data
    assert all(block.endswith(b"\n") for block in blocks)
    assert all(len(one) + len(two) >= size for one, two in pairwise(blocks))


def test_cut_row_is_refused():
    with pytest.raises(IntegrityFailure, match="cut short"):
        list(line_blocks([b'{"a":1}\n{"a"']))


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":"x","b":null}\n',
        b'{"b":null,"a":"x","n":1}\n',
        b'{"a":"x","b":null,"n":1,"z":1}\n',
        b'{"a":"x","b":null,"n":"1"}\n',
        b'{"a":null,"b":null,"n":1}\n',
        b'{"a":"x","b":null,"n":1.5}\n',
        b'{"a":"x","b":null,"n":true}\n',
        b"[]\n",
        b"{\n",
        b'{"a":"x","b":null,"n":1},{"a":"x","b":null,"n":1}\n',
    ],
)
def test_rows_of_another_form_are_refused(line):
    with pytest.raises(IntegrityFailure):
        list(csv_blocks([line], SMALL))


def test_a_faulty_writer_is_caught(monkeypatch):
    honest = renderings._write

    def dropping(rows):
        return honest(list(rows)[:-1])

    def changing(rows):
        return honest([[cell.replace("x", "y") for cell in row] for row in rows])

    for faulty in (dropping, changing):
        monkeypatch.setattr(renderings, "_write", faulty)
        with pytest.raises(IntegrityFailure):
            render([("x", None, 1), ("x", None, 2)])
