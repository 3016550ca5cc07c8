"""A demand from plan to result, and whatever must stop it on the way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lea_service.demands.changes import advance, hold
from lea_service.extraction.models import Plan, RunResult
from lea_service.extraction.outcome import Outcome
from lea_service.extraction.queries import plan_label
from lea_service.kernel.canonical import encode_b64url, salted_digest
from lea_service.kernel.errors import IntegrityFailure, InvalidInput, NotPermitted, WrongState
from lea_service.kernel.jobs import Postponed
from tests.support.extraction import OTHER, START, WORKER, make_item
from tests.support.log import check_log

DAY = timedelta(days=1)


@pytest.fixture
def filled(office):
    """One source with three calls inside the sample's period and one outside."""
    office.source()
    office.calls(START, START + DAY, START + 2 * DAY, START - timedelta(microseconds=1))
    return office


def test_whoever_prepares_to_sign_a_plan_has_looked_at_it(filled):
    plan = filled.planned()
    before = filled.events(plan.demand_id)
    handler = filled.actor("handler1")
    for _ in range(2):
        prepared = filled.house.approvals.prepare(handler, "extraction.plan", {"plan": plan.id})
    assert prepared.payload == plan.document
    assert filled.events(plan.demand_id) == [*before, "approval.viewed"]


def test_proposal_is_of_the_newest_preview(filled):
    plan = filled.plan(filled.new_demand())
    older, newer = filled.preview(plan.demand_id), filled.preview(plan.demand_id)
    with pytest.raises(WrongState, match="previewed again"):
        filled.propose(plan, preview=older.id)
    assert filled.propose(plan, preview=newer.id)


def test_plan_exchanged_after_it_was_proposed_begins_nothing(filled):
    """Its row is whole again, with a digest of its own; only what was signed tells."""
    plan = filled.planned()
    approval = filled.propose(plan)
    document, salt = {**plan.document, "region": "BE"}, bytes(16)
    sealed = {"salt": encode_b64url(salt), "document": document}
    with filled.transactions.begin(WORKER) as tx:
        data = tx.seal(plan.demand_id, sealed, plan_label(plan.id))
    filled.forge(Plan, plan.id, sealed=data, digest=salted_digest(salt, document))
    with pytest.raises(IntegrityFailure, match="not the plan it names"):
        filled.house.decide(approval)
    assert (filled.state(plan.demand_id), filled.current_run(plan.demand_id)) == (
        "under_review",
        None,
    )


def test_decided_plan_comes_to_its_rows(filled):
    demand, run = filled.decided()
    assert filled.state(demand) == "approved"
    assert filled.work(run) == "done"
    view = filled.result(run)
    assert (view.rows, view.past_term, view.items[0].outcome) == (3, 0, Outcome.DELIVERED)
    assert [one.rows_delivered for one in view.coverage] == [3]
    assert len(filled.lines(run)["call"]) == 3
    assert filled.state(demand) == "extracting"
    check_log(filled.log)


def test_only_counts_are_previewed(filled):
    filled.calls(START + 3 * DAY, caller=OTHER, callee="+31612345678")
    filled.calls(START + 3 * DAY, callee="+31887654321")
    counted = filled.preview(filled.plan(filled.new_demand()).demand_id)
    assert (counted.rows, counted.past_term) == (5, 0)
    assert (counted.counts["days"], counted.counts["other_parties"]) == (4, 2)
    assert counted.counts["items"] == [{"n": 1, "rows": 5}]
    assert [one["rows"] for one in counted.counts["sources"]] == [5]
    assert "+31" not in str(counted)


def test_target_is_no_other_party_in_any_of_its_forms(filled):
    own, uri = "+31201234567", "sip:+31201234567@x.example"
    for n, forms in enumerate(
        (
            {"callee": own, "callee_uri": uri, "callee_raw": f"<{uri}>"},
            {"callee": own, "callee_uri": uri, "forwarded_to_uri": "sip:bob@y"},
            {"callee": None, "callee_uri": "sip:bob@y", "caller_uri": uri, "caller_raw": "SIP:B@Y"},
            {"callee": None, "callee_raw": "200", "forwarded_to_uri": uri},
        )
    ):
        filled.calls(START + n * DAY, **{"caller": None, "callee": None} | forms)
    demand = filled.new_demand([make_item(uri.upper().replace("SIP:+", "sip:+"), "sip_uri")])
    counted = filled.preview(filled.plan(demand).demand_id)
    assert (counted.rows, counted.counts["other_parties"]) == (4, 2)


def test_held_demand_gets_no_plan_and_no_count(filled):
    plan = filled.plan(filled.new_demand())
    filled.suspend()
    for act in (filled.plan, filled.preview):
        with pytest.raises(WrongState, match="agency_suspended"):
            act(plan.demand_id)
    assert "plan.preview_started" not in filled.events(plan.demand_id)


def test_unsettled_demand_gets_no_plan(filled):
    demand = filled.new_demand(settled=False)
    with pytest.raises(WrongState, match="received"):
        filled.plan(demand)
    with filled.transactions.begin(filled.actor("handler1")) as tx:
        advance(tx, demand, "under_review", "demand.review_started")
    with pytest.raises(WrongState, match="not assessed"):
        filled.plan(demand)


def test_hold_that_comes_later_stops_decision_and_run(filled):
    plan = filled.planned()
    approval = filled.propose(plan)
    with filled.transactions.begin(filled.actor("handler1")) as tx:
        hold(tx, plan.demand_id, "doubt")
    with pytest.raises(WrongState, match="doubt"):
        filled.house.decide(approval)
    filled.release(plan.demand_id, "doubt")
    filled.house.decide(approval)
    run = filled.current_run(plan.demand_id)
    filled.begin(run)
    with filled.transactions.begin(filled.actor("handler1")) as tx:
        hold(tx, plan.demand_id, "doubt")
    assert filled.service.execute(WORKER, run) == {"outcome": "halted", "code": "on_hold"}


def test_held_demand_waits_before_its_run_begins(filled):
    demand, run = filled.decided()
    with filled.transactions.begin(filled.actor("handler1")) as tx:
        hold(tx, demand, "doubt")
    with pytest.raises(Postponed):
        filled.begin(run)
    filled.release(demand, "doubt")
    assert filled.work(run) == "done"


def test_plan_is_proposed_only_after_a_preview(filled):
    plan = filled.plan(filled.new_demand())
    with pytest.raises(WrongState, match="not previewed"):
        filled.propose(plan)


def test_plan_is_proposed_within_a_day(filled, clock):
    plan = filled.planned()
    clock.advance(hours=25)
    with pytest.raises(WrongState, match="older than a day"):
        filled.propose(plan)


def test_nobody_decides_on_a_plan_of_their_own(filled):
    approval = filled.propose(filled.planned())
    with pytest.raises(NotPermitted):
        filled.house.decide(approval, by="handler1")


def test_returned_plan_approves_nothing(filled):
    plan = filled.planned()
    filled.house.decide(filled.propose(plan), outcome="returned", reasons=["scope"])
    assert filled.state(plan.demand_id) == "under_review"
    assert filled.events(plan.demand_id)[-1] == "plan.returned"
    check_log(filled.log)


def test_correction_asks_for_a_new_plan(filled):
    plan = filled.planned()
    approval = filled.propose(plan)
    filled.correct(plan.demand_id, items=[make_item(days=1)])
    with pytest.raises(WrongState, match="corrected"):
        filled.house.decide(approval)
    filled.settle(plan.demand_id)
    with pytest.raises(WrongState, match="corrected"):
        filled.house.decide(approval)
    _, run = filled.decided(plan.demand_id)
    filled.work(run)
    assert filled.result(run).rows == 1


def test_impossible_combination_is_pointed_at(filled):
    item = make_item("192.0.2.1", "ip_address", categories=["subscriber_identity"])
    with pytest.raises(InvalidInput) as refused:
        filled.plan(filled.new_demand([item]))
    assert [one.pointer for one in refused.value.errors] == ["/items/0/categories/0"]


def test_what_nobody_holds_is_said_so(filled):
    items = [make_item(categories=["content_stored"]), make_item(OTHER, days=1)]
    items[0]["categories"] = ["content_stored", "subscriber_identity"]
    _, run = filled.decided(filled.new_demand(items))
    filled.work(run)
    outcomes = [one.outcome for one in filled.result(run).items]
    assert outcomes == [Outcome.NOT_HELD, Outcome.DELIVERED]


def test_nothing_found_is_a_formal_answer(filled):
    demand, run = filled.decided(filled.new_demand([make_item("+31101234567")]))
    assert filled.work(run) == "done"
    view = filled.result(run)
    assert (view.rows, view.items[0].outcome) == (0, Outcome.NOTHING_FOUND)
    assert filled.lines(run) == {"call": []}
    assert filled.events(demand)[-1] == "extraction.done"


def test_withdrawn_demand_gets_no_result(filled):
    demand, run = filled.decided()
    filled.begin(run)
    result = filled.service.execute(WORKER, run)
    filled.withdraw(demand)
    assert filled.finish(run, result) == "ended"
    assert filled.service.execute(WORKER, run) == {"outcome": "ended"}
    with pytest.raises(WrongState):
        filled.result(run)


def test_result_rests_sealed(filled, databases):
    _, run = filled.decided()
    filled.begin(run)
    result = filled.service.execute(WORKER, run)
    filled.finish(run, result)
    sha256 = filled.result(run).spools[0].sha256
    assert sha256 not in str(result)
    raw = b"".join(path.read_bytes() for path in filled.folder.rglob("*") if path.is_file())
    assert b"31612345678" not in raw
    with databases.cases.read() as session:
        stored = session.execute(select(RunResult.__table__)).one()
        plans = session.execute(select(Plan.__table__)).all()
    assert sha256.encode() not in b"".join(_bytes(value) for value in stored)
    assert b"31612345678" not in b"".join(_bytes(value) for row in plans for value in row)


def _bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


def test_role_withdrawn_from_who_issued_the_order_stops_the_decision(office):
    office.source()
    plan = office.planned()
    proposed = office.propose(plan)
    office.register.person(office.agency, id=office.person, version=1, roles=[])
    for act in (
        lambda: office.plan(plan.demand_id),
        lambda: office.propose(plan),
        lambda: office.house.decide(proposed),
    ):
        with pytest.raises(WrongState, match="assess it again"):
            act()
