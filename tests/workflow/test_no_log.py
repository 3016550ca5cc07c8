"""No log, no hand-over: what the custody log cannot take or vouch for is not done."""

import json
import shutil

import pytest
from sqlalchemy import text

from tests.support.death import AFTER, Killed, dying_at

LEASE = 31
REFUSE = {
    "sqlite": (
        "CREATE TRIGGER log_is_full BEFORE INSERT ON log_entries "
        "BEGIN SELECT RAISE(ABORT, 'no room'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION log_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'no room'; END $$",
        "CREATE TRIGGER log_is_full BEFORE INSERT ON log_entries "
        "FOR EACH ROW EXECUTE FUNCTION log_is_full()",
    ),
}
ACCEPT = {
    "sqlite": ("DROP TRIGGER log_is_full",),
    "postgresql": ("DROP TRIGGER log_is_full ON log_entries", "DROP FUNCTION log_is_full()"),
}


@pytest.fixture
def filled(whole):
    whole.source()
    whole.calls(30)
    whole.work()
    return whole


@pytest.fixture(params=["extraction", "release"])
def stage(request):
    """Before which of the two the log fails."""
    return request.param


@pytest.fixture
def demand(filled, stage, monkeypatch):
    """A demand that is about to be extracted, or about to be released."""
    demand = filled.decided()
    if stage == "release":
        with dying_at(monkeypatch, "package.seal", "finish", AFTER), pytest.raises(Killed):
            filled.work()
        filled.clock.advance(seconds=LEASE)
    return demand


def test_signer_that_knows_a_longer_log_stops_everything(filled, demand, stage):
    state = filled.settings.signer_state
    kept = state.read_bytes()
    state.write_text(json.dumps(json.loads(kept) | {"size": 10_000}))
    go_on(filled)
    check_nothing_done(filled, demand, stage)
    assert "checkpoint" in filled.alarms()
    state.write_bytes(kept)
    check_resumes(filled, demand)


def test_signer_that_lost_its_mind_stops_everything(filled, demand, stage):
    state = filled.settings.signer_state
    kept = state.read_bytes()
    state.write_bytes(b"{")
    go_on(filled)
    check_nothing_done(filled, demand, stage)
    assert "checkpoint" in filled.alarms()
    state.write_bytes(kept)
    check_resumes(filled, demand)


def test_signer_that_cannot_remember_signs_nothing(filled, demand, stage):
    state = filled.settings.signer_state
    part = state.with_suffix(".part")
    part.mkdir()
    go_on(filled)
    check_nothing_done(filled, demand, stage)
    assert "checkpoint" in filled.alarms()
    part.rmdir()
    check_resumes(filled, demand)


def test_log_that_takes_no_entry_stops_everything(filled, demand, stage, engine_name):
    run_sql(filled, REFUSE[engine_name])
    count = len(filled.events(demand))
    go_on(filled)
    check_nothing_done(filled, demand, stage)
    assert len(filled.events(demand)) == count
    assert len(filled.alarms()) >= 1
    assert mails(filled, "Alarm")
    run_sql(filled, ACCEPT[engine_name])
    filled.clock.advance(seconds=120)
    filled.work()
    assert filled.state(demand) == "delivered"
    filled.check()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_restored_older_database_hands_nothing_over(filled, tmp_path):
    demand = filled.decided()
    database = tmp_path / "cases.db"
    filled.services.dispose()
    shutil.copy(database, tmp_path / "backup.db")
    filled.work()
    assert filled.state(demand) == "delivered"
    filled.services.dispose()
    for leftover in tmp_path.glob("cases.db-*"):
        leftover.unlink()
    shutil.copy(tmp_path / "backup.db", database)
    go_on(filled)
    assert filled.state(demand) in {"approved", "extracting", "halted"}
    assert "extraction.done" not in filled.events(demand)
    assert "checkpoint" in filled.alarms()


def go_on(whole):
    """Let workers try until they would have given up."""
    for _ in range(8):
        whole.work()
        whole.clock.advance(seconds=LEASE)


def check_nothing_done(whole, demand, stage):
    """Fail when anything was read or left the house."""
    events = whole.events(demand)
    assert "package.made_available" not in events
    assert not mails(whole, "Package ready")
    if stage == "extraction":
        assert "extraction.done" not in events
        assert not list(whole.settings.spool_dir.glob("c_*/*/*"))
    else:
        assert whole.state(demand) in {"ready", "halted"}


def check_resumes(whole, demand):
    """Fail unless a person can have it go on once the log is whole again."""
    whole.services.extraction.resume(whole.actor(), demand)
    whole.work()
    assert whole.state(demand) == "delivered"
    whole.check()


def mails(whole, subject):
    """Return the mails that went out whose subject holds a word."""
    folder = whole.settings.notices_dir
    found = [path.read_text() for path in folder.glob("*.eml")] if folder.exists() else []
    return [one for one in found if f" {subject}" in one.partition("\n\n")[0]]


def run_sql(whole, statements):
    with whole.services.cases.write() as session:
        for statement in statements:
            session.execute(text(statement))
