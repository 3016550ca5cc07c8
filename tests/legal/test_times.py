"""What of a demand has to wait, and which confirmation is owed, by record and log alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from lea_service.custody.replay import Stream
from lea_service.demands.demand import Form
from lea_service.demands.states import State
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.deadlines import Clock, Status, list_deadlines
from lea_service.legal.times import collect_times, has_to_wait, list_confirmations
from lea_service.legal.working_days import load_working_days
from tests.legal.test_comparison import demand

CATALOGUE = load_catalogue()
WORKING = load_working_days()
EMPTY = Stream("c_1", ())
RECEIVED = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOW = RECEIVED + timedelta(hours=1)


def asked(basis="NL-SV-126n", **changes):
    of = {"legal_basis": basis, "order_date": date(2026, 11, 20), "received_at": RECEIVED}
    return replace(demand(), **of | changes)


def with_term(basis, **changes):
    """Return the catalogue with other members of one row."""
    (row,) = CATALOGUE.get_editions(basis)
    editions = {**CATALOGUE._editions, basis.lower(): (replace(row, **changes),)}
    return replace(CATALOGUE, _editions=editions)


def waits(one, catalogue=CATALOGUE, now=NOW):
    return has_to_wait(one, EMPTY, catalogue, WORKING, now)


def test_dutch_demand_waits_for_nobody():
    assert not waits(asked())
    assert not waits(asked(), with_term("NL-SV-126n", response=None))


def test_basis_that_nobody_knows_waits_and_owes_nothing():
    unknown = asked("NL-SV-999", form=Form.ORAL)
    assert waits(unknown)
    assert list_confirmations(unknown, EMPTY, CATALOGUE, WORKING, NOW) == []


def test_basis_that_sets_no_term_keeps_nothing_back():
    (row,) = CATALOGUE.get_editions("NL-SV-126n")
    none_in_law = replace(row.response, rule="none_in_law")
    assert not waits(asked(), with_term("NL-SV-126n", response=none_in_law))


def test_european_order_of_an_unknown_term_waits():
    assert waits(asked("EU-EPO-TRAFFIC"), with_term("EU-EPO-TRAFFIC", response=None))


def test_european_order_waits_to_the_end_of_its_term():
    (clock,) = (one for one in [find_answer(asked("EU-EPO-TRAFFIC"))] if one.waits_for is not None)
    assert waits(asked("EU-EPO-TRAFFIC"), now=clock.earliest - timedelta(seconds=1))
    assert not waits(asked("EU-EPO-TRAFFIC"), now=clock.earliest)


def find_answer(one):
    basis = CATALOGUE.find_basis(one.legal_basis, one.order_date)
    clocks = list_deadlines(basis, collect_times(one, EMPTY), WORKING, NOW)
    return next(clock for clock in clocks if clock.clock is Clock.ANSWER)


def test_oral_order_waits_once_its_confirmation_is_late():
    oral = asked("NL-SV-126nd", form=Form.ORAL)
    (owed,) = list_confirmations(oral, EMPTY, CATALOGUE, WORKING, NOW)
    assert (owed.clock, owed.status) == (Clock.CONFIRMATION, Status.RUNNING)
    assert not waits(oral, now=owed.late - timedelta(seconds=1))
    assert waits(oral, now=owed.late)
    assert not waits(asked("NL-SV-126nd"), now=owed.late)
    assert list_confirmations(asked("NL-SV-126nd"), EMPTY, CATALOGUE, WORKING, NOW) == []


@pytest.mark.parametrize("state", [State.DELIVERED, State.REFUSED])
def test_answer_that_was_given_is_met(state):
    assert find_answer(asked(state=state)).status is Status.MET
    assert find_answer(asked()).status is not Status.MET
