"""What an approved plan needs stays until it is extracted, and is not late for that."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from lea_service.extraction.needed_queries import find_held_back, list_needed
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import IntegrityFailure
from lea_service.records.flags import AMBIGUOUS
from lea_service.records.partitions import make_room
from lea_service.records.queries import find_purged_until, lock_register
from lea_service.records.selection import Named
from lea_service.records.store import TABLES
from lea_service.retention import approval as _rules  # noqa: F401 declares the kind of rules
from lea_service.retention.queries import list_systems
from tests.extraction.test_holders import hold
from tests.staff.attacker import Attacker
from tests.support.engines import ANY_ENGINE
from tests.support.extraction import START, make_item
from tests.support.race import waits_for_a_lock
from tests.support.retention import ground_request, make_retention, rule_request

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def purging(office):
    """Return a service that holds back what plans need."""

    def find(source, kind, since):
        with office.transactions.read() as session:
            return find_held_back(session, office.transactions.keys, source, kind, since)

    return make_retention(office.log, office.house, office.databases.records, held_back=find)


def add_session(office, **columns):
    row = {"source": "nas", "row_id": "u1", "flags": "", "import_id": "im_1", "account": "c1"}
    with office.databases.records.write() as session:
        make_room(session, TABLES["usage"], [row | columns])
        session.execute(insert(TABLES["usage"]).values(row | columns))


def ask_sessions(office, **options):
    item = make_item("c1", "customer_number", categories=["usage_sessions"])
    return office.decided(office.new_demand([item]), **options)


def test_ground_that_ended_is_not_allowed_by_another_entry(office, clock):
    """The end of a ground is turned into its beginning, in a process that read the log before."""
    office.source("nas", "usage")
    add_session(office, started_at=START - 60 * DAY)
    set_rule(office, "usage", 30)
    office.house.approve("retention.ground", ground_request())
    _, run = ask_sessions(office, past_term="kept_for_dispute")
    _, first = ask_sessions(office, past_term="kept_for_dispute")
    assert office.work(first) == "done"
    office.begin(run)
    office.house.approve("retention.ground", ground_request(is_allowed=False))
    office.log.service.read_signed(worker_actor(), lambda session: None)
    begin_again(office)
    with pytest.raises(IntegrityFailure, match="not the one that was signed"):
        office.service.execute(worker_actor(), run)


def begin_again(office):
    """Write the facts of the ground's first entry into its last one."""
    found = []

    def change(entry):
        found.append(entry["facts"])
        entry["facts"] = found[0]

    Attacker(office.house).rewrite_entry("retention.ground_set", change)


def set_rule(office, kind, term):
    request = rule_request(f"{kind.upper()}-TERM", kind=kind, term=term, unit="days")
    office.house.approve("retention.rule", request)


def test_session_open_since_long_before_stays(office, purging, clock):
    office.source("nas", "usage")
    add_session(office, started_at=START - 60 * DAY)
    set_rule(office, "usage", 90)
    _, run = ask_sessions(office)
    clock.advance(days=40)
    assert purging.purge(worker_actor()) == []
    assert office.work(run) == "done"
    assert office.result(run).rows == 1


def test_session_past_its_term_stays_on_a_named_ground(office, purging):
    office.source("nas", "usage")
    add_session(office, started_at=START - 60 * DAY)
    set_rule(office, "usage", 30)
    office.house.approve("retention.ground", ground_request())
    _, run = ask_sessions(office, past_term="kept_for_dispute")
    assert purging.purge(worker_actor()) == []
    assert office.work(run) == "done"
    assert office.result(run).rows == 1


def test_plan_of_one_person_frees_nothing_that_two_decided_on(office, purging, clock):
    office.source()
    office.calls(START)
    set_rule(office, "call", 60)
    demand, run = office.decided(office.new_demand([make_item()]))
    clock.advance(seconds=1)
    office.register.certificate(office.person, "p256", "another")
    assert office.work(run) == "halted"
    clock.advance(days=60)
    office.plan(demand)
    assert purging.purge(worker_actor()) == []
    office.withdraw(demand)
    assert [one.rows for one in purging.purge(worker_actor())] == [1]


def test_hour_that_may_have_been_the_later_one_stays(office, purging, clock):
    office.source()
    office.calls(START - timedelta(minutes=30), START - 2 * HOUR, flags=AMBIGUOUS)
    set_rule(office, "call", 60)
    _, run = office.decided(office.new_demand([make_item()]))
    clock.advance(days=90)
    assert [one.rows for one in purging.purge(worker_actor())] == [1]
    assert office.work(run) == "done"
    assert office.result(run).coverage[0].doubts == {AMBIGUOUS: 1}


@pytest.mark.parametrize("asked", [make_item(), make_item("c1", "customer_number")])
def test_who_held_what_stays_as_it_was_decided_on(office, purging, clock, asked):
    """Both signed when the number changed hands: without the record the run would halt."""
    office.source()
    office.source("crm", "subscriber")
    hold(office, ("K0", -40, -20), ("K1", -9, 3), ("K2", 3, None))
    set_rule(office, "subscriber", 25)
    is_held = asked["target"]["kind"] == "phone_number"
    plan = office.planned(office.new_demand([asked]))
    office.house.decide(office.propose(plan, per_holder=is_held))
    clock.advance(days=10)
    assert [one.rows for one in purging.purge(worker_actor())] == [1 if is_held else 2]
    assert office.work(office.current_run(plan.demand_id)) == "done"
    office.withdraw(plan.demand_id)
    assert [one.rows for one in purging.purge(worker_actor())] == [1] * is_held


@ANY_ENGINE
def test_rows_that_a_plan_needs_are_known_one_by_one(office):
    """As it selects them, and from an hour before, where a clock showed that hour twice."""
    source = office.source()
    office.calls(START, START - timedelta(minutes=30), START - 2 * HOUR)
    demand, _ = office.decided(office.new_demand([make_item()]))

    def find(kind="call"):
        with office.transactions.read() as session:
            return list_needed(
                session, office.transactions.keys, source, kind, office.transactions.clock.now()
            )

    named = Named(find())
    with office.databases.records.read() as session:
        query = select(TABLES["call"]).order_by(TABLES["call"].c.started_at.desc())
        rows = [dict(one) for one in session.execute(query).mappings()]
    assert [named.holds(one) for one in rows] == [True, True, False]
    assert not named.holds(rows[0] | {"caller": "+31209999999", "called": "+31209999998"})
    assert find("usage") == []
    office.withdraw(demand)
    assert find() == []


def test_call_before_the_asked_period_goes(office, purging, clock):
    office.source()
    office.calls(START - DAY, START)
    set_rule(office, "call", 60)
    office.decided(office.new_demand([make_item()]))
    clock.advance(days=60)
    assert [one.rows for one in purging.purge(worker_actor())] == [1]
    with office.databases.records.read() as session:
        assert session.scalars(select(TABLES["call"].c.started_at)).all() == [START]


def test_what_a_plan_held_back_is_not_late_at_once(office, purging, clock):
    office.source()
    office.calls(START)
    set_rule(office, "call", 60)
    demand, run = office.decided(office.new_demand([make_item()]))
    clock.advance(days=60)
    assert office.work(run) == "done"
    assert purging.purge(worker_actor()) == []  # it may have to be extracted once more
    office.force(demand, "delivered")
    clock.advance(days=6)
    (done,) = purging.purge(worker_actor())
    assert (done.rows, done.late) == (1, 0)


def test_what_stays_longer_than_a_plan_needed_it_is_late(office, purging, clock):
    office.source()
    office.calls(START)
    set_rule(office, "call", 60)
    demand, _ = office.decided(office.new_demand([make_item()]))
    clock.advance(days=60)
    office.withdraw(demand)
    clock.advance(days=8)
    (done,) = purging.purge(worker_actor())
    assert (done.rows, done.late) == (1, 1)


@pytest.fixture
def begun(office, purging, clock):
    """Return a plan that is proposed, with a purge of its only call that began and was killed."""
    office.source()
    office.calls(START)
    set_rule(office, "call", 60)
    demand = office.new_demand([make_item()])
    approval = office.propose(office.planned(demand))
    clock.advance(days=60)
    with office.transactions.read() as session:
        (system,) = list_systems(session)
    assert purging._begin(worker_actor(), system).found == 1
    return demand, approval


def left(office):
    with office.databases.records.read() as session:
        return session.scalars(select(TABLES["call"].c.started_at)).all()


def find_purged(office):
    with office.databases.records.read() as session:
        return find_purged_until(session, "pbx1", "call")


def test_purge_that_began_before_an_approval_leaves_what_the_run_needs(office, purging, begun):
    demand, approval = begun
    office.house.decide(approval)
    run = office.current_run(demand)
    assert [one.rows for one in purging.purge(worker_actor())] == [0]
    assert find_purged(office) <= START  # an import takes in again what was left
    assert office.work(run) == "done"
    assert office.result(run).rows == 1


def test_purge_that_began_before_a_longer_term_goes_by_that(office, purging, begun, clock):
    clock.advance(seconds=1)
    request = rule_request("CALL-LONGER", kind="call", term=365, unit="days")
    office.house.approve("retention.rule", request)
    assert [one.rows for one in purging.purge(worker_actor())] == [0]
    assert left(office) == [START]


def test_purge_that_began_destroys_nothing_that_is_made_anonymous_now(
    office, purging, begun, clock
):
    clock.advance(seconds=1)
    request = rule_request("CALL-ANON", kind="call", term=60, unit="days", action="anonymise")
    office.house.approve("retention.rule", request)
    done = purging.purge(worker_actor())
    assert [(one.action, one.rows) for one in done] == [("destroy", 0), ("anonymise", 1)]


def test_purge_that_began_under_a_rule_that_is_gone_takes_nothing(
    office, purging, begun, monkeypatch
):
    monkeypatch.setattr("lea_service.retention.service.rule_for", lambda *_: None)
    assert [one.rows for one in purging.purge(worker_actor())] == [0]
    assert (left(office), find_purged(office)) == ([START], None)


def test_purge_that_began_goes_on_up_to_where_it_was_to_go(office, purging, begun, clock):
    office.calls(clock.now() - 60 * DAY + HOUR)
    clock.advance(days=1)
    first, second = purging.purge(worker_actor())
    assert (first.rows, second.rows, left(office)) == (1, 1, [])
    assert find_purged(office) == second.cutoff


def test_approval_and_purge_wait_for_each_other(office, purging):
    """Whoever comes second sees what the first one did, also where writers run side by side."""
    if office.databases.cases.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    office.source()
    office.calls(START - 90 * DAY)
    set_rule(office, "call", 60)
    approval = office.propose(office.planned())
    longer = rule_request("CALL-LONGER", kind="call", term=80, unit="days")
    for act in (
        lambda: office.house.decide(approval),
        lambda: office.house.approve("retention.rule", longer),
        lambda: purging.purge(worker_actor()),
    ):
        with office.transactions.begin(worker_actor()) as tx:
            lock_register(tx.session)
            waiting = threading.Thread(target=act)
            waiting.start()
            assert waits_for_a_lock(office.databases.cases, waiting)
        waiting.join()
