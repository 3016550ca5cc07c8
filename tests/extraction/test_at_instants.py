"""Who had an address at an instant is in doubt wherever it may have been somebody else."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.extraction.instant_queries import (
    EDGE_SECOND,
    OPEN_BEYOND,
    OTHER_SINCE,
    PORT_NOT_KEPT,
    SEVERAL,
)
from lea_service.records.kinds import KINDS, SUBSCRIBER, USAGE
from lea_service.records.store import ImportLedger
from tests.extraction import worlds
from tests.extraction.test_scope import run

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
AT = worlds.T0 + 5 * HOUR
ADDRESS = worlds.ADDRESSES[0]
DAYS = Period(worlds.T0, worlds.T0 + DAY, "UTC")
RADIUS2 = ("so_" + "9" * 32, "radius2", "usage")


def session(n, account, start, end, source="radius", **columns):
    """Return a session of an address; begin and end as times after the instant that is asked."""
    row = dict.fromkeys(USAGE.names) | {"source": source, "row_id": f"{n}", "flags": ""}
    row |= {"account": account, "address": ADDRESS, "started_at": AT + start}
    return "usage", row | {"ended_at": None if end is None else AT + end, **columns}


def brought_in(store, source, at):
    counts = dict.fromkeys(
        ("bytes_read", "lines", "added", "known", "completed", "past_term", "left_out"), 0
    )
    row = {"id": "im_9", "source": source, "state": "done", "told_until": at, "flagged": 0}
    with store.write() as session:
        session.execute(insert(ImportLedger).values(row | counts | {"rejected": 0}))


@pytest.fixture
def asked(databases, tmp_path):
    """Ask who had the address at the instant; returns rows and doubts of each source of sessions."""

    def ask(*rows, target=None, columns=None, sources=worlds.SOURCES, of="ip_identification"):
        worlds.fill(databases.records, list(rows))
        target = target or Target(TargetKind.IP_ADDRESS, ADDRESS, at=AT)
        item = Item(1, target, DAYS, (of,))
        plan = worlds.make_plan([item], sources=sources, columns=columns)
        found, _ = run((databases.records, tmp_path), plan)
        told = [one for one in found.coverage if one.kind == "usage"]
        return [(one.rows_delivered, dict(one.doubts)) for one in told]

    return ask


def test_one_session_at_the_instant_is_in_no_doubt(asked):
    rows = [session(1, "before", -DAY, -HOUR), session(2, "it", -HOUR, HOUR)]
    assert asked(*rows, session(3, "after", HOUR, None)) == [(1, {})]


def test_several_at_one_instant_are_in_doubt(asked):
    rows = [session(1, "innocent", -100 * DAY, None), session(2, "other", -HOUR, HOUR)]
    assert asked(*rows) == [(2, {SEVERAL: 2, OTHER_SINCE: 1})]


@pytest.mark.parametrize(("account", "doubts"), [("it", {}), (None, {SEVERAL: 2})])
def test_two_sessions_of_one_account_are_of_one(asked, account, doubts):
    rows = [session(n, account, -HOUR, HOUR) for n in range(2)]
    assert asked(*rows) == [(2, doubts)]


def test_two_sources_that_name_two_accounts_are_in_doubt(asked, monkeypatch):
    monkeypatch.setitem(worlds.DECLARED, "radius2", ("ip_identification",))
    rows = [session(1, "one", -HOUR, HOUR), session(2, "two", -HOUR, HOUR, source="radius2")]
    found = asked(*rows, sources=(*worlds.SOURCES, RADIUS2))
    assert found == [(1, {SEVERAL: 1}), (1, {SEVERAL: 1})]


def test_sessions_of_nobody_known_in_two_sources_are_not_of_one(asked, monkeypatch):
    """Each source names its rows by itself: the second is no other row of the first."""
    monkeypatch.setitem(worlds.DECLARED, "radius2", ("ip_identification",))
    rows = [session(1, None, -HOUR, HOUR, source=name) for name in ("radius", "radius2")]
    found = asked(*rows, sources=(*worlds.SOURCES, RADIUS2))
    assert found == [(1, {SEVERAL: 1}), (1, {SEVERAL: 1})]


@pytest.mark.parametrize(("account", "doubts"), [("later", {OTHER_SINCE: 1}), ("it", {})])
def test_open_session_of_an_address_that_another_source_gave_away_is_in_doubt(
    asked, monkeypatch, account, doubts
):
    monkeypatch.setitem(worlds.DECLARED, "radius2", ("ip_identification",))
    since = session(2, account, -90 * DAY, -89 * DAY, source="radius2")
    found = asked(session(1, "it", -100 * DAY, None), since, sources=(*worlds.SOURCES, RADIUS2))
    assert found == [(1, doubts), (0, {})]


@pytest.mark.parametrize(
    ("account", "start", "doubts"),
    [
        ("later", -90 * DAY, {OTHER_SINCE: 1}),
        ("it", -90 * DAY, {}),
        ("earlier", -110 * DAY, {}),
        ("next", HOUR, {}),
    ],
)
def test_open_session_of_an_address_that_another_had_since_is_in_doubt(
    asked, account, start, doubts
):
    rows = [session(1, "it", -100 * DAY, None), session(2, account, start, start + HOUR)]
    assert asked(*rows) == [(1, doubts)]


def test_session_of_another_port_is_not_another_since(asked):
    target = Target(TargetKind.IP_ADDRESS, ADDRESS, 443, AT)
    rows = [session(1, "it", -2 * DAY, None, port=443), session(2, "b", -DAY, -HOUR, port=80)]
    assert asked(*rows, target=target) == [(1, {})]


@pytest.mark.parametrize(
    ("end", "source", "at", "doubts"),
    [
        (None, "radius", AT - HOUR, {OPEN_BEYOND: 1}),
        (None, "radius", AT + HOUR, {}),
        (None, "other", AT - HOUR, {}),
        (HOUR, "radius", AT - HOUR, {}),
    ],
)
def test_session_open_in_an_older_export_is_in_doubt(asked, databases, end, source, at, doubts):
    brought_in(databases.records, source, at)
    assert asked(session(1, "it", -DAY, end)) == [(1, doubts)]


def test_subscriber_of_a_list_older_than_the_period_is_in_doubt(databases, tmp_path):
    row = dict.fromkeys(SUBSCRIBER.names) | {"source": "crm", "row_id": "1", "flags": ""}
    row |= {"valid_from": worlds.T0 - DAY, "number": worlds.NUMBERS[0]}
    worlds.fill(databases.records, [("subscriber", row)])
    brought_in(databases.records, "crm", worlds.T0 - HOUR)
    target = Target(TargetKind.PHONE_NUMBER, worlds.NUMBERS[0])
    plan = worlds.make_plan([Item(1, target, DAYS, ("subscriber_identity",))])
    found, _ = run((databases.records, tmp_path), plan)
    assert found.coverage[0].doubts == {OPEN_BEYOND: 1}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("before", -DAY, 0 * SECOND), ("after", 0 * SECOND, DAY)], (1, {EDGE_SECOND: 1})),
        ([("it", -DAY, DAY), ("next", SECOND / 2, DAY)], (1, {EDGE_SECOND: 1})),
        ([("before", -DAY, -SECOND), ("it", -SECOND, DAY), ("next", SECOND, DAY)], (1, {})),
    ],
)
def test_session_of_the_very_second_is_in_doubt(asked, rows, found):
    assert asked(*(session(n, *row) for n, row in enumerate(rows))) == [found]


def test_second_is_that_of_the_clock_and_not_the_one_around_the_instant(asked):
    target = Target(TargetKind.IP_ADDRESS, ADDRESS, at=AT + SECOND / 2)
    rows = [session(1, "before", -DAY, 0 * SECOND), session(2, "after", 0 * SECOND, DAY)]
    assert asked(*rows, target=target) == [(1, {EDGE_SECOND: 1})]


@pytest.mark.parametrize(
    ("port", "is_kept", "doubts"),
    [(443, False, {PORT_NOT_KEPT: 1}), (443, True, {}), (None, False, {})],
)
def test_port_that_the_source_does_not_keep_was_not_compared(asked, port, is_kept, doubts):
    columns = None if is_kept else {"radius": {*KINDS["usage"].names} - {"port"}}
    target = Target(TargetKind.IP_ADDRESS, ADDRESS, port, AT)
    assert asked(session(1, "it", -HOUR, HOUR), target=target, columns=columns) == [(1, doubts)]


def test_period_is_not_asked_at_an_instant(asked):
    target = Target(TargetKind.IP_ADDRESS, ADDRESS)
    rows = [session(1, "a", -DAY, 0 * SECOND), session(2, "b", 0 * SECOND, None)]
    assert asked(*rows, target=target, of="usage_sessions") == [(2, {})]
