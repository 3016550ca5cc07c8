"""Canonical rows for tests: like real ones, deterministic, of any number."""

import json
import random

from lea_service.records.kinds import CALL, KINDS

PHONE = "+31612345678"
"""Who calls in every row."""


def dump_row(values, layout=CALL):
    names = [column.name for column in layout.columns]
    row = dict(zip(names, values, strict=True))
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_rows(snapshot, selections, columns=None):
    """Yield the rows that a snapshot has in blocks, each with its names."""
    names = KINDS[selections[0].kind].names
    shown = [name for name in names if columns is None or name in columns]
    for block in snapshot.iter_blocks(selections, columns):
        yield from (dict(zip(shown, row, strict=True)) for row in zip(*block, strict=True))


def as_blocks(rows, columns):
    """Return rows as a snapshot has them: one block, or none where there are no rows."""
    return [[tuple(row[name] for row in rows) for name in columns]] if rows else []


def call_values(number: int, rng: random.Random):
    start = number % 86_400
    stamp = f"2026-11-{1 + number // 86_400:02d}T{start // 3600:02d}:{start // 60 % 60:02d}:"
    started = f"{stamp}{start % 60:02d}.000000Z"
    callee = f"+3120{rng.randrange(10**7):07d}"
    values = dict.fromkeys(CALL.names) | {
        "source": "pbx1",
        "row_id": f"{rng.getrandbits(128):032x}-{number}",
        "started_at": started,
        "answered_at": started,
        "ended_at": started,
        "duration_s": rng.randrange(3600),
        "direction": "outgoing",
        "caller": PHONE,
        "caller_raw": PHONE.replace("+31", "0"),
        "callee": callee,
        "callee_raw": callee.replace("+31", "0"),
        "channel_in": f"SIP/trunk-{rng.getrandbits(32):08x}",
        "result": "answered",
        "flags": "",
    }
    return list(values.values())


def call_rows(count: int, seed: int = 1):
    """Yield ``count`` canonical call rows as bytes, in order."""
    rng = random.Random(seed)
    for number in range(count):
        yield dump_row(call_values(number, rng))
