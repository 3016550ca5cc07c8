"""Oral orders that nobody put in writing: what stops, who is told, and how it is paid."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from lea_service.custody.queries import list_stream
from lea_service.demands.audit import check_demands
from lea_service.demands.changes import advance
from lea_service.demands.models import Demand
from lea_service.demands.queries import current_holds
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import NotFound, NotPermitted, WrongState
from lea_service.kernel.jobs import Job
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.clock_service import ClockService
from lea_service.legal.confirmations.models import BreachNotice
from lea_service.legal.confirmations.queries import check_closable, owes_confirmation
from lea_service.legal.confirmations.rules import Assessed, Cause
from lea_service.legal.confirmations.service import ConfirmationService, place_of
from lea_service.legal.deadlines import Status
from lea_service.legal.working_days import load_working_days
from tests.legal.confirmations.paying import pay
from tests.support.log import check_log
from tests.support.orders import make_orders

ORAL = {"form": "oral", "legal_basis": "NL-SV-126na-1", "issuing_role": "nl.opsporingsambtenaar"}
WORDS = "Called the prosecutor; nothing was handed over."
LATE = datetime(2026, 12, 1, 23, tzinfo=UTC)


def service(log, orders):
    working = load_working_days()
    return ConfirmationService(
        log.transactions, log.looks, orders, working, max_order_bytes=1 << 20
    )


@pytest.fixture
def confirmations(log):
    return service(log, make_orders())


@pytest.fixture
def overseer(house):
    return house.actor("overseer1")


@pytest.fixture
def oral(authority, clock):
    """An oral order of Friday 27 November 2026: in writing by the end of Tuesday 1 December."""
    clock.set(datetime(2026, 11, 27, 12, tzinfo=UTC))
    return send(authority)


DAY = {"order_date": "2026-11-27", "received_at": "2026-11-27T12:00:00Z"}


def paper(authority, *more, **changes):
    """Return the writing of an oral order as it was given."""
    return authority.paper(*more, **{**DAY, **ORAL, **changes})


def send(authority, **changes):
    changes = {**DAY, **ORAL, **changes}
    return authority.send(order=None, called_back=False, by=authority.officer, **changes)


@pytest.fixture
def watch(log, clocks, clock):
    def work(at, clocks=clocks):
        clock.set(at)
        return clocks.watch(lambda: log.transactions.begin(worker_actor()))

    return work


def move(log, demand, *states):
    with log.transactions.begin(worker_actor()) as tx:
        for state in states:
            advance(tx, demand, state, "demand.resumed")


def holds(log, demand):
    with log.transactions.read() as session:
        found = [one.code for one in current_holds(session, log.keys, demand)]
    return [one for one in found if one.startswith(("confirmation", "validation", "authorisation"))]


def events(log, demand, *wanted):
    with log.transactions.read() as session:
        return [one.event for one in list_stream(session, demand) if one.event in wanted]


def notices(log):
    with log.transactions.read() as session:
        found = [job.args["template"] for job in session.query(Job).order_by(Job.run_after)]
    return sorted(one for one in found if not one.startswith(("deadline", "demand")))


def test_what_is_owed_is_listed_by_its_end(log, authority, oral, confirmations, handler, clock):
    without_end = send(authority, legal_basis="NL-SV-126zi", note="a second one")
    authority.send(called_back=False, **DAY)
    first, second = confirmations.list_open(handler, None, 10)
    assert (first.demand, first.status, first.late) == (oral, Status.RUNNING, LATE)
    assert (first.officer, first.is_alarm) == (authority.officer, False)
    assert (second.demand, second.status, second.late) == (without_end, Status.NO_END, None)
    clock.set(datetime(2026, 11, 30, 12, tzinfo=UTC))
    (rest,) = confirmations.list_open(handler, place_of(first), 10)
    assert (rest.demand, rest.is_alarm) == (without_end, True)  # 72 hours: look, nothing else
    assert holds(log, oral) == []


def test_nothing_follows_before_the_widest_end(log, oral, watch):
    watch(datetime(2026, 12, 1, 22, 59, 59, tzinfo=UTC))
    assert (holds(log, oral), notices(log)) == ([], [])
    watch(LATE)
    assert holds(log, oral) == ["confirmation_overdue"]


def test_unpaid_order_stops_and_is_told_once(log, authority, oral, watch, confirmations, overseer):
    # a written one of somebody else goes on, and so does his own
    others = authority.send(called_back=False, **DAY)
    written = {**DAY, **ORAL, "form": "written"}
    own = authority.send(called_back=False, by=authority.officer, **written)
    assert watch(LATE) > 0
    assert watch(LATE) == 0
    assert (holds(log, oral), holds(log, others), holds(log, own)) == (
        ["confirmation_overdue"], [], [],
    )  # fmt: skip
    assert notices(log) == ["breach.opened", "confirmation.escalated", "confirmation.overdue"]
    (breach,) = confirmations.list_breaches(overseer, True, None, 10)
    assert (breach.demand, breach.cause, breach.late) == (oral, Cause.UNPAID, LATE)
    assert (breach.officer, breach.has_produced) == (authority.officer, False)
    check_log(log)


def alarms(log):
    with log.transactions.read() as session:
        jobs = session.query(Job).order_by(Job.run_after, Job.id).all()
    return [one.args["about"] for one in jobs if one.args.get("template") == "alarm"]


def test_notice_that_nobody_assessed_is_told_before_each_end(
    log, oral, watch, confirmations, overseer
):
    """If it is a breach, it is reported within 24 hours, or 72: both by their laws, counted early."""
    watch(LATE)
    (breach,) = confirmations.list_breaches(overseer, True, None, 10)
    ends = [(one.at - breach.opened_at, one.confidence) for one in breach.report_by]
    assert ends == [(timedelta(hours=24), "medium"), (timedelta(hours=72), "high")]
    told = []
    for hours in (11, 12, 59, 60, 200):
        watch(LATE + timedelta(hours=hours))
        watch(LATE + timedelta(hours=hours))
        told.append(alarms(log).count(breach.id))
    assert told == [0, 1, 1, 2, 2]


def test_notice_that_was_assessed_is_told_no_more(log, oral, watch, confirmations, overseer):
    watch(LATE)
    (breach,) = confirmations.list_breaches(overseer, True, None, 10)
    confirmations.assess(overseer, breach.id, Assessed.NO_BREACH, WORDS)
    watch(LATE + timedelta(hours=100))
    assert breach.id not in alarms(log)


def test_written_order_pays_and_the_breach_stays(
    log, authority, oral, watch, confirmations, overseer, handler, clock, house
):
    with pytest.raises(WrongState, match=f"`lea demands correct {oral} FILE --order ORDER`"):
        confirmations.bring(handler, oral, paper(authority))
    move(log, oral, "under_review", "approved")
    watch(LATE)
    clock.advance(hours=1)
    pay(house, confirmations, oral, paper(authority))
    assert holds(log, oral) == []
    assert confirmations.list_open(handler, None, 10) == []
    with pytest.raises(WrongState, match="before"):
        confirmations.bring(handler, oral, paper(authority))
    other, sealed = send(authority, note="another"), send(authority, lane="sealed")
    with log.transactions.read() as session:
        owing = [
            owes_confirmation(session, one, authority.officer, clock.now())
            for one in (other, sealed, oral)
        ]
    assert owing == [True, False, False]  # neither across the lanes, nor by itself
    (breach,) = confirmations.list_breaches(overseer, None, None, 10)
    done = confirmations.assess(overseer, breach.id, Assessed.NO_BREACH, WORDS)
    assert (done.outcome, done.assessment) == (Assessed.NO_BREACH, WORDS)
    assert confirmations.list_breaches(overseer, True, None, 10) == []
    with pytest.raises(WrongState, match="before"):
        confirmations.assess(overseer, breach.id, Assessed.BREACH, WORDS)
    with log.transactions.read() as session:
        assert not owes_confirmation(session, other, authority.officer, clock.now())
    watch(clock.now())
    assert events(log, oral, "breach.opened", "confirmation.received", "breach.assessed") == [
        "breach.opened", "confirmation.received", "breach.assessed",
    ]  # fmt: skip
    check_log(log)


def test_order_in_time_leaves_no_trace_but_itself(
    log, authority, oral, watch, confirmations, house, clock
):
    move(log, oral, "under_review", "approved")
    clock.set(datetime(2026, 12, 1, 22, tzinfo=UTC))
    pay(house, confirmations, oral, paper(authority))
    watch(LATE)
    assert (holds(log, oral), notices(log)) == ([], [])


def test_correction_with_the_order_pays_too(log, authority, oral, watch, demands, handler, legal):
    watch(LATE)
    found = demands.get(handler, oral)
    demands.correct(handler, oral, found.content, found.version, paper(authority))
    watch(LATE)
    assert holds(log, oral) == ["confirmation_overdue"]  # nobody compared it yet
    legal.assess(handler, oral)
    watch(LATE)
    assert holds(log, oral) == []


def test_end_that_moved_after_it_ends_the_hold(log, oral, watch, confirmations, overseer):
    watch(LATE)
    days = replace(load_working_days(), decree_days=frozenset({date(2026, 12, 1)}))
    later = ClockService(log.transactions, log.looks, load_catalogue(), days)
    watch(LATE, later)
    assert holds(log, oral) == []
    watch(datetime(2026, 12, 2, 23, tzinfo=UTC), later)
    assert holds(log, oral) == ["confirmation_overdue"]
    assert len(confirmations.list_breaches(overseer, None, None, 10)) == 1


def test_what_was_given_stays_open_until_then(log, oral, watch, confirmations, overseer, clock):
    way = ("under_review", "approved", "extracting", "sealing", "ready", "delivered")
    move(log, oral, *way)

    def is_closable():
        try:
            with log.transactions.read() as session:
                check_closable(session, log.keys, oral)
        except WrongState:
            return False
        return True

    assert not is_closable()
    watch(LATE)
    assert not is_closable()
    (breach,) = confirmations.list_breaches(overseer, None, None, 10)
    confirmations.assess(overseer, breach.id, Assessed.BREACH, WORDS)
    assert is_closable()


def test_only_their_people_see_and_assess(
    log, house, oral, watch, confirmations, handler, overseer
):
    watch(LATE)
    for act in (
        lambda: confirmations.list_breaches(handler, None, None, 10),
        lambda: confirmations.assess(handler, "bn_1", Assessed.BREACH, WORDS),
        lambda: confirmations.list_open(overseer, None, 10),
        lambda: confirmations.bring(house.actor("approver1"), oral, b"%PDF-"),
    ):
        with pytest.raises(NotPermitted):
            act()
    with pytest.raises(NotFound):
        confirmations.assess(overseer, "bn_1", Assessed.BREACH, WORDS)


def test_form_in_the_table_is_held_against_the_record(log, databases, oral):
    with databases.cases.write() as session:
        session.execute(update(Demand).where(Demand.id == oral).values(form="written"))
    with log.transactions.read() as session:
        assert any("another form" in one for one in check_demands(session, log.keys))


def test_notice_of_a_sealed_demand_is_known_to_its_people(
    log, authority, clock, watch, confirmations, overseer
):
    clock.set(datetime(2026, 11, 27, 12, tzinfo=UTC))
    sealed = send(authority, lane="sealed")
    watch(LATE)
    with log.transactions.read() as session:
        assert session.query(BreachNotice.demand_id).all() == [(sealed,)]
    assert confirmations.list_breaches(overseer, None, None, 10) == []
    assert "breach.opened" not in notices(log)
