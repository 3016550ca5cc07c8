"""The authority's side: a prosecutor in the register, a key of their own, two demands."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lea_service.demonstration.house import Staff
from lea_service.demonstration.order import write_order
from lea_service.demonstration.people import SignedIn
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.sample_data import SampleFiles
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import day_of
from lea_service.kernel.errors import Unavailable
from lea_service.legal.order_words import load_order_words
from lea_service.packaging.commands import RECEIVER_CERTIFICATE, RECEIVER_KEY
from lea_service.web.client import Client

ZONE = "Europe/Amsterdam"
ROLE = "nl.officier_van_justitie"
PROSECUTOR, PROSECUTION = "mr. J. de Groot", "Openbaar Ministerie, parket Oost-Nederland"
DAYS = 30
LETTER_PHONE = "+31 88 699 99 99"


@dataclass(frozen=True)
class Authority:
    """The agency and its prosecutor, as the register has them."""

    agency: str
    person: str


@dataclass(frozen=True)
class Receiving(Authority):
    """One whose prosecutor has a token here, and what they come in with."""

    client: Client


def register(staff: Staff, url: str, folder: Path, now: datetime) -> Receiving:
    """Put agency, prosecutor, certificate and phone number into the register, two people each."""
    agency = agree(
        staff.handler,
        staff.approver,
        "agency.organisation",
        {
            "name": PROSECUTION,
            "kind": "prosecution",
            "country": "NL",
            "roles": [ROLE],
        },
    )
    person = agree(
        staff.handler,
        staff.approver,
        "agency.person",
        {
            "agency": agency,
            "name": PROSECUTOR,
            "function": "officier van justitie",
            "email": "j.degroot@om.example",
            "roles": [ROLE],
        },
    )
    certificate = make_certificate(folder, now)
    agree(
        staff.handler, staff.approver, "agency.certificate", {"holder": person, "pem": certificate}
    )
    contact: dict[str, Json] = {
        "agency": agency,
        "kind": "phone",
        "value": "+31 88 699 00 00",
        "found_by_way": "public directory, read on the agency's own site",
    }
    agree(staff.handler, staff.approver, "agency.contact", contact)
    return Receiving(agency, person, claim(staff, url, person))


def register_abroad(staff: Staff) -> Authority:
    """Put a German prosecutor into the register, two people each; nothing is sent to them here."""
    roles: list[Json] = ["eu.public_prosecutor"]
    agency = agree(
        staff.handler,
        staff.approver,
        "agency.organisation",
        {
            "name": "Staatsanwaltschaft Musterstadt",
            "kind": "prosecution",
            "country": "DE",
            "roles": roles,
        },
    )
    person: dict[str, Json] = {
        "agency": agency,
        "name": "Dr. A. Beispiel",
        "function": "Staatsanwältin",
        "email": "a.beispiel@sta.example",
        "roles": roles,
    }
    return Authority(agency, agree(staff.handler, staff.approver, "agency.person", person))


def agree(handler: SignedIn, approver: SignedIn, kind: str, request: dict[str, Json]) -> str:
    """Have one propose and the other approve; returns the id of what it is about."""
    approval = handler.propose(kind, request)
    approver.approve(approval)
    return str(approval["subject"])


def claim(staff: Staff, url: str, person: str) -> Client:
    """Give the prosecutor a token that two of us granted and only they have."""
    handler = staff.handler
    approval = handler.propose("delivery.receiver_token", {"person": person, "days": 30})
    staff.approver.approve(approval)
    agency = handler.client.get(f"/api/v1/approvals/{approval['id']}")
    code = handler.client.post(f"/api/v1/receiver-tokens/{agency['payload']['token']}/code")["code"]

    def take() -> str | None:
        try:
            return str(stranger.post("/api/v1/collect/claim", {"code": code})["token"])
        except Unavailable:  # until the worker, which just began, has signed the log once
            return None

    with Client(url) as stranger:
        return Client(url, wait_until(take, "the prosecutor's code was not taken in time"))


def make_certificate(folder: Path, now: datetime, holder: str = PROSECUTOR) -> str:
    """Make the receiver's key and certificate as they would have them; returns the PEM."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, holder)])
    usage = dict.fromkeys(
        (
            "digital_signature", "content_commitment", "data_encipherment", "key_agreement",
            "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        ),
        False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.KeyUsage(key_encipherment=True, **usage), critical=True)
        .sign(key, SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    (folder / RECEIVER_CERTIFICATE).write_bytes(pem)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(folder / RECEIVER_KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(private)
    return pem.decode()


def write_demand(
    authority: Authority,
    samples: SampleFiles,
    now: datetime,
    basis: str,
    reference: str | None,
    categories: Sequence[str] = ("traffic_call_records",),
) -> dict[str, Json]:
    """Return a demand about the busiest number over thirty days, for its calls if not said."""
    target, last = samples.busiest, samples.last_day
    demand: dict[str, Json] = {
        "format": "lea.demand/1",
        "agency": {"ref": authority.agency},
        "issuing_person": {"ref": authority.person},
        "issuing_role": ROLE,
        "receivers": [authority.person],
        "references": [{"kind": "parketnummer", "value": "05/123456-26"}],
        "legal_basis": basis,
        "order_date": f"{day_of(now)}",
        "form": "written",
        "addressee": {"capacity": "provider", "is_suspect": False},
        "states": [
            "data_requested",
            "delivery_manner",
            "delivery_term",
            "legal_basis_title",
            "period",
            "target_person_as_precisely_as_possible",
            "target_person_or_number",
        ],
        "channel": "portal",
        "received_at": now.isoformat(),
        "items": [
            {
                "target": {"kind": "phone_number", "value": target.number},
                "period": {
                    "start": midnight(last - timedelta(days=DAYS - 1)),
                    "end": midnight(last + timedelta(days=1)),
                    "zone": ZONE,
                },
                "categories": [*categories],
            }
        ],
    }
    if reference is not None:
        demand["judicial_authorisation"] = {"reference": reference, "given_on": f"{day_of(now)}"}
    return demand


def write_paper(demand: Mapping[str, Any]) -> bytes:
    """Return the order on paper, as a PDF."""
    return write_order(write_lines(demand))


def write_mail(demand: Mapping[str, Any], sender: str) -> bytes:
    """Return the order as a mail of ``sender``, with its headers."""
    mail = EmailMessage()
    mail["From"] = f"{PROSECUTOR} <{sender}>"
    mail["To"] = "vorderingen@voorbeeld.example"
    mail["Subject"] = "Vordering"
    mail.set_content("\n".join(write_lines(demand)))
    return mail.as_bytes()


def write_lines(demand: Mapping[str, Any]) -> list[str]:
    """Return what an order says, line by line."""
    item = demand["items"][0]
    given = demand.get("judicial_authorisation", {}).get("reference")
    words = load_order_words().categories
    return [
        "VORDERING",
        "",
        f"Grondslag: {demand['legal_basis']}",
        f"Datum: {demand['order_date']}",
        f"Parketnummer: {demand['references'][0]['value']}",
        *([f"Machtiging rechter-commissaris: {given}"] if given else []),
        f"Betreft: {item['target']['value']}",
        f"Van {item['period']['start']} tot {item['period']['end']}",
        f"Gegevens: {', '.join(words[one][0] for one in item['categories'])}",
        "Verstrekking: onverwijld, versleuteld aan de ondertekenaar",
        f"Telefoon voor vragen: {LETTER_PHONE}",
    ]


def midnight(day: date) -> str:
    """Return when a day begins, by the clock on the wall."""
    return datetime.combine(day, time(), ZoneInfo(ZONE)).isoformat()
