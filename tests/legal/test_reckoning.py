"""Counting terms: by hand, by a second reckoning, and what each step says."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.errors import InvalidInput
from lea_service.legal.explanation import say_step
from lea_service.legal.reckoning import (
    count_eu_days,
    count_eu_hours,
    count_extended,
    count_hours,
    count_nl_days,
    count_nl_period,
)
from lea_service.legal.working_days import load_working_days
from tests.legal import reckoned_by_hand as by_hand

ZONE = ZoneInfo("Europe/Amsterdam")
WORKING = load_working_days()
DAY = timedelta(days=1)
INSTANTS = st.integers(
    int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2040, 12, 31, tzinfo=UTC).timestamp()),
).map(lambda second: datetime.fromtimestamp(second, UTC))
"""To years whose decrees the table does not know: counted as well, and flagged."""

TURNS = tuple(
    day
    for year in range(2025, 2041)
    for day in (
        *(date(year, month, 31 - date(year, month, 31).isoweekday() % 7) for month in (3, 10)),
        date(year, 3, 1) - timedelta(days=1),
        easter(year),
        date(year, 12, 31),
    )
)
"""Both changes of the clock, the last of February, Easter and New Year's Eve, each year."""

NEAR_TURNS = st.builds(
    lambda day, off, second: datetime.combine(day, time(), UTC) + timedelta(off, second),
    st.sampled_from(TURNS),
    st.integers(-5, 5),
    st.integers(0, 86_399),
)

LENGTHS = st.integers(1, 120)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def midnight_after(day):
    return datetime.combine(day + DAY, time(), ZONE).astimezone(UTC)


def explain(reckoning, language):
    return [say_step(step, language) for step in reckoning.steps]


def articles(reckoning):
    """Return the article of each step that rests on one, in order."""
    return tuple(step.law for step in reckoning.steps if step.law)


def name(case):
    return f"{case.event}+{case.length}"


@pytest.mark.parametrize("case", by_hand.NL_DAYS, ids=name)
def test_dutch_terms_end_as_counted_by_hand(case):
    found = count_nl_days(at(case.event), case.length, WORKING)
    assert found.last_day.isoformat() == case.last, case.reckoning
    assert found.end == found.widest_end == midnight_after(found.last_day)
    assert articles(found) == case.law
    assert found.is_sure


@pytest.mark.parametrize("case", by_hand.EU_DAYS, ids=name)
def test_union_terms_end_as_counted_by_hand(case):
    found = count_eu_days(at(case.event), case.length, WORKING)
    assert found.last_day.isoformat() == case.last, case.reckoning
    assert found.widest_last_day.isoformat() == (case.widest or case.last), case.reckoning
    assert articles(found) == case.law


@pytest.mark.parametrize("case", by_hand.NL_PERIODS, ids=name)
def test_periods_end_as_counted_by_hand(case):
    found = count_nl_period(at(case.event), case.length)
    assert found.end == at(case.last).astimezone(UTC), case.reckoning
    assert found.widest_end == midnight_after(date.fromisoformat(case.widest)), case.reckoning
    assert articles(found) == case.law


@pytest.mark.parametrize("case", by_hand.EU_HOURS, ids=name)
def test_union_hours_end_as_counted_by_hand(case):
    found = count_eu_hours(at(case.event), case.length)
    assert found.end == at(case.last).astimezone(UTC)
    assert articles(found) == case.law


@pytest.mark.parametrize("case", by_hand.HOURS, ids=name)
def test_plain_hours_end_as_counted_by_hand(case):
    found = count_hours(at(case.event), case.length)
    assert (found.end, articles(found)) == (at(case.last).astimezone(UTC), case.law)


def test_sixty_cases_are_counted_by_hand():
    tables = (by_hand.NL_DAYS, by_hand.EU_DAYS, by_hand.NL_PERIODS, by_hand.EU_HOURS, by_hand.HOURS)
    assert sum(map(len, tables)) >= 60
    assert all(case.law and case.reckoning for table in tables[:-1] for case in table)


@pytest.mark.parametrize("turn", TURNS, ids=str)
def test_terms_about_each_turn_of_the_year_agree_with_a_second_reckoning(turn):
    for off in range(-5, 6):
        event = datetime.combine(turn + off * DAY, time(23, 30), UTC)
        for length in (1, 2, 3, 10):
            dutch = count_nl_days(event, length, WORKING)
            assert dutch.last_day == reckon_again(event, length, needs_two=length >= 3)
            union = count_eu_days(event, length, WORKING)
            assert union.widest_last_day == reckon_again(event, length, needs_two=length >= 2)


def test_term_counts_in_the_day_of_the_netherlands():
    found = count_nl_days(datetime(2026, 6, 15, 22, 30, tzinfo=UTC), 3, WORKING)  # Tuesday 00:30
    assert found.last_day == date(2026, 6, 19)
    assert found.end == datetime(2026, 6, 19, 22, tzinfo=UTC)


def atw_days(year):
    """Return the holidays of art. 3 lid 1 and 2 as another library has them."""
    known = holidays.country_holidays(
        "NL", years=year, categories=("public", "optional"), language="en_US"
    )
    sundays = ("Easter Sunday", "Pentecost")  # free as Sundays are
    found = {day for day, said in known.items() if said not in sundays}
    return found | {date(year, 5, 5), date(year, 4, 27 - (date(year, 4, 27).weekday() == 6))}


@pytest.mark.parametrize("year", range(2025, 2041))
def test_holidays_are_those_of_another_library(year):
    weekend = ("saturday", "sunday", "decree_day", None)
    days = [date(year, 1, 1) + n * DAY for n in range(366)]
    found = {day for day in days if day.year == year and WORKING.find_reason(day) not in weekend}
    assert found == atw_days(year)


def is_free(day):
    return day.weekday() > 4 or day in atw_days(day.year) or day in WORKING.decree_days


def reckon_again(event, length, needs_two):
    """Return the last day of a term, sought day by day."""
    first = event.astimezone(ZONE).date() + DAY
    last = first + (length - 1) * DAY
    while is_free(last) or (
        needs_two and sum(not is_free(first + n * DAY) for n in range((last - first).days + 1)) < 2
    ):
        last += DAY
    return last


@given(INSTANTS | NEAR_TURNS, st.integers(1, 90))
def test_dutch_terms_agree_with_a_second_reckoning(event, length):
    found = count_nl_days(event, length, WORKING)
    assert found.last_day == reckon_again(event, length, needs_two=length >= 3)


@given(INSTANTS | NEAR_TURNS, LENGTHS)
def test_union_terms_agree_with_a_second_reckoning(event, length):
    found = count_eu_days(event, length, WORKING)
    assert found.widest_last_day == reckon_again(event, length, needs_two=length >= 2)
    assert event < found.end <= found.widest_end


@given(INSTANTS | NEAR_TURNS, LENGTHS, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_later_event_never_ends_earlier(event, length, later):
    for count in (count_nl_days, count_eu_days):
        early, late = count(event, length, WORKING), count(event + later, length, WORKING)
        assert (early.end, early.widest_end) <= (late.end, late.widest_end)


@given(INSTANTS | NEAR_TURNS, st.integers(1, 89))
def test_longer_term_never_ends_earlier(event, length):
    for count in (count_nl_days, count_eu_days):
        short, long = count(event, length, WORKING), count(event, length + 1, WORKING)
        assert (short.end, short.widest_end) <= (long.end, long.widest_end)


@given(INSTANTS | NEAR_TURNS, st.integers(1, 400))
def test_hours_are_hours_that_pass(event, hours):
    plain, union = count_hours(event, hours), count_eu_hours(event, hours)
    assert plain.end - event == plain.widest_end - event == timedelta(hours=hours)
    assert timedelta(0) < union.end - plain.end <= timedelta(hours=1)
    assert (union.end.minute, union.end.second, union.end.microsecond) == (0, 0, 0)


def test_night_of_23_hours_turns_the_two_ends_of_a_period_round():
    found = count_nl_period(at("2027-03-20T23:30"), 10)
    assert found.end == midnight_after(date(2027, 3, 30))
    assert found.widest_end == at("2027-03-31T00:30").astimezone(UTC)


@given(INSTANTS | NEAR_TURNS, LENGTHS)
def test_period_ends_within_its_last_day(event, days):
    found = count_nl_period(event, days)
    assert timedelta(0) <= found.widest_end - found.end <= timedelta(hours=25)


@pytest.mark.parametrize("length", [0, -1, 3_661])
def test_terms_of_no_length_are_refused(length):
    counts = (count_nl_days, count_eu_days)
    for count in (*counts, count_nl_period, count_eu_hours, count_hours):
        with pytest.raises(InvalidInput):
            count(at("2026-06-15T10:00"), length, *([WORKING] if count in counts else []))


def test_years_without_known_decrees_are_flagged():
    found = count_nl_days(at("2028-12-29T10:00"), 3, WORKING)
    assert (found.last_day, found.is_sure) == (date(2029, 1, 3), False)
    assert "decrees_unknown" in {step.code for step in found.steps}


def test_christmas_explains_itself_step_by_step():
    found = count_nl_days(at("2026-12-24T14:20"), 3, WORKING)
    assert explain(found, "en") == [
        "The term begins with what happened on Thursday 24 December 2026 14:20 (UTC+0100).",
        "That day does not count. 3 days from Friday 25 December 2026 on run up to and including "
        "Sunday 27 December 2026. [Sv art. 130]",
        "Sunday 27 December 2026 is a Sunday: the term ends on the next working day, "
        "Monday 28 December 2026. [ATW art. 1 lid 1]",
        "The term holds 1 working day and has to hold two: it runs up to and including "
        "Tuesday 29 December 2026. [ATW art. 2]",
        "Only what comes after the end of Tuesday 29 December 2026 is too late.",
    ]


def test_hours_of_union_law_explain_themselves_step_by_step():
    found = count_eu_hours(at("2026-06-15T10:20:30.000001"), 8)
    assert found.end == found.widest_end == at("2026-06-15T19:00")
    assert explain(found, "en") == [
        "The term begins with what happened on Monday 15 June 2026 10:20 (UTC+0200).",
        "The hour in which it happened does not count: the first hour begins on "
        "Monday 15 June 2026 11:00 (UTC+0200). [Regulation 1182/71 art. 3(1)]",
        "8 hours, weekends included, end on Monday 15 June 2026 19:00 (UTC+0200). "
        "[Regulation 1182/71 art. 3(2)(a)]",
    ]


@pytest.mark.parametrize("doubted", range(3))
def test_longer_term_is_as_sure_as_all_that_it_rests_on(doubted):
    parts = [count_nl_period(at("2026-03-02T10:00"), 90)] * 3
    assert count_extended(*parts, 90).is_sure is True
    parts[doubted] = replace(parts[doubted], is_sure=False)
    assert count_extended(*parts, 90).is_sure is False


def test_one_is_said_in_the_singular():
    event = at("2026-12-22T14:20")
    terms = (count_nl_days(event, 1, WORKING), count_eu_hours(event, 1), count_nl_period(event, 1))
    said = " ".join(line for term in terms for one in ("nl", "en") for line in explain(term, one))
    for words in ("1 dag, te beginnen", "1 day from", "1 uur,", "1 hour,", "1 dag van 24 uur"):
        assert words in said
    assert not re.search(r"\b1 (dagen|werkdagen|uren|days|working days|hours)\b", said)


@given(INSTANTS | NEAR_TURNS, LENGTHS)
def test_every_step_has_words_in_both_languages(event, length):
    for found in (
        count_nl_days(event, length, WORKING),
        count_eu_days(event, length, WORKING),
        count_nl_period(event, length),
        count_eu_hours(event, length),
    ):
        dutch, english = explain(found, "nl"), explain(found, "en")
        assert len(dutch) == len(english) == len(found.steps)
        assert not set("{}") & set("".join(dutch + english))
