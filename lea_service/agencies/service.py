"""Use cases of agencies: look, suspend at once, revoke a certificate at once.

Whatever is added, changed or lifted goes through an approval (``approval``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lea_service.agencies.models import (
    Agency,
    AgencyPerson,
    AgencySuspension,
    CertificateRevocation,
    Desk,
)
from lea_service.agencies.queries import (
    AgencyView,
    CertificateView,
    ContactView,
    DeskView,
    PersonView,
    find_revocation,
    get_agency_of,
    get_certificate,
    list_agency_rows,
    list_certificates,
    list_contacts,
    list_desks,
    list_people,
    lock_agency,
    view_agency,
    view_certificate,
)
from lea_service.agencies.rules import REVOKED, SUSPENDED
from lea_service.custody.looks import Looks
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.coded import check_coded
from lea_service.kernel.database import get_row, lock_row
from lea_service.kernel.errors import WrongState
from lea_service.kernel.transactions import SYSTEM_STREAM, Transactions

LIST_VIEW, DETAIL_VIEW = "agencies", "agency"


@dataclass(frozen=True, slots=True)
class AgencyDetail:
    """An agency with its people, desks, certificates and contacts."""

    agency: AgencyView
    people: list[PersonView]
    desks: list[DeskView]
    certificates: list[CertificateView]
    contacts: list[ContactView]


@dataclass(frozen=True, slots=True)
class SuspensionView:
    """A suspension; ``subject`` is an agency, person or desk."""

    id: str
    subject: str
    ground: str
    since: datetime


class AgencyService:
    """The register of those who may demand data, as people here use it."""

    def __init__(self, transactions: Transactions, looks: Looks) -> None:
        self._transactions = transactions
        self._looks = looks

    def list_agencies(self, actor: Actor, after: str | None, limit: int) -> list[AgencyView]:
        """Return agencies by id, from the one behind ``after`` on; the look is entered first."""
        permit(actor, Permission.AGENCY_READ)
        self._looks.note(actor, SYSTEM_STREAM, LIST_VIEW, "agency.viewed")
        with self._transactions.read(actor) as session:
            keys = self._transactions.keys
            return [
                view_agency(session, keys, row) for row in list_agency_rows(session, after, limit)
            ]

    def get_agency(self, actor: Actor, agency_id: str) -> AgencyDetail:
        """Return everything known of an agency; the look is entered first. Raises NotFound."""
        permit(actor, Permission.AGENCY_READ)
        with self._transactions.read(actor) as session:
            get_row(session, Agency, agency_id, "agency")
        self._looks.note(actor, agency_id, DETAIL_VIEW, "agency.viewed")
        with self._transactions.read(actor) as session:
            keys = self._transactions.keys
            return AgencyDetail(
                agency=view_agency(session, keys, session.get_one(Agency, agency_id)),
                people=list_people(session, keys, agency_id),
                desks=list_desks(session, keys, agency_id),
                certificates=list_certificates(session, agency_id),
                contacts=list_contacts(session, keys, agency_id),
            )

    def suspend(self, actor: Actor, subject: str, ground: str) -> SuspensionView:
        """Stop an agency, person or desk at once; one person may, two lift it.

        Raises NotFound, WrongState when it is suspended already, InvalidInput for the ground.
        """
        permit(actor, Permission.AGENCY_SUSPEND)
        check_coded(ground, SUSPENDED, "/ground")
        with self._transactions.begin(actor) as tx:
            agency = lock_agency(tx.session, get_agency_of(tx.session, subject)).id
            row = lock_row(tx.session, _model_of(subject), subject, "agency, person or desk")
            if row.suspended_at is not None:
                raise WrongState("it is suspended already")
            suspension = AgencySuspension(
                id=tx.ids.new("su"),
                agency_id=agency,
                subject=subject,
                suspended_by=actor.id,
                ground=ground,
                since=tx.now,
            )
            row.suspension_id, row.suspended_at = suspension.id, tx.now
            tx.session.add(suspension)
            facts: dict[str, Json] = {
                "ground": ground,
                "subject": subject,
                "suspension": suspension.id,
            }
            tx.record("agency.suspended", agency, facts=facts, evidence=[suspension])
            return SuspensionView(suspension.id, subject, ground, tx.now)

    def revoke_certificate(self, actor: Actor, certificate_id: str, ground: str) -> CertificateView:
        """End our trust in a certificate, at once and for good.

        Raises NotFound, WrongState when it was revoked before, InvalidInput for the ground.
        """
        permit(actor, Permission.AGENCY_SUSPEND)
        check_coded(ground, REVOKED, "/ground")
        with self._transactions.begin(actor) as tx:
            certificate = get_certificate(tx.session, certificate_id)
            lock_agency(tx.session, certificate.agency_id)
            if find_revocation(tx.session, certificate_id) is not None:
                raise WrongState("this certificate was revoked before")
            revocation = CertificateRevocation(
                certificate_id=certificate_id,
                revoked_by=actor.id,
                ground=ground,
                revoked_at=tx.now,
            )
            tx.session.add(revocation)
            facts: dict[str, Json] = {
                "certificate": certificate_id,
                "fingerprint": certificate.fingerprint,
                "ground": ground,
                "holder": certificate.holder,
            }
            tx.record(
                "agency.certificate_revoked",
                certificate.agency_id,
                facts=facts,
                evidence=[revocation],
            )
            return view_certificate(certificate, revocation)


def _model_of(subject: str) -> Any:
    return {"a": Agency, "p": AgencyPerson, "d": Desk}[subject[:1]]
