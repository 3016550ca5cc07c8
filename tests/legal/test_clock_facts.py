"""What each clock and each step of its reckoning tells beside its end: whose, by which article."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from lea_service.kernel.errors import InvalidInput
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.counting import Pause
from lea_service.legal.deadlines import Clock, Status, Whose, list_deadlines
from lea_service.legal.reckoning import (
    LONGEST,
    count_eu_days,
    count_hours,
    count_nl_days,
    count_nl_period,
)
from lea_service.legal.working_days import load_working_days
from tests.legal.cases import basis_of
from tests.legal.test_deadlines import ORAL_ORDER, TERMS, times

WORKING = load_working_days()
ZONE = ZoneInfo("Europe/Amsterdam")
OWNERS = {
    Clock.ANSWER: Whose.OURS,
    Clock.EMERGENCY_ANSWER: Whose.OURS,
    Clock.CONFIRMATION: Whose.AUTHORITY,
    Clock.PRESERVATION: Whose.NOBODY,
}
ASKED = (Pause(ORAL_ORDER, None),)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def told(reckoning, code):
    """Return article and facts of one step."""
    (step,) = (one for one in reckoning.steps if one.code == code)
    return step.law, step.facts


@pytest.mark.parametrize("basis", load_catalogue().bases, ids=lambda one: one.id)
@pytest.mark.parametrize("pauses", [(), ASKED], ids=["running", "asked"])
def test_each_clock_tells_whose_it_is_and_what_the_law_says(basis, pauses):
    moments = times(form="oral", pauses=pauses, is_emergency=True)
    for one in list_deadlines(basis, moments, WORKING, ORAL_ORDER):
        term = getattr(basis, TERMS[one.clock])
        assert (one.whose, one.law) == (OWNERS[one.clock], basis.citation)
        assert one.rule == (term.rule if term else "unknown")
        assert one.text == (term.text if term else None)
        counts = one.status is not Status.HALTED and one.reckoning is not None
        assert one.due == (one.reckoning.end if counts else None)


def test_emergency_may_be_counted_in_days():
    basis = basis_of("EU-EPO-TRAFFIC")
    days = replace(basis.emergency_response, value=1, unit="days", counting="eu_days")
    moments = times(is_emergency=True)
    found = list_deadlines(replace(basis, emergency_response=days), moments, WORKING, ORAL_ORDER)
    (one,) = (one for one in found if one.clock is Clock.EMERGENCY_ANSWER)
    assert one.due == at("2026-12-29T00:00")  # the 25th to the 27th are no working days


def test_day_that_is_free_by_the_one_law_only_is_told():
    """Ten days of 24 March 2026 end on Good Friday, a holiday of the ATW and perhaps no other."""
    found = count_eu_days(at("2026-03-24T10:00"), 10, WORKING)
    assert told(found, "holiday_in_doubt") == (
        "Regulation 1182/71 art. 2(1)",
        {"last": "2026-04-03", "widest": "2026-04-07"},
    )
    assert found.is_sure is True


@pytest.mark.parametrize("count", [count_nl_days, count_eu_days])
def test_years_without_decrees_are_told(count):
    found = count(at("2028-12-29T10:00"), 3, WORKING)
    known = {"first": WORKING.first.isoformat(), "last": WORKING.last.isoformat()}
    assert told(found, "decrees_unknown") == ("ATW art. 3 lid 3", known)
    assert found.is_sure is False


def test_both_ways_to_take_a_day_are_told():
    found = count_nl_period(at("2026-03-02T10:00"), 90)
    assert told(found, "days_of_24_hours") == (
        "Sv art. 136", {"days": 90, "end": "2026-05-31T11:00+02:00"}
    )  # fmt: skip
    assert told(found, "whole_days") == ("Sv art. 130", {"days": 90, "last": "2026-05-31"})


def test_term_with_two_working_days_is_no_longer_for_it():
    found = count_nl_days(at("2026-11-18T10:00"), 3, WORKING)  # Thursday to Saturday, so Monday
    assert found.last_day == date(2026, 11, 23)
    assert "lengthened" not in {one.code for one in found.steps}
    two = count_nl_days(at("2026-11-19T10:00"), 4, WORKING)  # Friday to Monday
    assert two.last_day == date(2026, 11, 23)
    assert "lengthened" not in {one.code for one in two.steps}


def test_longest_term_is_counted_and_no_longer_one():
    assert count_hours(ORAL_ORDER, LONGEST).widest_end == count_hours(ORAL_ORDER, LONGEST).end
    with pytest.raises(InvalidInput, match=f"^expected a term of 1 to {LONGEST} days or hours$"):
        count_hours(ORAL_ORDER, LONGEST + 1)
