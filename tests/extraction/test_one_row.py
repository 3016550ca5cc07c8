"""One row goes missing, comes twice or changes between source and spool: each is caught.

From the spool on it is in ``tests/packaging/test_one_row.py``.
"""

import random

import pytest

from lea_service.extraction import run as run_module
from lea_service.extraction.halts import ScopeViolation
from lea_service.extraction.run import SpoolFolder, extract
from lea_service.kernel.errors import Conflict, IntegrityFailure
from lea_service.records.reader import RecordReader
from lea_service.records.writer import RowWriter
from tests.extraction import written
from tests.extraction.test_oracle import ATTEMPTS, KEY, fill, plan_for, store  # noqa: F401
from tests.extraction.written import ORACLE
from tests.support.one_row import HOW, damage, damage_lines
from tests.support.rows import CALL, as_blocks, dump_row, read_rows

SEEDS = range(8)
LEAST = 3
"""Rows of a demand in which one is damaged."""


@pytest.fixture(scope="module")
def filled(store):  # noqa: F811
    world = written.draw_world(random.Random("one row"))
    fill(store[0], world)
    return store, world


def demand_with_rows(world, seed):
    """Return a demand, not of sources past their term, that a few rows of one source answer."""
    rng = random.Random(seed)
    while True:
        asked = written.draw_demand(rng, world)
        given = [one for one in world.rows if ORACLE.takers(*one, asked)]
        sources = {row["source"] for _, row in given}
        if len(given) >= LEAST * max(1, len(sources)) and sources:
            return asked, min(
                sources, key=lambda name: -sum(row["source"] == name for _, row in given)
            )


def is_caught(filled, asked, folder_type=SpoolFolder, fault=lambda source, rows: rows):
    """Say whether an extraction stops; one that does not hands over what the oracle says."""
    (database, top), world = filled
    plan = plan_for(asked, {}, None)
    folder = folder_type(top, KEY, "c_1", "e_1", f"r{next(ATTEMPTS)}")
    with RecordReader(database).snapshot() as snapshot:
        seen = FaultySnapshot(snapshot, fault)
        try:
            found = extract(seen, plan, folder, lambda done, total: None)
        except ScopeViolation:
            return True
    wanted, _ = ORACLE.expect(world.rows, asked)
    for one in found.spools:
        with folder.reader(one.kind) as reader:
            lines = reader.read().decode().splitlines()
        assert lines == wanted.get(one.kind, [])
    return False


class FaultySnapshot:
    """Changes what the first reading gets of the store."""

    def __init__(self, snapshot, fault):
        self._snapshot = snapshot
        self._fault = fault

    def iter_blocks(self, selections, columns):
        rows = list(read_rows(self._snapshot, selections, columns))
        return iter(as_blocks(self._fault(selections[0].source, rows), columns))

    def __getattr__(self, name):
        return getattr(self._snapshot, name)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", HOW)
def test_fault_of_the_first_reading_is_caught(filled, how, seed):
    asked, name = demand_with_rows(filled[1], seed)
    rng = random.Random(seed)

    def fault(source, rows):
        return damage(how, rows, rng) if source == name else rows

    # a value that changed in a column that is not handed over changes nothing
    assert is_caught(filled, asked, fault=fault) or how == "alter"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", ["drop", "double", "alter"])
def test_fault_of_the_second_reading_is_caught(filled, how, seed, monkeypatch):
    """In no order, so that one row may stand anywhere in it."""
    asked, name = demand_with_rows(filled[1], seed)
    rng, honest = random.Random(seed), run_module.look_up_in
    given = {row["row_id"] for kind, row in filled[1].rows if ORACLE.takers(kind, row, asked)}
    done = []

    def faulty(connection):
        look_up = honest(connection)

        def damaged(source, *where):
            for columns in look_up(source, *where):
                rows = list(zip(*columns, strict=True))
                mine = [row for row in rows if row[0] == name and row[1] in given]
                if source.name != name or done or len(mine) < LEAST - 1:
                    yield columns
                    continue
                done.append(1)
                others = [row for row in rows if row not in mine]
                yield list(zip(*others, *damage(how, mine, rng), strict=True))

        return damaged

    monkeypatch.setattr(run_module, "look_up_in", faulty)
    assert is_caught(filled, asked) or how == "alter"
    assert done


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", HOW)
def test_fault_on_the_way_into_the_spool_is_caught(filled, how, seed):
    asked, _ = demand_with_rows(filled[1], seed)
    done = []

    class FaultyFolder(SpoolFolder):
        def writer(self, kind):
            sink = super().writer(kind)
            write = sink.write

            def faulty(data):
                if done or data.count(b"\n") < LEAST:
                    return write(data)
                done.append(1)
                return write(damage_lines(how, data, seed))

            sink.write = faulty
            return sink

    assert is_caught(filled, asked, FaultyFolder)
    assert done


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", ["drop", "double", "alter"])
def test_fault_on_the_way_into_the_store_is_caught(store, how, seed, monkeypatch):  # noqa: F811
    """Nothing of such a file is kept."""
    honest = RowWriter._insert
    rng = random.Random(seed)

    def faulty(self, rows):
        honest(self, damage(how, list(rows), rng) if len(rows) > 1 else rows)

    monkeypatch.setattr(RowWriter, "_insert", faulty)
    with pytest.raises((IntegrityFailure, Conflict)):
        fill(store[0], written.draw_world(random.Random(seed)))


def test_end_that_does_not_reach_the_store_is_caught(store, monkeypatch):  # noqa: F811
    monkeypatch.setattr(RowWriter, "_complete", lambda self, row: None)
    with pytest.raises(IntegrityFailure):
        fill(store[0], written.draw_world(random.Random(1)))


def test_damage_is_damage():
    """What the tests rest on: each way leaves other rows than there were."""
    values = dict.fromkeys(CALL.names) | {"source": "a1", "row_id": "b", "duration_s": 1}
    rows = [
        dump_row([n if name == "row_id" else one for name, one in values.items()]) for n in "12"
    ]
    for how in HOW:
        for seed in SEEDS:
            assert damage_lines(how, b"".join(rows), seed) != b"".join(rows)
