"""All instalments together are what one plan over the whole time gives: no row more, none less."""

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from lea_service.extraction.document import dump_plan, load_plan, read_plan
from lea_service.extraction.instalments import Instalment, Instalments, Rhythm
from lea_service.extraction.outcome import Outcome
from lea_service.extraction.within import within
from lea_service.kernel.errors import InvalidInput
from tests.extraction import worlds
from tests.extraction.test_document import SCHEMAS, is_plan
from tests.extraction.test_scope import run
from tests.support.databases import record_store
from tests.support.depth import examples


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    with record_store(folder) as database:
        yield database, folder


def divide(rng, plan):
    """Cut the time of a plan at one to four of the instants at which worlds begin and end."""
    start, end = (
        min(item.start for item in plan.items),
        max(item.end for item in plan.items),
    )
    edges = {worlds.instant(rng) for _ in range(rng.randint(1, 4))}
    inside = sorted(one for one in edges if start < one < end)
    bounds = [start, *inside, end]
    parts = tuple(
        Instalment(n, one, other, other + timedelta(days=2))
        for n, (one, other) in enumerate(pairwise(bounds), 1)
    )
    return replace(plan, instalments=Instalments(Rhythm.WEEKLY, 100, 100 * len(parts), parts))


def id_of(row):
    return row["source"], row["row_id"]


def merge(shown, line):
    """Add what one instalment shows of a row to what those before it showed."""
    row = json.loads(line)
    held = shown.setdefault(id_of(row), dict.fromkeys(row))
    for name, value in row.items():
        if name == "flags":
            held[name] = " ".join(sorted({*(held[name] or "").split(), *value.split()}))
        elif value is not None:
            assert held[name] in (None, value)
            held[name] = value


@pytest.mark.parametrize("seed", range(examples(60, full=2000)))
def test_instalments_together_are_the_whole(store, seed):
    rng = random.Random(seed)
    rows, asked = worlds.draw_store(rng), worlds.draw_demand(rng)
    worlds.fill(store[0], rows)
    plan = load_plan(dump_plan(divide(rng, worlds.make_plan(asked))))
    wanted, _ = worlds.expected(rows, asked)
    shown, times = {kind: {} for kind in worlds.BEGIN}, Counter()
    for part in plan.instalments.parts:
        found, lines = run(store, within(plan, part))
        for kind, some in lines.items():
            for line in some:
                merge(shown[kind], line)
            times.update((kind, *id_of(json.loads(one))) for one in some)
        for item, came in zip(plan.items, found.items, strict=True):
            inside = item.start < part.until and part.start < item.end
            assert inside or came.outcome is Outcome.OTHER_INSTALMENT
    assert {kind: rows for kind, rows in shown.items() if rows} == {
        kind: {id_of(row): sorted_flags(row) for row in map(json.loads, some)}
        for kind, some in wanted.items()
    }
    assert all(count == 1 for (kind, *_), count in times.items() if kind == "call")


def sorted_flags(row):
    return row | {"flags": " ".join(sorted(row["flags"].split()))}


LIES = {
    "a gap": ("parts", 1, "start", "2026-11-25T00:00:00.000000Z"),
    "no time": ("parts", 1, "end", "2026-11-23T23:00:00.000000Z"),
    "longer than was asked": ("parts", 1, "end", "2026-12-02T00:00:00.000000Z"),
    "a number twice": ("parts", 1, "number", 1),
    "due before it ends": ("parts", 0, "due", "2026-11-20T00:00:00.000000Z"),
    "a first one that begins later": ("parts", 0, "start", "2026-11-02T00:00:00.000000Z"),
}


@pytest.mark.parametrize("lie", LIES)
def test_parts_that_are_no_division_are_no_plan(lie):
    document = json.loads((SCHEMAS / "examples" / "plan" / "valid-instalments.json").read_text())
    assert is_plan(document, read_plan)
    *way, last, value = LIES[lie]
    place = document["instalments"]
    for step in way:
        place = place[step]
    place[last] = value
    with pytest.raises(InvalidInput):
        read_plan(document)
