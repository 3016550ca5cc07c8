"""One demand from arrival to receipt through REST, with everything in it that names somebody."""

import io
import json
import subprocess
import zipfile
from dataclasses import dataclass

from lea_service.kernel.clock import format_instant
from lea_service.packaging.receipt import read_receipt_code
from tests.demands.samples import demand_json
from tests.support.call_backs import SPOKE_TO, add_number
from tests.support.certificates import write_pair
from tests.support.orders import order_of
from tests.support.service import CALLS

ISSUER = "Saskia van Uylenburgh"
PHONE, OTHER = "+31612345678", "+31201234567"
NAMES = (
    ISSUER,
    "Uylenburgh",
    "26-777777",
    "612345678",
    "201234567",
    "Amalia Dietrich",
    "dringend graag",
    "Parket Oost",
    "@politie.example",
    "Because she said so",
)
"""What the demand and its records name; none of it may stand where it does not belong."""


@dataclass
class Ids:
    """The ids that came of it, by the names that routes have for them."""

    demand_id: str
    agency_id: str
    package_id: str
    approval_id: str
    source: str
    import_id: str
    secrets: tuple


def answer(service, role, method, path, status, **options):
    response = service.call(role, method, f"/api/v1{path}", **options)
    assert response.status_code == status, response.text
    return response


def run_demand(service, folder):
    """Take a demand all the way; returns its ids."""
    agency, person, token = admit(service)
    source, taken = take_in(service)
    demand = record(service, agency, person)
    settle(service, demand)
    answer(service, "handler", "POST", f"/demands/{demand}/plan", 201, json={})
    plan = answer(service, "handler", "GET", f"/demands/{demand}/plan", 200).json
    answer(service, "approver", "POST", f"/demands/{demand}/preview", 201)
    approval = service.house.approve("extraction.plan", {"plan": plan["id"]})
    service.work()
    (package,) = answer(service, "handler", "GET", f"/demands/{demand}/packages", 200).json["items"]
    code = collect(service, package["id"], person, folder)
    secrets = (token, service.token("handler"), code)
    return Ids(demand, agency, package["id"], approval, source, taken, secrets)


def admit(service):
    """Put agency and prosecutor into the register and give the prosecutor a token."""
    register = service.register
    agency = register.organisation("Parket Oost")
    person = register.person(agency, ISSUER, roles=["nl.officier_van_justitie"])
    register.certificate(person)
    add_number(register, agency)
    service.tokens["receiver"] = token = service.admit(person)
    return agency, person, token


def take_in(service):
    """Declare a source and import calls, a bad line among them."""
    body = {"name": "pbx", "mapping": CALLS}
    source = answer(service, "engineer", "POST", "/sources", 201, json=body).json["id"]
    lines = [f"{n},{PHONE},{OTHER},2026-06-04 10:0{n}:00,60" for n in range(5)]
    data = "\n".join([*lines, f"6,{PHONE},{OTHER},yesterday,60"]).encode() + b"\n"
    path = f"/sources/{source}/imports"
    taken = answer(service, "engineer", "POST", path, 201, data=data, content_type="text/csv").json
    assert (taken["added"], taken["rejected"]) == (5, 1)
    return source, taken["id"]


def record(service, agency, person, **changes):
    """Record the demand with its order."""
    asked = demand_json(
        agency={"ref": agency},
        issuing_person={"ref": person, "name": ISSUER},
        receivers=[person],
        judicial_authorisation={"reference": "RC 26-777777", "given_on": "2026-11-20"},
        **changes,
    )
    form = {
        "demand": json.dumps(asked),
        "order": (io.BytesIO(order_of(asked, ISSUER)), "26-777777.pdf", "application/pdf"),
    }
    kind = "multipart/form-data"
    return answer(service, "handler", "POST", "/demands", 201, data=form, content_type=kind).json[
        "id"
    ]


def settle(service, demand):
    """Check the demand and take upon oneself what the check asks."""
    call_back(service, demand)
    path = f"/demands/{demand}/assessment"
    found = answer(service, "handler", "POST", path, 201).json
    for ref in found["open"]:
        code, _, item = ref.partition("/")
        body = {"code": ref if not item else code, "reason": "Because she said so"}
        answer(service, "handler", "POST", f"{path}/acceptances", 201, json=body)


def call_back(service, demand):
    """Call the agency back on its number of the register."""
    shown = answer(service, "handler", "GET", f"/demands/{demand}/authenticity", 200).json
    body = {
        "contact": shown["contacts"][0]["id"],
        "called_at": format_instant(service.clock.now()),
        "outcome": "confirmed",
        "spoke_to": SPOKE_TO,
        "code_word": "zonnebloem",
    }
    answer(service, "handler", "POST", f"/demands/{demand}/call-backs", 201, json=body)


def collect(service, package, person, folder):
    """Fetch and open the package as its receiver; gives the receipt and returns its code."""
    path = f"/collect/packages/{package}"
    data = answer(service, "receiver", "GET", f"{path}/content", 200).data
    cert, key = write_pair(folder, "rsa", person)
    command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-binary"]
    command += ["-recip", cert, "-inkey", key]
    opened = subprocess.run(command, input=data, capture_output=True, check=True).stdout
    with zipfile.ZipFile(io.BytesIO(opened)) as container:
        code = read_receipt_code(container.read("RECEIPT.txt"))
        assert any(PHONE.encode() in container.read(name) for name in container.namelist())
    body = {"format": "lea.receipt/1", "package": package, "code": code}
    answer(service, "receiver", "POST", "/collect/receipts", 201, json=body)
    return code
