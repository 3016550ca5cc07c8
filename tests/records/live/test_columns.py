"""A column whose type changes makes no second row of one that was read."""

import pytest

from lea_service.records.live.columns import find_changes
from tests.support.engines import ANY_ENGINE
from tests.support.live import CALLS

BY_LINE = CALLS | {
    "row_id": {"line_digest": True},
    "fields": {
        "started_at": {"column": "at"},
        "callee": {"column": "dst"},
        "duration_s": {"column": "seconds"},
    },
}
BY_ID = BY_LINE | {"row_id": {"columns": ["id"], "shown": ["id"]}}
ROWS = (
    "INSERT INTO {} VALUES (1, '2026-06-03 10:00:00', '201', 60.50)",
    "INSERT INTO {} VALUES (2, '2026-06-03 10:01:00', '202', 7.00)",
)


def make(live, seconds, name="t", at="TIMESTAMP", dst="VARCHAR(20)"):
    ddl = f"CREATE TABLE {name} (id BIGINT, at {at}, dst {dst}, seconds {seconds})"
    live.provider.run(ddl, *(one.format(name) for one in ROWS))


@pytest.fixture
def read(live, request):
    """A source of two rows that was read, named by line or by id."""
    make(live, "NUMERIC(8, 2)")
    live.connect()
    columns = ["id", "at", "dst", "seconds"]
    live.declare_live(mapping=request.param, name="t", columns=columns)
    assert live.pull().added == 2
    return live


def change(live, *columns, **types):
    """Make the table anew with the types, as a provider does."""
    live.provider.run("ALTER TABLE t RENAME TO earlier")
    make(live, *columns, **types)
    live.connect()


@pytest.mark.parametrize("read", [BY_LINE], indirect=True)
def test_column_that_holds_more_makes_no_other_row(read):
    change(read, "NUMERIC(12, 4)", dst="VARCHAR(80)")
    pull = read.pull()
    assert (pull.state, pull.added, pull.known) == ("done", 0, 2)


@pytest.mark.parametrize("read", [BY_LINE], indirect=True)
def test_rows_named_by_their_line_wait_for_the_type_of_before(read):
    change(read, "VARCHAR(20)")
    told = "'seconds' was number/2 and is text/20: give it the type of before"
    for whole in (False, True):
        pull = read.pull(whole=whole)
        assert (pull.state, pull.reason, pull.added) == ("failed", "column-type", 0)
        assert pull.detail.startswith(told)
    assert read.alarms() == [pull.source_id]
    read.provider.run("ALTER TABLE t RENAME TO texts")
    if read.provider.is_sqlite:  # its views tell no types
        make(read, "NUMERIC(8, 2)")
    else:
        cast = "CAST(seconds AS NUMERIC(8, 2)) AS seconds"
        read.provider.run(f"CREATE VIEW t AS SELECT id, at, dst, {cast} FROM texts")
    read.connect()
    assert (read.pull().state, len(read.rows())) == ("done", 2)


@ANY_ENGINE
@pytest.mark.parametrize("read", [BY_ID], indirect=True)
def test_rows_named_by_columns_are_recognised_when_the_table_is_read_anew(read):
    change(read, "VARCHAR(20)")
    assert read.pull().reason == "column-type"
    assert (read.pull(whole=True).known, len(read.rows())) == (2, 2)
    assert read.pull().state == "done"


@pytest.mark.parametrize(
    ("was", "now", "is_change"),
    [
        ("number/0", "number/2", False),
        ("number/2", "number", False),
        ("number", "number/2", True),
        ("number/2", "number/0", True),
        ("number/0", "text", True),
        ("text/80", "text/20", True),
        ("instant/0", "instant", False),
        ("instant", "instant/0", True),
        ("instant", "instant with zone", True),
        ("BOOLEAN", "number/0", True),
        ("REAL", "DOUBLE PRECISION", True),
    ],
)
def test_what_may_write_a_value_in_another_way_is_a_change(was, now, is_change):
    assert bool(find_changes({"a": was}, {"a": now})) == is_change
    assert not find_changes({"a": was}, {"a": was})
