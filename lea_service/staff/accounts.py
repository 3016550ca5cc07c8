"""Accounts and what belongs to them, as rows; used by the approvals and by the bootstrap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lea_service.kernel.actors import Role
from lea_service.kernel.canonical import Json
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.transactions import Transaction
from lea_service.staff.delegations import end_delegations
from lea_service.staff.keys import key_id
from lea_service.staff.models import Account, ClearanceRow, PersonalKey, RoleGrant
from lea_service.staff.queries import ACCOUNT_LABEL, find_key, list_grants
from lea_service.staff.rules import Clearance, check_login, normal_name, normal_personnel_number


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is; kept only under the key of the account."""

    name: str
    login: str
    personnel_number: str

    def dump(self) -> dict[str, Json]:
        """Return the fields as they are sealed."""
        return {
            "name": self.name,
            "login": self.login,
            "personnel_number": self.personnel_number,
        }


def read_person(given: Mapping[str, Any]) -> Person:
    """Bring name, login and personnel number into their one form. Raises InvalidInput."""
    check_login(given["login"])
    return Person(
        name=normal_name(given["name"]),
        login=given["login"],
        personnel_number=normal_personnel_number(given["personnel_number"]),
    )


def digest_person(index: BlindIndex, personnel_number: str) -> str:
    """Return by which one human being is known, whatever the login."""
    return index.digest("staff.person", personnel_number)


def digest_login(index: BlindIndex, login: str) -> str:
    """Return by which a login is found."""
    return index.digest("staff.login", login)


def open_account(
    tx: Transaction,
    account_id: str,
    person: Person,
    *,
    roles: Iterable[Role],
    public_key: bytes,
    clearances: Iterable[Clearance],
    approval_id: str | None = None,
) -> list[ClearanceRow]:
    """Add an account with all it needs; returns the rows that are evidence."""
    account = Account(
        id=account_id,
        person_digest=digest_person(tx.index, person.personnel_number),
        login_digest=digest_login(tx.index, person.login),
        sealed=tx.seal(account_id, person.dump(), ACCOUNT_LABEL),
        generation=1,
        created_at=tx.now,
    )
    tx.session.add(account)
    tx.session.flush()
    set_roles(tx, account_id, roles, approval_id)
    enrol_key(tx, account_id, public_key, approval_id)
    return add_clearances(tx, account_id, clearances, approval_id)


def set_roles(
    tx: Transaction, account_id: str, roles: Iterable[Role], approval_id: str | None
) -> None:
    """End the grants that are not in ``roles``, add those that are missing, end what is lent."""
    wanted = set(roles)
    end_delegations(tx.session, account_id, tx.now)
    for grant in list_grants(tx.session, account_id):
        if Role(grant.role) in wanted:
            wanted.remove(Role(grant.role))
        else:
            grant.ended_at = tx.now
    tx.session.add_all(
        RoleGrant(
            id=tx.ids.new("rg"),
            account_id=account_id,
            role=str(role),
            approval_id=approval_id,
            granted_at=tx.now,
        )
        for role in sorted(wanted)
    )
    tx.session.flush()


def enrol_key(
    tx: Transaction, account_id: str, public_key: bytes, approval_id: str | None
) -> str | None:
    """Make ``public_key`` the person's one key; returns the id of the key it replaces."""
    before = find_key(tx.session, account_id)
    if before is not None:
        before.replaced_at = tx.now
        tx.session.flush()
    tx.session.add(
        PersonalKey(
            id=key_id(public_key),
            account_id=account_id,
            public_key=public_key,
            approval_id=approval_id,
            enrolled_at=tx.now,
        )
    )
    tx.session.flush()
    return before.id if before else None


def add_clearances(
    tx: Transaction, account_id: str, clearances: Iterable[Clearance], approval_id: str | None
) -> list[ClearanceRow]:
    """Add clearances; returns their rows, which are evidence."""
    rows = [
        ClearanceRow(
            id=tx.ids.new("cl"),
            account_id=account_id,
            kind=str(item.kind),
            valid_from=item.valid_from,
            valid_until=item.valid_until,
            approval_id=approval_id,
        )
        for item in clearances
    ]
    tx.session.add_all(rows)
    tx.session.flush()
    return rows


def read_clearances(given: Sequence[Mapping[str, Any]]) -> tuple[Clearance, ...]:
    """Return the clearances that a form holds."""
    return tuple(Clearance(item["kind"], item["valid_from"], item["valid_until"]) for item in given)
