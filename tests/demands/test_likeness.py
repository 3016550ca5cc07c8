"""The same order under another demand is found, by digests that nobody can guess from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from lea_service.demands.demand import Target, TargetKind
from lea_service.demands.likeness import is_covered, list_likenesses
from lea_service.demands.models import DemandLikeness
from lea_service.demands.queries import list_alike
from lea_service.records.identifiers import normalise_target
from tests.demands.samples import AGENCY, HANDLER, ORDER, content, demand_json, item
from tests.support.log import check_log
from tests.support.orders import order_of

MATTERS_NOT = [
    {"note": "again"},
    {"order_date": "2026-11-21"},
    {"items": [item(value="0031 6-12345678")]},
    {"items": [item(value="06 1234 5678")]},
    {"references": [{"kind": "case_number", "value": "26 777777"}]},
    {"receivers": []},
]
MATTERS = [
    {"agency": {"ref": AGENCY[:-1] + "2"}},
    {"references": [{"kind": "parketnummer", "value": "26-777778"}]},
    {"items": [item(value="+31612345679")]},
    {"items": [item(categories=["location"])]},
    {"items": [item(kind="customer_number", value="+31612345678")]},
    {"items": [item(), item(value="+31612345679")]},
]


def alike(log, demand):
    with log.transactions.read() as session:
        return list_alike(session, demand)


def record(service, order=None, **changes):
    return service.record(HANDLER, content(**changes), order).demand_id


@pytest.mark.parametrize("changes", MATTERS_NOT)
def test_same_order_is_known_again(log, service, changes):
    first, second = record(service), record(service, **changes | {"channel": "email"})
    assert alike(log, first) == {"order": (second,)}
    assert alike(log, second) == {"order": (first,)}
    check_log(log)


@pytest.mark.parametrize("changes", MATTERS)
def test_another_order_is_not(log, service, changes):
    first, second = record(service), record(service, **changes)
    assert alike(log, first) == alike(log, second) == {}


def test_day_matters_where_no_reference_does(log, service):
    none = {"references": []}
    first = record(service, **none)
    other = record(service, order_date="2026-11-21", **none)
    same = record(service, channel="email", **none)
    assert alike(log, other) == {}
    assert alike(log, first) == {"order": (same,)}


def test_same_paper_is_known_again(log, service):
    items = [item(value="+31201234567")]
    first, second = record(service, ORDER), record(service, ORDER, items=items)
    record(service, order_of(demand_json(items=items)), items=items, note="another paper")
    assert alike(log, first) == {"document": (second,)}


def test_correction_makes_it_another(log, service):
    first, second = record(service), record(service, channel="email")
    service.correct(HANDLER, second, content(items=[item(value="+31201234567")]), 1)
    assert alike(log, first) == alike(log, second) == {}
    check_log(log)


def test_agency_without_an_entry_is_known_by_its_name():
    one, same, other = (
        next(list_likenesses(content(agency={"name": name}), None))
        for name in ("Politie Den Haag", "politie den-haag", "Politie Breda")
    )
    assert one == same
    assert one != other


def test_digests_are_keyed(log, service):
    record(service, ORDER)
    values = dict(list_likenesses(content(), None))
    with log.transactions.read() as session:
        rows = {one.kind: one.digest for one in session.scalars(select(DemandLikeness))}
    assert {*rows} == {"order", "document"}
    keyed = log.transactions.index.digest("like.order", values["order"])
    assert (
        rows["order"] == keyed != log.transactions.index.digest("demand.arrival", values["order"])
    )


def test_sealed_lane_names_no_ordinary_demand_nor_is_named(log, service):
    first, sealed = record(service), record(service, channel="email", lane="sealed")
    second = record(service, channel="post")
    assert alike(log, first) == {"order": (second,)}
    assert alike(log, sealed) == {}


ADDRESS = Target(TargetKind.IP_ADDRESS, "203.0.113.7")
INSTANT = datetime(2026, 6, 3, tzinfo=UTC)


def test_each_part_of_a_target_makes_another_order():
    targets = [
        ADDRESS,
        replace(ADDRESS, kind=TargetKind.CUSTOMER_NUMBER),
        replace(ADDRESS, value="203.0.113.8"),
        *(replace(ADDRESS, port=port) for port in (443, 444)),
        *(replace(ADDRESS, at=INSTANT + timedelta(seconds=second)) for second in (0, 1)),
        *(replace(ADDRESS, source=source) for source in ("r_1", "r_2")),
    ]
    sample = content()
    (asked,) = sample.items
    orders = [replace(sample, items=(replace(asked, target=one),)) for one in targets]
    assert len({next(list_likenesses(one, None)) for one in orders}) == len(targets)


NORMALISE = partial(normalise_target, region="NL")
JUNE = {"zone": "Europe/Amsterdam", "start": "2026-06-03T00:00:00Z", "end": "2026-06-06T00:00:00Z"}
BOTH = {"categories": ["location", "traffic_call_records"]}


def asked(**changes):
    return content(items=[item(**changes)]).items[0]


@pytest.mark.parametrize(
    ("by", "covers"),
    [
        ([{}], True),
        ([{"value": "06-12345678"}], True),
        ([{"value": "+31612345679"}], False),
        ([{"kind": "customer_number"}], False),
        ([{"period": JUNE | {"start": "2026-06-02T23:59:59Z"}}], True),
        ([{"period": JUNE | {"start": "2026-06-03T00:00:01Z"}}], False),
        ([{"period": JUNE | {"end": "2026-06-06T00:00:01Z"}}], True),
        ([{"period": JUNE | {"end": "2026-06-05T23:59:59Z"}}], False),
        ([{"categories": ["location"]}], False),
        ([{"categories": ["location"]}, {"categories": ["traffic_call_records"]}], True),
        ([{"categories": ["location"]}, {"value": "+31612345679", **BOTH}], False),
        ([{"categories": ["location", "traffic_call_records", "usage_sessions"]}], True),
        ([], False),
    ],
)
def test_what_is_kept_is_answered_where_all_of_it_is_given(by, covers):
    """The same target by the form it is searched under, all of its time, each category."""
    kept = {"period": JUNE, **BOTH}
    given = [asked(**kept | one) for one in by]
    assert is_covered(asked(**kept), given, NORMALISE) is covers


def test_target_that_cannot_be_searched_for_is_covered_by_nothing():
    assert is_covered(asked(), [asked()], NORMALISE)
    assert not is_covered(asked(), [asked()], lambda kind, value: None)
