"""One demand for more calls than memory could hold; SQLite makes them up itself."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from bench import extraction
from bench.store import fill
from tests.support.agency import make_register
from tests.support.call_backs import add_number
from tests.support.staff import make_house

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
        services = extraction.prepare(home)
        register = make_register(
            make_house(extraction.log_of(services), services.settings.staff_root)
        )
        extraction.import_calls(services, register.house, SAMPLE)
        values = {"rows": rows - SAMPLE, "span": extraction.SPAN_SECONDS}
        fill(services.records, "call", text(CALLS), values)
        ordering = extraction.appoint(register)
        contact = add_number(register, ordering[1])
        span = (
            extraction.FIRST - timedelta(days=1),
            extraction.FIRST + timedelta(seconds=extraction.SPAN_SECONDS + 86_400),
        )
        extraction.decide(services, register, ordering, span, "BENCH-1", contact)
        services.dispose()
        return extraction.run_worker(home)
