"""What the worker proves before it touches a record: each thing that ends the right to go on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from lea_service.custody.replay import read_stream
from lea_service.extraction.decided import is_last_decided, load_decided
from lea_service.extraction.halts import MustHalt
from lea_service.extraction.models import CurrentRun, ExtractionRun, Plan
from lea_service.extraction.queries import RELEASE_JOB, RUN_JOB, get_run_row
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import WrongState
from lea_service.kernel.jobs import Job
from tests.extraction.test_changed_tables import QUESTION, assess
from tests.support.engines import ANY_ENGINE
from tests.support.extraction import START
from tests.support.log import check_log
from tests.support.retention import rule_request

SECOND = timedelta(seconds=1)
WORKER = worker_actor()
pytestmark = ANY_ENGINE


@pytest.fixture
def filled(office):
    office.source()
    office.calls(START)
    return office


@pytest.fixture
def begun(filled):
    """A run that the worker began; returns (demand, run)."""
    demand, run = filled.decided()
    filled.begin(run)
    return demand, run


def enter(office, demand, event, **facts):
    with office.transactions.begin(WORKER) as tx:
        tx.record(event, demand, facts=facts)


def compile_anew(office, demand, run):
    """Another plan becomes the current one though the demand is at extraction."""
    office.force(demand, "under_review")
    office.plan(demand)
    office.force(demand, "extracting")


def suspend(office, demand, run):
    office.suspend()


def ask_a_question(office, demand, run):
    assess(office, demand, QUESTION)


def enter_a_later_plan(office, demand, run):
    enter(office, demand, "plan.compiled", plan="pl_" + "9" * 32)


def enter_a_later_decision(office, demand, run):
    enter(office, demand, "plan.approved", run="e_" + "9" * 32)


def change_the_run(office, demand, run):
    with office.transactions.read() as session:
        created = get_run_row(session, run).created_at
    office.forge(ExtractionRun, run, created_at=created + SECOND)


def change_the_plan(office, demand, run):
    with office.transactions.read() as session:
        plan = office.view_plan(session, demand)
    office.forge(Plan, plan.id, compiled_at=plan.compiled_at - SECOND)


def forget_the_run(office, demand, run):
    with office.databases.cases.write() as session:
        session.execute(delete(CurrentRun).where(CurrentRun.run_id == run))


def raise_the_bound(office, demand, run):
    with office.transactions.read() as session:
        rows = get_run_row(session, run).max_rows
    office.forge(ExtractionRun, run, max_rows=rows + 1)


def load(office, run):
    root, now = office.house.load_root(), office.transactions.clock.now()
    with office.transactions.read() as session:
        return load_decided(session, office.transactions.keys, run, root=root, now=now)


def test_holders_are_those_that_were_decided_on(filled, begun):
    found = load(filled, begun[1])
    found.check_holders({})
    otherwise = replace(found, holders={"digest": "another"})
    with pytest.raises(MustHalt) as stopped:
        otherwise.check_holders({})
    said = "what is asked about changed hands otherwise than was decided"
    assert (stopped.value.halt, str(stopped.value)) == ("holder_changed", said)


SUPERSEDED = ("plan_superseded", "another plan or run replaced this one")
LATER = ("decision_invalid", "the log holds a later plan or decision")
ENDS = {
    compile_anew: SUPERSEDED,
    forget_the_run: SUPERSEDED,
    suspend: ("on_hold", "the demand is on hold"),
    ask_a_question: ("on_hold", ".*validation.unproven.*"),
    enter_a_later_plan: LATER,
    enter_a_later_decision: LATER,
    raise_the_bound: ("decision_invalid", "the decision is about something else"),
    change_the_run: ("decision_invalid", "extraction_runs: e_\\w+ is not as it was recorded"),
    change_the_plan: ("decision_invalid", "plans: pl_\\w+ is not as it was recorded"),
}


@pytest.mark.parametrize("end", ENDS, ids=lambda one: one.__name__)
def test_worker_stops_for_what_ended_the_right(filled, begun, end):
    end(filled, *begun)
    code, words = ENDS[end]
    with pytest.raises(MustHalt, match=f"^{words}$") as stopped:
        load(filled, begun[1])
    assert stopped.value.halt == code
    found = filled.service.execute(WORKER, begun[1])
    assert found == {"outcome": "halted", "code": code}


def test_log_without_a_plan_of_the_demand_vouches_for_no_run(filled, begun):
    with filled.transactions.read() as session:
        run = get_run_row(session, begun[1])
        assert is_last_decided(read_stream(session, begun[0]), run)
    other = filled.new_demand(note="another")
    for planned in (lambda: None, lambda: filled.plan(other)):
        planned()
        with filled.transactions.read() as session:
            assert not is_last_decided(read_stream(session, other), run)


def another_certificate(office, demand):
    office.log.transactions.clock.advance(seconds=1)
    office.register.certificate(office.person, "p256", "another")


def suspended_meanwhile(office, demand):
    """Who is suspended is no other receiver: once that is lifted, the work goes on."""
    another_certificate(office, demand)
    office.register.service.suspend(office.actor("handler1"), office.person, "doubt")


def plan_that_opens_no_more(office, demand):
    with office.transactions.read() as session:
        plan = office.view_plan(session, demand)
    office.forge(Plan, plan.id, sealed=b"x" * 64)


FAILURES = {
    lambda office, demand: None: "failed",
    another_certificate: "certificate_changed",
    suspended_meanwhile: "failed",
    plan_that_opens_no_more: "decision_invalid",
}


@pytest.mark.parametrize("change", FAILURES, ids=list(FAILURES.values()))
def test_work_that_failed_says_whether_it_may_go_on(filled, begun, change):
    demand, run = begun
    change(filled, demand)
    with filled.transactions.begin(WORKER) as tx:
        filled.service.halt(tx, run)
    assert filled.service.get_progress(filled.actor("handler1"), demand).halt == FAILURES[change]


def test_halt_says_of_which_run_and_why(filled, begun):
    """And the work on it is asked for anew under another name, once for each halt."""
    demand, run = begun
    for number in (1, 2):
        filled.finish(run, {"outcome": "halted", "code": "failed"})
        with filled.transactions.read() as session:
            facts = read_stream(session, demand).last("extraction.halted").facts
        assert {name: facts[name] for name in ("run", "code")} == {"run": run, "code": "failed"}
        filled.service.resume(filled.actor("handler1"), demand)
        filled.begin(run)
        with filled.transactions.read() as session:
            jobs = session.scalars(select(Job.dedup).where(Job.kind == RUN_JOB)).all()
        assert sorted(jobs) == [f"{RUN_JOB}:{run}:{n}" for n in range(number + 1)]


def test_decided_demand_is_given_no_other_plan(filled):
    demand, run = filled.decided()
    for act in (filled.plan, filled.preview):
        with pytest.raises(WrongState, match="given a plan"):
            act(demand)
    assert filled.work(run) == "done"
    check_log(filled.log)


def test_source_that_nothing_is_asked_of_is_missed_in_no_plan(filled):
    filled.source("nas", "usage")
    _, run = filled.decided()
    assert filled.work(run) == "done"


@pytest.mark.parametrize("own", [False, True])
def test_plan_with_the_rule_of_its_source_or_of_its_kind_goes_on(office, own):
    source = office.source()
    office.house.approve("retention.rule", rule_request("CALL-6M"))
    if own:
        office.house.approve("retention.rule", rule_request("CALL-1M", term=1, source=source))
    demand, run = office.decided()
    with office.transactions.read() as session:
        (planned,) = office.view_plan(session, demand).read().sources
    assert planned.rule == ("CALL-1M" if own else "CALL-6M")
    assert office.work(run) == "done"


def test_source_that_was_declared_since_is_not_left_out(filled):
    plan = filled.planned()
    approval = filled.propose(plan)
    filled.source("pbx2")
    for sign in (lambda: filled.propose(plan), lambda: filled.house.decide(approval)):
        with pytest.raises(WrongState, match="a source was declared since"):
            sign()
    assert filled.state(plan.demand_id) == "under_review"


def test_what_was_sealed_is_handed_over_after_a_halt(filled, begun):
    demand, run = begun
    enter(filled, demand, "package.sealed", run=run, package="pk_1")
    with filled.transactions.begin(WORKER) as tx:
        filled.service.halt(tx, run)
    filled.service.resume(filled.actor("handler1"), demand)
    assert filled.state(demand) == "ready"
    with filled.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == RELEASE_JOB)).all()
    assert [one.args for one in jobs] == [{"demand": demand, "run": run, "package": "pk_1"}]
