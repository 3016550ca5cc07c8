"""What could not be compared with the demand is counted, never passed over in silence."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from lea_service.extraction.doubts import ODD, SET_ASIDE
from lea_service.extraction.queries import find_preview
from lea_service.packaging.phrases import DOUBTS
from lea_service.records.store import ImportLedger, Reject
from lea_service.records.times import AMBIGUOUS
from tests.support.extraction import PHONE, START, make_item

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def filled(office):
    office.source()
    office.calls(START)
    return office


def set_aside(office, source, lines):
    with office.databases.records.write() as session:
        nothing = dict.fromkeys(("lines", "added", "known", "completed", "flagged", "rejected"), 0)
        row = {"id": f"im_{source}", "source": source, "state": "done", "bytes_read": 9, **nothing}
        session.execute(insert(ImportLedger).values(row))
        kept = {"import_id": row["id"], "reason": "time", "size": 3, "raw": b"a,b"}
        session.execute(insert(Reject), [kept | {"line": n} for n in range(1, lines + 1)])


def doubts(office, items=None):
    """Return the doubts of the preview and of the coverage, which are the same."""
    plan = office.planned(office.new_demand(items or [make_item()]))
    with office.transactions.read() as session:
        (seen,) = find_preview(session, plan.id).counts["sources"]
    office.approve(plan)
    run = office.current_run(plan.demand_id)
    assert office.work(run) == "done"
    (coverage,) = office.result(run).coverage
    assert coverage.doubts == seen["doubts"]
    return coverage.doubts


def test_nothing_in_doubt_says_nothing(filled):
    assert doubts(filled) == {}


def test_lines_of_the_source_that_were_set_aside_count(filled):
    set_aside(filled, "pbx1", 3)
    set_aside(filled, "pbx2", 2)
    assert doubts(filled) == {SET_ASIDE: 3}


def test_only_rows_of_the_period_that_are_not_handed_over_count(filled):
    flagged = {"flags": "not-e164 zero-duration", "callee": None, "callee_raw": "201"}
    filled.calls(START, caller=PHONE, **flagged)
    filled.calls(START, START + DAY, START - DAY, caller=None, **flagged)
    filled.calls(START, caller=None, callee=None, flags="zero-duration not-e1640")
    assert doubts(filled) == {"not-e164": 2}


def test_an_extension_is_no_doubt_where_extensions_are_asked(filled):
    filled.calls(START, caller=None, caller_raw="202", callee=None, flags="not-e164")
    assert doubts(filled, [make_item("201", "phone_id", source="pbx1")]) == {}


def test_the_hour_before_the_period_may_have_been_the_later_one(filled):
    late = START - timedelta(minutes=30)
    filled.calls(late, flags=AMBIGUOUS)
    filled.calls(late, START - 2 * HOUR, flags="")
    filled.calls(late, caller="+31699999999", flags=AMBIGUOUS)
    assert doubts(filled) == {AMBIGUOUS: 1}


def test_the_letter_has_words_for_every_doubt():
    assert set(DOUBTS) == {SET_ASIDE, AMBIGUOUS, *ODD.values()}
