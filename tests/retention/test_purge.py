from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from lea_service.custody.queries import iter_entries
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import IntegrityFailure, NotPermitted
from lea_service.kernel.jobs import Job
from lea_service.kernel.outbox import ALARM, NOTICE_JOB
from lea_service.records.partitions import make_room
from lea_service.records.selection import Match, Selection, is_past_term
from lea_service.records.store import TABLES
from lea_service.retention import service as service_module
from lea_service.retention import store
from lea_service.retention.queries import list_unfinished
from tests.support.log import check_log
from tests.support.retention import make_retention

WORKER = worker_actor()


def events(kept, *wanted):
    with kept.log.transactions.read() as session:
        found = [one.event for one in iter_entries(session)]
    return [one for one in found if one.startswith(wanted or ("purge.", "incident."))]


def alarms(kept):
    with kept.log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == NOTICE_JOB)).all()
    return [one.args["about"] for one in jobs if one.args["template"] == ALARM]


@pytest.mark.parametrize("action", ["_destroy", "_anonymise"])
def test_session_whose_end_is_told_meanwhile_stays(kept, databases, monkeypatch, action):
    """An import tells it between the look at what is due and the deletion."""
    table, take = TABLES["usage"], getattr(store, action)
    kept.source("nas", "usage")
    kept.add("nas", "usage", 400, account="one")

    def tell(session, table_, order, names):
        (row,) = session.execute(select(table)).mappings()
        ended = {**row, "ended_at": kept.now - timedelta(days=1)}
        make_room(session, table, [ended])
        session.execute(update(table).values(ended_at=ended["ended_at"]))
        monkeypatch.undo()
        return take(session, table_, order, names)

    monkeypatch.setattr(store, "list_whole", lambda _session, _order: [])
    monkeypatch.setattr(service_module, "list_whole", lambda _session, _order: [])
    monkeypatch.setattr(store, action, tell)
    kept.rule(kind="usage", action="destroy" if action == "_destroy" else "anonymise")
    (done,) = kept.service.purge(WORKER)
    with databases.records.read() as session:
        kept_rows = session.scalars(select(table.c.account)).all()
    assert (done.rows, kept_rows) == (0, ["one"])


def test_purge_takes_exactly_what_is_past_its_term(kept):
    kept.source()
    kept.add("pbx1", "call", 400, 185, 183, 1)
    kept.add("pbx2", "call", 400)
    kept.rule()
    (done,) = kept.service.purge(WORKER)
    assert (done.rows, done.found, done.rule_code) == (2, 2, "CALL-6M")
    assert [row["row_id"] for row in kept.rows()] == [
        "pbx1-call-1-3",
        "pbx1-call-183-2",
        "pbx2-call-400-0",
    ]
    (entry,) = kept.ledger()
    assert (entry.id, entry.source, entry.rule, entry.rows) == (done.id, "pbx1", "CALL-6M", 2)
    assert events(kept) == ["purge.started", "purge.done", "incident.late_purge"]
    check_log(kept.log)


@pytest.mark.parametrize(("kind", "end"), [("usage", "ended_at"), ("subscriber", "valid_to")])
def test_row_that_ends_before_it_begins_is_not_past_its_term_by_that_end(kept, kind, end):
    """One of the two is wrong; what began this month did not end years ago."""
    kept.source("crm", kind)
    early = kept.now - timedelta(days=4000)
    kept.add("crm", kind, 400, 1, **{end: early})
    kept.rule("ANY-6M", kind=kind)
    kept.service.purge(WORKER)
    assert [row["row_id"] for row in kept.rows(kind)] == [f"crm-{kind}-1-1"]
    row = kept.rows(kind)[0]
    late = (kept.now - timedelta(days=184), kept.now)
    assert [is_past_term(kind, row, at) for at in late] == [False, True]


def test_purged_row_is_in_no_file_of_the_store(kept, databases):
    if not databases.records.is_sqlite:
        pytest.skip("of a server: test_destroyed_files.py")
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()
    kept.service.purge(WORKER)
    path = Path(databases.records.engine.url.database)
    for file in path.parent.glob(f"{path.name}*"):
        assert b"pbx1-call-400-0" not in file.read_bytes(), file.name


def test_no_rule_or_nothing_due_leaves_no_trace(kept):
    kept.source()
    kept.add("pbx1", "call", 400)
    assert kept.service.purge(WORKER) == []
    kept.rule(term=24)
    assert kept.service.purge(WORKER) == []
    assert len(kept.rows()) == 1
    assert kept.ledger() == []
    assert events(kept) == []


def test_purge_in_time_is_no_incident(kept, clock):
    kept.source()
    kept.add("pbx1", "call", 180, 100)
    kept.rule()
    clock.advance(days=10)
    (done,) = kept.service.purge(WORKER)
    assert (done.rows, done.late) == (1, 0)
    assert events(kept) == ["purge.started", "purge.done"]
    assert alarms(kept) == []


def test_late_rows_are_an_incident_with_their_count(kept, clock):
    kept.source()
    kept.add("pbx1", "call", 180, 170, 100)
    kept.rule()
    clock.advance(days=15)
    (done,) = kept.service.purge(WORKER)
    assert (done.found, done.late) == (2, 1)
    assert events(kept, "incident.") == ["incident.late_purge"]
    with kept.log.transactions.read() as session:
        last = list(iter_entries(session))[-1]
    assert b'"grace_days":7' in last.data
    assert b'"rows":1' in last.data
    assert alarms(kept) == [done.id]
    kept.service.purge(WORKER)
    assert alarms(kept) == [done.id]


def test_rule_of_a_source_goes_before_the_general_one(kept):
    source = kept.source()
    kept.source("pbx2")
    for name in ("pbx1", "pbx2"):
        kept.add(name, "call", 400, 40)
    kept.rule()
    kept.rule("PBX1-30D", source=source, term=30, unit="days")
    kept.service.purge(WORKER)
    assert [row["row_id"] for row in kept.rows()] == ["pbx2-call-40-1"]


def test_ages_count_as_each_kind_wants_it(kept):
    for name, kind in (("nas", "usage"), ("crm", "subscriber")):
        kept.source(name, kind)
        kept.rule(f"{kind.upper()}-6M", kind=kind)
    days_ago = kept.now.replace(year=2026, month=11, day=1)
    kept.add("nas", "usage", 300, ended_at=days_ago)
    kept.add("nas", "usage", 301)
    kept.add("crm", "subscriber", 900)
    kept.add("crm", "subscriber", 901, valid_to=days_ago)
    kept.add("crm", "subscriber", 902, valid_to=days_ago.replace(year=2025))
    kept.service.purge(WORKER)
    assert [row["row_id"] for row in kept.rows("usage")] == ["nas-usage-300-0"]
    left = [row["row_id"] for row in kept.rows("subscriber")]
    assert left == ["crm-subscriber-900-0", "crm-subscriber-901-0"]


def test_what_a_decided_plan_needs_is_held_back(kept, databases, clock):
    source = kept.source()
    kept.add("pbx1", "call", 200, 180)
    kept.rule()
    decided = kept.now
    held = {(source, "call"): decided.replace(month=5)}
    service = make_retention(
        kept.log, kept.house, databases.records, held_back=lambda *key: held.get(key[:2])
    )
    clock.advance(days=30)
    assert [one.rows for one in service.purge(WORKER)] == [1]
    assert [row["row_id"] for row in kept.rows()] == ["pbx1-call-180-1"]
    held.clear()
    assert [one.rows for one in service.purge(WORKER)] == [1]
    assert kept.rows() == []


def test_thousands_of_spared_spans_are_each_spared(kept, databases, monkeypatch):
    """Each twentieth is looked at: its rows of both edges, found by each column in turn."""
    columns, hour = ("caller", "callee", "forwarded_to"), timedelta(hours=1)
    starts = [kept.now - timedelta(days=400, minutes=n) for n in range(2000)]
    numbers = [f"+3161234{n:04d}" for n in range(2000)]
    spared = [
        Selection("call", "pbx1", (Match(columns, (number,)),), start, start + hour)
        for number, start in zip(numbers, starts, strict=True)
    ]
    at_once = Match(columns, tuple(f"+3162{n:07d}" for n in range(40_000)))
    spared.append(Selection("call", "pbx1", (at_once,)))
    kept.source()
    for n in range(0, 2000, 20):
        age = (kept.now - starts[n]) / timedelta(days=1)
        tick = 1 / timedelta(days=1).total_seconds()
        ages = (age, age - 1 / 24 + tick, age + tick, age - 1 / 24)
        kept.add("pbx1", "call", *ages, **{columns[n // 20 % 3]: numbers[n]})
    kept.add("pbx1", "call", 400, callee="+31620039999")
    kept.add("pbx1", "call", 500, callee="+31620040000")
    kept.rule()
    monkeypatch.setattr(store, "BATCH", 120)
    find = lambda _source, _since: spared  # noqa: E731
    service = make_retention(kept.log, kept.house, databases.records, preserved=find)
    assert [(one.found, one.rows, one.late) for one in service.purge(WORKER)] == [(201, 201, 201)]
    left = [row["row_id"][-2:] for row in kept.rows()]
    assert (left.count("-0"), left.count("-1"), len(left)) == (101, 100, 201)
    assert service.purge(WORKER) == []


def test_nothing_goes_while_a_freeze_is_unreadable(kept, databases):
    def find(_source, _since):
        raise IntegrityFailure("what an order names cannot be read", demand="c_1")

    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()
    service = make_retention(kept.log, kept.house, databases.records, preserved=find)
    assert [service.purge(WORKER), service.purge(WORKER)] == [[], []]
    assert (len(kept.rows()), alarms(kept)) == (1, ["c_1"])


def test_of_too_few_rows_that_are_made_anonymous_nothing_is_left(kept):
    kept.source()
    kept.add("pbx1", "call", 400, 10, caller="+31612345678", result="busy")
    kept.rule(action="anonymise")
    (done,) = kept.service.purge(WORKER)
    assert done.rows == 1
    assert [row["row_id"] for row in kept.rows()] == ["pbx1-call-10-1"]
    assert kept.statistics() == []
    assert kept.service.purge(WORKER) == []
    check_log(kept.log)


def test_of_many_rows_sums_are_left(kept, monkeypatch):
    """Each batch adds what it may, and what it may not is gone."""
    monkeypatch.setattr(store, "BATCH", 30)
    kept.source()
    for party in range(64):
        parties = {"caller": f"+316000000{party:02}", "callee": f"+317000000{party:02}"}
        kept.add("pbx1", "call", 400 + party, **parties, result="busy", talk_s=3, duration_s=party)
    day = kept.now.replace(year=2025)
    with kept.databases.records.write() as session:
        make_room(session, TABLES["call"], [{"source": "pbx1", "started_at": day}])
        session.execute(update(TABLES["call"]).values(started_at=day))
    kept.rule(action="anonymise")
    (done,) = kept.service.purge(WORKER)
    assert (done.rows, kept.rows()) == (64, [])
    (left,) = kept.statistics()
    assert (left.source, left.kind, left.alike) == ("pbx1", "call", {"result": "busy"})
    assert (left.day, left.rows, left.sums["talk_s"]) == ("2025-11-24", 60, 180)
    check_log(kept.log)


def test_unreadable_lines_go_with_the_rows(kept):
    kept.source()
    kept.rejects("pbx1", 300)
    kept.rejects("pbx1", 20)
    kept.rule()
    (done,) = kept.service.purge(WORKER)
    assert (done.rows, done.rejects) == (0, 1)
    assert kept.count_rejects() == 1
    assert [(one.rows, one.rejects) for one in kept.ledger()] == [(0, 1)]


class Crash(BaseException):
    """The process dies here."""


class Mortal:
    """Something with transactions, whose process dies when it would begin one too many."""

    def __init__(self, inner, name, life):
        self.inner, self.name, self.life = inner, name, life

    def __getattr__(self, name):
        return self._begin if name == self.name else getattr(self.inner, name)

    def _begin(self, *args):
        if not self.life:
            raise Crash
        self.life.pop()
        return getattr(self.inner, self.name)(*args)


def make_mortal(kept, databases, life):
    """Return a service that takes so many steps, one off ``life`` each."""
    transactions = Mortal(kept.log.transactions, "begin", life)
    records = Mortal(databases.records, "write", life)
    return make_retention(kept.log, kept.house, records, transactions=transactions)


def test_crash_between_any_two_steps_is_finished(kept, databases, monkeypatch):
    monkeypatch.setattr(store, "BATCH", 3)
    kept.rule()
    steps = 12
    """Started, four batches and rejects of two each, done; of the batches the last finds nothing,
    and on PostgreSQL the first is a month that goes as a whole."""
    for step in range(steps):
        kept.source(f"pbx{step}")
        kept.add(f"pbx{step}", "call", 400, *([190] * 6), 10)
        life = [None] * step
        service = make_mortal(kept, databases, life)
        with pytest.raises(Crash):
            service.purge(WORKER)
        assert [one.rows for one in kept.service.purge(WORKER)] == [7]
    assert [entry.rows for entry in kept.ledger()] == [7] * steps
    assert len(kept.rows()) == steps
    assert events(kept) == ["purge.started", "purge.done", "incident.late_purge"] * steps
    check_log(kept.log)


def test_rule_that_is_set_while_a_purge_runs_is_for_the_next(kept, monkeypatch):
    monkeypatch.setattr(store, "BATCH", 1)
    kept.source()
    kept.add("pbx1", "call", 400, 300)
    kept.rule()
    given = []

    def set_rule(*_):
        given.append(given or kept.rule("CALL-9M", term=9))

    (done,) = kept.service.purge(WORKER, set_rule)
    assert (done.rows, done.rule_code) == (1, "CALL-6M")
    assert [(one.rows, one.rule_code) for one in kept.service.purge(WORKER)] == [(1, "CALL-9M")]


def test_ledger_says_how_far_a_purge_went_that_was_shortened(kept, databases, clock, monkeypatch):
    monkeypatch.setattr(store, "BATCH", 1)
    kept.source()
    kept.add("pbx1", "call", 400, 300)
    kept.rule()
    held = []

    def hold(*_):
        held.append(kept.now - timedelta(days=350))

    service = make_retention(
        kept.log,
        kept.house,
        databases.records,
        held_back=lambda *_: held[0] if held else None,
    )
    (done,) = service.purge(WORKER, hold)
    (entry,) = kept.ledger()
    assert (entry.rows, entry.cutoff, done.cutoff > entry.cutoff) == (1, held[0], True)


def test_ledger_reaches_as_far_as_what_was_taken(kept, databases):
    kept.source()
    kept.add("pbx1", "call", 400, 300)
    began, left = (kept.now - timedelta(days=days) for days in (200, 350))
    for cutoff in (began, left):
        with databases.records.write() as session:
            order = store.Order("pu_1", "R", "pbx1", "call", "destroy", cutoff)
            store.take_batch(session, order, kept.now)
    (entry,) = kept.ledger()
    assert kept.now - timedelta(days=300) < entry.cutoff < began


def test_whole_purge_takes_no_more_steps(kept, databases, monkeypatch):
    monkeypatch.setattr(store, "BATCH", 3)
    kept.rule()
    kept.source()
    kept.add("pbx1", "call", 400, *([190] * 6))
    cleaning = 0 if databases.records.is_sqlite else 3
    """A partition written anew, two empty ones dropped."""
    life = [None] * (12 + cleaning)
    make_mortal(kept, databases, life).purge(WORKER)
    assert life == []


def test_store_that_fails_leaves_an_open_purge(kept, monkeypatch):
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()

    def fail(*_):
        raise OperationalError("delete", {}, OSError("disk"))

    with monkeypatch.context() as patch:
        patch.setattr(service_module, "take_batch", fail)
        with pytest.raises(OperationalError):
            kept.service.purge(WORKER)
    with kept.log.transactions.read() as session:
        assert len(list_unfinished(session)) == 1
    assert [one.rows for one in kept.service.purge(WORKER)] == [1]
    assert kept.service.purge(WORKER) == []


def test_only_those_who_may_purge_do(kept):
    with pytest.raises(NotPermitted):
        kept.service.purge(kept.house.actor("handler1"))
    job = kept.service.request(kept.house.actor("engineer1"))
    assert job.startswith("j_")
    assert events(kept) == ["purge.requested"]
