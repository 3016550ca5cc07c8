"""For how long something that was judged by the log is not judged again."""

import pytest
from sqlalchemy import delete, text

from lea_service.custody.models import Checkpoint
from lea_service.custody.replay import read_stream
from lea_service.custody.verdicts import Verdicts
from lea_service.kernel.actors import Actor, Role, worker_actor
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import IntegrityFailure, NotFound, Unavailable, VerificationFailed

HANDLER = Actor("s_handler", frozenset({Role.HANDLER}))
WORKER = worker_actor()
UNPROVEN, ODD = "unproven", "odd"


@pytest.fixture
def stream(log):
    with log.transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream)
    return stream


class Judge:
    """Reads a stream and says what it was told to; counts how often it is asked."""

    def __init__(self, log, stream, *, may_begin=False):
        self.log, self.stream, self.asked, self.says = log, stream, 0, None
        self.verdicts = Verdicts(log.service.signed, "custody", UNPROVEN, may_begin=may_begin)

    def judge(self, session):
        self.asked += 1
        read_stream(session, self.stream)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def find_doubt(self, by="it"):
        now = self.log.transactions.clock.now()
        with self.log.transactions.read() as session:
            return self.verdicts.find_doubt(session, "one", by, now, lambda: self.judge(session))


def enter(log, stream):
    with log.transactions.begin(HANDLER) as tx:
        tx.record("demand.viewed", stream)


def test_what_was_signed_is_judged_once(log, stream):
    log.checkpointer.publish(WORKER)
    judge = Judge(log, stream)
    for _ in range(2):
        assert judge.find_doubt() is None
        enter(log, stream)
        log.checkpointer.publish(WORKER)
    assert judge.asked == 1
    assert judge.find_doubt(by="another") is None
    assert judge.asked == 2


def test_what_was_not_wholly_signed_is_judged_again_with_the_next_checkpoint(log, stream):
    log.checkpointer.publish(WORKER)
    enter(log, stream)
    judge = Judge(log, stream)
    for asked in (1, 2):
        for _ in range(2):
            assert judge.find_doubt() is None
        assert judge.asked == asked
        log.checkpointer.publish(WORKER)
        enter(log, stream)
        log.checkpointer.publish(WORKER)
    assert judge.find_doubt() is None
    assert judge.asked == 2


def test_before_the_first_checkpoint_only_that_holds_which_may_begin(log, stream):
    with pytest.raises(Unavailable):
        Judge(log, stream).find_doubt()
    judge = Judge(log, stream, may_begin=True)
    for _ in range(2):
        assert judge.find_doubt() is None
    assert judge.asked == 1
    log.checkpointer.publish(WORKER)
    for _ in range(2):
        assert judge.find_doubt() is None
    assert judge.asked == 2


def test_checkpoints_that_were_taken_away_begin_nothing_anew(log, stream):
    """The signer remembers that it signed; what is said since is held against that."""
    log.checkpointer.publish(WORKER)
    with log.transactions.database.write() as session:
        for table in ("checkpoints", "log_entries"):
            for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
                session.execute(text(drop))
        session.execute(delete(Checkpoint))
        session.execute(text("UPDATE log_entries SET stream = 'c_x'"))
    assert Judge(log, stream, may_begin=True).find_doubt() == UNPROVEN


@pytest.mark.parametrize(
    "says", [ODD, IntegrityFailure("x"), VerificationFailed("x"), NotFound("x")]
)
def test_doubt_stands_for_a_minute(log, stream, clock, says):
    log.checkpointer.publish(WORKER)
    judge = Judge(log, stream)
    judge.says = says
    for _ in range(3):
        assert judge.find_doubt() == (ODD if says == ODD else UNPROVEN)
    judge.says = None
    clock.advance(seconds=59)
    assert judge.find_doubt() is not None
    assert judge.asked == 1
    clock.advance(seconds=1)
    assert judge.find_doubt() is None


def test_doubt_about_something_else_is_looked_into(log, stream):
    log.checkpointer.publish(WORKER)
    judge = Judge(log, stream)
    judge.says = ODD
    assert judge.find_doubt() == ODD
    judge.says = None
    assert judge.find_doubt(by="changed") is None
