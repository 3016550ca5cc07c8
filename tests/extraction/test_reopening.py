"""A demand whose work halted is reviewed anew when two people agree, and nothing of before counts."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from lea_service.custody.replay import read_stream
from lea_service.demands.changes import lock_demand
from lea_service.demands.narrowing import Cut, CutGround
from lea_service.extraction import reopening
from lea_service.extraction.decided import is_last_decided
from lea_service.extraction.models import REOPENED
from lea_service.extraction.needed_queries import find_held_back
from lea_service.extraction.queries import RUN_JOB, get_run_row
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.kernel.jobs import Job
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.deadlines import list_deadlines
from lea_service.legal.times import collect_times
from lea_service.legal.working_days import load_working_days
from tests.extraction.test_narrowing import cut
from tests.support.engines import ANY_ENGINE
from tests.support.extraction import START, make_item
from tests.support.log import check_log

KIND = "extraction.reopening"
LOCATION = Cut(1, CutGround.NOT_HELD, category="location")
pytestmark = ANY_ENGINE


@pytest.fixture
def halted(office):
    """A demand of which a category was not held, halted for too many rows; (demand, run)."""
    office.source(categories=["traffic_call_records"])
    office.calls(START)
    demand = office.new_demand([make_item(categories=["location", "traffic_call_records"])])
    cut(office, demand, LOCATION)
    _, run = office.decided(demand)
    office.calls(*(START + timedelta(minutes=n) for n in range(20)))
    assert office.work(run) == "halted"
    return demand, run


def request(demand, **changes):
    reason = "De locaties staan sinds gisteren in de tweede bron."
    return {"demand": demand, "ground": "held_after_all", "reason": reason, **changes}


def find_clocks(office, demand):
    with office.transactions.read() as session:
        entries = read_stream(session, demand)
    found = office.demands.get(office.actor("handler1"), demand)
    basis = load_catalogue().find_basis(found.legal_basis, found.order_date)
    now = office.transactions.clock.now()
    times = collect_times(found, entries)
    return list_deadlines(basis, times, load_working_days(), now)


def entered(office, demand):
    """Return the facts of the entry by which a demand was put under review again."""
    with office.transactions.read() as session:
        return read_stream(session, demand).last(REOPENED).facts


def test_ground_of_a_sealed_demand_stands_in_no_entry(office, halted):
    demand, run = halted
    with office.transactions.begin(worker_actor()) as tx:
        row = lock_demand(tx, demand)
        row.lane = "sealed"
        asked = request(demand, version=row.version, run=run)
        reopening.apply(tx, SimpleNamespace(id="ap_1"), asked)
    found = entered(office, demand)
    assert found == {"approval": "ap_1", "run": run, "state": "under_review", "version": 6}


def test_what_is_held_after_all_is_given_after_another_review(log, office, halted):
    demand, run = halted
    office.source("pbx2", categories=["location", "traffic_call_records"])
    office.calls(START, source="pbx2", cell="0001")
    with pytest.raises(WrongState, match="lea plan reopen"):
        office.plan(demand)
    clocks = find_clocks(office, demand)
    approval = office.house.approve(KIND, request(demand))
    assert office.state(demand) == "under_review"
    assert find_clocks(office, demand) == clocks
    with pytest.raises(WrongState, match="Assess the demand anew"):  # the cut counts until then
        office.plan(demand)
    office.settle(demand)
    _, second = office.decided(demand)
    assert office.work(second) == "done"
    assert office.result(second).rows == 22
    assert any('"cell":"0001"' in line for line in office.lines(second)["call"])
    assert "tweede bron" not in str(office.events(demand))
    assert entered(office, demand) == {
        "approval": approval,
        "ground": "held_after_all",
        "run": run,
        "state": "under_review",
        "version": 6,
    }
    check_log(log)


def test_nothing_of_before_counts_any_more(log, office, halted):
    demand, run = halted
    office.settle(demand)
    open_one = office.propose(office.planned(demand))
    office.house.approve(KIND, request(demand))
    seen = office.service.get_progress(office.actor("handler1"), demand)
    assert (seen.state, seen.plan_id, seen.run_id, seen.halt) == ("under_review", None, None, None)
    with pytest.raises(WrongState):
        office.house.decide(open_one)
    with pytest.raises(WrongState):
        office.service.resume(office.actor("handler1"), demand)
    with pytest.raises(WrongState):
        office.begin(run)
    with pytest.raises(NotFound):
        office.service.preview(office.actor("handler1"), demand)
    with office.transactions.read() as session:
        assert not is_last_decided(read_stream(session, demand), get_run_row(session, run))
    assert office.service.is_replaced(run)
    check_log(log)


def test_worker_that_was_told_to_go_on_stops_quietly(office):
    """It was resumed, and two people agreed to a review before the worker came to it."""
    office.source()
    office.calls(START)
    demand, run = office.decided()
    office.begin(run)
    office.finish(run, {"outcome": "halted", "code": "failed"})
    office.service.resume(office.actor("handler1"), demand)
    office.house.approve(KIND, request(demand))
    with pytest.raises(WrongState):
        office.begin(run)
    assert office.service.is_replaced(run)
    assert office.state(demand) == "under_review"


def test_work_of_a_run_before_the_review_is_not_taken_up_again(office, halted):
    """Its job had failed for good; the run that was decided on since did not begin yet."""
    demand, first = halted
    with office.databases.cases.write() as session:
        (old,) = session.scalars(select(Job).where(Job.subject == demand, Job.kind == RUN_JOB))
        old.state, old.finished_at = "failed", office.transactions.clock.now()
    office.house.approve(KIND, request(demand))
    office.settle(demand)
    _, second = office.decided(demand)
    with pytest.raises(WrongState, match="resumed"):
        office.service.resume(office.actor("handler1"), demand)
    with office.databases.cases.read() as session:
        found = session.scalars(select(Job).where(Job.subject == demand, Job.kind == RUN_JOB))
        states = {job.args["run"]: job.state for job in found}
    assert states == {first: "failed", second: "ready"}


def test_what_its_plan_needed_is_kept_meanwhile(office, halted):
    demand, _ = halted
    with office.transactions.read() as session:
        source = office.view_plan(session, demand).document["sources"][0]["id"]

    def held_back():
        now = office.transactions.clock.now()
        with office.transactions.read() as session:
            return find_held_back(session, office.transactions.keys, source, "call", now)

    before = held_back()
    assert before is not None
    office.house.approve(KIND, request(demand))
    for state in ("under_review", "clarification"):
        office.force(demand, state)
        assert held_back() == before
    office.force(demand, "refused")
    assert held_back() is None


def test_demand_that_did_not_halt_is_not_reopened(office, halted):
    for state in ("received", "under_review", "approved", "extracting", "ready", "delivered"):
        office.force(halted[0], state)
        with pytest.raises(WrongState, match=rf"reviewed anew: .* \({state}\)"):
            office.house.propose(KIND, request(halted[0]))


def test_reopening_is_of_the_halt_as_it_was(log, office, halted):
    """Two people decided on another plan, or the work went on and halted again, meanwhile."""
    demand, _ = halted
    prepared = office.house.approvals.prepare(office.actor("handler1"), KIND, request(demand))
    proposed = office.house.propose(KIND, request(demand))
    _, second = office.decided(demand)
    with pytest.raises(WrongState, match="propose it anew"):
        office.house.decide(proposed)
    with pytest.raises(WrongState, match="propose it anew"):
        office.house.approvals.prepare(office.actor("handler1"), KIND, prepared.request)
    again = office.house.propose(KIND, request(demand))
    office.begin(second)
    with pytest.raises(WrongState, match="reviewed anew"):
        office.house.decide(again)
    office.finish(second, {"outcome": "halted", "code": "failed"})
    with pytest.raises(WrongState, match="propose it anew"):
        office.house.decide(again)
    assert office.state(demand) == "halted"
    check_log(log)


def test_one_person_reopens_nothing(office, halted):
    proposed = office.house.propose(KIND, request(halted[0]))
    with pytest.raises(NotPermitted):
        office.house.decide(proposed, by="handler1")
    with pytest.raises(NotPermitted):
        office.house.propose(KIND, request(halted[0]), by="approver1")
    assert office.state(halted[0]) == "halted"


def test_ground_is_coded_and_reason_compulsory(office, halted):
    for wrong in ({"ground": "haste"}, {"reason": "kort"}, {"ground": None}):
        with pytest.raises(InvalidInput):
            office.house.propose(KIND, request(halted[0], **wrong))
