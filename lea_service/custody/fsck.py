"""Check of the live database against what the log vouched for when each row was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.disclosures import Disclosure
from lea_service.custody.entries import load_entry
from lea_service.custody.evidence import find_row_digest
from lea_service.custody.fences import check_fences
from lea_service.custody.merkle import Edge, leaf_hash
from lea_service.custody.models import Checkpoint, LogEvidence
from lea_service.custody.note import Head, parse_head, parse_note
from lea_service.custody.policy import Policy
from lea_service.custody.queries import (
    StoredEntry,
    find_checkpoint,
    find_head,
    iter_entries,
    list_disclosing,
    list_evidence,
    open_disclosures,
)
from lea_service.custody.signer import CheckpointSigner
from lea_service.custody.verify import Progress, StreamCheck
from lea_service.kernel.canonical import Json
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import LeaError

LOT = 256
"""So many entries are checked with what was read of what lies beside them at once."""


@dataclass(slots=True)
class Fsck:
    """The result: how much was checked and each table and row that differs."""

    entries: int = 0
    evidence: int = 0
    problems: list[str] = field(default_factory=list)


def check_database(
    session: Session,
    keys: DataKeys,
    policy: Policy,
    signer: CheckpointSigner | None,
    progress: Progress = lambda _done, _total: None,
) -> Fsck:
    """Recompute leaves, tree, chains, checkpoints, evidence rows and disclosures; look for fences.

    Needs the data keys to open disclosures; what was erased is passed over.
    """
    found = Fsck()
    signed = signer.last() if signer else None
    try:
        head = find_head(session)
    except LeaError as err:
        found.problems.append(f"log_head: {err.detail}")
        return found
    if head is None:
        found.problems += _check_signed(signed, Edge())
        return found
    if signer and signed is None and find_checkpoint(session) is not None:
        found.problems.append("signer: lost its memory of a log that was signed")
    streams, edge, roots = StreamCheck(head.origin), Edge(), _wanted_roots(session)
    for stored, beside in _with_what_lies_beside(session):
        found.problems += _check_entry(session, keys, head.origin, stored, beside, streams, found)
        edge.append(leaf_hash(stored.data))
        progress(edge.size, head.size)
        if edge.size in roots and roots.pop(edge.size) != edge.root():
            found.problems.append(f"checkpoints: size {edge.size} has another root than the log")
        found.problems += _check_signed_root(signed, edge)
    if (edge.size, edge.root()) != (head.size, head.root):
        found.problems.append("log_head: the entries do not give its size and root")
    found.problems += [f"checkpoints: size {size} lies beyond the log" for size in roots]
    found.problems += _check_checkpoints(session, policy)
    found.problems += _check_signed(signed, edge)
    found.problems += check_fences(session)
    return found


@dataclass(frozen=True, slots=True)
class _Beside:
    """The rows that an entry vouches for, and whether it has disclosures."""

    evidence: Sequence[LogEvidence]
    is_disclosing: bool


def _with_what_lies_beside(session: Session) -> Iterator[tuple[StoredEntry, _Beside]]:
    """Yield each entry; what lies beside it is read for many at once."""
    entries = iter_entries(session)
    while lot := list(islice(entries, LOT)):
        evidence = list_evidence(session, lot[0].idx, lot[-1].idx)
        disclosing = list_disclosing(session, lot[0].idx, lot[-1].idx)
        for stored in lot:
            yield stored, _Beside(evidence.get(stored.idx, ()), stored.idx in disclosing)


def _check_entry(
    session: Session,
    keys: DataKeys,
    origin: str,
    stored: StoredEntry,
    beside: _Beside,
    streams: StreamCheck,
    found: Fsck,
) -> Iterator[str]:
    label = f"log_entries: entry {stored.idx}"
    leaf = leaf_hash(stored.data)
    found.entries += 1
    if leaf != stored.leaf:
        yield f"{label}: the bytes are not those that were hashed"
    try:
        entry = load_entry(stored.data)
        streams.check(entry, leaf)
    except LeaError as err:
        yield f"{label}: {err.detail}"
        return
    if (entry["case"], entry["n"], entry["ev"]) != (stored.stream, stored.n, stored.event):
        yield f"{label}: a column differs from the entry"
    yield from _check_evidence(session, stored, entry, beside.evidence, found)
    if entry["_sd"] or beside.is_disclosing:
        yield from _check_disclosures(session, keys, origin, stored, entry)


def _check_evidence(
    session: Session,
    stored: StoredEntry,
    entry: dict[str, Json],
    rows: Sequence[LogEvidence],
    found: Fsck,
) -> Iterator[str]:
    artefacts = entry.get("art", [])
    if not isinstance(artefacts, list) or len(rows) != len(artefacts):
        yield f"log_evidence: entry {stored.idx} vouches for another number of rows"
        return
    for row, artefact in zip(rows, artefacts, strict=True):
        found.evidence += 1
        digest = find_row_digest(session, row.table_name, row.row_key, row.salt)
        if digest is None:
            yield f"{row.table_name}: row {row.row_key} is gone"
        elif not isinstance(artefact, dict) or artefact.get("digest") != digest:
            yield f"{row.table_name}: row {row.row_key} was changed"


def _check_disclosures(
    session: Session, keys: DataKeys, origin: str, stored: StoredEntry, entry: dict[str, Json]
) -> Iterator[str]:
    label = f"log_disclosures: entry {stored.idx}"
    try:
        opened: list[Disclosure] | None = open_disclosures(session, keys, origin, stored)
    except LeaError as err:
        yield f"{label}: {err.detail}"
        return
    if opened is not None and sorted(one.digest for one in opened) != entry["_sd"]:
        yield f"{label}: not what the entry commits to"


def _wanted_roots(session: Session) -> dict[int, bytes]:
    rows = session.execute(select(Checkpoint.size, Checkpoint.root))
    return {row.size: row.root for row in rows}


def _check_checkpoints(session: Session, policy: Policy) -> Iterator[str]:
    for row in session.scalars(select(Checkpoint).order_by(Checkpoint.size)):
        try:
            note = parse_note(row.note)
            policy.verify(note)
            head = parse_head(note.text)
        except LeaError as err:
            yield f"checkpoints: size {row.size}: {err.detail}"
            continue
        if (head.size, head.root) != (row.size, row.root):
            yield f"checkpoints: size {row.size}: a column differs from the signed text"


def _check_signed(signed: Head | None, edge: Edge) -> Iterator[str]:
    if signed is not None and signed.size > edge.size:
        yield f"signer: signed {signed.size} entries, the log holds {edge.size}"


def _check_signed_root(signed: Head | None, edge: Edge) -> Iterator[str]:
    if signed is not None and signed.size == edge.size and signed.root != edge.root():
        yield f"signer: signed another root for size {signed.size}"
