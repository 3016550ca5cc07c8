"""A custody log on a real database, with its signer."""

from datetime import timedelta
from types import SimpleNamespace

from lea_service.custody.fsck import check_database
from lea_service.custody.journal import CustodyJournal
from lea_service.custody.looks import Looks
from lea_service.custody.service import Checkpointer, CustodyService
from lea_service.custody.signer import LocalSigner
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.crypto import BlindIndex, LocalKeyEncryption
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.transactions import SYSTEM_STREAM, Transactions

ORIGIN = "lawful.example/custody/2026"


def build_log(database, clock, ids, state, *, origin=ORIGIN):
    keys = DataKeys(LocalKeyEncryption(bytes(range(32))))
    index = BlindIndex(bytes(range(1, 33)))
    transactions = Transactions(database, clock, ids, keys, index, CustodyJournal(origin))
    signer = LocalSigner(origin, bytes(range(32)), bytes(range(32)), state)
    checkpointer = Checkpointer(transactions, signer)
    looks = Looks(transactions)
    service = CustodyService(transactions, looks, checkpointer, signer, origin)
    return SimpleNamespace(
        transactions=transactions,
        keys=keys,
        signer=signer,
        checkpointer=checkpointer,
        looks=looks,
        service=service,
    )


def check_log(log):
    """Fail when anything stored is not what the log vouches for."""
    with log.transactions.read() as session:
        found = check_database(session, log.keys, log.service.policy, log.signer)
    assert found.problems == []
    return found


def run_ahead(log, minutes):
    """Let the clock run ahead, enter something, and put the clock right."""
    clock = log.transactions.clock
    now = clock.now()
    clock.set(now + timedelta(minutes=minutes))
    with log.transactions.begin(worker_actor()) as tx:
        tx.record("demand.listed", SYSTEM_STREAM)
    clock.set(now)
