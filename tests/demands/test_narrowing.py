"""What is left of a demand when something is taken out, and what may be taken out at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.demands.narrowing import (
    NOTHING_LEFT,
    WORDS,
    Cut,
    CutGround,
    narrow,
    take_out,
)
from lea_service.kernel.errors import InvalidInput

T0 = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CATEGORIES = ("traffic_call_records", "location", "subscriber_identity")
QUESTION = f"cl_{1:032x}"
ITEMS = tuple(
    Item(
        n,
        Target(TargetKind.PHONE_NUMBER, f"+3161234567{n}"),
        Period(T0, T0 + 30 * DAY, "Europe/Amsterdam"),
        CATEGORIES,
    )
    for n in (1, 2)
)


def agreed(n=1, **what):
    return Cut(n, CutGround.AGREED, agreement=QUESTION, **what)


def test_category_is_taken_out_of_one_item():
    cut = Cut(1, CutGround.CATEGORY, category="location")
    one, other = narrow(ITEMS, [cut])
    assert one == replace(ITEMS[0], categories=("traffic_call_records", "subscriber_identity"))
    assert other == ITEMS[1]


def test_part_of_a_period_is_taken_out():
    begun, ended = T0 + DAY, T0 + 2 * DAY
    one, _ = narrow(ITEMS, [Cut(1, CutGround.PERIOD, keep_from=begun, keep_until=ended)])
    assert (one.period.start, one.period.end) == (begun, ended)
    assert narrow(ITEMS, [Cut(1, CutGround.PERIOD, keep_until=ended)])[0].period.end == ended


def test_item_goes_whole_and_with_its_last_category():
    assert narrow(ITEMS, [Cut(1, CutGround.NOT_OURS)]) == ITEMS[1:]
    cuts = [Cut(2, CutGround.CATEGORY, category=one) for one in CATEGORIES]
    assert narrow(ITEMS, cuts) == ITEMS[:1]


def test_nothing_at_all_is_a_refusal():
    left = narrow(ITEMS, [Cut(1, CutGround.NOT_OURS)])
    told = f"/item: {NOTHING_LEFT}"
    assert said_of(left, Cut(2, CutGround.NOT_OURS)) == told


AGREEMENT = "/clarification: expected with the ground agreed, and only with it"
SPAN = "/keep_from: expected a span inside the period of the item"
OUT = "/keep_from: expected a span that leaves something out"
WRONG = {
    "no such item": (
        Cut(3, CutGround.NOT_OURS),
        "/item: expected an item of which something is given",
    ),
    "not asked": (
        Cut(1, CutGround.CATEGORY, category="usage_sessions"),
        "/category: expected a category that the item asks for",
    ),
    "category of no name": (
        Cut(1, CutGround.CATEGORY),
        "/category: expected the category that the basis does not reach",
    ),
    "period of a category": (
        Cut(1, CutGround.PERIOD, category="location"),
        "/category: expected none where it is about the period",
    ),
    "category and period": (
        agreed(category="location", keep_from=T0 + DAY),
        "/category: expected a category or a part of the period",
    ),
    "period for another ground": (
        Cut(1, CutGround.NOT_HELD, keep_from=T0 + DAY),
        "/ground: expected one that is about the period",
    ),
    "agreement without a question": (Cut(1, CutGround.AGREED), AGREEMENT),
    "question without agreement": (Cut(1, CutGround.NOT_OURS, agreement=QUESTION), AGREEMENT),
    "before the period": (agreed(keep_from=T0 - DAY), SPAN),
    "after the period": (agreed(keep_until=T0 + 31 * DAY), SPAN),
    "nothing before it": (agreed(keep_from=T0), OUT),
    "nothing after it": (agreed(keep_until=T0 + 30 * DAY), OUT),
    "reversed": (agreed(keep_from=T0 + 2 * DAY, keep_until=T0 + DAY), SPAN),
    "empty": (agreed(keep_from=T0 + DAY, keep_until=T0 + DAY), SPAN),
}


@pytest.mark.parametrize("name", WRONG)
def test_cut_that_cannot_be_is_refused(name):
    cut, told = WRONG[name]
    assert said_of(ITEMS, cut) == told


def said_of(items, cut):
    """Return what the refusal of a cut says, once it names the one place that it says it of."""
    with pytest.raises(InvalidInput) as caught:
        take_out(items, cut)
    (error,) = caught.value.errors
    assert str(caught.value) == f"{error.pointer}: {error.detail}"
    return str(caught.value)


def test_that_a_demand_is_too_broad_is_no_ground():
    assert not {"proportionality", "threshold", "too_broad"} & {str(one) for one in CutGround}


def test_instant_of_an_address_stays_inside():
    target = Target(TargetKind.IP_ADDRESS, "192.0.2.1", at=T0 + DAY)
    items = (replace(ITEMS[0], target=target), ITEMS[1])
    assert take_out(items, agreed(keep_from=T0 + DAY))[0].period.start == T0 + DAY
    told = "/keep_from: expected a span that holds the instant of the target"
    assert said_of(items, agreed(keep_until=T0 + DAY)) == told


hours = st.none() | st.integers(1, 719).map(lambda n: T0 + timedelta(hours=n))
cuts = st.builds(
    agreed,
    n=st.sampled_from((1, 2)),
    category=st.none() | st.sampled_from(CATEGORIES),
    keep_from=hours,
    keep_until=hours,
)


@given(st.lists(cuts, max_size=5))
def test_never_is_more_left_than_was_asked(drawn):
    left = ITEMS
    for cut in drawn:
        before = left
        try:
            left = take_out(left, cut)
        except InvalidInput:
            continue
        assert left != before
    assert left
    for item in left:
        asked = ITEMS[item.n - 1]
        assert set(item.categories) <= set(asked.categories)
        assert asked.period.start <= item.period.start < item.period.end <= asked.period.end
        assert item.target == asked.target


@given(cuts)
def test_cut_is_read_as_it_was_written(cut):
    assert Cut.load(cut.dump()) == cut


def test_every_ground_has_words_in_both_languages():
    assert set(WORDS) == set(CutGround)
    for ground in CutGround:
        dutch, english = Cut(1, ground, agreement=QUESTION).words
        assert dutch != english
        assert (QUESTION in dutch, QUESTION in english) == (ground is CutGround.AGREED,) * 2
