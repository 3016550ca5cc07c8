"""Canonical rows for tests: like real ones, deterministic, of any number."""

import json
import random

from lea_service.records.kinds import Column, RecordLayout


def _columns(text):
    columns = []
    for word in text.split():
        name, _, mark = word.partition(":")
        columns.append(Column(name, "integer" if "i" in mark else "string", "n" in mark))
    return tuple(columns)


CALL = RecordLayout(
    "call",
    1,
    _columns(
        "source row_id started_at ended_at:n duration_s:in direction:n caller callee caller_raw "
        "callee_raw answered_at:n result:n forwarded_to:n channel_in:n channel_out:n cell:n flags"
    ),
    ("source", "started_at", "row_id"),
)


def dump_row(values, layout=CALL):
    names = [column.name for column in layout.columns]
    row = dict(zip(names, values, strict=True))
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def call_values(number: int, rng: random.Random):
    start = number % 86_400
    stamp = f"2026-11-{1 + number // 86_400:02d}T{start // 3600:02d}:{start // 60 % 60:02d}:"
    started = f"{stamp}{start % 60:02d}.000000Z"
    caller, callee = f"+316{rng.randrange(10**8):08d}", f"+3120{rng.randrange(10**7):07d}"
    return [
        "pbx1",
        f"{rng.getrandbits(128):032x}-{number}",
        started,
        started,
        rng.randrange(3600),
        "outgoing",
        caller,
        callee,
        caller.replace("+31", "0"),
        callee.replace("+31", "0"),
        started,
        "answered",
        None,
        f"SIP/trunk-{rng.getrandbits(32):08x}",
        None,
        None,
        "",
    ]


def call_rows(count: int, seed: int = 1):
    """Yield ``count`` canonical call rows as bytes, in order."""
    rng = random.Random(seed)
    for number in range(count):
        yield dump_row(call_values(number, rng))
