"""The provider's side: folders, keys, databases, the people, the sources and their terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lea_service.demonstration.people import Colleague, SignedIn, let_in, new_colleague, sign_in
from lea_service.demonstration.processes import CLOCK, free_port, run_lea
from lea_service.demonstration.sample_data import SampleFiles
from lea_service.demonstration.stage_clock import StageClock
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant

FOLDERS = ("people", "letters", "receiver", "audit", "logs", "anchors", "police")
RULES = (
    ("CALL-6M", "call", "business telephony: invoices and disputes", 6),
    ("USAGE-6M", "usage", "access: invoices and disputes", 6),
    ("SUBSCRIBER-84M", "subscriber", "contracts and accounts", 84),
)
SOURCES = (
    ("pbx", "asterisk-master-csv"),
    ("radius", "freeradius-csv"),
    ("crm", "subscribers-csv"),
)


@dataclass(frozen=True)
class Staff:
    """The people of the provider, signed in."""

    administrator: SignedIn
    overseer: SignedIn
    handler: SignedIn
    approver: SignedIn
    auditor: SignedIn
    engineer: SignedIn

    def close(self) -> None:
        """Close everybody's connection."""
        for field in fields(self):
            getattr(self, field.name).client.close()


def make_environ(top: Path, clock: StageClock) -> dict[str, str]:
    """Make the folders and return the settings: everything in ``top``, a port of its own."""
    for name in FOLDERS:
        (top / name).mkdir(parents=True, mode=0o700)
    address = f"127.0.0.1:{free_port()}"
    return {
        CLOCK: str(clock.file),
        "LEA_HOME": str(top / "service"),
        "LEA_KEYS_DIR": str(top / "service" / "keys"),
        "LEA_BIND": address,
        "LEA_URL": f"http://{address}",
        "LEA_WORKERS": "1",
        "LEA_OFFICER_QUOTA": "2",
        "LEA_TRUST_ANCHORS": str(top / "anchors"),
        "LEA_CHECKPOINT_SECONDS": "1",
        "LEA_LOG_ORIGIN": "voorbeeld.example/custody/demo",
        "LEA_PROVIDER_NAME": "Voorbeeld Telecom B.V.",
        "LEA_PROVIDER_CONTACT": "vorderingen@voorbeeld.example",
    }


def lay_foundation(
    environ: Mapping[str, str], top: Path, today: date
) -> tuple[tuple[Colleague, str], tuple[Colleague, str]]:
    """Make keys, databases and the first two people; returns each with a one-time code."""
    run_lea(environ, "keys", "generate")
    run_lea(environ, "db", "upgrade")
    people = top / "people"
    founders = (
        new_colleague(people, "Anna de Wit", "a.dewit", "1001"),
        new_colleague(people, "Omar Bakker", "o.bakker", "1002"),
    )
    files = []
    for founder in founders:
        files.append(people / f"{founder.login}.request.json")
        files[-1].write_text(json.dumps(founder.introduce(today)))
    printed = run_lea(
        environ, "staff", "bootstrap", "--administrator", str(files[0]),
        "--overseer", str(files[1]), "--json",
    )  # fmt: skip
    run_lea(environ, "keys", "export-trust", str(top / "trust"))
    codes = {one["login"]: one["code"] for one in json.loads(printed)}
    first, second = ((founder, codes[founder.login]) for founder in founders)
    return first, second


def hire(
    url: str, top: Path, founders: tuple[tuple[Colleague, str], tuple[Colleague, str]], today: date
) -> Staff:
    """Sign the founders in and have them let four colleagues in, two signatures each."""
    administrator, overseer = (sign_in(url, *founder) for founder in founders)

    def join(name: str, login: str, number: str, role: str) -> SignedIn:
        who = new_colleague(top / "people", name, login, number)
        return let_in(url, who, [role], administrator, overseer, today)

    return Staff(
        administrator,
        overseer,
        join("Hanna Visser", "h.visser", "1003", "handler"),
        join("Pieter Smit", "p.smit", "1004", "approver"),
        join("Aicha Meijer", "a.meijer", "1005", "auditor"),
        join("Erik Vos", "e.vos", "1006", "engineer"),
    )


def connect(staff: Staff, samples: SampleFiles, now: datetime) -> list[str]:
    """Set retention rules by two people, declare sources and import them, all exported ``now``.

    Returns what was read.
    """
    for rule in RULES:
        staff.approver.approve(staff.handler.propose("retention.rule", write_rule(*rule)))
    files = {"pbx": samples.calls, "radius": samples.sessions, "crm": samples.subscribers}
    read = []
    for name, mapping in SOURCES:
        body = {"name": name, "shipped": mapping}
        source = staff.engineer.client.post("/api/v1/sources", body)
        found = bring_in(staff.engineer, source["id"], files[name], now)
        read.append(f"{name}: {found['added']} rows added, {found['rejected']} lines set aside")
    return read


def bring_in(engineer: SignedIn, source: str, file: Path, made_at: datetime) -> dict[str, Any]:
    """Bring a file of a source in, that its system wrote at an instant; returns what was read."""
    said = urlencode({"made_at": format_instant(made_at)})
    path = f"/api/v1/sources/{source}/imports?{said}"
    with file.open("rb") as stream:
        found: dict[str, Any] = engineer.client.send_file(path, stream, file.stat().st_size)
    return found


def write_rule(code: str, kind: str, purpose: str, months: int) -> dict[str, Json]:
    """Return how long records of a kind are kept, as it is proposed."""
    return {
        "code": code,
        "source": None,
        "kind": kind,
        "purpose": purpose,
        "legal_ground": "contract",
        "article": "policy",
        "term": months,
        "unit": "months",
        "action": "destroy",
    }
