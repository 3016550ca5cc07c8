"""How long data are kept: by the order, by its one extension, and until silence or production."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.demands.demand import Period
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.legal.counting import Pause
from lea_service.legal.deadlines import Clock, Status, list_deadlines
from lea_service.legal.moments import Keeping
from lea_service.legal.preservation.rules import (
    UNSURE,
    Longer,
    ReleaseGround,
    check_days,
    check_release,
    days_left,
    freezes,
    has_run_out,
    is_let_go,
    keeping_basis,
    latest_end,
    longer_by,
    turn_round,
)
from lea_service.legal.working_days import load_working_days
from tests.demands.samples import content
from tests.legal.cases import basis_of
from tests.legal.test_deadlines import at, clocks, times

DUTCH, EUROPEAN = "NL-SV-126ni", "EU-EPRO"
TWINS = (DUTCH, "NL-SV-126ui", "NL-SV-126zja")
KEPT, EXTENDED = Keeping(), Keeping(more_days=90)


def clock(basis, received, now=None, **changes):
    return clocks(basis, times(at(received), **changes), now or received)[Clock.PRESERVATION]


def said_of(refuses, *arguments):
    """Return what a refusal says."""
    with pytest.raises((InvalidInput, WrongState)) as caught:
        refuses(*arguments)
    if isinstance(caught.value, InvalidInput):
        (error,) = caught.value.errors
        assert caught.value.detail == f"{error.pointer}: {error.detail}"
    return caught.value.detail


@pytest.mark.parametrize("basis", TWINS)
def test_dutch_order_is_extended_by_ninety_days(basis):
    found = clock(basis, "2026-03-02T10:00", keeping=EXTENDED)
    assert (found.due, found.late) == (at("2026-08-29T01:00"), at("2026-08-30T00:00"))
    step = found.reckoning.steps[-1]
    assert (step.code, step.law) == ("extended", None)
    ends = {"end": "2026-08-29T01:00+02:00", "at": "2026-08-30T00:00+02:00"}
    assert step.facts == {"days": 90, **ends}


def test_order_that_states_fewer_days_ends_earlier():
    found = clock(DUTCH, "2026-03-02T10:00", keeping=Keeping(days=30))
    assert (found.due, found.late) == (at("2026-04-01T01:00"), at("2026-06-01T00:00"))
    step = found.reckoning.steps[-1]
    assert (step.code, step.facts) == ("law_allows", {"at": "2026-06-01T00:00+02:00"})


def test_fewer_days_than_the_law_allows_end_the_latest_term_no_sooner():
    """Thirty days, then ten more: by the law it may be ninety, and ninety more."""
    found = clock(DUTCH, "2026-03-02T10:00", keeping=Keeping(days=30, more_days=10))
    whole = clock(DUTCH, "2026-03-02T10:00", keeping=EXTENDED)
    assert (found.due, found.late) == (at("2026-04-11T01:00"), whole.late)


def test_term_that_the_catalogue_does_not_know_has_no_end():
    basis = basis_of(DUTCH)
    unknown = replace(basis, preservation=replace(basis.preservation, value=None))
    case = times(at("2026-03-02T10:00"), keeping=Keeping(days=30))
    found = list_deadlines(unknown, case, load_working_days(), at("2027-03-02T10:00"))
    (kept,) = (one for one in found if one.clock is Clock.PRESERVATION)
    assert (kept.status, kept.due, kept.late) == (Status.NO_END, None, None)


def test_european_order_is_extended_by_two_readings():
    """Ninety days of receipt on 2 June end on Monday 31 August; 30 after Monday 3 August later."""
    found = clock(EUROPEAN, "2026-06-02T10:00", keeping=Keeping(more_days=30))
    assert (found.due, found.late) == (at("2026-09-01T00:00"), at("2026-09-03T00:00"))


def test_kept_until_production_has_no_end():
    found = clock(EUROPEAN, "2026-06-02T10:00", "2027-06-02T10:00",
                  keeping=Keeping(production_follows=True))  # fmt: skip
    assert (found.status, found.due, found.late) == (Status.NO_END, None, None)
    assert [one.code for one in found.reasons] == ["production_follows"]
    assert "until then the data are kept" in found.steps[0]["en"]
    assert not has_run_out([found])


def test_silence_brings_the_end_of_a_european_preservation_nearer():
    """Five days of Monday 15 June end on Saturday, so on Monday 22 June; nothing goes by that."""
    asked = (Pause(at("2026-06-15T10:00"), None),)
    found = clock(EUROPEAN, "2026-06-02T10:00", pauses=asked)
    assert (found.due, found.late) == (at("2026-06-23T00:00"), at("2026-08-04T00:00"))
    assert [one["code"] for one in found.steps[-2:]] == ["unanswered", "law_allows"]
    assert found.steps[-2]["law"] == basis_of(EUROPEAN).citation
    follows = clock(EUROPEAN, "2026-06-02T10:00", pauses=asked,
                    keeping=Keeping(production_follows=True))  # fmt: skip
    assert follows.status is Status.NO_END
    answered = (replace(asked[0], until=at("2026-06-16T10:00")),)
    assert clock(EUROPEAN, "2026-06-02T10:00", pauses=answered).late == at("2026-08-04T00:00")
    dutch = clock(DUTCH, "2026-03-02T10:00", pauses=asked)
    assert dutch.late == at("2026-06-01T00:00")


def test_question_asked_late_lengthens_nothing():
    for day in ("2026-07-29", "2026-08-03"):  # the first of them ends on that very day
        asked = (Pause(at(f"{day}T10:00"), None),)
        found = clock(EUROPEAN, "2026-06-02T10:00", pauses=asked)
        assert found.late == at("2026-08-04T00:00")
        assert "unanswered" not in [one["code"] for one in found.steps]


@pytest.mark.parametrize(
    ("now", "is_over"), [("2026-05-31T23:59", False), ("2026-06-01T00:00", True)]
)
def test_nothing_runs_out_before_the_widest_end(now, is_over):
    found = clock(DUTCH, "2026-03-02T10:00", now)
    assert has_run_out([found]) is is_over
    ended = clock(DUTCH, "2026-03-02T10:00", now, is_kept_no_longer=True)
    assert not has_run_out([ended])
    assert not has_run_out([])
    earlier = clock(DUTCH, "2025-03-02T10:00", now)
    assert has_run_out([earlier])
    assert has_run_out([earlier, found]) is is_over  # the latest of all counts
    assert not has_run_out([earlier, None])


def test_latest_end_is_that_of_the_latest_term():
    earlier, later = (clock(DUTCH, f"2026-0{month}-02T10:00") for month in (3, 4))
    assert latest_end([later, earlier]) == later.late
    assert latest_end([later, None]) is latest_end([]) is None


def test_end_that_a_decree_may_move_is_no_end_for_the_worker():
    found = clock(EUROPEAN, "2041-06-02T10:00", "2042-06-02T10:00")
    assert found.status is Status.OVER
    assert not has_run_out([found])


def test_period_the_wrong_way_round_is_kept_from_end_to_end():
    (item,) = content().items
    start, end = item.period.start, item.period.end
    turned = replace(item, period=Period(end, start, "UTC", as_stated=True))
    found = turn_round(turned).period
    assert found.start <= start < end < found.end  # both stated instants are in it
    assert (found.start, found.end - end) == (start, timedelta(microseconds=1))
    assert turn_round(item) is item
    instant = replace(item, period=Period(start, start, "UTC", as_stated=True))
    assert turn_round(instant).period.start == start < turn_round(instant).period.end


@pytest.mark.parametrize("basis", ["NL-SV-126n", "US-SCA-2703F", "EU-EPO-TRAFFIC"])
def test_other_orders_keep_nothing(basis):
    for other in (basis_of(basis), None):
        assert said_of(keeping_basis, other) == "the basis is not one to keep data on"


@pytest.mark.parametrize(
    ("basis", "is_frozen"),
    [
        (DUTCH, True),
        (EUROPEAN, True),
        ("EU-EPO-TRAFFIC", True),  # until it is answered: art. 10(1)
        ("NL-SV-126n", False),
        ("US-SCA-2703F", False),
    ],
)
def test_order_to_keep_and_european_order_to_produce_freeze_from_receipt(basis, is_frozen):
    assert freezes(basis_of(basis)) is is_frozen
    for unsure in (False, None):
        assert not freezes(replace(basis_of(basis), enforceable=unsure))
    assert not freezes(None)


def test_order_whose_term_is_not_known_is_neither_shortened_nor_extended():
    basis = basis_of(DUTCH)
    for preservation in (None, replace(basis.preservation, value=None)):
        without = replace(basis, preservation=preservation)
        told = "the catalogue does not know how long data are kept on this basis"
        assert said_of(check_days, without, 30) == told
        assert said_of(longer_by, without, KEPT, Longer.TERM, None) == told


def test_law_without_an_extension_gives_none():
    basis = basis_of(DUTCH)
    once = replace(basis, preservation=replace(basis.preservation, extension=None))
    told = "the law of this order knows no extension"
    assert said_of(longer_by, once, KEPT, Longer.TERM, 30) == told


FIXED = "/days: expected none: the regulation says how many"
MOST = "/days: expected 1 to 90, as the law allows"


@pytest.mark.parametrize(
    ("basis", "days", "told"),
    [(DUTCH, 0, MOST), (DUTCH, 91, MOST), (EUROPEAN, 60, FIXED), (EUROPEAN, 30, FIXED)],
)
def test_days_that_the_law_does_not_give_are_refused(basis, days, told):
    assert said_of(check_days, basis_of(basis), days) == told


@pytest.mark.parametrize(
    ("basis", "days"), [(DUTCH, None), (EUROPEAN, None), (DUTCH, 1), (DUTCH, 90)]
)
def test_days_that_the_law_gives_may_be_stated(basis, days):
    check_days(basis_of(basis), days)


@pytest.mark.parametrize(
    ("basis", "by", "days", "more"),
    [(DUTCH, Longer.TERM, None, 90), (DUTCH, Longer.TERM, 1, 1), (DUTCH, Longer.TERM, 90, 90),
     (EUROPEAN, Longer.TERM, None, 30), (EUROPEAN, Longer.TERM, 30, 30),
     (EUROPEAN, Longer.PRODUCTION_FOLLOWS, None, None)],
)  # fmt: skip
def test_extension_adds_what_the_law_gives(basis, by, days, more):
    assert longer_by(basis_of(basis), KEPT, by, days) == more


FOLLOWS = Keeping(production_follows=True)
BEFORE = "the preservation was extended before, which the law allows once"


@pytest.mark.parametrize(
    ("basis", "keeping", "by", "days", "told"),
    [
        (DUTCH, KEPT, Longer.TERM, 91, MOST),
        (DUTCH, KEPT, Longer.TERM, 0, MOST),
        (DUTCH, EXTENDED, Longer.TERM, None, BEFORE),
        (EUROPEAN, FOLLOWS, Longer.TERM, None, BEFORE),
        (EUROPEAN, KEPT, Longer.TERM, 20, FIXED),
        (
            DUTCH, KEPT, Longer.PRODUCTION_FOLLOWS, None,
            "only a European preservation order is kept until its production",
        ),
        (
            EUROPEAN, KEPT, Longer.PRODUCTION_FOLLOWS, 3,
            "/days: expected none: it has no end by itself",
        ),
        (
            EUROPEAN, FOLLOWS, Longer.PRODUCTION_FOLLOWS, None,
            "it was recorded before that production follows",
        ),
    ],
)  # fmt: skip
def test_extension_beyond_the_law_is_refused(basis, keeping, by, days, told):
    assert said_of(longer_by, basis_of(basis), keeping, by, days) == told


def test_what_one_person_ends_stays_until_the_term():
    received, ended = "2026-06-02T10:00", at("2026-06-03T10:00")
    found = clock(EUROPEAN, received, is_kept_no_longer=True)
    assert found.status is Status.MET
    for one, end in ((found, found.late), (None, ended + timedelta(days=90))):
        assert not is_let_go([one], ended, end - timedelta(seconds=1))
        assert is_let_go([one], ended, end)
    assert not is_let_go([found, None], ended, found.late)


def test_what_one_person_ends_outlasts_an_end_that_a_decree_may_move():
    found, ended = clock(EUROPEAN, "2026-06-02T10:00"), at("2026-06-03T10:00")
    unsure = replace(found, reckoning=replace(found.reckoning, is_sure=False))
    assert not is_let_go([unsure], ended, found.late + timedelta(days=30))
    assert not is_let_go([unsure], ended, ended + UNSURE - timedelta(seconds=1))
    assert is_let_go([unsure], ended, ended + UNSURE)
    much_later = found.late - timedelta(days=400)
    assert not is_let_go([unsure], much_later, found.late - timedelta(seconds=1))


def test_days_left_are_whole_days():
    end = at("2026-06-03T00:00")
    assert days_left(end, end - timedelta(days=2, hours=23)) == 2
    assert days_left(end, end + timedelta(hours=1)) == -1
    assert days_left(None, end) is None


INSTANTS = st.datetimes(
    at("2026-09-01T00:00").replace(tzinfo=None), at("2027-12-01T00:00").replace(tzinfo=None)
)


@given(INSTANTS, st.sampled_from([(DUTCH, 90, 90), (EUROPEAN, None, 30)]), st.data())
def test_extension_always_gives_at_least_its_days(moment, rule, data):
    basis, most, more = rule
    days = data.draw(st.integers(1, most)) if most else None
    more_days = data.draw(st.integers(1, more)) if most else more
    received = moment.isoformat(timespec="minutes")
    short = clock(basis, received, keeping=Keeping(days=days))
    long = clock(basis, received, keeping=Keeping(days=days, more_days=more_days))
    wall = timedelta(hours=1)  # a night of 23 or 25 hours
    assert short.due <= short.late
    assert long.due <= long.late
    assert long.due > short.due
    assert long.late >= short.late + timedelta(days=more_days) - wall
    assert long.due >= at(received) + timedelta(days=(days or 60) + more_days - 1) - wall


ASKED = Pause(at("2026-06-03T10:00"), None)
PAPER = {"confirmed_at": at("2026-06-03T10:00")}


@pytest.mark.parametrize(
    ("ground", "changes", "now", "is_so"),
    [
        ("authority", {}, "2026-06-03T10:00", True),
        ("mistaken", {}, "2026-06-03T10:00", True),
        ("unconfirmed", {"form": "oral"}, "2026-06-05T23:59", False),  # three days, by the law
        ("unconfirmed", {"form": "oral"}, "2026-06-06T00:00", True),
        ("unconfirmed", {"form": "oral", **PAPER}, "2026-07-03T10:00", False),
        ("unconfirmed", {}, "2026-07-03T10:00", False),
        ("unanswered", {"keeping": Keeping(days=1), "pauses": (ASKED,)}, "2026-07-03T10:00", False),
        ("unanswered", {"pauses": (ASKED,)}, "2026-07-03T10:00", True),
        ("unanswered", {"pauses": (ASKED,)}, "2026-06-04T10:00", False),
        ("unanswered", {"pauses": (replace(ASKED, until=at("2026-06-04T10:00")),)}, "2026-12-03T10:00", False),
        ("stated", {"keeping": Keeping(days=30)}, "2026-08-04T10:00", True),
        ("stated", {"keeping": Keeping(days=30)}, "2026-06-04T10:00", False),
        ("stated", {}, "2026-12-04T10:00", False),
    ],
)  # fmt: skip
def test_ground_of_a_release_is_not_against_what_is_recorded(ground, changes, now, is_so):
    is_dutch = ground in {"stated", "unconfirmed"} or "keeping" in changes
    moments = times(at("2026-06-02T10:00"), **changes)
    found = clocks(DUTCH if is_dutch else EUROPEAN, moments, now)
    check = partial(check_release, ReleaseGround(ground), moments, found, at(now))
    if is_so:
        check()
    else:
        said_of(check)


@pytest.mark.parametrize(
    ("ground", "basis", "changes"),
    [
        ("stated", DUTCH, {"keeping": Keeping(days=30)}),  # days of the calendar, or of 24 hours
        ("unanswered", EUROPEAN, {"pauses": (Pause(at("2026-04-02T10:00"), None),)}),  # Good Friday
    ],
)
def test_ground_of_a_release_is_so_by_every_reading_of_the_law(ground, basis, changes):
    moments = times(at("2026-04-01T10:00"), **changes)
    found = clocks(basis, moments)
    kept = found[Clock.PRESERVATION]
    assert kept.due < kept.told_end < kept.late
    check = partial(check_release, ReleaseGround(ground), moments, found)
    said_of(check, kept.told_end - timedelta(seconds=1))
    check(kept.told_end)
