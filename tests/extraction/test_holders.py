"""Who held a number at which time, and what a demand across a change of hands comes to."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from lea_service.extraction.holders import (
    HOLDERS,
    Span,
    Tenure,
    are_spans,
    is_one_hand,
    split_period,
)
from lea_service.extraction.queries import find_halt, find_preview
from lea_service.kernel.clock import format_instant
from lea_service.kernel.database import CaseBase
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.records.kinds import SUBSCRIBER
from lea_service.records.partitions import make_room
from lea_service.records.store import TABLES
from tests.support.extraction import PHONE, START, WORKER, make_item

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = START + 30 * DAY
HOURS = st.integers(-3, 12).map(lambda n: START + n * HOUR)
TENURES = st.lists(st.builds(Tenure, st.sampled_from("abc"), HOURS, st.none() | HOURS), max_size=8)


@given(TENURES, st.integers(1, 9))
def test_spans_say_of_each_moment_who_held_it(tenures, hours):
    end = START + hours * HOUR
    spans = split_period(tenures, START, end)
    assert (spans[0].start, spans[-1].end) == (START, end)
    assert all(one.end == other.start for one, other in pairwise(spans))
    assert all(one.holders != other.holders for one, other in pairwise(spans))
    numbers = {}
    for span in spans:
        assert span.start < span.end
        for at in (span.start, span.start + (span.end - span.start) / 2, span.end - HOUR / 60):
            held = {
                one.holder
                for one in tenures
                if one.start <= at and (one.end is None or at < one.end)
            }
            assert len(held) == len(span.holders)
            numbers.setdefault(span.holders, held)
            assert numbers[span.holders] == held
    seen = [one for span in spans for one in span.holders]
    assert list(dict.fromkeys(seen)) == list(range(1, len(set(seen)) + 1))
    assert are_spans(spans, START, end) != is_one_hand(spans)
    assert [Span.load(one.dump()) for one in spans] == list(spans)


@given(TENURES, st.randoms())
def test_spans_do_not_hang_on_the_order_of_the_rows(tenures, rng):
    shuffled = rng.sample(tenures, len(tenures))
    assert split_period(tenures, START, END) == split_period(shuffled, START, END)


@pytest.mark.parametrize(
    "spans",
    [
        [],
        [((0, 30), (1,))],
        [((0, 30), ())],
        [((0, 9), (1,)), ((9, 29), (2,))],
        [((1, 9), (1,)), ((9, 30), (2,))],
        [((0, 9), (1,)), ((10, 30), (2,))],
        [((0, 9), (1,)), ((9, 30), (1,))],
        [((0, 9), (2,)), ((9, 30), (1,))],
        [((0, 9), (1,)), ((9, 30), (3,))],
        [((0, 9), (1, 1)), ((9, 30), (2,))],
        [((0, 9), (2, 1)), ((9, 30), ())],
        [((0, 9), (0, 1)), ((9, 30), ())],
    ],
)
def test_other_spans_than_of_the_period_are_none(spans):
    made = [Span(START + a * DAY, START + b * DAY, holders) for (a, b), holders in spans]
    assert not are_spans(made, START, END)
    good = [Span(START, START + DAY, (1, 2)), Span(START + DAY, END, ())]
    assert are_spans(good, START, END)


def hold(office, *tenures, source="crm", column="number", value=PHONE):
    """Let customers hold something, a number, from a day of November until another, None being open."""
    empty = dict.fromkeys(SUBSCRIBER.names) | {"source": source, "flags": "", "import_id": "im_1"}
    rows = [
        empty
        | {
            "row_id": f"{source}-{n}",
            "customer_number": customer,
            "name": f"Name of {customer}",
            column: value,
            "valid_from": START + start * DAY,
            "valid_to": None if end is None else START + end * DAY,
        }
        for n, (customer, start, end) in enumerate(tenures)
    ]
    with office.databases.records.write() as session:
        for row in rows:
            make_room(session, TABLES["subscriber"], [row])
            session.execute(insert(TABLES["subscriber"]).values(**row))


@pytest.fixture
def filled(office):
    """A number with one call on each of ten days, and a source of subscribers."""
    office.source()
    office.source("crm", "subscriber")
    office.calls(*(START + n * DAY for n in range(10)))
    return office


def preview_of(office, plan):
    with office.transactions.read() as session:
        return find_preview(session, office.transactions.keys, plan.id)


def spans_of(office, plan):
    return [
        (one["n"], [(span["start"][8:10], span["holders"]) for span in one["spans"]])
        for one in preview_of(office, plan).counts["holders"]
    ]


@pytest.mark.parametrize(
    ("tenures", "told"),
    [
        ([], None),
        ([("K1", -9, None)], None),
        ([("K1", -9, 3), ("K1", 3, None)], None),
        ([("K1", -9, 0), ("K2", 40, None)], None),
        ([("K1", -9, 3), ("K2", 3, None)], [("01", [1]), ("04", [2])]),
        ([("K1", -9, 3), ("K1", 5, None)], [("01", [1]), ("04", []), ("06", [1])]),
        ([("K1", -9, 5), ("K2", 3, None)], [("01", [1]), ("04", [1, 2]), ("06", [2])]),
        ([("K1", -9, None), ("K2", -9, None)], [("01", [1, 2])]),
        ([(None, -9, 3), (None, 3, None)], [("01", [1]), ("04", [2])]),
        ([("K1", 2, None)], [("01", []), ("03", [1])]),
    ],
)
def test_preview_tells_when_a_number_changed_hands(filled, tenures, told):
    hold(filled, *tenures)
    plan = filled.planned()
    assert spans_of(filled, plan) == ([] if told is None else [(1, told)])


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ((-9, 3), (3, None), [("01", [1]), ("04", [2])]),
        ((-9, None), (-9, None), [("01", [1, 2])]),
    ],
)
def test_same_customer_number_of_two_sources_is_two_holders(filled, one, other, told):
    """Each provider counts its customers itself: 1001 of one is not 1001 of another."""
    filled.source("crm2", "subscriber")
    hold(filled, ("1001", *one))
    hold(filled, ("1001", *other), source="crm2")
    assert spans_of(filled, filled.planned()) == [(1, told)]


@pytest.mark.parametrize(
    ("kind", "column", "value", "is_held"),
    [
        ("sip_uri", "sip_uri", "sip:alice@example.com", True),
        ("email", "email", "alice@example.com", True),
        ("imsi", "imsi", "204081234567890", True),
        ("iccid", "iccid", "8931080012345678904", True),
        ("mac_address", "mac", "00:1a:2b:3c:4d:5e", True),
        ("imei", "imei", "490154203237518", False),
        ("customer_number", "customer_number", "K1", False),
    ],
)
def test_whatever_a_subscription_has_changes_hands_with_it(filled, kind, column, value, is_held):
    """A telephone does not: whoever asks about one asks in whose hands it was."""
    hold(filled, ("K1", -9, 3), ("K2", 3, None), column=column, value=value)
    item = make_item(value, kind, categories=["subscriber_identity"])
    plan = filled.planned(filled.new_demand([item]))
    assert spans_of(filled, plan) == ([(1, [("01", [1]), ("04", [2])])] if is_held else [])


def test_identifier_of_a_telephone_changes_hands_in_its_own_source(filled):
    """An extension is somebody's by the source that calls the telephone so, and by no other."""
    filled.source("crm2", "subscriber")
    known = {"column": "number_raw", "value": "200"}
    hold(filled, ("K1", -9, 3), ("K2", 3, None), **known)
    hold(filled, ("K9", -9, 5), ("K8", 5, None), source="crm2", **known)
    item = make_item("200", "phone_id", categories=["subscriber_identity"], source="crm")
    plan = filled.planned(filled.new_demand([item]))
    assert spans_of(filled, plan) == [(1, [("01", [1]), ("04", [2])])]


SIP = f"sip:{PHONE}@voice.example"
BY_NUMBER, BY_ADDRESS = (PHONE, "phone_number"), (SIP, "sip_uri")
TOLD = [("01", [1]), ("04", [2])]


@pytest.mark.parametrize(
    ("asked", "column", "listed", "told"),
    [
        (BY_ADDRESS, "number", PHONE, TOLD),
        (("sip:0612345678@voice.example", "sip_uri"), "number", PHONE, TOLD),
        (BY_NUMBER, "sip_uri", SIP, TOLD),
        (BY_NUMBER, "sip_uri", f"sips:{PHONE}@elsewhere.example:5080", TOLD),
        (BY_NUMBER, "sip_uri", "sip:06-12345678@voice.example", TOLD),
        (BY_NUMBER, "sip_uri", f"sip:{PHONE};ext=1@voice.example", TOLD),
        (BY_ADDRESS, "sip_uri", f"sip:{PHONE}@elsewhere.example", TOLD),
        (BY_ADDRESS, "sip_uri", f"sip:{PHONE};ext=1@voice.example", None),
        (BY_ADDRESS, "sip_uri", "sip:0612345678;phone-context=+31@elsewhere.example", TOLD),
        ((f"sip:{PHONE};ext=1@voice.example", "sip_uri"), "sip_uri", SIP, TOLD),
        ((f"sip:{PHONE};ext=1@voice.example", "sip_uri"), "number", PHONE, TOLD),
        (BY_NUMBER, "sip_uri", f"sip:{PHONE}1@voice.example", None),
        (BY_NUMBER, "sip_uri", "sip:alice@12345678.example", None),
        (("sip:alice@voice.example", "sip_uri"), "sip_uri", "sip:alice@elsewhere.example", None),
    ],
)
def test_number_and_address_of_one_line_change_hands_together(filled, asked, column, listed, told):
    hold(filled, ("K1", -9, 3), ("K2", 3, None), column=column, value=listed)
    plan = filled.planned(filled.new_demand([make_item(*asked)]))
    assert spans_of(filled, plan) == ([] if told is None else [(1, told)])


def test_plan_across_a_change_is_proposed_knowingly_only(filled):
    hold(filled, ("K1", -9, 3), ("K2", 3, None))
    plan = filled.planned()
    with pytest.raises(WrongState, match="not in one hand"):
        filled.propose(plan)
    approval = filled.propose(plan, per_holder=True)
    stated = filled.house.approvals.open(filled.actor("handler1"), approval).facts[HOLDERS]
    assert stated["items"] == [1]
    assert len(stated["digest"]) == 43


def test_plan_of_one_hand_is_not_answered_per_holder(filled):
    hold(filled, ("K1", -9, None))
    with pytest.raises(InvalidInput) as refused:
        filled.propose(filled.planned(), per_holder=True)
    assert refused.value.errors[0].pointer == "/request/per_holder"


def decide(office, plan):
    office.house.decide(office.propose(plan, per_holder=True))
    return office.current_run(plan.demand_id)


def test_answer_counts_rows_per_holder_and_names_nobody(filled):
    hold(filled, ("K1", -9, 3), ("K2", 5, None))
    run = decide(filled, filled.planned())
    assert filled.work(run) == "done"
    (item,) = filled.result(run).items
    assert [(one.span.holders, one.rows) for one in item.held] == [((1,), 3), ((), 2), ((2,), 5)]
    assert sum(one.rows for one in item.held) == item.rows == 10
    assert "K1" not in json.dumps(item.dump())
    (told,) = [one.dump()["held"] for one in filled.result(run).coverage if one.source == "pbx1"]
    assert told == [{"n": 1, "rows": [3, 2, 5]}]


def test_number_that_changes_hands_after_the_decision_halts(filled):
    hold(filled, ("K1", -9, 3), ("K2", 3, None))
    plan = filled.planned()
    run = decide(filled, plan)
    hold(filled, ("K3", 6, None), source="crm2")
    filled.source("crm2", "subscriber")
    assert filled.work(run) == "halted"
    with filled.transactions.read() as session:
        assert find_halt(session, run).code == "holder_changed"
    plan = filled.planned(plan.demand_id)
    assert spans_of(filled, plan) == [(1, [("01", [1]), ("04", [2]), ("07", [2, 3])])]


def test_number_in_one_hand_that_changes_after_the_decision_halts(filled):
    hold(filled, ("K1", -9, None))
    _, run = filled.decided()
    with filled.databases.records.write() as session:
        table, ends = TABLES["subscriber"], START + 3 * DAY
        make_room(session, table, [{"source": "crm", "valid_from": START, "valid_to": ends}])
        session.execute(table.update().values(valid_to=ends))
    assert filled.work(run) == "halted"


def test_period_narrowed_to_one_holder_is_answered_as_any_other(filled):
    hold(filled, ("K1", -9, 3), ("K2", 3, None))
    demand = filled.new_demand([make_item(days=3)])
    plan = filled.planned(demand)
    assert spans_of(filled, plan) == []
    filled.approve(plan)
    assert filled.work(filled.current_run(plan.demand_id)) == "done"


def test_instant_of_a_change_of_hands_rests_sealed(filled):
    """Whoever has the records too would find by it which number was asked about."""
    hold(filled, ("K1", -9, 3.123), ("K2", 3.123, None))
    plan = filled.planned()
    (told,) = preview_of(filled, plan).counts["holders"]
    at = told["spans"][1]["start"]
    run = decide(filled, plan)
    filled.begin(run)
    step = filled.service.execute(WORKER, run)
    filled.finish(run, step)
    with filled.databases.cases.read() as session:
        tables = CaseBase.metadata.sorted_tables
        rows = [repr(row) for one in tables for row in session.execute(select(one))]
    assert [row for row in [repr(step), *rows] if at in row] == []
    assert any(plan.id in row for row in rows)
    (item,) = filled.result(run).items
    assert [(format_instant(one.span.start) == at, one.rows) for one in item.held] == [
        (False, 4),
        (True, 6),
    ]


@pytest.mark.parametrize("is_asked", [True, False])
def test_names_are_there_only_where_the_order_asks_for_them(filled, is_asked):
    hold(filled, ("K1", -9, 3), ("K2", 3, None))
    categories = ["traffic_call_records", *(["subscriber_identity"] if is_asked else [])]
    run = decide(filled, filled.planned(filled.new_demand([make_item(categories=categories)])))
    assert filled.work(run) == "done"
    (item,) = filled.result(run).items
    assert [one.rows for one in item.held] == ([4, 8] if is_asked else [3, 7])
    names = [json.loads(line)["name"] for line in filled.lines(run).get("subscriber", [])]
    assert names == (["Name of K1", "Name of K2"] if is_asked else [])
