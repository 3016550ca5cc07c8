"""Custody appends beside commits of a same-sized row on the same database, through Core."""

from __future__ import annotations

import secrets
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert, select

from lea_service.custody.journal import CustodyJournal
from lea_service.custody.models import LogEntry
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.clock import SystemClock
from lea_service.kernel.crypto import BlindIndex, LocalKeyEncryption, new_key
from lea_service.kernel.database import CaseBase, Database
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.ids import RandomIds
from lea_service.kernel.transactions import Transactions

ROUNDS, PER_ROUND = 7, 150
HANDLER = Actor("s_bench", frozenset({Role.HANDLER}))
PEER = Table(
    "bench_rows",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("stream", String(40)),
    Column("event", String(60)),
    Column("data", LargeBinary),
    Column("leaf", LargeBinary),
)


@dataclass(frozen=True, slots=True)
class Appends:
    """Entries a second, ours and the peer's, and their ratio (median over rounds)."""

    engine: str
    batch: int
    ours: float
    peer: float
    ratio: float


def measure(postgres_url: str | None = None) -> Iterator[Appends]:
    """Yield single appends and transactions of ten, on SQLite and on PostgreSQL if given."""
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / 'cases.db'}"]
        for url in [*urls, *([postgres_url] if postgres_url else [])]:
            with _log(url) as transactions:
                for batch in (1, 10):
                    yield _compare(transactions, batch)


@contextmanager
def _log(url: str) -> Iterator[Transactions]:
    database = Database(url)
    CaseBase.metadata.create_all(database.engine)
    PEER.metadata.create_all(database.engine)
    keys = DataKeys(LocalKeyEncryption(new_key()))
    journal = CustodyJournal("lawful.example/custody/bench")
    index = BlindIndex(new_key())
    yield Transactions(database, SystemClock(), RandomIds(), keys, index, journal)
    database.dispose()


def _compare(transactions: Transactions, batch: int) -> Appends:
    with transactions.begin(HANDLER) as tx:
        stream = tx.new_stream("c")
        tx.record("demand.recorded", stream, facts=_facts(0))

    def ours() -> None:
        with transactions.begin(HANDLER) as tx:
            for n in range(batch):
                tx.record("demand.viewed", stream, facts=_facts(n))

    with transactions.read() as session:
        size = len(session.scalars(select(LogEntry.data).limit(1)).one())
    row = {"stream": stream, "event": "demand.viewed", "leaf": secrets.token_bytes(32)}
    rows = [{**row, "data": secrets.token_bytes(size)} for _ in range(batch)]

    def peer() -> None:
        with transactions.database.write() as session:
            for one in rows:
                session.execute(insert(PEER), one)

    for act in (ours, peer):
        act()
    pairs = [(_rate(ours, batch), _rate(peer, batch)) for _ in range(ROUNDS)]
    ratio = statistics.median(one / other for one, other in pairs)
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Appends(transactions.database.engine.dialect.name, batch, mine, theirs, ratio)


def _rate(act: Callable[[], None], batch: int) -> float:
    count = max(10, PER_ROUND // batch)
    began = perf_counter()
    for _ in range(count):
        act()
    return count * batch / (perf_counter() - began)


def _facts(n: int) -> dict[str, str | int]:
    return {"view": "demand", "n": n}
