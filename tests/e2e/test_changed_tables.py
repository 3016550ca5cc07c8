"""Somebody with the database but no colleague: the worker stops, an alarm goes out, a check tells."""

import pytest
from sqlalchemy import text

from lea_service.extraction.models import RunResult
from lea_service.kernel.database import append_only_ddl
from tests.support.death import AFTER, BEFORE, Killed, dying_at

LEASE = 31
BEFORE_READING = ("extraction.run", "execute", BEFORE)
BEFORE_LEAVING = ("package.seal", "finish", AFTER)


@pytest.fixture
def filled(whole):
    whole.source()
    whole.calls(30)
    return whole


def run_sql(whole, statement, *fences):
    """Change a table, past the triggers that refuse it."""
    with whole.services.cases.write() as session:
        for table in fences:
            for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
                session.execute(text(drop))
        session.execute(text(statement))


def lift_suspension(whole):
    whole.suspend()
    run_sql(whole, "UPDATE agencies SET suspension_id = NULL, suspended_at = NULL")


def forget_revocation(whole):
    detail = whole.services.agencies.get_agency(whole.actor(), whole.agency)
    whole.services.agencies.revoke_certificate(whole.actor(), detail.certificates[0].id, "key_lost")
    run_sql(whole, "DELETE FROM certificate_revocations", "certificate_revocations")


@pytest.mark.parametrize("moment", [BEFORE_READING, BEFORE_LEAVING], ids=lambda one: one[0])
@pytest.mark.parametrize("change", [lift_suspension, forget_revocation])
def test_changed_table_stops_the_worker(filled, monkeypatch, moment, change):
    demand = filled.decided()
    with dying_at(monkeypatch, *moment), pytest.raises(Killed):
        filled.work()
    assert filled.services.check_tables() == []
    change(filled)
    filled.clock.advance(seconds=LEASE)
    filled.work()
    seen = filled.services.extraction.get_progress(filled.actor(), demand)
    assert (seen.state, seen.halt) == ("halted", "decision_invalid")
    assert filled.alarms() == [demand]
    assert "package.made_available" not in filled.events(demand)
    if moment is BEFORE_READING:
        assert not list(filled.settings.spool_dir.glob("c_*/*/*"))
        with filled.services.transactions.read() as session:
            assert session.query(RunResult).count() == 0
    (problem,) = filled.services.check_tables()
    assert "in one place and not in the other" in problem


def test_demand_put_ahead_by_hand_goes_nowhere(filled, monkeypatch):
    demand = filled.decided()
    with dying_at(monkeypatch, "extraction.run", "execute", BEFORE), pytest.raises(Killed):
        filled.work()
    run_sql(filled, f"UPDATE demands SET version = 99 WHERE id = '{demand}'")
    filled.clock.advance(seconds=LEASE)
    filled.work()
    assert filled.state(demand) == "halted"
    assert filled.alarms() == [demand]
