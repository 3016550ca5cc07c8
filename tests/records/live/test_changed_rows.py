"""Rows that the provider changes after they were read: a later version, or counted and said."""

import pytest

from lea_service.records.reader import RecordReader
from tests.support.engines import ANY_ENGINE
from tests.support.live import CALLS

USAGE = CALLS | {
    "kind": "usage",
    "fields": {
        "started_at": {"column": "At"},
        "account": {"column": "from"},
        "ended_at": {"column": "to"},
        "duration_s": {"column": "seconds"},
    },
    "categories": ["usage_sessions"],
}


def count_set_aside(live):
    with RecordReader(live.records).snapshot() as snapshot:
        return snapshot.count_set_aside("pbx")


def change(live, values, row):
    live.provider.run(f'UPDATE "Call Records" SET {values} WHERE id = {row}')


@pytest.fixture
def sessions(live):
    """Five sessions that were read while they were open."""
    live.provider.make_calls(5)
    live.provider.run('UPDATE "Call Records" SET "to" = NULL')
    live.connect()
    live.declare_live(mapping=USAGE)
    assert live.pull().added == 5
    return live


def test_session_that_ended_since_is_taken_in_as_it_is_now(sessions):
    change(sessions, """"to" = '2026-06-03 10:00:00', seconds = 90""", 4)
    pull = sessions.pull()
    assert (pull.completed, pull.known, pull.rejected) == (1, 3, 0)
    (row,) = [one for one in sessions.rows(kind="usage") if one["row_id"] == "4"]
    assert (row["ended_at"], row["duration_s"]) == ("2026-06-03T08:00:00.000000Z", 90)


def test_call_that_was_put_right_is_set_aside_and_counted_once(live):
    """The first version stays; each answer says that a line of the source was not compared."""
    live.provider.make_calls(5)
    live.connect()
    live.declare_live()
    live.pull()
    change(live, "seconds = 61", 4)
    for _ in range(2):
        pull = live.pull()
        assert (pull.state, pull.known, pull.rejected) == ("done", 3, 1)
    assert (len(live.rows()), count_set_aside(live)) == (5, 1)


@pytest.mark.parametrize("is_whole", [False, True])
def test_line_that_was_changed_stands_beside_the_first_and_is_counted(live, is_whole):
    live.provider.make_calls(12)
    live.connect()
    live.declare_live(mapping=CALLS | {"row_id": {"line_digest": True}})
    live.size = 5
    live.pull()
    change(live, "seconds = 61", 11)
    change(live, "seconds = 62", 3)
    found = {}
    for _ in range(2):
        pull = live.pull(whole=is_whole)
        with RecordReader(live.records).snapshot() as snapshot:
            found[pull.added] = snapshot.count_changed("pbx")
    expected = 2 if is_whole else 1  # the other one lies before the overlap
    assert found == {expected: expected, 0: expected}
    assert len(live.rows()) == 12 + expected


@ANY_ENGINE
def test_call_that_was_put_right_before_the_overlap_is_seen_by_a_whole_pull(live):
    live.provider.make_calls(20)
    live.connect()
    live.declare_live()
    live.pull()
    change(live, "seconds = 61", 4)
    assert (live.pull().rejected, count_set_aside(live)) == (0, 0)
    assert (live.pull(whole=True).rejected, count_set_aside(live)) == (1, 1)
