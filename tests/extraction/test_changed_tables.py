"""Somebody who owns the database settles a legal check, or takes a rule or a source away."""

from datetime import timedelta

import pytest
from sqlalchemy import func, inspect, select

from lea_service.custody.queries import last_index
from lea_service.demands.changes import lock_demand
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import IntegrityFailure, WrongState
from lea_service.kernel.transactions import RECORDS_STREAM
from lea_service.records.store import TABLES
from lea_service.retention.approval import RULE_SET
from lea_service.retention.models import RetentionRule
from tests.extraction.test_stops import OLD, set_rule
from tests.staff.attacker import Attacker
from tests.support.extraction import FINDING, START, add_assessment, make_item
from tests.support.retention import ground_request, make_retention, rule_request

QUESTION = FINDING | {
    "code": "validation.unproven",
    "ref": "validation.unproven",
    "outcome": "ask_human",
}
DEFECT = QUESTION | {"code": "basis.form", "ref": "basis.form", "outcome": "defect"}


@pytest.fixture
def filled(office):
    office.source()
    office.calls(START)
    return office


def assess(office, demand, finding):
    """Keep one more assessment, with one finding, as the service enters it; returns its id."""
    with office.transactions.begin(office.actor("handler1")) as tx:
        row = lock_demand(tx, demand)
        return add_assessment(tx, row, finding, n=90)


def sql(office, *statements, fences):
    Attacker(office.house).sql(*statements, fences=fences)


def stops(office, demand):
    """Bring a demand to its end; says whether nothing was extracted."""
    _, run = office.decided(demand)
    return office.work(run) == "halted"


def test_acceptance_that_nobody_gave_settles_nothing(filled):
    demand = filled.new_demand()
    assessment = assess(filled, demand, QUESTION)
    with pytest.raises(WrongState, match=r"validation\.unproven"):
        filled.planned(demand)
    columns = "id, assessment_id, findings, reason_sealed, accepted_by, accepted_at"
    values = f"'ac_1', '{assessment}', '[\"{QUESTION['ref']}\"]', compared_sealed, 's_1'"
    sql(
        filled,
        f"INSERT INTO acceptances ({columns}) SELECT {values}, assessed_at"
        f" FROM assessments WHERE id = '{assessment}'",
        fences=(),
    )
    assert stops(filled, demand)


def test_assessment_that_is_gone_is_missed(filled):
    demand = filled.new_demand()
    assessment = assess(filled, demand, DEFECT)
    with pytest.raises(WrongState):
        filled.planned(demand)
    sql(
        filled,
        f"DELETE FROM authenticity_reports WHERE assessment_id = '{assessment}'",
        f"DELETE FROM assessments WHERE id = '{assessment}'",
        fences=("authenticity_reports", "assessments"),
    )
    assert stops(filled, demand)


@pytest.mark.parametrize("is_put_back", [False, True])
def test_rule_that_is_gone_is_missed(filled, is_put_back):
    """Also when it was away only while the plan was compiled and approved."""
    filled.calls(OLD)
    set_rule(filled)
    away = "CREATE TABLE away AS SELECT * FROM retention_rules"
    sql(filled, away, "DELETE FROM retention_rules", fences=("retention_rules",))
    demand = filled.new_demand(items=[make_item(start=OLD - timedelta(days=1))])
    _, run = filled.decided(demand)
    if is_put_back:
        sql(filled, "INSERT INTO retention_rules SELECT * FROM away", fences=())
    assert filled.work(run) == "halted"


@pytest.mark.parametrize("is_put_back", [False, True])
def test_source_that_is_gone_is_missed(filled, is_put_back):
    filled.source("pbx2")
    filled.calls(START, START, source="pbx2")
    away = "CREATE TABLE away AS SELECT * FROM sources WHERE name = 'pbx2'"
    sql(filled, away, "DELETE FROM sources WHERE name = 'pbx2'", fences=("sources",))
    _, run = filled.decided(filled.new_demand())
    if is_put_back:
        sql(filled, "INSERT INTO sources SELECT * FROM away", fences=())
    assert filled.work(run) == "halted"


def test_source_and_rule_of_later_are_no_change(filled):
    demand = filled.new_demand()
    _, run = filled.decided(demand)
    filled.source("pbx2")
    set_rule(filled)
    assert filled.work(run) == "done"


def test_rule_that_nobody_entered_destroys_nothing(filled):
    set_rule(filled)
    sql(filled, "UPDATE retention_rules SET term = 1", fences=("retention_rules",))
    purging = make_retention(filled.log, filled.house, filled.databases.records)
    with pytest.raises(IntegrityFailure, match="not those of the log"):
        purging.purge(worker_actor())
    with filled.databases.records.read() as session:
        assert session.scalar(select(func.count()).select_from(TABLES["call"])) == 1


@pytest.mark.parametrize("act", ["propose", "approve"])
def test_rule_that_two_people_did_not_sign_destroys_nothing(filled, act):
    """Row and entry are as the service writes them; what they rest on was about something else."""
    set_rule(filled)
    approval = getattr(filled.house, act)("retention.ground", ground_request())
    with filled.transactions.begin(worker_actor()) as tx:
        honest = tx.session.get(RetentionRule, "CALL-6M")
        values = {one.key: getattr(honest, one.key) for one in inspect(RetentionRule).columns}
        changed = {"code": "CALL-1", "generation": 2, "term": 1, "approval_id": approval}
        row = RetentionRule(**values | changed)
        tx.session.add(row)
        facts = {"code": row.code, "source": None, "kind": "call", "approval": approval}
        tx.record(RULE_SET, RECORDS_STREAM, facts=facts, evidence=[row])
    purging = make_retention(filled.log, filled.house, filled.databases.records)
    said = {"propose": "set by nobody", "approve": "not the one that two people signed"}
    with pytest.raises(IntegrityFailure, match=said[act]):
        purging.purge(worker_actor())


def test_rule_that_was_moved_out_of_the_log_is_missed(filled):
    """A shorter rule that was replaced comes back where its successor is gone without a trace."""
    filled.house.approve("retention.rule", rule_request("CALL-1", term=1))
    set_rule(filled)
    filled.log.checkpointer.publish(worker_actor())
    sql(filled, "DELETE FROM retention_rules WHERE code = 'CALL-6M'", fences=("retention_rules",))
    moved = "UPDATE log_entries SET stream = 'r_other', n = 0 WHERE idx = {}"
    with filled.transactions.read() as session:
        index = last_index(session, RECORDS_STREAM, RULE_SET)
    sql(filled, moved.format(index), fences=("log_entries",))
    purging = make_retention(filled.log, filled.house, filled.databases.records)
    with pytest.raises(IntegrityFailure, match="not those that were signed"):
        purging.purge(worker_actor())
