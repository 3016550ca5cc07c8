"""Extraction and sealing of many calls beside ``sqlite3 -csv | openssl cms -encrypt``.

The worker runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace

from bench.costs import of_call
from lea_service.custody.looks import Looks
from lea_service.demands.schemas import load_demand
from lea_service.kernel import migration
from lea_service.kernel.keystore import generate_keystore
from lea_service.records.mapping_loading import load_shipped
from lea_service.services import Services
from lea_service.settings import Settings, load_settings
from lea_service.wiring import build
from tests.support.agency import certificate_pem, make_register
from tests.support.call_backs import add_number, call_back
from tests.support.clock import FixedClock
from tests.support.staff import make_house

TARGET = "0852000000"
FIRST = datetime(2026, 10, 1, tzinfo=UTC)
ORDER_DATE = "2026-11-23"
SCAN = b"a scan, in which nothing can be read"
SPAN_SECONDS = 50 * 86_400
ROLE = "nl.officier_van_justitie"
WHOLE = (FIRST - timedelta(days=1), FIRST + timedelta(seconds=SPAN_SECONDS + 86_400))
"""A period in which all calls lie."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A service with calls brought in, and an agency and a person who may ask for them.

    ``import_rate`` is in rows a second of the processor.
    """

    services: Services
    register: SimpleNamespace
    ordering: tuple[str, str]
    contact: object
    import_rate: float


@dataclass(frozen=True, slots=True)
class Sealed:
    """Rows a second of our worker and of the peer, their ratio, and the worker's peak memory."""

    rows: int
    ours: float
    peer: float
    ratio: float
    peak_mb: float
    package_mb: float


class CallFile:
    """A Master.csv of any length, as a stream: every call has the target as a party."""

    def __init__(self, rows: int) -> None:
        self._lines = _lines(rows)
        self._held = b""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes."""
        while len(self._held) < size and (line := next(self._lines, b"")):
            self._held += line
        part, self._held = self._held[:size], self._held[size:]
        return part


@contextmanager
def prepared(rows: int) -> Iterator[tuple[Path, float]]:
    """Give a home in which ``rows`` calls were brought in and asked for, and the rows a second."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ready = set_up(home, rows)
        decide(ready, WHOLE, "BENCH-1")
        ready.services.dispose()
        yield home, ready.import_rate


def set_up(home: Path, rows: int) -> Ready:
    """Set a service up in ``home`` with ``rows`` calls, and somebody who may ask for them."""
    services = _prepare(home)
    register = make_register(make_house(_log(services), services.settings.staff_root))
    took = of_call(lambda: _import(services, register.house, rows))
    ordering = _appoint(register)
    contact = add_number(register, ordering[1])
    return Ready(services, register, ordering, contact, rows / took.processor)


def measure(home: Path, rows: int) -> Sealed:
    """Extract and seal ``rows`` calls, then let the peer do what it can with the same rows."""
    done = run_worker(home)
    seconds, size = _run_peer(home)
    if done["rows"] != rows or size == 0:
        raise SystemExit(
            f"{done['rows']} rows of {rows} were delivered, the peer wrote {size} bytes"
        )
    ours, peer = rows / done["seconds"], rows / seconds
    return Sealed(rows, ours, peer, ours / peer, done["peak_mb"], done["package_mb"])


def make_settings(home: Path) -> Settings:
    """Return the settings of a measurement in ``home``."""
    return load_settings({"LEA_HOME": str(home), "LEA_KEYS_DIR": str(home / "keys")})


def open_services(home: Path) -> Services:
    """Open the service in ``home``; its clock stands still, since only speed is of interest."""
    return build(make_settings(home), clock=FixedClock())


def _prepare(home: Path) -> Services:
    generate_keystore(home / "keys", provider="Bench B.V.", now=FixedClock().now())
    services = open_services(home)
    migration.upgrade(services.cases, migration.CASES)
    migration.upgrade(services.records, migration.RECORDS)
    return services


def _log(services: Services) -> SimpleNamespace:
    """Return the parts of the service as the tests' staff and register take them."""
    return SimpleNamespace(
        transactions=services.transactions, looks=Looks(services.transactions), keys=services.keys
    )


def _import(services: Services, house: object, rows: int) -> None:
    engineer = house.actor("engineer1")  # type: ignore[attr-defined]
    mapping = load_shipped("asterisk-master-csv")
    source = services.sources.declare(engineer, "pbx", mapping)
    services.imports.run(engineer, source.id, CallFile(rows))


def _appoint(register: object) -> tuple[str, str]:
    """Have a rule of retention, an agency and a person there; returns the ids of the last two."""
    house = register.house  # type: ignore[attr-defined]
    rule = {
        "code": "CALL-12M", "source": None, "kind": "call", "purpose": "measuring speed",
        "legal_ground": "contract", "article": "policy", "term": 12, "unit": "months",
    }  # fmt: skip
    house.approve("retention.rule", rule)
    agency = register.organisation(roles=[ROLE])  # type: ignore[attr-defined]
    person = register.person(agency, roles=[ROLE])  # type: ignore[attr-defined]
    house.approve("agency.certificate", {"holder": person, "pem": certificate_pem("rsa", "bench")})
    return agency, person


def decide(ready: Ready, period: tuple[datetime, datetime], reference: str) -> None:
    """Record a demand for the calls of a period, check it, and decide on its plan."""
    services, house = ready.services, ready.register.house
    handler = house.actor("handler1")
    command = load_demand(_demand(*ready.ordering, period, reference))
    demand = services.demands.record(handler, command, SCAN).demand_id
    call_back(services.transactions, handler, demand, contact=ready.contact)
    assessment = services.legal.assess(handler, demand)
    for code in {one.code for one in assessment.findings if one.ref in assessment.open}:
        again = [ORDER_DATE, TARGET] if code == "order.not_readable" else []
        services.legal.accept_finding(
            handler, demand, code, "measured, not answered", retyped=again
        )
    plan = services.extraction.compile_plan(handler, demand)
    services.extraction.preview(handler, demand)
    house.approve("extraction.plan", {"plan": plan.id})


def _demand(
    agency: str, person: str, period: tuple[datetime, datetime], reference: str
) -> dict[str, object]:
    start, end = (one.isoformat() for one in period)
    item = {
        "target": {"kind": "phone_number", "value": TARGET},
        "period": {"start": start, "end": end, "zone": "UTC"},
        "categories": ["traffic_call_records"],
    }
    return {
        "agency": {"ref": agency},
        "issuing_person": {"ref": person},
        "issuing_role": ROLE,
        "receivers": [person],
        "references": [{"kind": "case_number", "value": reference}],
        "legal_basis": "NL-SV-126n",
        "order_date": ORDER_DATE,
        "judicial_authorisation": {"reference": "RC 1", "given_on": "2026-11-23"},
        "form": "written",
        "channel": "portal",
        "received_at": "2026-11-24T08:00:00Z",
        "items": [item],
    }


def run_worker(home: Path) -> dict[str, float]:
    """Let a worker in a process of its own do what is due; returns what it says of it."""
    command = [sys.executable, "-m", "bench.worker", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _run_peer(home: Path) -> tuple[float, int]:
    if shutil.which("sqlite3") is None:
        raise SystemExit("the peer is missing: apt-get install sqlite3")
    certificate, out = home / "receiver.pem", home / "peer.p7m"
    certificate.write_text(certificate_pem("rsa", "bench"))
    query = "SELECT * FROM call_records WHERE caller = '+31852000000' OR callee = '+31852000000'"
    script = (
        f'sqlite3 -csv -header {home}/records.db "{query} ORDER BY started_at, row_id" | '
        f"openssl cms -encrypt -aes256 -binary -stream -outform DER -out {out} {certificate}"
    )
    began = perf_counter()
    subprocess.run(["bash", "-c", script], check=True)
    return perf_counter() - began, out.stat().st_size


def _lines(rows: int) -> Iterator[bytes]:
    for n in range(rows):
        start = FIRST + timedelta(seconds=n * SPAN_SECONDS // rows)
        end = start + timedelta(seconds=20 + n % 300)
        other = f"06{10_000_000 + n * 7 % 40_000_000}"
        parties = (TARGET, other) if n % 2 else (other, TARGET)
        cells = (
            "K1", *parties, "business", f'""{parties[0]}"" <{parties[0]}>', f"PJSIP/a-{n:08x}",
            f"PJSIP/t-{n:08x}", "Dial", "PJSIP/x,60", f"{start:%Y-%m-%d %H:%M:%S}", "",
            f"{end:%Y-%m-%d %H:%M:%S}", 20 + n % 300, n % 300, "ANSWERED", "DOCUMENTATION",
            f"{n}.{n % 97}", "",
        )  # fmt: skip
        yield (",".join(f'"{cell}"' for cell in cells) + "\n").encode()
