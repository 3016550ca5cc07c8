"""Generated demands against generated stores: never a row outside, never one missing."""

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import event as note
from hypothesis import strategies as st
from sqlalchemy import event

from lea_service.extraction.document import dump_plan, load_plan
from lea_service.extraction.halts import HaltCode, MustHalt, ScopeViolation
from lea_service.extraction.outcome import Outcome
from lea_service.extraction.run import SpoolFolder, extract
from lea_service.kernel.database import Database
from lea_service.records.reader import RecordReader
from tests.extraction import worlds
from tests.support.databases import create_tables

KEY = bytes(range(32))
ATTEMPTS = itertools.count()
FAULTS = ("drop", "double", "swap", "flag", "space", "second")
MANY = settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A record store on SQLite that the examples share, and a folder for their spools."""
    folder = tmp_path_factory.mktemp("worlds")
    url = f"sqlite:///{folder / 'records.db'}"
    create_tables(url, "records")
    database = Database(url)
    event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=off"))
    yield database, folder
    database.dispose()


def run(store, plan, folder_type=SpoolFolder):
    database, top = store
    folder = folder_type(top, KEY, "c_1", "e_1", f"a{next(ATTEMPTS)}")
    with RecordReader(database).snapshot() as snapshot:
        found = extract(snapshot, plan, folder, lambda done, total: None)
    lines = {}
    for spool in found.spools:
        with folder.reader(spool.kind) as reader:
            if text := reader.read().decode():
                lines[spool.kind] = text.removesuffix("\n").split("\n")
        (Path(top) / spool.path).unlink()
    return found, lines


def check_against_oracle(store, seed):
    rng = random.Random(seed)
    rows, asked, cutoffs = worlds.draw_store(rng), worlds.draw_demand(rng), worlds.draw_cutoffs(rng)
    ground = rng.choice((None, "kept_for_billing"))
    worlds.fill(store[0], rows)
    plan = load_plan(dump_plan(worlds.make_plan(asked, cutoffs, ground)))
    late = [one for one in worlds.taken(rows, asked) if worlds.is_past_term(*one, cutoffs)]
    if late and ground is None:
        with pytest.raises(MustHalt) as halted:
            run(store, plan)
        assert halted.value.halt is HaltCode.PAST_TERM_HELD
        return {}
    found, lines = run(store, plan)
    wanted, counts = worlds.expected(rows, asked)
    assert lines == wanted
    assert {item.n: item.rows for item in found.items} == counts
    assert found.past_term == len(late)
    delivered = sum(one.rows_delivered for one in found.coverage)
    assert delivered == found.rows == sum(map(len, wanted.values()))
    assert all((one.rows > 0) == (one.outcome is Outcome.DELIVERED) for one in found.items)
    return wanted


@MANY
@given(st.integers(0, 2**64))
def test_result_is_exactly_what_an_oracle_filters(store, seed):
    note("rows" if check_against_oracle(store, seed) else "no rows")


def test_both_engines_agree_with_the_oracle(databases, tmp_path):
    results = [check_against_oracle((databases.records, tmp_path), seed) for seed in range(25)]
    assert sum(map(bool, results)) > 5


class Faulty(SpoolFolder):
    """Changes one line between the store and the spool."""

    fault = staticmethod(lambda lines: lines)

    def writer(self, kind):
        sink = super().writer(kind)
        write = sink.write
        sink.write = lambda data: write(b"".join(type(self).fault(data.splitlines(keepends=True))))
        return sink


def damage(how, place, lines):
    at = place % len(lines)
    line = lines[at]
    if how == "drop":
        return lines[:at] + lines[at + 1 :]
    if how == "double":
        return lines[: at + 1] + lines[at:]
    if how == "swap":
        return [*lines[:at], *reversed(lines[at:])] if at < len(lines) - 1 else lines[:-1]
    if how == "flag":
        return [*lines[:at], line.replace(b'"flags":""', b'"flags":"x"'), *lines[at + 1 :]]
    if how == "space":
        return [*lines[:at], line.replace(b",", b", ", 1), *lines[at + 1 :]]
    if how == "second":
        return [*lines[:at], line.replace(b":00:00.", b":00:01.", 1), *lines[at + 1 :]]
    raise AssertionError(how)


@MANY
@given(st.sampled_from(FAULTS), st.integers(0, 2**64))
def test_one_damaged_row_is_always_caught(store, how, seed):
    rng = random.Random(seed)
    rows, asked = worlds.draw_store(rng), worlds.draw_demand(rng)
    worlds.fill(store[0], rows)
    place, changed = rng.randrange(20), []

    def fault(lines):
        damaged = damage(how, place, lines)
        changed.append(damaged != lines)
        return damaged

    kind = type("OneFault", (Faulty,), {"fault": staticmethod(fault)})
    try:
        run(store, worlds.make_plan(asked), kind)
    except ScopeViolation:
        assert any(changed)
        note("caught")
    else:
        assert not any(changed)
