"""What goes into a package, as plain facts: nothing here reads a database or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from lea_service.demands.narrowing import Cut
from lea_service.extraction.outcome import (
    HeldOfSource,
    HeldRows,
    HolderSource,
    ItemOutcome,
    Loss,
    Outcome,
)
from lea_service.extraction.plan import Narrowed, PlanItem
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, format_instant, parse_instant
from lea_service.records.clocks import UNKNOWN_CLOCK, SourceClock
from lea_service.records.gaps import UnreadGap
from lea_service.records.kinds import RecordLayout


@dataclass(frozen=True, slots=True)
class RecordSpool:
    """The rows of one record kind, canonical JSON Lines in a sealed file.

    ``context`` is what the file was sealed with (``SegmentReader``); ``sha256`` (64 hex digits) is
    over the plaintext, and with ``rows`` what the extraction proved.
    """

    layout: RecordLayout
    path: Path
    context: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What one item asked and what came of it; ``source`` is the one its target belongs to, if any.

    With ``at`` it asked about that moment alone, of an address and its ``port``. ``destroyed`` is
    what each source lost of its period. The categories in ``not_held`` could not be answered at
    all, whatever came of the others; the sources in ``not_searched`` may hold something of it and
    cannot be searched for such a target. ``held`` are its rows per holder, where its target was not
    in one hand throughout.
    """

    n: int
    target_kind: str
    target: str
    start: datetime
    end: datetime
    zone: str
    categories: tuple[str, ...]
    outcome: Outcome
    rows: int
    destroyed: tuple[Loss, ...] = ()
    not_held: tuple[str, ...] = ()
    not_searched: tuple[str, ...] = ()
    source: str | None = None
    port: int | None = None
    at: datetime | None = None
    held: tuple[HeldRows, ...] = ()


def answer_item(item: PlanItem, came: ItemOutcome) -> ItemAnswer:
    """Return what letter and manifest say of an item of the plan."""
    return ItemAnswer(
        n=item.n,
        target_kind=str(item.target.kind),
        target=item.target.value,
        start=item.start,
        end=item.end,
        zone=item.zone,
        categories=item.categories,
        outcome=came.outcome,
        rows=came.rows,
        destroyed=came.destroyed,
        not_held=item.not_held,
        not_searched=item.not_searched,
        source=item.target.source,
        port=item.target.port,
        at=item.target.at,
        held=came.held,
    )


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """How far one source could answer: what it covers, and the rows read, withheld, delivered.

    Under ``rule``, its own where it has one, the term of rows from before ``kept_from`` is over:
    calls that began before it, and of other kinds what ended. Some may still be there.
    ``doubts`` counts by reason what could not be compared with the demand. ``not_held`` are
    categories that were asked for and that this source does not have, others maybe, and
    ``not_searched`` the items that it may hold something of and cannot be searched for.
    ``held`` are its rows per holder. ``clock`` is how far its clock was from ours, ``gaps`` where
    it did not go on from what had been read of it.
    """

    source: str
    kind: str
    covers_from: datetime | None
    covers_to: datetime | None
    rows_read: int
    rows_delivered: int
    withheld: Mapping[str, int]
    doubts: Mapping[str, int]
    rule: str | None = None
    kept_from: datetime | None = None
    not_held: tuple[str, ...] = ()
    not_searched: tuple[int, ...] = ()
    held: tuple[HeldOfSource, ...] = ()
    clock: SourceClock = UNKNOWN_CLOCK
    gaps: tuple[UnreadGap, ...] = ()


@dataclass(frozen=True, slots=True)
class PastTerm:
    """Rows handed over although their term had ended, and the ground two people decided on.

    ``says`` are the words for the ground, Dutch and English.
    """

    ground: str
    rows: int
    says: tuple[str, str]


@dataclass(frozen=True, slots=True)
class GivenPart:
    """Which instalment a package is, of how many, and the half-open span of time it is of."""

    number: int
    of: int
    start: datetime
    until: datetime

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return {
            "number": self.number,
            "of": self.of,
            "start": format_instant(self.start),
            "end": format_instant(self.until),
        }

    @classmethod
    def load(cls, value: Any) -> GivenPart:
        """Read what ``dump`` returned."""
        start, until = (parse_instant(value[name]) for name in ("start", "end"))
        return cls(value["number"], value["of"], start, until)


@dataclass(frozen=True, slots=True)
class PackageReceiver:
    """A person or desk to whose certificate the package is encrypted."""

    id: str
    name: str
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Who wrote to whom about what; stands in the letter only.

    ``issuing_role`` is in words, Dutch and English; ``order_date`` as ``2026-11-20``.
    """

    provider: str
    authority: str
    references: tuple[tuple[str, str], ...]
    legal_basis: str
    issuing_role: tuple[str, str]
    order_date: str
    received_at: datetime
    contact: str = ""
    preservation: str | None = None


@dataclass(frozen=True)
class PackageContents:
    """Everything one package is made of.

    ``plan`` is the canonical JSON of what both people signed, as salted digest ``plan_digest``;
    ``decision`` that of the exported approval (``staff.approvals.export_decision``).
    ``result_digest`` is what the log holds of the rows, salted with ``result_salt``. Salts are
    base64url. ``custody`` are the files of the excerpt by name (they go to ``custody/``).
    ``narrowed`` is the plan's, where something that was asked is not given. ``holding`` are the
    sources that tell who held what. ``part`` is which instalment it is of what was to come.
    """

    demand_id: str
    run_id: str
    plan_id: str
    plan: bytes
    plan_salt: str
    plan_digest: str
    approval_id: str
    decision: bytes
    result_salt: str
    result_digest: str
    letter: Correspondence
    items: tuple[ItemAnswer, ...]
    coverage: tuple[SourceCoverage, ...]
    records: tuple[RecordSpool, ...]
    receivers: tuple[PackageReceiver, ...]
    custody: Mapping[str, bytes]
    past_term: PastTerm | None = None
    narrowed: Narrowed | None = None
    holding: tuple[HolderSource, ...] = ()
    part: GivenPart | None = None


def describe_cut(cut: Cut) -> dict[str, Json]:
    """Return what is not given of an item as it stands in the manifest, its ground in words."""
    dutch, english = cut.words
    return {**cut.dump(), "nl": dutch, "en": english}


def describe_coverage(coverage: SourceCoverage) -> dict[str, Json]:
    """Return the coverage of a source as it stands in ``coverage.json``.

    ``held`` stands in it only where there is any.
    """
    return {
        "source": coverage.source,
        "kind": coverage.kind,
        "covers_from": dump_instant(coverage.covers_from),
        "covers_to": dump_instant(coverage.covers_to),
        "rows_read": coverage.rows_read,
        "rows_delivered": coverage.rows_delivered,
        "withheld": dict(coverage.withheld),
        "doubts": dict(coverage.doubts),
        "rule": coverage.rule,
        "kept_from": dump_instant(coverage.kept_from),
        "not_held": list(coverage.not_held),
        "not_searched": list(coverage.not_searched),
        "clock": coverage.clock.dump(),
        "gaps": [one.dump() for one in coverage.gaps],
        **({"held": [one.dump() for one in coverage.held]} if coverage.held else {}),
    }
