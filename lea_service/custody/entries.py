"""Entries: the leaves of the log, canonical JSON that names nobody."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lea_service.custody.events import EVENTS
from lea_service.kernel.canonical import Json, dump_canonical, is_canonical, load_strict
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import IntegrityFailure, VerificationFailed

VERSION = 1
MAX_BYTES = 8 * 1024
REQUIRED = frozenset({"_sd", "_sd_alg", "by", "case", "ev", "log", "n", "prev", "t", "v"})
OPTIONAL = frozenset({"facts", "art"})


@dataclass(frozen=True, slots=True)
class EntryHead:
    """Where an entry stands: in which log, at what time, as which of its stream."""

    log: str
    t: datetime
    stream: str
    n: int
    prev: bytes | None


def build_entry(
    head: EntryHead,
    *,
    event: str,
    by: str,
    facts: Mapping[str, Json],
    artefacts: Sequence[Mapping[str, Json]],
    disclosed: Sequence[str],
) -> bytes:
    """Return the bytes of one entry, which are hashed and kept as they are.

    ``disclosed`` are the digests of the disclosures; ``artefacts`` name evidence rows by their
    salted digest. Raises IntegrityFailure for an event that is not in the list or an entry over
    8 KiB: both are faults of ours.
    """
    if event not in EVENTS:
        raise IntegrityFailure(f"the event {event} is not in the list")
    entry: dict[str, Json] = {
        "_sd": [*sorted(disclosed)],
        "_sd_alg": "sha-256",
        "by": by,
        "case": head.stream,
        "ev": event,
        "log": head.log,
        "n": head.n,
        "prev": b64encode(head.prev).decode() if head.prev else None,
        "t": format_instant(head.t),
        "v": VERSION,
    }
    if facts:
        entry["facts"] = dict(facts)
    if artefacts:
        entry["art"] = [dict(artefact) for artefact in artefacts]
    data = dump_canonical(entry)
    if len(data) > MAX_BYTES:
        raise IntegrityFailure("an entry is longer than 8 KiB")
    return data


def load_entry(data: bytes) -> dict[str, Json]:
    """Read and check the bytes of an entry. Raises VerificationFailed."""
    if len(data) > MAX_BYTES or not is_canonical(data):
        raise VerificationFailed("an entry is canonical JSON of at most 8 KiB")
    entry = load_strict(data)
    if not isinstance(entry, dict) or not REQUIRED <= set(entry) <= REQUIRED | OPTIONAL:
        raise VerificationFailed("an entry lacks a field or has one too many")
    if entry["v"] != VERSION:
        raise VerificationFailed("an entry has an unknown version")
    if entry["ev"] not in EVENTS:
        raise VerificationFailed("an entry has an unknown event")
    return entry
