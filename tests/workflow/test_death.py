"""A worker dies between any two commits of any kind of job; nothing is lost or done twice."""

import ast
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

import lea_service
from lea_service.custody.queries import find_head
from lea_service.custody.service import Checkpointer
from lea_service.custody.signer import LocalSigner
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.jobs import JobQueue
from lea_service.kernel.outbox import enqueue_alarm
from lea_service.kernel.transactions import RECORDS_STREAM, SYSTEM_STREAM
from lea_service.records.import_service import ImportService
from tests.support.death import AFTER, BEFORE, STEPS, Killed, dying_at_commit, list_steps
from tests.support.live import CALLS as LIVE_CALLS
from tests.support.live import Provider
from tests.support.moments import Moment
from tests.support.retention import rule_request
from tests.support.service import OTHER, PHONE, make_environ, make_whole
from tests.workflow.test_steps import LEASE, check_once


class Way:
    """One way through a kind of job: what it is made of, and what there must be after it."""

    kind = ""
    steps = frozenset()

    def __init__(self, whole, monkeypatch):
        self.whole, self.monkeypatch = whole, monkeypatch

    def prepare(self):
        """Bring about a job of the kind; returns what it is about."""
        raise NotImplementedError

    def check(self, subject):
        """Fail unless it was done, once."""
        raise NotImplementedError

    def count(self, stream, *events):
        """Return how often each event is in a stream."""
        found = Counter(self.whole.events(stream))
        return [found[one] for one in events]


class Demand(Way):
    """A demand on its way to the receiver."""

    results = 0
    """So many there are of a job that dies, however often it is run."""

    def __init__(self, whole, monkeypatch):
        super().__init__(whole, monkeypatch)
        self.digests = set()
        service = whole.services.extraction
        execute = service.execute

        def executing(*args):
            result = execute(*args)
            self.digests.add(result["digest"])
            return result

        monkeypatch.setattr(service, "execute", executing)

    def prepare(self):
        demand = self.whole.decided()
        self.work_but_for_the_kind()
        self.digests.clear()
        return demand

    def work_but_for_the_kind(self):
        """Let be done what comes before the job that is to die."""
        claim = JobQueue.claim

        def claim_others(queue, kinds=None):
            return claim(queue, (kinds or queue.kinds) - {self.kind})

        with self.monkeypatch.context() as patch:
            patch.setattr(JobQueue, "claim", claim_others)
            self.whole.work()

    def check(self, subject):
        check_once(self.whole, subject, self.kind)
        assert len(self.digests) == self.results
        self.digests.clear()


class Extraction(Demand):
    kind = "extraction.run"
    results = 1
    steps = frozenset({"begin", "execute", "finish", "sweep"})


class Sealing(Demand):
    kind = "package.seal"
    steps = frozenset({"begin", "write", "finish", "sweep"})


class Release(Demand):
    kind = "package.release"
    steps = frozenset({"release"})


class Ending(Way):
    """One demand to close and erase, and one to remind of."""

    kind = "delivery.sweep"
    steps = frozenset({"remind", "watch", "prune"})

    def prepare(self):
        ended, overdue = self.whole.delivered(), self.whole.delivered()
        self.whole.acknowledge(ended)
        self.whole.clock.advance(days=1, seconds=1)  # the package may be collected for one day
        return ended, overdue

    def check(self, subject):
        ended, overdue = subject
        assert self.whole.state(ended) == "erased"
        assert self.count(ended, "demand.closed", "demand.erased") == [1, 1]
        for folder in (self.whole.settings.packages_dir, self.whole.settings.spool_dir):
            assert not (folder / ended).exists()
            assert (folder / overdue).exists()
        told = [one for one in self.whole.jobs("notice.send") if one.subject == overdue]
        assert Counter(one.args["template"] for one in told)["package.overdue"] == 1


class Purge(Way):
    """A call that is long past its term."""

    kind = "retention.purge"

    def __init__(self, whole, monkeypatch):
        super().__init__(whole, monkeypatch)
        whole.house.approve("retention.rule", rule_request("CALL-6M"))

    def prepare(self):
        self.whole.source("old")  # one that was never purged: it takes such a call in
        assert self.whole.take_in(line("old", 2025), "old").added == 1
        return self.whole.services.retention.request(self.whole.actor("engineer1"))

    def check(self, subject):
        events = ("purge.started", "purge.done", "incident.late_purge")
        assert self.count(RECORDS_STREAM, *events) == [1, 1, 1]
        newest, *_ = self.whole.services.retention.list_purges(
            self.whole.actor("engineer1"), None, 10
        )
        assert (newest.found, newest.rows) == (1, 1)
        assert self.whole.alarms().count(newest.id) == 1


class Settling(Way):
    """An import that ended before its rows were in, and one that ended after."""

    kind = "imports.settle"

    def prepare(self):
        before = Counter(self.whole.events(RECORDS_STREAM))
        for name in ("_take_in", "_settle"):
            with self.monkeypatch.context() as patch:
                patch.setattr(ImportService, name, die)
                with pytest.raises(Killed):
                    self.whole.take_in(line(name, 2026))
        self.whole.clock.advance(seconds=121)
        return before

    def check(self, subject):
        events = ("import.started", "import.failed", "import.done")
        counts = self.count(RECORDS_STREAM, *events)
        assert [now - subject[one] for now, one in zip(counts, events, strict=True)] == [2, 1, 1]


class Pull(Way):
    """A live source of five calls, read two at a time."""

    kind = "records.pull"

    def __init__(self, whole, monkeypatch):
        super().__init__(whole, monkeypatch)
        provider = Provider(f"sqlite:///{whole.folder / 'provider.db'}")
        provider.make_calls(5)
        provider.dispose()
        whole.settings.sources_file.write_text(f'[live]\nurl = "{provider.url}"\n')
        monkeypatch.setattr(whole.services.pulls, "_size", 2)

    def prepare(self):
        self.whole.source("live", LIVE_CALLS)
        engineer = self.whole.actor("engineer1")
        return self.whole.services.pulls.request(engineer, "live", whole=False).id

    def check(self, subject):
        self.whole.clock.advance(seconds=120)
        self.whole.work()  # what was left open is settled
        engineer = self.whole.actor("engineer1")
        pull = self.whole.services.pulls.get(engineer, "live", subject)
        assert (pull.state, pull.watermark_to) == ("done", "5")
        assert (pull.lines, pull.added) == (5, 5)
        started, done, failed = self.count(
            RECORDS_STREAM, "import.started", "import.done", "import.failed"
        )
        assert started == done + failed
        assert failed <= 1


class Clocks(Way):
    """A demand that is wanted in ten hours: its clock is counted, and it nears its end."""

    kind = "deadlines.watch"

    def prepare(self):
        due = self.whole.clock.now() + timedelta(hours=10)
        demand = self.whole.record(due_at=due.isoformat())
        self.whole.clock.advance(hours=9)
        return demand

    def check(self, subject):
        events = ("deadline.counted", "deadline.escalated", "deadline.moved")
        assert self.count(subject, *events) == [1, 1, 0]


class Alarm(Way):
    """A notice that goes out."""

    kind = "notice.send"
    steps = frozenset({"send", "sent"})

    def prepare(self):
        with self.whole.services.transactions.begin(worker_actor()) as tx:
            job = enqueue_alarm(tx, about="as_1", occasion="once")
        return job, *self.count(SYSTEM_STREAM, "notice.sent")

    def check(self, subject):
        job, before = subject
        assert self.count(SYSTEM_STREAM, "notice.sent") == [before + 1]
        assert (self.whole.settings.notices_dir / f"{job}.eml").exists()


class Unsent(Way):
    """A notice for whom the register knows no mailbox."""

    kind = "notice.send"
    steps = frozenset({"unsent"})

    def prepare(self):
        words = {"name": "Somebody"}
        return self.whole.record(
            agency=words, issuing_person=words, contact=words, enforcing_authority=words
        )

    def check(self, subject):
        assert self.count(subject, "notice.unsent", "notice.sent") == [1, 0]


WAYS = (Extraction, Sealing, Release, Ending, Purge, Pull, Settling, Clocks, Alarm, Unsent)
LONG = (Extraction, Sealing, Ending)


def _walks():
    """Yield each way on each engine; the long ones walk on PostgreSQL in `make test-full` only."""
    for way in WAYS:
        slow = [pytest.mark.slow] if way in LONG else []
        full = [pytest.mark.full] if way in LONG else []
        yield pytest.param("sqlite", way, marks=slow)
        yield pytest.param("postgresql", way, marks=[pytest.mark.postgres, *slow, *full])


@pytest.fixture
def filled(copy_database, tmp_path, clock, ids, key_store):
    urls = copy_database("cases"), copy_database("records")
    sources = tmp_path / "sources.toml"
    sources.touch(mode=0o600)
    environ = make_environ(
        tmp_path, *urls, pickup_days=1, receipt_grace_days=0, sources_file=sources
    )
    whole = make_whole(tmp_path, environ, key_store, clock, ids)
    whole.source()
    whole.calls(30)
    whole.work()
    yield whole
    whole.services.dispose()


@pytest.fixture
def keep(engine_name, tmp_path, request):
    """A function that keeps a service as it is now, to be put back."""
    server = request.getfixturevalue("postgres") if engine_name == "postgresql" else None
    made = []

    def keep(whole):
        made.append(Moment(whole, tmp_path, server))
        return made[-1]

    yield keep
    for one in made:
        one.forget()


@pytest.mark.parametrize(("engine_name", "way"), list(_walks()), indirect=["engine_name"])
def test_death_around_any_commit_loses_and_repeats_nothing(filled, way, monkeypatch, keep):
    way = way(filled, monkeypatch)
    subject = way.prepare()
    prepared = keep(filled)
    for number in count():
        for moment in (BEFORE, AFTER):
            prepared.put_back()
            with dying_at_commit(monkeypatch, way.kind, number, moment) as death, suppress(Killed):
                filled.work()
            filled.clock.advance(seconds=LEASE)
            filled.work()
            way.check(subject)
            filled.check()
        if not death.has_come:
            break
    assert number > len(way.steps)
    assert death.steps == way.steps


def test_every_step_of_every_kind_has_its_deaths():
    walked = {}
    for way in WAYS:
        walked.setdefault(way.kind, set()).update(way.steps)
    assert walked == {kind: set(steps) for kind, steps in STEPS.items()}


def test_no_step_is_hidden_from_the_handlers():
    top = Path(lea_service.__file__).parent
    written = [one for path in top.rglob("*.py") for one in list_steps(ast.parse(path.read_text()))]
    assert sorted(written) == sorted(name for steps in STEPS.values() for name in steps)


@pytest.mark.parametrize("moment", [BEFORE, AFTER])
@pytest.mark.parametrize(("owner", "name"), [(LocalSigner, "_remember"), (Checkpointer, "_store")])
def test_death_around_a_checkpoint_gives_no_second_history(
    filled, owner, name, moment, monkeypatch
):
    services = filled.services
    for has_grown in (False, True):
        filled.record()
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, dying(getattr(owner, name), moment))
            with pytest.raises(Killed):
                services.custody.checkpointer.publish(worker_actor())
        if has_grown:
            filled.record()
        found = Checkpointer(services.transactions, services.signer).publish(worker_actor())
        with services.transactions.read() as session:
            size = find_head(session).size
        assert (found.size, services.signer.last().size) == (size, size)
    assert filled.alarms() == []
    filled.check_bundle(filled.bundle())
    filled.check()


def line(name, year):
    """Return a call as its file has it."""
    return f"{name},{PHONE},{OTHER},{year}-01-05 00:00:00,9\n".encode()


def die(*_args):
    raise Killed


def dying(method, moment):
    """Return the method of a process that dies around it."""

    def act(*args):
        if moment == BEFORE:
            raise Killed
        method(*args)
        raise Killed

    return act
