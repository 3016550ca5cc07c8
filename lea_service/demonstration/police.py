"""The police in the register: an officer, whose prosecution it is, how both are written to."""

from __future__ import annotations

from lea_service.demonstration.authority import Receiving, agree, claim, make_certificate
from lea_service.demonstration.walk import Walk
from lea_service.kernel.canonical import Json

OFFICER, SERVICE = "S. Mulder", "Politie Eenheid Oost"
ROLE = "nl.opsporingsambtenaar"
SERVICE_MAIL, PROSECUTION_MAIL = "administratie@politie.example", "parket@om.example"
FOUND = "public directory, read on the service's own site"


def register_police(it: Walk) -> Receiving:
    """Put police and officer into the register, two people each, with who prosecutes for them."""
    roles: list[Json] = [ROLE]
    agency = _enter(
        it,
        "organisation",
        {
            "name": SERVICE,
            "kind": "police",
            "country": "NL",
            "roles": roles,
            "prosecution": it.authority.agency,
        },
    )
    person = _enter(
        it,
        "person",
        {
            "agency": agency,
            "name": OFFICER,
            "function": "opsporingsambtenaar",
            "email": "s.mulder@politie.example",
            "roles": roles,
        },
    )
    folder = it.top / "police"
    certificate = make_certificate(folder, it.clock.now(), OFFICER)
    _enter(it, "certificate", {"holder": person, "pem": certificate})
    _enter_contact(it, agency, "phone", "+31 88 661 00 00")
    _enter_contact(it, agency, "email", SERVICE_MAIL)
    _enter_contact(it, it.authority.agency, "email", PROSECUTION_MAIL)
    return Receiving(agency, person, claim(it.staff, it.environ["LEA_URL"], person))


def _enter_contact(it: Walk, agency: str, kind: str, value: str) -> None:
    _enter(it, "contact", {"agency": agency, "kind": kind, "value": value, "found_by_way": FOUND})


def _enter(it: Walk, what: str, request: dict[str, Json]) -> str:
    return agree(it.staff.handler, it.staff.approver, f"agency.{what}", request)
