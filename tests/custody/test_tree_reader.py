"""Hashes of subtrees as they are read: what is read again and what is remembered."""

import pytest
from sqlalchemy import insert

from lea_service.custody.merkle import Edge, leaf_hash, prove_inclusion, verify_inclusion
from lea_service.custody.models import LogEntry, LogHead
from lea_service.custody.queries import BLOCKS, TreeReader
from lea_service.custody.tiles import WIDTH
from lea_service.kernel.errors import NotFound
from tests.support.counted import count_statements
from tests.support.engines import ANY_ENGINE

SIZE = WIDTH * (2 * BLOCKS) + 3

pytestmark = ANY_ENGINE


@pytest.fixture
def log(databases, clock):
    """A log of nothing but leaves, longer than what a session keeps of it; returns its root."""
    leaves = [leaf_hash(b"%d" % n) for n in range(SIZE)]
    edge = Edge()
    for leaf in leaves:
        edge.append(leaf)
    rows = [
        {"idx": n, "stream": "c_1", "n": n, "event": "x", "data": b"%d" % n, "leaf": leaf}
        for n, leaf in enumerate(leaves)
    ]
    with databases.cases.write() as session:
        session.execute(insert(LogEntry), rows)
        session.add(LogHead(id=1, origin="x", size=SIZE, edge=edge.dump(), t=clock.now()))
    return edge.root()


def test_tiles_are_read_in_order_without_keeping_all_leaves(databases, log):
    tree = TreeReader()
    with databases.cases.read() as session, count_statements(databases.cases) as sent:
        tiles = [tree.tile(session, 0, number, WIDTH) for number in range(2 * BLOCKS)]
        upper = tree.tile(session, 1, 0, 2 * BLOCKS)
        assert len(tree._read[session]) == BLOCKS
        assert len([one for one in sent if "log_entries.leaf" in one]) == 4 * BLOCKS
        sent.clear()
        assert tree.tile(session, 1, 0, 2 * BLOCKS) == upper
        assert not any("log_entries.leaf" in one for one in sent)
    assert b"".join(tiles) == b"".join(leaf_hash(b"%d" % n) for n in range(WIDTH * 2 * BLOCKS))


def test_proof_of_an_entry_reads_its_block_and_the_last(databases, log):
    tree = TreeReader()
    with databases.cases.read() as session:
        assert tree.subtree(session, 0, SIZE) == log
    with databases.cases.read() as session, count_statements(databases.cases) as sent:
        for index in (5, 6, 200, SIZE - 1):
            path = prove_inclusion(index, SIZE, lambda a, b: tree.subtree(session, a, b))
            verify_inclusion(leaf_hash(b"%d" % index), index, SIZE, log, path)
        assert len(sent) == 2


def test_log_is_not_longer_than_it_is(databases, log):
    with databases.cases.read() as session, pytest.raises(NotFound):
        TreeReader().subtree(session, 0, SIZE + 1)
