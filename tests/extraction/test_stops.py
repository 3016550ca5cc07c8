"""What stops a decided run, what ends the halt, and that a plan that was replaced counts no more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DatabaseError

from lea_service.extraction.changes import find_sealed
from lea_service.extraction.document import dump_plan, load_plan
from lea_service.extraction.models import CurrentRun, ExtractionRun, PlanState
from lea_service.extraction.outcome import Loss, Outcome
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.clock import HOME_ZONE
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.records.partitions import make_room
from lea_service.records.selection import BEGINS, ENDS
from lea_service.records.store import TABLES
from lea_service.retention import approval as _rules  # noqa: F401 declares the kind of rules
from lea_service.retention.models import PastTermGround
from tests.extraction.test_scope import FaultyFolder
from tests.support.extraction import START, make_item
from tests.support.log import check_log
from tests.support.retention import ground_request, make_retention, rule_request

DAY = timedelta(days=1)
OLD = START - 400 * DAY


@pytest.fixture
def filled(office):
    office.source()
    office.calls(*(START + n * DAY for n in range(5)))
    return office


def set_rule(office):
    """Set a term of six months for calls."""
    office.house.approve("retention.rule", rule_request("CALL-6M"))


def purge(office):
    service = make_retention(office.log, office.house, office.databases.records)
    service.purge(worker_actor())


def by_our_clock(office):
    return office.transactions.clock.now().astimezone(HOME_ZONE)


def test_superseded_plan_cannot_be_decided(filled):
    old = filled.planned()
    approval = filled.propose(old)
    filled.planned(old.demand_id)
    with pytest.raises(WrongState, match="no longer current"):
        filled.house.decide(approval)
    with pytest.raises(WrongState, match="no longer current"):
        filled.propose(old)
    assert filled.state(old.demand_id) == "under_review"
    check_log(filled.log)


def test_triggers_refuse_what_code_was_led_around(filled, databases):
    old = filled.planned()
    approval = filled.propose(old)
    filled.plan(old.demand_id)
    decision = (
        "INSERT INTO approval_decisions (approval_id, proposed_by, decided_by, outcome,"
        " decided_at, statement, proof) SELECT id, proposed_by, 's_x', 'approved', proposed_at,"
        " statement, proof FROM approvals WHERE id = :id"
    )
    again = update(PlanState).where(PlanState.plan_id == old.id).values(is_current=True)
    for statement, values in ((text(decision), {"id": approval}), (again, {})):
        with (
            pytest.raises(DatabaseError, match="no longer current"),
            databases.cases.write() as one,
        ):
            one.execute(statement, values)


def test_trigger_and_constraint_refuse_a_run_of_an_old_plan(filled, databases):
    demand, run = filled.decided()
    with databases.cases.read() as session:
        row = session.get(ExtractionRun, run)
    filled.force(demand, "under_review")
    filled.plan(demand)
    values = {"id": f"e_{9:032x}", "demand_id": demand, "plan_id": row.plan_id, "sealed": b"x"}
    values |= {"approval_id": row.approval_id, "max_rows": 9, "created_at": row.created_at}
    with pytest.raises(DatabaseError, match="no longer current"), databases.cases.write() as one:
        one.execute(insert(ExtractionRun).values(values))
    pointer = {"demand_id": demand, "run_id": run, "plan_id": row.plan_id}
    for is_current in (True, False):
        refused = insert(CurrentRun).values(**pointer, plan_is_current=is_current)
        with pytest.raises(DatabaseError), databases.cases.write() as session:
            session.execute(refused)


def test_two_plans_are_never_current_at_once(filled, databases):
    old = filled.plan(filled.new_demand())
    new = filled.plan(old.demand_id)
    assert (new.number, new.is_current) == (2, True)
    second = {"plan_id": old.id, "demand_id": old.demand_id, "is_current": True}
    with databases.cases.write() as session:
        session.execute(text("DELETE FROM plan_states WHERE plan_id = :id"), {"id": old.id})
    with pytest.raises(DatabaseError), databases.cases.write() as session:
        session.execute(insert(PlanState).values(second))


def test_current_run_keeps_its_plan_current(filled, databases):
    _, run = filled.decided()
    with databases.cases.read() as session:
        plan = session.get(ExtractionRun, run).plan_id
    ended = update(PlanState).where(PlanState.plan_id == plan).values(is_current=False)
    with pytest.raises(DatabaseError), databases.cases.write() as session:
        session.execute(ended)
    assert filled.work(run) == "done"


def test_larger_result_than_decided_asks_for_a_new_decision(filled):
    demand, run = filled.decided()
    filled.calls(*(START + timedelta(hours=n) for n in range(11)))
    assert filled.work(run) == "halted"
    seen = filled.service.get_progress(filled.actor("handler1"), demand)
    assert (seen.state, seen.halt, seen.needs_decision) == ("halted", "over_bounds", True)
    with pytest.raises(WrongState, match="new decision"):
        filled.service.resume(filled.actor("handler1"), demand)
    filled.preview(demand)
    with filled.transactions.read() as session:
        plan = filled.view_plan(session, demand)
    filled.approve(plan)
    second = filled.current_run(demand)
    assert second != run
    assert filled.work(second) == "done"
    assert filled.result(second).rows == 16
    with pytest.raises(WrongState):
        filled.begin(run)
    check_log(filled.log)


def test_bounds_hold_when_the_result_is_recorded(filled):
    _, run = filled.decided()
    filled.begin(run)
    result = filled.service.execute(worker_actor(), run)
    assert filled.finish(run, result | {"rows": 10_000}) == "halted"


def test_other_certificate_halts_the_run(filled, clock):
    demand, run = filled.decided()
    filled.begin(run)
    clock.advance(seconds=1)
    filled.register.certificate(filled.person, "p256", "another")
    result = filled.service.execute(worker_actor(), run)
    assert result == {"outcome": "halted", "code": "certificate_changed"}
    filled.finish(run, result)
    assert filled.state(demand) == "halted"
    _, second = filled.decided(demand)
    assert filled.work(second) == "done"


def test_spool_that_is_not_the_plan_halts_the_run(filled, monkeypatch):
    monkeypatch.setattr(FaultyFolder, "fault", staticmethod(lambda lines: lines[1:]))
    monkeypatch.setattr("lea_service.extraction.service.SpoolFolder", FaultyFolder)
    demand, run = filled.decided()
    assert filled.work(run) == "halted"
    assert filled.state(demand) == "halted"
    assert filled.service.get_progress(filled.actor("handler1"), demand).halt == "scope_violation"
    assert "extraction.halted" in filled.events(demand)
    assert "extraction.done" not in filled.events(demand)
    monkeypatch.undo()
    filled.service.resume(filled.actor("handler1"), demand)
    assert filled.work(run) == "done"


def test_other_certificate_stops_the_decision(filled, clock):
    plan = filled.planned()
    approval = filled.propose(plan)
    clock.advance(seconds=1)
    filled.register.certificate(filled.person, "p256", "another")
    with pytest.raises(WrongState, match="another certificate"):
        filled.house.decide(approval)


def test_rows_past_their_term_stop_the_plan_until_the_purge(filled):
    set_rule(filled)
    filled.calls(OLD, OLD + DAY)
    demand = filled.new_demand([make_item(start=OLD, days=2)])
    plan = filled.plan(demand)
    counted = filled.preview(demand)
    assert (counted.rows, counted.past_term) == (0, 2)
    with pytest.raises(WrongState, match="still held"):
        filled.propose(plan)
    purge(filled)
    _, run = filled.decided(demand)
    assert filled.work(run) == "done"
    (item,) = filled.result(run).items
    (lost,) = item.destroyed
    assert (item.outcome, item.rows, lost.rule) == (Outcome.DESTROYED, 0, "CALL-6M")


def test_rows_past_their_term_go_out_on_a_ground_both_signed(filled):
    set_rule(filled)
    filled.house.approve("retention.ground", ground_request())
    filled.calls(OLD, OLD + DAY)
    demand = filled.new_demand([make_item(start=OLD, days=2)])
    plan = filled.planned(demand, past_term="kept_for_dispute")
    approval = filled.house.approve("extraction.plan", {"plan": plan.id})
    view = filled.house.approvals.open(filled.actor("approver1"), approval)
    assert view.payload["past_term"] == {"ground": "kept_for_dispute"}
    run = filled.current_run(demand)
    assert filled.work(run) == "done"
    assert (filled.result(run).rows, filled.result(run).past_term) == (2, 2)


@pytest.mark.parametrize("before", [None, 24])
def test_other_rule_than_in_the_plan_stops_it(filled, clock, before):
    filled.calls(OLD)
    if before:
        filled.house.approve("retention.rule", rule_request("CALL-FIRST", term=before))
    demand = filled.new_demand([make_item(start=OLD, days=2)])
    approval = filled.propose(plan := filled.planned(demand))
    clock.advance(seconds=1)
    set_rule(filled)
    with pytest.raises(WrongState, match="another retention rule now; compile the plan anew"):
        filled.house.decide(approval)
    with pytest.raises(WrongState, match="another retention rule now; compile the plan anew"):
        filled.propose(plan)
    assert filled.state(demand) == "under_review"
    assert filled.preview(filled.plan(demand).demand_id).past_term == 1


def test_source_of_one_name_and_the_id_of_another_is_not_decided_on(filled, monkeypatch):
    """Rows go by the name and rules by the id: a term of another source would do."""
    filled.source("pbx2")

    def lying(plan):
        first, second = plan.sources
        sources = (replace(first, id=second.id), replace(second, id=first.id))
        return dump_plan(replace(plan, sources=sources))

    monkeypatch.setattr("lea_service.extraction.changes.dump_plan", lying)
    plan = filled.planned()
    with pytest.raises(WrongState, match="declared in another way"):
        filled.propose(plan)


def test_plan_is_read_once_for_each_signature(filled, monkeypatch):
    """What it asks is compiled anew at each reading, which takes its time for many items."""
    read = []

    def load(document):
        read.append(document["demand"])
        return load_plan(document)

    monkeypatch.setattr("lea_service.extraction.queries.load_plan", load)
    plan = filled.planned()
    read.clear()
    approval = filled.propose(plan)
    assert len(read) == 2  # as it is prepared, and as it is signed
    read.clear()
    filled.house.decide(approval)
    assert (len(read), filled.state(plan.demand_id)) == (1, "approved")


def test_rule_of_another_source_stops_no_plan(filled):
    other = filled.source("pbx2", "usage")
    plan = filled.planned()
    filled.house.approve("retention.rule", rule_request("USE", source=other, kind="usage"))
    approval = filled.propose(plan)
    filled.house.decide(approval)
    assert filled.state(plan.demand_id) == "approved"


def test_what_nobody_purged_was_not_destroyed(filled):
    """A term alone destroys nothing: the source may never have held that period."""
    set_rule(filled)
    _, run = filled.decided(filled.new_demand([make_item(start=OLD, days=2)]))
    assert filled.work(run) == "done"
    (item,) = filled.result(run).items
    assert (item.outcome, item.destroyed) == (Outcome.NOTHING_FOUND, ())


def test_part_of_the_period_that_was_destroyed_is_told(filled):
    set_rule(filled)
    filled.calls(OLD)
    purge(filled)
    asked = [make_item(start=OLD, days=600), make_item(start=OLD, days=2)]
    asked.append(make_item("+31699999999", start=OLD, days=600))
    _, run = filled.decided(filled.new_demand(asked))
    assert filled.work(run) == "done"
    items = filled.result(run).items
    outcomes = [Outcome.DELIVERED, Outcome.DESTROYED, Outcome.NOTHING_FOUND]
    assert [one.outcome for one in items] == outcomes
    end = by_our_clock(filled).replace(month=5)
    assert {one.destroyed for one in items} == {(Loss("pbx1", "CALL-6M", end),)}


def test_each_source_says_what_it_lost_itself(filled):
    """The term of the one says nothing of the other, which still has what it had."""
    for name, term in (("pbx2", 24), ("pbx3", 1)):
        source = filled.source(name)
        filled.calls(OLD, source=name)
        filled.house.approve("retention.rule", rule_request(name.upper(), source=source, term=term))
    purge(filled)
    _, run = filled.decided(filled.new_demand([make_item(start=OLD, days=60)]))
    assert filled.work(run) == "done"
    (item,) = filled.result(run).items
    assert (item.outcome, item.rows) == (Outcome.DELIVERED, 1)
    end = by_our_clock(filled).replace(month=10)
    assert item.destroyed == (Loss("pbx3", "PBX3", end),)
    assert [one.rows_delivered for one in filled.result(run).coverage] == [0, 1, 0]


def test_every_source_that_lost_something_is_named(filled):
    other = filled.source("pbx2")
    filled.calls(OLD)
    filled.calls(OLD, OLD + DAY, source="pbx2")
    set_rule(filled)
    filled.house.approve("retention.rule", rule_request("PBX2", source=other, term=12))
    purge(filled)
    _, run = filled.decided(filled.new_demand([make_item(start=OLD, days=2)]))
    assert filled.work(run) == "done"
    (item,) = filled.result(run).items
    now = by_our_clock(filled)
    first, second = now.replace(month=5), now.replace(year=now.year - 1)
    assert item.destroyed == (Loss("pbx1", "CALL-6M", first), Loss("pbx2", "PBX2", second))
    assert item.outcome is Outcome.DESTROYED


def test_rows_that_were_made_anonymous_cover_nothing(filled):
    other = filled.source("pbx2")
    filled.calls(OLD)
    filled.calls(OLD, source="pbx2")
    filled.house.approve("retention.rule", rule_request("CALL-6M", action="anonymise"))
    filled.house.approve("retention.rule", rule_request("PBX2", source=other, term=240))
    purge(filled)
    _, run = filled.decided(filled.new_demand([make_item(start=OLD, days=600)]))
    assert filled.work(run) == "done"
    first, second = filled.result(run).coverage
    assert (first.covers_from, first.covers_to) == (START, START + 4 * DAY)
    assert (second.covers_from, second.covers_to) == (OLD, OLD)


def test_source_in_which_nobody_is_found_any_more_covers_nothing(office):
    office.source()
    office.calls(OLD)
    office.house.approve("retention.rule", rule_request("CALL-6M", action="anonymise"))
    purge(office)
    _, run = office.decided(office.new_demand())
    assert office.work(run) == "done"
    (one,) = office.result(run).coverage
    assert (one.covers_from, one.covers_to) == (None, None)


@pytest.mark.parametrize(
    ("kind", "category", "who", "last"),
    [
        ("subscriber", "subscriber_identity", "customer_number", None),
        ("usage", "usage_sessions", "account", START),
    ],
)
def test_period_with_longer_rows_was_not_destroyed(office, kind, category, who, last):
    """Rows are in by overlap and purged by their end: one that goes on is left of the period."""
    office.source("crm", kind)
    row = {"source": "crm", "flags": "", "import_id": "im_1", BEGINS[kind]: OLD - DAY}
    ended = row | {"row_id": "1", who: "c1", ENDS[kind]: OLD + DAY}
    longer = row | {"row_id": "2", who: "c2", ENDS[kind]: last}
    with office.databases.records.write() as session:
        make_room(session, TABLES[kind], [ended, longer])
        session.execute(insert(TABLES[kind]), [ended, longer])
    office.house.approve("retention.rule", rule_request("TERM-6M", kind=kind))
    purge(office)
    asked = [
        make_item(one, "customer_number", start=OLD, days=2, categories=[category])
        for one in ("c1", "c2")
    ]
    _, run = office.decided(office.new_demand(asked))
    assert office.work(run) == "done"
    gone, left = office.result(run).items
    assert gone.outcome is Outcome.NOTHING_FOUND
    assert [(one.source, one.rule) for one in gone.destroyed] == [("crm", "TERM-6M")]
    assert (left.outcome, left.rows) == (Outcome.DELIVERED, 1)


def test_search_that_found_nothing_elsewhere_is_no_loss(filled):
    """One source was purged over the whole period; another one still has it, and was searched."""
    filled.source("pbx2")
    set_rule(filled)
    filled.calls(OLD)
    purge(filled)
    filled.calls(OLD, source="pbx2", caller="+31699999999", callee="+31699999998")
    asked = [make_item(start=OLD, days=2)]
    demand = filled.new_demand(asked)
    filled.house.approve("retention.rule", rule_request("CALL-10Y", term=120))
    _, run = filled.decided(demand)
    assert filled.work(run) == "done"
    (item,) = filled.result(run).items
    assert item.outcome is Outcome.NOTHING_FOUND
    assert [(one.source, one.rule) for one in item.destroyed] == [("pbx1", "CALL-6M")]


def test_proposal_names_the_ground_of_its_plan_or_none(filled):
    filled.house.approve("retention.ground", ground_request())
    plan = filled.planned(past_term="kept_for_dispute")
    for other in ({"ground": "another"}, {"ground": "KEPT"}):
        with pytest.raises(InvalidInput):
            filled.propose(plan, past_term=other)
    assert filled.propose(plan, past_term={"ground": "kept_for_dispute"})
    with pytest.raises(InvalidInput, match="/past_term: expected the ground that the plan holds"):
        filled.propose(filled.planned(), past_term={"ground": "kept_for_dispute"})


def test_ground_counts_only_while_two_people_allow_it(filled):
    set_rule(filled)
    filled.calls(OLD)
    demand = filled.new_demand([make_item(start=OLD, days=2)])
    with pytest.raises(WrongState, match="no ground"):
        filled.plan(demand, past_term="kept_for_dispute")
    filled.house.approve("retention.ground", ground_request())
    plan = filled.planned(demand, past_term="kept_for_dispute")
    approval = filled.propose(plan)
    filled.house.approve("retention.ground", ground_request(is_allowed=False))
    with pytest.raises(WrongState, match="no ground"):
        filled.house.decide(approval)
    assert filled.state(demand) == "under_review"
    check_log(filled.log)


def test_ground_that_ended_since_the_decision_halts(filled, databases):
    set_rule(filled)
    filled.calls(OLD)
    filled.house.approve("retention.ground", ground_request())
    asked = filled.new_demand([make_item(start=OLD, days=2)])
    demand, run = filled.decided(asked, past_term="kept_for_dispute")
    filled.house.approve("retention.ground", ground_request(is_allowed=False))
    with databases.cases.write() as session:  # whoever owns the table makes it say otherwise
        for drop in append_only_ddl("past_term_grounds", session.get_bind().dialect.name)[1]:
            session.execute(text(drop))
        session.execute(update(PastTermGround).values(is_allowed=True))
    assert filled.work(run) == "halted"
    progress = filled.service.get_progress(filled.actor("handler1"), demand)
    assert (progress.halt, progress.needs_decision) == ("decision_invalid", True)


def test_late_row_that_turns_up_halts_and_the_purge_ends_it(filled):
    set_rule(filled)
    demand, run = filled.decided(filled.new_demand([make_item(start=OLD, days=2)]))
    filled.calls(OLD)
    assert filled.work(run) == "halted"
    progress = filled.service.get_progress(filled.actor("handler1"), demand)
    assert (progress.halt, progress.needs_decision) == ("past_term_held", False)
    purge(filled)
    filled.service.resume(filled.actor("handler1"), demand)
    assert filled.work(run) == "done"
    assert filled.result(run).items[0].outcome is Outcome.DESTROYED
    check_log(filled.log)


def test_forged_decision_is_found_by_the_worker(filled, databases):
    _, run = filled.decided()
    filled.begin(run)
    with databases.cases.read() as session:
        row = session.get(ExtractionRun, run)
    filled.forge(ExtractionRun, run, max_rows=row.max_rows + 1000)
    assert filled.service.execute(worker_actor(), run) == {
        "outcome": "halted",
        "code": "decision_invalid",
    }


def test_sealed_is_what_the_log_says_last_of_the_run_itself(filled):
    demand, run = filled.decided()
    found = []
    for of, package in ((f"e_{9:032x}", "pk_1"), (run, "pk_2"), (run, "pk_3")):
        with filled.transactions.begin(worker_actor()) as tx:
            found.append(find_sealed(tx.session, tx.session.get(ExtractionRun, run)))
            tx.record("package.sealed", demand, facts={"run": of, "package": package})
    with filled.transactions.read() as session:
        found.append(find_sealed(session, session.get(ExtractionRun, run)))
    assert found == [None, None, "pk_2", "pk_3"]


def test_only_what_halted_is_resumed(filled):
    demand, run = filled.decided()
    with pytest.raises(WrongState, match="approved"):
        filled.service.resume(filled.actor("handler1"), demand)
    with pytest.raises(NotPermitted):
        filled.service.resume(filled.actor("approver1"), demand)
    with pytest.raises(NotFound):
        filled.service.resume(filled.actor("handler1"), f"c_{9:032x}")
    filled.begin(run)
    with filled.transactions.begin(worker_actor()) as tx:
        filled.service.halt(tx, run)
        filled.service.halt(tx, run)
    filled.service.resume(filled.actor("handler1"), demand)
    assert filled.work(run) == "done"
    assert filled.events(demand).count("extraction.halted") == 1
