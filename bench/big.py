"""One demand for more calls than memory could hold; SQLite makes them up itself."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import text

from bench import extraction
from bench.store import fill

SAMPLE = 100
"""Calls that come in from a file, so that their source is known to tell something."""
CALLS = """INSERT INTO call_records (source, row_id, started_at, ended_at, duration_s, talk_s,
    caller, caller_raw, callee, callee_raw, account, channel_in, channel_out, result, flags, import_id)
    WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < :rows - 1)
    SELECT 'pbx', printf('%09d', n),
    strftime('%Y-%m-%d %H:%M:%S.000000', '2026-10-01', '+' || (n % :span) || ' seconds'),
    strftime('%Y-%m-%d %H:%M:%S.000000', '2026-10-01', '+' || (n % :span + 60) || ' seconds'),
    60, 55, '+31852000000', '0852000000', '+316' || printf('%08d', n % 90000000),
    '06' || printf('%08d', n % 90000000), 'K1', 'PJSIP/a-' || n, 'PJSIP/t-' || n, 'ANSWERED', '',
    'im_1' FROM n"""


def measure(rows: int) -> dict[str, float]:
    """Extract and seal ``rows`` calls; returns what the worker says of it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ready = extraction.set_up(home, SAMPLE)
        values = {"rows": rows - SAMPLE, "span": extraction.SPAN_SECONDS}
        fill(ready.services.records, "call", text(CALLS), values)
        extraction.decide(ready, extraction.WHOLE, "BENCH-1")
        ready.services.dispose()
        return extraction.run_worker(home)
