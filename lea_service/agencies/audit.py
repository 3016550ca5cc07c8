"""Compares the register of agencies with the log and with what two people signed.

The tables say how things stand; whoever owns the database can make them say something else. Each
row must be what was entered last, on a decision that verifies, and nobody is suspended, reinstated,
certified or revoked in one place only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.agencies.approval import CERTIFICATE, DESK, LIFT, ORGANISATION, PERSON
from lea_service.agencies.certificates import certificate_fingerprint, load_certificate
from lea_service.agencies.models import Agency, AgencyCertificate, AgencyPerson, Desk
from lea_service.agencies.queries import (
    AGENCY_LABEL,
    certificate_label,
    desk_label,
    find_revocation,
    get_agency_of,
    list_members,
    person_label,
)
from lea_service.custody.replay import Entered, Stream, read_stream
from lea_service.kernel.datakeys import DataKeys, open_object
from lea_service.kernel.errors import IntegrityFailure, LeaError, NotFound, VerificationFailed
from lea_service.staff.approvals import read_payload
from lea_service.staff.decisions import Decisions

SUSPENDED, REINSTATED = "agency.suspended", "agency.reinstated"
CERTIFIED, REVOKED = "agency.certificate_recorded", "agency.certificate_revoked"
Row = Agency | AgencyPerson | Desk
_RECORDED: dict[str, tuple[type[Row], str, str]] = {
    "a": (Agency, "agency.recorded", ORGANISATION),
    "p": (AgencyPerson, "agency.person_recorded", PERSON),
    "d": (Desk, "agency.desk_recorded", DESK),
}


def check_standing(
    session: Session, keys: DataKeys, decisions: Decisions, ids: Iterable[str]
) -> None:
    """Let somebody rely on what the tables say of agencies, people and desks, and their agencies.

    Raises IntegrityFailure where the log or the signatures say something else.
    """
    for agency, subjects in _by_agency(session, ids).items():
        checked = _Agency(session, keys, decisions, agency)
        for subject in sorted(subjects):
            for problem in checked.problems(subject):
                raise IntegrityFailure(problem)


def check_agencies(session: Session, keys: DataKeys, decisions: Decisions) -> list[str]:
    """Return a line for whatever in the register nobody entered or nobody decided on."""
    subjects: list[str] = []
    for model in (Agency, AgencyPerson, Desk):
        subjects += session.scalars(select(model.id).order_by(model.id))
    problems = []
    for agency, group in _by_agency(session, subjects).items():
        try:
            checked = _Agency(session, keys, decisions, agency)
            problems += [line for one in sorted(group) for line in checked.problems(one)]
            problems += checked.missing()
        except LeaError as err:
            problems.append(f"agencies: {agency}: {err.detail}")
    return problems


def _by_agency(session: Session, ids: Iterable[str]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for subject in sorted(set(ids)):
        try:
            agency = get_agency_of(session, subject)
        except NotFound as err:
            raise IntegrityFailure(f"{subject} is not in the register") from err
        groups.setdefault(agency, {agency}).add(subject)
    return groups


def _is_suspended_by(row: Row) -> str | None:
    """Return the suspension in a row, where both its columns say so."""
    if (row.suspended_at is None) != (row.suspension_id is None):
        return ""
    return row.suspension_id


def _last_changed(row: Row) -> tuple[int, str]:
    return row.version, row.approval_id


class _Agency:
    """One agency with its people and desks, as its entries and the signatures have them."""

    def __init__(self, session: Session, keys: DataKeys, decisions: Decisions, agency: str) -> None:
        self._session = session
        self._keys = keys
        self._decisions = decisions
        self._agency = agency
        self._stream: Stream = read_stream(session, agency)

    def problems(self, subject: str) -> Iterator[str]:
        """Yield what the tables say of a subject though nobody entered or decided it."""
        model, event, kind = _RECORDED[subject[0]]
        row: Any = self._session.get(model, subject)
        if row is None:
            yield f"{model.__tablename__}: {subject} is gone"
            return
        yield from self._check_row(row, self._stream.last(event, id=subject), kind)
        if _is_suspended_by(row) != self._suspension_of(subject):
            name = model.__tablename__
            yield f"{name}: {subject} is suspended in one place and not in the other"
        if not isinstance(row, Agency):
            yield from self._check_certificates(subject)

    def missing(self) -> Iterator[str]:
        """Yield the people and desks that were entered and are in the register no more."""
        for model, event, _ in _RECORDED.values():
            for subject in sorted({str(one.facts.get("id")) for one in self._stream.of(event)}):
                if self._session.get(model, subject) is None:
                    yield f"{model.__tablename__}: {subject} is gone"

    def _check_row(self, row: Row, last: Entered | None, kind: str) -> Iterator[str]:
        label = f"{row.__tablename__}: {row.id}"
        if last is None:
            yield f"{label} was recorded by nobody"
        elif _last_changed(row) != (last.facts.get("version"), last.facts.get("approval")):
            yield f"{label} is not as it was recorded last"
        elif self._payload(row.approval_id, kind, row.id) != self._dump(row):
            yield f"{label} is not what two people decided on"

    def _suspension_of(self, subject: str) -> str | None:
        """Return the suspension that no two people lifted."""
        found = None
        for entry in self._stream.of(SUSPENDED, REINSTATED):
            if entry.facts.get("subject") != subject:
                continue
            if entry.event == SUSPENDED:
                found = str(entry.facts.get("suspension"))
            elif self._is_lifted(entry, subject, found):
                found = None
        return found

    def _is_lifted(self, entry: Entered, subject: str, suspension: str | None) -> bool:
        wanted = {"subject": subject, "suspension": suspension}
        return bool(self._payload(str(entry.facts.get("approval")), LIFT, subject) == wanted)

    def _check_certificates(self, holder: str) -> Iterator[str]:
        entered = {
            str(one.facts.get("certificate"))
            for one in self._stream.of(CERTIFIED)
            if one.facts.get("holder") == holder
        }
        table = AgencyCertificate
        mine = table.desk_id if holder.startswith("d_") else table.person_id
        rows = {row.id: row for row in self._session.scalars(select(table).where(mine == holder))}
        for gone in sorted(entered - set(rows)):
            yield f"{table.__tablename__}: {gone} is gone"
        for row in rows.values():
            yield from self._check_certificate(row)

    def _check_certificate(self, row: AgencyCertificate) -> Iterator[str]:
        label = f"{row.__tablename__}: {row.id}"
        entry = self._stream.find_vouching(self._session, row)
        if entry is None or entry.event != CERTIFIED:
            yield f"{label} is not as it was recorded"
            return
        content = self._open(row.sealed, certificate_label(row.id))
        wanted = {"id": row.id, "holder": row.holder, **content}
        fingerprint = certificate_fingerprint(load_certificate(str(content["pem"]).encode()))
        if row.fingerprint != fingerprint:
            yield f"{label} has another fingerprint"
        if self._payload(row.approval_id, CERTIFICATE, row.holder) != wanted:
            yield f"{label} is not what two people decided on"
        is_revoked = self._stream.last(REVOKED, certificate=row.id) is not None
        if is_revoked != (find_revocation(self._session, row.id) is not None):
            yield f"certificate_revocations: {row.id} is revoked in one place and not in the other"

    def _payload(self, approval_id: str, kind: str, subject: str) -> Any:
        """Return what two people decided on, None where that does not verify."""
        try:
            decision = self._decisions.verify(approval_id)
            if (decision.kind, decision.subject) != (kind, subject):
                return None
            return read_payload(self._session, self._keys, approval_id)
        except (VerificationFailed, IntegrityFailure, NotFound):
            return None

    def _dump(self, row: Row) -> dict[str, Any]:
        """Return a row in the form in which it was decided on."""
        dumped: dict[str, Any] = {"id": row.id, "version": row.version - 1}
        if isinstance(row, Agency):
            dumped |= {"kind": row.kind, "country": row.country, "roles": row.roles}
            dumped["prosecution"] = row.prosecution
            return dumped | self._open(row.sealed, AGENCY_LABEL)
        dumped["agency"] = row.agency_id
        if isinstance(row, AgencyPerson):
            return dumped | {"roles": row.roles} | self._open(row.sealed, person_label(row.id))
        members = [one.person_id for one in list_members(self._session, row.id)]
        return dumped | {"members": members} | self._open(row.sealed, desk_label(row.id))

    def _open(self, sealed: bytes, label: str) -> dict[str, Any]:
        return open_object(self._session, self._keys, self._agency, sealed, label)
