"""One row goes missing, comes twice or changes between spool and package: each is caught.

What happens before the spool is in ``tests/extraction/test_one_row.py``.
"""

import random
from contextlib import contextmanager

import pytest

from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.sealed_file import SegmentWriter
from lea_service.packaging import renderings, zip_stream
from lea_service.packaging.report import DAMAGED
from tests.packaging import judge
from tests.packaging.judge import check, found
from tests.support.one_row import HOW, damage, damage_lines
from tests.support.package import SPOOL_KEY, make_case, open_package, seal_case

SEEDS = range(5)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return make_case(tmp_path_factory.mktemp("case"), rows=20)


class FaultySpool:
    """Gives other rows on one of the times that it is read."""

    def __init__(self, spool, reading, fault):
        self._spool = spool
        self._left = reading
        self._fault = fault

    def iter_chunks(self, *part):
        self._left -= 1
        chunks = self._spool.iter_chunks(*part)
        return chunks if self._left else iter([self._fault(b"".join(chunks))])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("reading", [1, 2])
def test_fault_between_spool_and_rendering_is_caught(case, reading, how, seed, monkeypatch):
    """The rows are read twice: for the lines and for the table."""
    honest = type(case).open_spool

    @contextmanager
    def faulty(self, spool):
        with honest(self, spool) as rows:
            yield FaultySpool(rows, reading, lambda data: damage_lines(how, data, seed))

    monkeypatch.setattr(type(case), "open_spool", faulty)
    with pytest.raises(IntegrityFailure):
        seal_case(case)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", HOW)
def test_spool_that_was_written_anew_is_caught(case, how, seed):
    """Whoever has the key puts another spool in place of the one that was proven."""
    (spool,) = case.contents.records
    with case.open_spool(spool) as reader:
        data = reader.read()
    kept = spool.path.read_bytes()
    spool.path.unlink()
    with SegmentWriter(spool.path, SPOOL_KEY, spool.context) as writer:
        writer.write(damage_lines(how, data, seed))
    try:
        with pytest.raises(IntegrityFailure):
            seal_case(case)
    finally:
        spool.path.write_bytes(kept)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", HOW)
def test_fault_of_the_table_is_caught(case, how, seed, monkeypatch):
    honest, calls = renderings._write, []

    def faulty(rows):
        calls.append(1)
        rows = list(rows)
        return honest(rows if len(calls) == 1 else damage(how, rows, random.Random(seed)))

    monkeypatch.setattr(renderings, "_write", faulty)
    with pytest.raises(IntegrityFailure):
        seal_case(case)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("member", ["records/call-1.jsonl", "records/call-1.csv"])
def test_fault_on_the_way_into_the_container_is_caught(
    case, member, how, seed, monkeypatch, tmp_path
):
    """After the last look of the service itself: the receiver's verifier finds it."""
    honest = zip_stream.ZipStream.add_stream

    def faulty(self, name, blocks):
        if name == member:
            head, *rest = b"".join(blocks).splitlines(keepends=True)
            first = [head] if name.endswith("csv") else []
            rows = rest if first else [head, *rest]
            blocks = [b"".join([*first, *damage(how, rows, random.Random(seed))])]
        return honest(self, name, blocks)

    monkeypatch.setattr(zip_stream.ZipStream, "add_stream", faulty)
    report = check(case, open_package(tmp_path, seal_case(case)[0]))
    assert report.verdict == DAMAGED
    assert any(member in one for one in found(report))


@pytest.mark.parametrize("how", HOW)
def test_row_of_a_container_that_was_changed_is_caught(case, how, tmp_path):
    """Between package and receiver, archive and sums made anew."""
    path = open_package(tmp_path, seal_case(case)[0])

    def change(files):
        for name in ("records/call-1.jsonl", "records/call-1.csv"):
            head, *rest = files[name].splitlines(keepends=True)
            files[name] = b"".join([head, *damage(how, rest, random.Random(1))])

    assert check(case, judge.damage(tmp_path, path.read_bytes(), change)).verdict == DAMAGED
