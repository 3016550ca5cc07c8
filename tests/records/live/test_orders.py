"""Rows are read on by the order of their watermarks, exactly, or not at all."""

import pytest

from tests.support.engines import ANY_ENGINE
from tests.support.live import CALLS


def declare_marked(live, column, kind, overlap=0, row_id="id"):
    """Declare a source of a table ``t`` of two columns, an id and a watermark of ``column``."""
    live.declare_live(
        mapping=CALLS
        | {
            "row_id": {"columns": [row_id], "shown": [row_id]},
            "fields": {"started_at": {"column": "at"}, "callee": {"column": "dst"}},
        },
        name="t",
        columns=["id", "at", "dst", column],
        watermark={"column": column, "kind": kind, "overlap": overlap},
    )
    live.connect()


def make_marked(live, kind, *marks):
    """Make the table ``t`` with rows of these watermarks, as SQL has them."""
    live.provider.run(f"CREATE TABLE t (id BIGINT, at TIMESTAMP, dst VARCHAR(20), mark {kind})")
    add_marked(live, 1, *marks)


def add_marked(live, first, *marks):
    values = (f"({n}, '2026-06-03 10:00:00', '201', {mark})" for n, mark in enumerate(marks, first))
    live.provider.run(f"INSERT INTO t VALUES {', '.join(values)}")


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "marks"),
    [
        ("NUMERIC(38, 2)", [f"9007199254740993.{n}" for n in range(1, 7)]),
        ("NUMERIC", ["1.0", "1.00", "1.000", "2", "2.0", "3"]),
        ("NUMERIC", [f"{10**40}.{n}" for n in range(6)]),
        ("BIGINT", [str(9007199254740993 + n) for n in range(6)]),
        ("DOUBLE PRECISION", ["0.1", "0.2", "0.30000000000000004", "1e20", "1e21", "1e22"]),
    ],
)
def test_no_number_is_lost_between_two_batches(live, kind, marks):
    make_marked(live, kind, *marks)
    declare_marked(live, "mark", "number", overlap=1)
    live.size = 1
    assert (live.pull().added, live.ids()) == (6, [1, 2, 3, 4, 5, 6])
    assert live.pull().added == 0


@ANY_ENGINE
def test_no_number_of_a_file_is_lost_between_two_batches(live):
    make_marked(live, "NUMERIC", "0.1", "0.2", "9007199254740993", "9007199254740994", "1e20")
    declare_marked(live, "mark", "number", overlap=1)
    live.size = 1
    assert (live.pull().added, live.ids()) == (5, [1, 2, 3, 4, 5])
    assert live.pull().added == 0


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_no_instant_is_lost_between_two_batches(live):
    whens = [f"'2026-10-25 0{hour}:30:00.{n}+00'" for hour in (0, 1) for n in (5, 50, 500001)]
    make_marked(live, "TIMESTAMP WITH TIME ZONE", *whens)
    declare_marked(live, "mark", "instant", overlap=7200)
    live.size = 1
    assert (live.pull().added, live.ids()) == (6, [1, 2, 3, 4, 5, 6])
    assert live.pull().added == 0


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "mark", "is_number", "words"),
    [
        ("TEXT", "'2026-06-03 10:00:00'", False, "cast"),
        ("VARCHAR(20)", "'10'", True, "numeric"),
        ("REAL", "0.1", True, "numeric"),
    ],
)
def test_column_whose_order_cannot_be_relied_on_is_refused(live, kind, mark, is_number, words):
    make_marked(live, kind, mark)
    declare_marked(live, "mark", "number" if is_number else "instant", overlap=7200)
    pull = live.pull()
    assert (pull.state, pull.reason, pull.added) == ("failed", "watermark-type", 0)
    assert f"read a view that casts 'mark' to {'numeric' if is_number else 'timestamp'}" in (
        pull.detail
    )
    assert words in pull.detail
    cast = "NUMERIC" if is_number else "TIMESTAMP"
    live.provider.run(
        "ALTER TABLE t RENAME TO u",
        f"CREATE VIEW t AS SELECT id, at, dst, CAST(mark AS {cast}) AS mark FROM u",
    )
    live.connect()
    assert live.pull().added == 1


@ANY_ENGINE
@pytest.mark.parametrize(
    "hidden",
    [
        "'2026-06-03 11:00:00'",
        "'2026-06-03T04:00:00-07:00'",
        "'19-06-2026 10:00:00'",
        "'20-06-2026 10:00:00'",
        "1780480800",
    ],
)
def test_instant_of_a_file_that_its_text_hides_stops_the_pull(live, hidden):
    make_marked(live, "TIMESTAMP", "'2026-06-03T10:30:00+00:00'")
    declare_marked(live, "mark", "instant", overlap=7200)
    assert live.pull().added == 1
    add_marked(live, 2, hidden)
    pull = live.pull()
    assert (pull.state, pull.reason) == ("failed", "order")
