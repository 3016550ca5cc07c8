"""Generated demands against generated files: never a row outside, never one missing.

What systems wrote goes through import, plan and extraction; the oracle has what it means, and
filters it row by row. One store serves many demands. A failure names its chunk and demand: both
are the seed. ``LEA_TEST_FROM`` of a chunk resumes a full run there.
"""

import ast
import io
import itertools
import random
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from lea_service.extraction.document import dump_plan, load_plan
from lea_service.extraction.halts import HaltCode, MustHalt
from lea_service.extraction.outcome import Outcome
from lea_service.extraction.plan import PlanReceiver, PlanSource, compile_plan
from lea_service.extraction.preview import count_plan
from lea_service.extraction.run import SpoolFolder, extract
from lea_service.kernel.crypto import BlindIndex
from lea_service.records.conversion import Converter, KindReader
from lea_service.records.lines import LineReader
from lea_service.records.mapping import list_filled
from lea_service.records.mapping_loading import load_mapping
from lea_service.records.reader import RecordReader
from lea_service.records.row_ids import RowNames
from lea_service.records.store import TABLES, ImportLedger, Reject
from lea_service.records.writer import RowWriter
from tests.extraction import written
from tests.extraction.oracle import BEGIN, is_past_term
from tests.extraction.written import MAPPINGS, MICRO, ORACLE
from tests.support.databases import record_store
from tests.support.depth import chunks

KEY = bytes(range(32))
RULES = {name: load_mapping(document) for name, document in MAPPINGS.items()}
ROUND = 25
"""Demands that one store is asked."""
CHUNK = 5
"""Stores of one test."""
PREVIEWED = 0.1
"""The share of demands whose preview is counted too."""
ATTEMPTS = itertools.count()
NOTHING = ("lines", "added", "known", "completed", "past_term", "left_out", "flagged", "rejected")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A record store on SQLite that all demands share, and a folder for their spools."""
    folder = tmp_path_factory.mktemp("oracle")
    with record_store(folder) as database:
        yield database, folder


def fill(database, world):
    """Let the import read the files of a world into an empty store."""
    with database.write() as session:
        for table in (*TABLES.values(), Reject.__table__, ImportLedger.__table__):
            session.execute(table.delete())
    for name, files in world.files.items():
        for number, data in enumerate(files):
            take_in(database, name, f"im_{name}_{number}", data)


def take_in(database, name, import_id, data):
    rules = RULES[name]
    reader = LineReader(io.BytesIO(data), rules.file)
    with database.write() as session:
        nothing = dict.fromkeys(NOTHING, 0)
        state = {"state": "running", "bytes_read": 0}
        session.add(ImportLedger(id=import_id, source=name, **state, **nothing))
        session.flush()
        RowWriter(
            session,
            rules,
            KindReader(rules, reader.columns),
            Converter(rules, name, reader.columns),
            RowNames(rules, name, reader.columns, BlindIndex(KEY)),
            source=name,
            import_id=import_id,
            now=written.NOW,
            find_spares=lambda: lambda _row: False,
        ).take_in(reader.lines())


def plan_for(items, cutoffs, ground):
    """Compile a plan, and read it back as the worker does."""
    sources = [
        PlanSource(
            id=f"so_{number:032x}",
            name=name,
            kind=rules.kind,
            categories=rules.categories,
            columns=list_filled(rules.kind, [one.field for one in rules.fields], rules.sip_hosts),
            holds_ipv6=rules.kind == "usage",
            mapping="m" * 43,
            rule="R-1" if name in cutoffs else None,
            cutoff=cutoffs.get(name),
        )
        for number, (name, rules) in enumerate(RULES.items())
    ]
    plan = compile_plan(
        SimpleNamespace(id=f"c_{1:032x}", items=items),
        demand_version=1,
        sources=sources,
        receivers=[PlanReceiver(f"p_{2:032x}", "ab" * 32)],
        compiled_at=written.NOW,
        region="NL",
        past_term=ground,
    )
    return load_plan(dump_plan(plan))


def run(store, plan, with_preview=False):
    """Return what an extraction came to, its lines by kind, and what a preview counted."""
    database, top = store
    folder = SpoolFolder(top, KEY, "c_1", "e_1", f"a{next(ATTEMPTS)}")
    with RecordReader(database).snapshot() as snapshot:
        found = extract(snapshot, plan, folder, lambda done, total: None)
        counted = count_plan(snapshot, plan) if with_preview else None
    lines = {}
    for spool in found.spools:
        with folder.reader(spool.kind) as reader:
            if text := reader.read().decode():
                lines[spool.kind] = text.removesuffix("\n").split("\n")
        (Path(top) / spool.path).unlink()
    return found, lines, counted


def check(store, world, rng):
    """Compare what one demand comes to with what the oracle says."""
    asked, cutoffs = written.draw_demand(rng, world), written.draw_cutoffs(rng, world)
    ground = rng.choice((None, "kept_for_billing", "kept_for_billing"))
    plan = plan_for(asked, cutoffs, ground)
    given = [one for one in world.rows if ORACLE.takers(*one, asked)]
    late = [one for one in given if is_past_term(*one, cutoffs)]
    if late and ground is None:
        with pytest.raises(MustHalt) as halted:
            run(store, plan)
        assert halted.value.halt is HaltCode.PAST_TERM_HELD
        return
    found, lines, counted = run(store, plan, rng.random() < PREVIEWED)
    wanted, counts = ORACLE.expect(world.rows, asked)
    assert lines == wanted
    assert {item.n: item.rows for item in found.items} == counts
    assert found.past_term == len(late)
    assert found.rows == sum(map(len, wanted.values()))
    if counted is not None:
        assert {one["n"]: one["rows"] for one in counted.counts["items"]} == counts
        assert (counted.rows, counted.past_term) == (found.rows, found.past_term)
    by_source = Counter(row["source"] for _, row in given)
    for one in found.coverage:
        assert one.rows_read == one.rows_delivered == by_source[one.source]
        set_aside = one.doubts.get("set-aside", 0)
        assert set_aside == (world.bad[one.source] if one.source in names_of(plan) else 0)
    assert all((one.rows > 0) == (one.outcome is Outcome.DELIVERED) for one in found.items)


def names_of(plan):
    return {source.name for source in plan.asked}


def check_stores(store, seed, stores):
    """Ask each of some stores."""
    for number in range(stores):
        world = written.draw_world(random.Random(f"{seed}/{number}"))
        fill(store[0], world)
        for demand in range(ROUND):
            try:
                check(store, world, random.Random(f"{seed}/{number}/{demand}"))
            except Exception as err:
                err.add_note(f"chunk {seed}, store {number}, demand {demand}")
                raise


@pytest.mark.parametrize("chunk", chunks(8, full=2_400))
def test_result_is_exactly_what_the_oracle_filters(store, chunk):
    """125 demands, of five stores."""
    check_stores(store, chunk, CHUNK)


def test_worlds_hold_what_goes_wrong():
    """Each kind of target is found and missed, each flag of a time, each edge is met."""
    seen = Counter()
    for seed in range(40):
        rng = random.Random(seed)
        world = written.draw_world(rng)
        seen.update(word for _, row in world.rows for word in row["flags"].split())
        for item in itertools.chain(*(written.draw_demand(rng, world) for _ in range(ROUND))):
            _, counts = ORACLE.expect(world.rows, [item])
            seen[item.target.kind, counts[item.n] > 0] += 1
            ends = (item.period.start, item.period.end)
            begins = {row[BEGIN[kind]] for kind, row in world.rows}
            seen.update(
                (place, step)
                for place, end in enumerate(ends)
                for step in (-1, 0, 1)
                if end + step * MICRO in begins
            )
    assert all(seen[kind, found] > 5 for kind in written.ASKED for found in (True, False)), seen
    assert all(seen[place, step] > 5 for place in (0, 1) for step in (-1, 0, 1)), seen
    assert all(seen[word] > 5 for word in ("ambiguous-time", "skipped-time", "leap-second")), seen


@pytest.mark.parametrize("chunk", chunks(1, full=30))
def test_both_engines_agree_with_the_oracle(databases, tmp_path, chunk):
    check_stores((databases.records, tmp_path), f"engines {chunk}", 2)


def test_oracle_takes_nothing_from_the_service():
    tree = ast.parse((Path(__file__).parent / "oracle.py").read_text())
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"json", "datetime"}
