"""One attempt at a run: both passes over one snapshot, into sealed files of this attempt alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from lea_service.extraction.doubts import CAME_LATE, count_doubts
from lea_service.extraction.halts import HaltCode, MustHalt, ScopeViolation
from lea_service.extraction.holders import Spans
from lea_service.extraction.outcome import Coverage, HeldRows, ItemOutcome, count_held, judge_items
from lea_service.extraction.plan import Plan, PlanSource, select_rows
from lea_service.extraction.scope_proof import ScopeProof, Tally, compare_tallies
from lea_service.extraction.spool import Progress, Spooled, count_steps, spool_kind
from lea_service.extraction.store import count_late, find_purged, look_up_in
from lea_service.kernel.folders import make_folders
from lea_service.kernel.sealed_file import SegmentReader, SegmentWriter
from lea_service.records.kinds import get_layout
from lea_service.records.reader import Snapshot
from lea_service.records.rows import Columns

PASSES = 3
"""Each row goes by when it is spooled, when it is read back and when it is looked up again."""


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """The rows of one kind at rest: canonical JSON Lines in a file sealed with the result key.

    ``path`` is relative to the spool folder; ``sha256`` (hex) is over the plaintext.
    """

    kind: str
    version: int
    path: str
    context: str
    rows: int
    sha256: str


class SpoolFolder:
    """Where one attempt writes; no other attempt touches these files."""

    def __init__(self, top: Path, key: bytes, demand_id: str, run_id: str, attempt: str) -> None:
        self._top = top
        self._key = key
        self._folder = f"{demand_id}/{run_id}"
        self._context = f"spool/{run_id}/{attempt}"
        self._attempt = attempt
        make_folders(top, self._folder)

    def describe(self, kind: str, spooled: Spooled) -> SpoolFile:
        """Return what is to be recorded of a written file."""
        version = get_layout(kind).version
        context = self._context_of(kind)
        return SpoolFile(kind, version, self._path(kind), context, spooled.rows, spooled.sha256)

    def writer(self, kind: str) -> SegmentWriter:
        """Open the file of a kind for writing."""
        return SegmentWriter(self._top / self._path(kind), self._key, self._context_of(kind))

    def reader(self, kind: str) -> SegmentReader:
        """Open the file of a kind for reading."""
        return SegmentReader(self._top / self._path(kind), self._key, self._context_of(kind))

    def _path(self, kind: str) -> str:
        return f"{self._folder}/{self._attempt}-{kind}"

    def _context_of(self, kind: str) -> str:
        return f"{self._context}/{kind}"


@dataclass(frozen=True, slots=True)
class Extracted:
    """What an attempt came to, proven."""

    spools: tuple[SpoolFile, ...]
    items: tuple[ItemOutcome, ...]
    coverage: tuple[Coverage, ...]
    past_term: int

    @property
    def rows(self) -> int:
        """Return the rows of all kinds."""
        return sum(spool.rows for spool in self.spools)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What of a plan lies before an instalment, and when that before it began to be extracted."""

    plan: Plan
    since: datetime

    def count_late(self, snapshot: Snapshot, plan: Plan, source: PlanSource) -> dict[str, int]:
        """Count rows of earlier instalments that came in too late for them; nothing for none."""
        asked = select_rows(self.plan, source)
        if not asked:
            return {}
        given = select_rows(plan, source)
        late = count_late(snapshot.connection, asked, self.since, besides=given)
        return {CAME_LATE: late} if late else {}


def extract(
    snapshot: Snapshot,
    plan: Plan,
    folder: SpoolFolder,
    tell: Callable[[int, int], None],
    max_rows: int | None = None,
    spans: Spans = MappingProxyType({}),
    earlier: Earlier | None = None,
) -> Extracted:
    """Spool exactly what the plan asks for, and prove it; rows are counted in ``spans`` as well.

    ``earlier`` is what was given before, of which what came in late is counted and not given.
    Raises MustHalt when rows past their term are still held and nobody decided on them, or there
    are more than ``max_rows``, and ScopeViolation when the proof fails.
    """
    past_term = sum(count_past_term(snapshot, plan, source) for source in plan.asked)
    if past_term and plan.past_term is None:
        raise MustHalt(HaltCode.PAST_TERM_HELD, "rows past their term are still held")
    total = sum(snapshot.count(select_rows(plan, source)) for source in plan.asked)
    if max_rows is not None and total > max_rows:
        raise MustHalt(HaltCode.OVER_BOUNDS, "there are more rows than was decided")
    progress = count_steps(lambda done: tell(min(total, done // PASSES), total))
    tell(0, total)
    spools, coverage = [], []
    rows, held = Counter[int](), Counter[tuple[str, int, int]]()
    for kind in plan.kinds:
        spooled = _spool(snapshot, plan, kind, folder, progress)
        tally = _prove(snapshot, ScopeProof(plan, kind, spans), folder, spooled, progress)
        spools.append(folder.describe(kind, spooled))
        coverage += [
            _cover(snapshot, plan, source, tally, spans, earlier)
            for source in plan.sources_of(kind)
        ]
        rows += tally.items
        held += tally.held
    asked = plan.asked
    coverage += [_leave(snapshot, source) for source in plan.sources if source not in asked]
    purged = {source.name: find_purged(snapshot.connection, source) for source in asked}
    tell(total, total)
    items = judge_items(plan, rows, purged, _rows_by_span(spans, held))
    return Extracted(tuple(spools), tuple(items), tuple(coverage), past_term)


def _rows_by_span(
    spans: Spans, held: Mapping[tuple[str, int, int], int]
) -> dict[int, tuple[HeldRows, ...]]:
    rows = Counter[tuple[int, int]]()
    for (_, n, at), count in held.items():
        rows[n, at] += count
    return {
        n: tuple(HeldRows(span, rows[n, at]) for at, span in enumerate(found))
        for n, found in spans.items()
    }


def count_past_term(snapshot: Snapshot, plan: Plan, source: PlanSource) -> int:
    """Return how many rows of the plan are past their term and still held by a source."""
    if source.cutoff is None:
        return 0
    return snapshot.count_before(select_rows(plan, source, within_term=False), source.cutoff)


def _spool(
    snapshot: Snapshot, plan: Plan, kind: str, folder: SpoolFolder, progress: Progress
) -> Spooled:
    with folder.writer(kind) as sink:
        return spool_kind(
            sink,
            plan,
            kind,
            lambda one, columns: snapshot.iter_blocks(select_rows(plan, one), columns),
            progress,
        )


def _prove(
    snapshot: Snapshot,
    proof: ScopeProof,
    folder: SpoolFolder,
    spooled: Spooled,
    progress: Progress,
) -> Tally:
    digest = hashlib.sha256()
    with folder.reader(proof.kind) as reader:
        found = proof.check_spooled(_watch_chunks(reader.iter_chunks(), digest.update, progress))
    if (found.rows, digest.hexdigest()) != (spooled.rows, spooled.sha256):
        raise ScopeViolation("what was spooled does not read back as it was written")
    look_up = look_up_in(snapshot.connection)
    again = proof.read_again(lambda *asked: _watch_rows(look_up(*asked), progress))
    compare_tallies(found, again, spooled.items)
    return again


def _cover(
    snapshot: Snapshot,
    plan: Plan,
    source: PlanSource,
    tally: Tally,
    spans: Spans,
    earlier: Earlier | None,
) -> Coverage:
    first, last = snapshot.covers(source.name, source.kind)
    read = snapshot.count(select_rows(plan, source, within_term=False))
    delivered = tally.sources[source.name]
    withheld: dict[str, int] = {}  # a row past its term stops the run; nothing else is held back
    if read != delivered + sum(withheld.values()):
        raise ScopeViolation("rows read are not rows delivered and rows withheld by rule")
    doubts = count_doubts(snapshot, plan, source, spans)
    if earlier is not None:
        doubts |= earlier.count_late(snapshot, plan, source)
    held = count_held(plan, source, spans, tally.held)
    clock, gaps = snapshot.find_clock(source.name), snapshot.list_gaps(source.name)
    return Coverage(
        source.name, source.kind, first, last, read, delivered, withheld, doubts, held, clock, gaps
    )


def _leave(snapshot: Snapshot, source: PlanSource) -> Coverage:
    """Return the coverage of a source that cannot be searched for anything that is asked."""
    first, last = snapshot.covers(source.name, source.kind)
    clock = snapshot.find_clock(source.name)
    return Coverage(source.name, source.kind, first, last, 0, 0, {}, {}, clock=clock)


def _watch_chunks(
    chunks: Iterable[bytes], take: Callable[[bytes], object], progress: Progress
) -> Iterator[bytes]:
    for chunk in chunks:
        take(chunk)
        progress(chunk.count(b"\n"))
        yield chunk


def _watch_rows(blocks: Iterable[Columns], progress: Progress) -> Iterator[Columns]:
    for columns in blocks:
        progress(len(columns[0]))
        yield columns
