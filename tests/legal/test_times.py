"""What of a demand has to wait, and which confirmation is owed, by record and log alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from lea_service.custody.replay import Entered, Stream
from lea_service.demands.demand import Form
from lea_service.demands.states import State
from lea_service.kernel.clock import format_instant
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.counting import Pause
from lea_service.legal.deadlines import Clock, Status, list_deadlines
from lea_service.legal.moments import Enforcing
from lea_service.legal.times import (
    Awaited,
    Wait,
    collect_times,
    find_enforcing_answer,
    find_wait,
    list_confirmations,
)
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
    return find_wait(one, EMPTY, catalogue, WORKING, now) is not None


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


PUT = {"clarification": "cl_1"}
SEALED_LANE = ("demand.clarification_asked", PUT)
ASKS, ANSWERS = ("demand.clarification_asked", {**PUT, "annex": "an_1"}), ("demand.clarified", {})
QUIET = ("demand.clarification_asked", {**ASKS[1], "halts": False})
SENDS, OTHER_LETTER = ("demand.letter_sent", PUT), ("demand.letter_sent", {})
OF_ANOTHER = ("demand.letter_sent", {"clarification": "cl_2"})
CORRECTS = ("demand.corrected", {})
REPLY = ("demand.annex_filed", {"state": "replied"})
OTHER = ("demand.viewed", {"state": "under_review"})


def stream(*events):
    """Return a log of a demand that has one entry an hour."""
    entries = (
        Entered(n, event, "s_1", format_instant(at(n)), facts, ())
        for n, (event, facts) in enumerate(events, 1)
    )
    return Stream("c_1", tuple(entries))


def at(hour):
    return RECEIVED + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), ()),
        ((ANSWERS, OTHER, REPLY), ()),
        ((ASKS,), ()),
        ((ASKS, ANSWERS), ()),
        ((ASKS, ANSWERS, SENDS), ()),
        ((SENDS, ASKS), ()),
        ((ASKS, OTHER_LETTER, OF_ANOTHER), ()),
        ((ASKS, SENDS), ((2, None),)),
        ((ASKS, SENDS, SENDS, CORRECTS), ((2, None),)),
        ((ASKS, OTHER, SENDS, OTHER), ((3, None),)),
        ((ASKS, SENDS, OTHER, ANSWERS), ((2, 4),)),
        ((ASKS, SENDS, ANSWERS, OTHER, ASKS, SENDS, ANSWERS), ((2, 3), (6, 7))),
        ((ASKS, SENDS, ANSWERS, ASKS), ((2, 3),)),
        ((ASKS, SENDS, REPLY), ((2, 3),)),
        ((ASKS, SENDS, ANSWERS, REPLY), ((2, 3),)),
        ((QUIET, SENDS, ANSWERS), ()),
        ((QUIET, SENDS, ANSWERS, ASKS, SENDS), ((5, None),)),
        ((("demand.clarification_asked", {**ASKS[1], "halts": True}), SENDS), ((2, None),)),
        ((SEALED_LANE, SENDS, ANSWERS), ((2, 3),)),
        ((SEALED_LANE, SENDS, CORRECTS), ()),
        ((("demand.clarification_asked", {}), OTHER_LETTER), ()),
    ],
)
def test_each_question_that_halts_does_so_from_its_form_to_its_answer_or_our_reply(
    events, expected
):
    pauses = tuple(Pause(at(since), until and at(until)) for since, until in expected)
    assert collect_times(asked(), stream(*events)).pauses == pauses


def said(answer):
    return "demand.enforcing_answered", {"answer": answer}


CORRECTION = ("demand.corrected", {})


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), None),
        ((said("confirmed"),), Enforcing.CONFIRMED),
        ((said("refused"), said("confirmed")), Enforcing.CONFIRMED),
        ((CORRECTION, said("confirmed")), Enforcing.CONFIRMED),
        ((said("confirmed"), CORRECTION), None),
        ((said("emergency"), CORRECTION), None),
        ((said("refused"), CORRECTION), Enforcing.REFUSED),
        ((said("confirmed"), CORRECTION, said("not_notified")), Enforcing.NOT_NOTIFIED),
    ],
)
def test_what_was_said_of_an_order_is_not_said_of_its_correction(events, expected):
    assert find_enforcing_answer(stream(*events)) is expected


@pytest.mark.parametrize(
    ("events", "waits"),
    [((said("refused"),), Awaited.OBJECTION), ((ASKS, SENDS), Awaited.QUESTION)],
)
def test_what_halts_the_clock_keeps_back_what_the_demand_came_to(events, waits):
    wait = find_wait(asked("EU-EPO-TRAFFIC"), stream(*events), CATALOGUE, WORKING, at(30 * 24))
    assert wait == Wait(waits)
