"""Which orders freeze records follows from the log: what somebody writes into a table ends none."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from lea_service.demands.demand import CONTENTS
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import IntegrityFailure
from lea_service.legal.catalogue import load_catalogue
from tests.legal.cases import basis_of
from tests.legal.test_overlay import lay, own
from tests.legal.test_service import correct
from tests.staff.attacker import Attacker
from tests.support.frozen import find_end, list_frozen, make_freezes

SAID = {"legal_basis": "NL-SV-126ni", "states": [*CONTENTS]}
LONG_AGO = timedelta(days=400)


def sql(log, statement, *fences, **values):
    """Run a statement as somebody does who owns the database."""
    with log.transactions.database.write() as session:
        for table in fences:
            for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
                session.execute(text(drop))
        session.execute(text(statement), values)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'released'",
        "state = 'erased', state_since = '2020-01-01'",
        "legal_basis = NULL, order_date = '1999-01-01'",
    ],
)
def test_column_of_a_table_ends_no_freeze(log, authority, clock, change):
    demand = authority.send(**SAID)
    sql(log, f"UPDATE demands SET {change}")
    try:
        frozen = [one.id for one in list_frozen(log, clock.now())]
    except IntegrityFailure as err:  # nothing goes at all, and an alarm names the demand
        frozen = [err.facts["demand"]]
    assert frozen == [demand]


def test_record_that_nobody_entered_stops_everything(log, authority, clock):
    demand = authority.send(**SAID)
    sql(log, "UPDATE demand_records SET recorded_by = 's_other'", "demand_records")
    with pytest.raises(IntegrityFailure) as caught:
        list_frozen(log, clock.now())
    assert caught.value.facts == {"demand": demand}


def test_order_whose_entries_were_moved_is_missed(log, authority, clock):
    authority.send(**SAID)
    freezes = make_freezes(log)
    moved = "UPDATE log_entries SET stream = 'x_' || stream WHERE stream LIKE 'c_%'"
    sql(log, moved, "log_entries")
    with pytest.raises(IntegrityFailure):
        freezes.list(clock.now())


def test_entry_that_is_rewritten_ends_no_freeze(log, house, authority, clock):
    """Table and log say alike that the order was withdrawn; the process read the log before."""
    authority.send(**SAID)
    freezes = make_freezes(log)
    assert freezes.list(clock.now())

    def withdraw(entry):
        entry["facts"]["state"] = "withdrawn"

    Attacker(house).rewrite_entry("demand.recorded", withdraw)
    sql(log, "UPDATE demands SET state = 'withdrawn'")
    for _ in range(2):
        with pytest.raises(IntegrityFailure, match="not the one that was signed"):
            freezes.list(clock.now())


def test_what_freezes_nothing_is_opened_once(log, authority, clock, monkeypatch):
    other, order = authority.send(), authority.send(**SAID)
    freezes = make_freezes(log)
    opened = []
    judge = freezes._judge
    monkeypatch.setattr(freezes, "_judge", lambda *given: opened.append(given[1]) or judge(*given))
    for _ in range(2):
        assert [one.id for one in freezes.list(clock.now())] == [order]
    assert sorted(opened) == sorted([other, order, order])


def test_order_that_comes_by_a_correction_freezes(log, authority, clock, handler):
    demand = authority.send()
    freezes = make_freezes(log)
    assert freezes.list(clock.now()) == []
    correct(authority, log, demand, authority.paper(**SAID), **SAID)
    assert [one.id for one in freezes.list(clock.now())] == [demand]


def test_order_is_over_no_sooner_for_having_been_over_later(log, authority, clock):
    demand = authority.send(**SAID)
    freezes = make_freezes(log)
    assert freezes.list(clock.now() + LONG_AGO) == []
    assert [one.id for one in freezes.list(clock.now())] == [demand]
    assert freezes.list(clock.now() + LONG_AGO) == []


@pytest.mark.parametrize(
    "change",
    [
        {"preservation": {"rule": "at_most", "value": 1, "unit": "days", "counting": "nl_90_days"}},
        {"instrument": "production_order"},
    ],
)
def test_row_of_the_own_house_ends_no_freeze(log, authority, clock, tmp_path, change):
    demand = authority.send(**SAID)
    row = load_catalogue().get_row(basis_of("NL-SV-126ni"))
    with_term = {**row["preservation"], **change.get("preservation", {})}
    laid = load_catalogue(lay(tmp_path / "own", own({**row, **change, "preservation": with_term})))
    late = find_end(log, demand, clock.now())
    for catalogue in (load_catalogue(), laid):
        freezes = make_freezes(log, catalogue=catalogue)
        assert [one.id for one in freezes.list(late - timedelta(seconds=1))] == [demand]
        assert freezes.list(late) == []
