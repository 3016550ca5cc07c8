"""A requesting agency as a house records it: every row by two signatures."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding

from lea_service.agencies import approval  # noqa: F401 declares the kinds of agencies
from lea_service.agencies.service import AgencyService
from tests.support.certificates import certificate

ROLES = ["nl.officier_van_justitie", "nl.opsporingsambtenaar"]


@dataclass
class Register:
    """The agencies of a house and a short way to add to them."""

    house: object
    service: AgencyService

    @property
    def log(self):
        return self.house.log

    def approve(self, kind, request, **by):
        """Propose and approve; returns the subject."""
        approval_id = self.house.approve(kind, request, **by)
        return self.house.approvals.open(self.house.actor("handler1"), approval_id).view.subject

    def organisation(self, name="Politie Eenheid Oost", **changes):
        request = {"name": name, "kind": "police", "country": "NL", "roles": ROLES}
        return self.approve("agency.organisation", request | changes)

    def person(self, agency, name="Anna de Vries", **changes):
        email = name.lower().replace(" ", ".") + "@politie.example"
        request = {
            "agency": agency,
            "name": name,
            "function": "rechercheur",
            "email": email,
            "roles": [ROLES[1]],
        }
        return self.approve("agency.person", request | changes)

    def desk(self, agency, members, name="Team Ontvangst", **changes):
        mailbox = name.lower().replace(" ", ".") + "@politie.example"
        request = {"agency": agency, "name": name, "mailbox": mailbox, "members": members}
        return self.approve("agency.desk", request | changes)

    def certificate(self, holder, kind="rsa", name=None, **dates):
        pem = certificate_pem(kind, name or holder, **dates)
        return self.approve("agency.certificate", {"holder": holder, "pem": pem})


def certificate_pem(kind="rsa", name="receiver", **options):
    return certificate(kind, name, **options).public_bytes(Encoding.PEM).decode()


def make_register(house):
    return Register(house, AgencyService(house.log.transactions, house.log.looks))
