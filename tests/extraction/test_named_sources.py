"""An extension means something in one exchange only: the others are not searched for it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert

from lea_service.extraction.needed_queries import find_held_back
from lea_service.extraction.outcome import Loss, Outcome
from lea_service.extraction.plan import HOUR
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.records.flags import AMBIGUOUS
from lea_service.records.store import ImportLedger, PurgeLedger
from tests.support.extraction import START, WORKER, make_item
from tests.support.log import check_log
from tests.support.sources import declare_source

DAY = timedelta(days=1)
WHO = {"caller": None, "callee": None, "caller_raw": "200", "callee_raw": "201"}


@pytest.fixture
def filled(office):
    """Two exchanges of two customers, each with a line 200."""
    for name in ("pbx1", "pbx2"):
        office.source(name)
    office.calls(START, START + DAY, **WHO)
    office.calls(START, START + DAY, START + 2 * DAY, source="pbx2", **WHO)
    return office


def extension(source, **options):
    return make_item("200", "phone_id", source=source, **options)


def extract(office, *items):
    """Bring a demand to its result; returns the view of the run."""
    _, run = office.decided(office.new_demand([*items]))
    assert office.work(run) == "done"
    check_log(office.log)
    return office.result(run)


def preview(office, *items):
    return office.preview(office.plan(office.new_demand([*items])).demand_id)


def test_calls_of_the_named_exchange_alone_are_handed_over(filled):
    view = extract(filled, extension("pbx1"))
    rows = [json.loads(line) for line in filled.lines(view.id)["call"]]
    assert [one["source"] for one in rows] == ["pbx1", "pbx1"]
    assert [(one.source, one.rows_read) for one in view.coverage] == [("pbx1", 2)]


def test_same_extension_of_two_exchanges_is_two_answers(filled):
    view = extract(filled, extension("pbx1", days=1), extension("pbx2"))
    assert [one.rows for one in view.items] == [1, 3]
    assert {one.source: one.rows_delivered for one in view.coverage} == {"pbx1": 1, "pbx2": 3}
    assert view.rows == 4


def test_number_beside_it_is_searched_everywhere(filled):
    filled.calls(START, source="pbx2", callee_raw="200")
    counted = preview(filled, extension("pbx1"), make_item())
    assert counted.counts["items"] == [{"n": 1, "rows": 2}, {"n": 2, "rows": 1}]
    view = extract(filled, extension("pbx1"), make_item())
    assert [one.rows for one in view.items] == [2, 1]


def test_same_text_in_two_exchanges_is_two_parties(filled):
    counted = preview(filled, extension("pbx1"), extension("pbx2"))
    assert counted.counts["other_parties"] == 2
    filled.calls(START, source="pbx2", callee=None, callee_raw="200")
    assert preview(filled, extension("pbx1"), make_item()).counts["other_parties"] == 2


def test_only_what_its_own_exchange_lost_is_destroyed(filled):
    gone = START + 30 * DAY
    purge = {"source": "pbx2", "kind": "call", "rule": "R", "rows": 1}
    with filled.databases.records.write() as session:
        session.execute(
            insert(PurgeLedger).values(id="pu_1", cutoff=gone, finished_at=gone, **purge)
        )
    asked = [make_item("999", "phone_id", source=name) for name in ("pbx1", "pbx2")]
    view = extract(filled, *asked)
    assert [(one.outcome, one.destroyed) for one in view.items] == [
        (Outcome.NOTHING_FOUND, ()),
        (Outcome.DESTROYED, (Loss("pbx2", "R", gone),)),
    ]


@pytest.mark.parametrize(("left_out", "later", "is_told"), [(1, 1, 1), (0, 1, 0), (1, -1, 0)])
def test_purge_of_nothing_took_what_an_import_left_out(filled, left_out, later, is_told):
    gone = START + 30 * DAY
    purge = {"source": "pbx2", "kind": "call", "rule": "R", "rows": 0}
    names = (
        "bytes_read",
        "lines",
        "added",
        "known",
        "completed",
        "left_out",
        "flagged",
        "rejected",
    )
    run = dict.fromkeys(names, 0) | {"past_term": left_out, "source": "pbx2", "state": "done"}
    with filled.databases.records.write() as session:
        session.execute(
            insert(PurgeLedger).values(id="pu_1", cutoff=gone, finished_at=gone, **purge)
        )
        session.execute(
            insert(ImportLedger).values(id="im_9", finished_at=gone + later * DAY, **run)
        )
    (item,) = extract(filled, make_item("999", "phone_id", source="pbx2")).items
    assert item.destroyed == (Loss("pbx2", "R", gone),) * is_told


@pytest.mark.parametrize("lines", [0, 2])
def test_unreadable_lines_that_went_are_told_where_no_row_did(filled, lines):
    """They are counted while they are kept; nobody knows any more what stood in them."""
    gone = START + 30 * DAY
    purge = {"source": "pbx2", "kind": "call", "rule": "R", "rows": 0, "rejects": lines}
    with filled.databases.records.write() as session:
        session.execute(
            insert(PurgeLedger).values(id="pu_1", cutoff=gone, finished_at=gone, **purge)
        )
    (item,) = extract(filled, make_item("999", "phone_id", source="pbx2")).items
    assert item.destroyed == (Loss("pbx2", "R", gone),) * bool(lines)


def test_doubts_of_another_exchange_are_none(filled):
    late = {"flags": AMBIGUOUS, **WHO}
    filled.calls(START - timedelta(minutes=30), source="pbx2", **late)
    doubts = {
        name: [one["doubts"] for one in preview(filled, *asked).counts["sources"]]
        for name, asked in {
            "own": [extension("pbx2")],
            "other": [extension("pbx1")],
            "both": [extension("pbx1"), make_item()],
        }.items()
    }
    assert doubts == {"own": [{AMBIGUOUS: 1}], "other": [{}], "both": [{}, {}]}


def test_rows_of_another_exchange_are_not_held_back(filled):
    other = filled.source("pbx3")
    early = extension("pbx1", start=START - 30 * DAY)
    filled.decided(filled.new_demand([early, make_item()]))
    with filled.transactions.read() as session:
        since = find_held_back(session, filled.transactions.keys, other, "call", START)
    assert since == START - HOUR  # its clock may have shown that hour twice


def test_unknown_source_is_recorded_and_not_compiled(filled):
    demand = filled.new_demand([extension("pbx1"), extension("pbx9")])
    with pytest.raises(InvalidInput) as refused:
        filled.plan(demand)
    assert [one.pointer for one in refused.value.errors] == ["/items/1/target/source"]
    filled.source("pbx9")
    assert [one.name for one in filled.plan(demand).read().sources] == ["pbx1", "pbx9"]


def test_source_of_other_records_is_not_compiled(filled):
    filled.source("crm", "subscriber")
    with pytest.raises(InvalidInput) as refused:
        filled.plan(filled.new_demand([extension("crm")]))
    assert [one.pointer for one in refused.value.errors] == ["/items/0/target/source"]
    whole = extension("crm", categories=["traffic_call_records", "number_and_service"])
    assert filled.plan(filled.new_demand([whole])).read().items[0].not_held == (
        "traffic_call_records",
    )


def declare_without(office, name, column):
    """Declare an exchange whose mapping does not fill a column."""
    with office.transactions.begin(WORKER) as tx:
        declare_source(tx, name, without=[column])


def test_exchange_that_cannot_be_searched_is_told(office):
    office.source("pbx1")
    declare_without(office, "pbx2", "account")
    office.calls(START, account="K1")
    office.calls(START, source="pbx2")
    view = extract(office, make_item("K1", "customer_number"), make_item())
    assert [one.rows for one in view.items] == [1, 2]
    coverage = {one.source: (one.rows_read, one.rows_delivered) for one in view.coverage}
    assert coverage["pbx2"] == (1, 1)  # the number can be looked up there
    alone = extract(office, make_item("K1", "customer_number"))
    assert {one.source: one.rows_read for one in alone.coverage} == {"pbx1": 1, "pbx2": 0}


def test_item_that_no_source_can_be_searched_for_says_so(office):
    declare_without(office, "pbx2", "account")
    office.calls(START, source="pbx2")
    view = extract(office, make_item("K1", "customer_number"))
    assert [one.outcome for one in view.items] == [Outcome.NOT_SEARCHED]
    assert [(one.source, one.rows_read) for one in view.coverage] == [("pbx2", 0)]


def test_plan_is_stale_when_a_source_was_declared_since(filled):
    plan = filled.planned(filled.new_demand([make_item()]))
    filled.source("pbx9")
    with pytest.raises(WrongState, match="a source was declared since"):
        filled.approve(plan)
    filled.source("aaa", "usage")
    named = filled.planned(filled.new_demand([extension("pbx1")]))
    filled.source("pbx8")  # of no concern to who asks another exchange
    filled.approve(named)
