"""A package that answers per holder says of each span what rows, plan and decision say."""

import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lea_service.extraction.holders import Span
from lea_service.extraction.outcome import PAST_TERM, HeldOfSource, HeldRows, HolderSource, Loss
from lea_service.packaging.report import GOOD
from tests.packaging.judge import check, found, reseal
from tests.support.package import make_case, make_items, open_package, seal_case

CHANGE = datetime(2026, 11, 1, 0, 0, 20, tzinfo=UTC)
"""Twenty of the fifty rows begin before it."""


def held(*parts):
    """Return rows in spans that follow each other: until when, by whom, how many."""
    start, spans = make_items(50)[0].start, []
    for end, holders, rows in parts:
        spans.append(HeldRows(Span(start, end, holders), rows))
        start = end
    return tuple(spans)


LOSS = Loss("crm", "SUB-1M", CHANGE)
TOLD = (HolderSource("crm", (1,), CHANGE, None, {"set-aside": 3}, (LOSS,)),)
END = make_items(50)[0].end
TRUTH = held((CHANGE, (1,), 20), (END, (2,), 30))


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    first, *others = make_items(50)
    items = (replace(first, held=TRUTH), *others)
    case = make_case(tmp_path_factory.mktemp("case"), items=items)
    contents = replace(case.contents, coverage=covered(case, 20, 30), holding=TOLD)
    return replace(case, contents=contents)


def covered(case, *rows):
    """Return the coverage of the one source, with its rows of the first item per holder."""
    return (replace(case.contents.coverage[0], held=(HeldOfSource(1, rows),)),)


def test_answer_per_holder_verifies_and_is_in_the_letter(case, tmp_path):
    container = open_package(tmp_path, seal_case(case)[0])
    report = check(case, container)
    assert found(report) == []
    assert report.verdict == GOOD
    with zipfile.ZipFile(container) as files:
        dutch, english = (files.read(f"LETTER.{one}.txt").decode() for one in ("nl", "en"))
    said = "until 2026-11-01 01:00:20+01:00, holder 1: 20 records"
    assert said in english
    assert "of item 1, per holder one after the other: 20, 30" in english
    assert "This was not in one hand throughout the period." in english
    assert "tot 2026-11-01 01:00:20+01:00, houder 1: 20 registraties" in dutch
    assert "houder 2: 30 registraties" in dutch
    told = " ".join(english.partition("SOURCES THAT TELL WHO HELD WHAT")[2].split())
    assert told.startswith("crm of item 1: holds 2026-11-01 01:00:20+01:00 until unknown In")
    assert "before 2026-11-01 01:00:20+01:00 were destroyed or made anonymous under rule" in told
    assert "not compared: 3 lines of this source that cannot be read" in told
    assert "BRONNEN DIE ZEGGEN WIE WAT HAD" in dutch


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ((), "does not say which source told who held what"),
        (TOLD * 2, "names a source that tells who held what twice"),
        ((replace(TOLD[0], items=(1, 9)),), "crm (holders): tells of other items"),
        ((replace(TOLD[0], items=()),), "crm (holders): tells of other items"),
        ((replace(TOLD[0], doubts={"odd": 1}),), "crm (holders): has a doubt that is not known"),
        ((replace(TOLD[0], doubts={"set-aside": -1}),), "crm (holders): has a count that is none"),
        ((replace(TOLD[0], doubts={PAST_TERM: 1}),), "crm (holders): used records past their term"),
        ((replace(TOLD[0], source="crm2"),), "crm2 (holders): names what another source lost"),
    ],
)
def test_other_sources_of_holders_are_found(case, tmp_path, lie, said):
    report = check(case, reseal(case, tmp_path, holding=lie))
    assert any(said in one for one in found(report)), found(report)


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (held((CHANGE, (1,), 21), (END, (2,), 29)), "counts other rows of a holder"),
        (held((CHANGE, (1,), 20), (END, (2,), 31)), "counts other rows of a holder"),
        (held((CHANGE, (1,), 20)), "other than its period"),
        (held((CHANGE, (1,), 20), (END, (1,), 30)), "other than its period"),
        (held((END, (1,), 50)), "other than its period"),
        (held((CHANGE, (1,), 20), (END, (), 30)), "the decision names other holders"),
        ((), "the decision names other holders"),
    ],
)
def test_other_answer_per_holder_is_found(case, tmp_path, lie, said):
    first, *others = case.contents.items
    report = check(case, reseal(case, tmp_path, items=(replace(first, held=lie), *others)))
    assert any(said in one for one in found(report)), found(report)


@pytest.mark.parametrize("rows", [(19, 31), (20, 30, 0), ()])
def test_other_coverage_per_holder_is_found(case, tmp_path, rows):
    coverage = covered(case, *rows) if rows else (replace(case.contents.coverage[0], held=()),)
    report = check(case, reseal(case, tmp_path, coverage=coverage))
    assert any("counts other rows of a holder" in one for one in found(report))


def test_answer_per_holder_that_nobody_decided_is_found(tmp_path):
    (tmp_path / "case").mkdir()
    case = make_case(tmp_path / "case")
    first, *others = case.contents.items
    report = check(case, reseal(case, tmp_path, items=(replace(first, held=TRUTH), *others)))
    assert any("the decision names other holders" in one for one in found(report))
