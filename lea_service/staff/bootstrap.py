"""The first two people: the only ones whom nobody approved, pinned in a file and in the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lea_service.kernel.actors import Actor
from lea_service.kernel.canonical import Json
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.datakeys import FILE
from lea_service.kernel.errors import Conflict, InvalidInput
from lea_service.kernel.ids import Ids
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.staff.accounts import (
    Person,
    digest_person,
    open_account,
    read_clearances,
    read_person,
)
from lea_service.staff.codes import set_code
from lea_service.staff.keys import KeyRequest, load_request
from lea_service.staff.queries import count_bootstraps, has_accounts
from lea_service.staff.root import Founder, Root, find_root, write_root
from lea_service.staff.rules import (
    BOOTSTRAP_ROLES,
    Clearance,
    ClearanceKind,
    check_clearance,
    is_cleared,
)
from lea_service.staff.schemas import FounderSchema
from lea_service.web.schemas import load_form, within

BOOTSTRAP = Actor("sys:bootstrap", frozenset())


@dataclass(frozen=True, slots=True)
class NewFounder:
    """One of the first two people before there is an account."""

    person: Person
    key: KeyRequest
    clearances: tuple[Clearance, ...]


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """The first two people, and the one-time code of each by account."""

    root: Root
    codes: Mapping[str, str]


def read_founder(value: Json, pointer: str) -> NewFounder:
    """Read what a founder handed in. Raises InvalidInput, VerificationFailed."""
    with within(pointer):
        asked: dict[str, Any] = load_form(FounderSchema, value)
        founder = NewFounder(
            read_person(asked), load_request(asked["key"]), read_clearances(asked["clearances"])
        )
        for clearance in founder.clearances:
            check_clearance(clearance)
    return founder


def bootstrap(
    transactions: Transactions, root_path: Path, administrator: NewFounder, overseer: NewFounder
) -> Bootstrapped:
    """Make the first two people. The file comes first: after a crash the same call goes on.

    Raises Conflict when there are people, or a file for others; InvalidInput.
    """
    founders = (administrator, overseer)
    with transactions.read() as session:
        if has_accounts(session) or count_bootstraps(session):
            raise Conflict("the first two people were made already; that happens once")
    now = transactions.clock.now()
    _check(founders, now)
    root = _pin(root_path, founders, transactions.index, transactions.ids, now)
    with transactions.begin(BOOTSTRAP) as tx:
        if has_accounts(tx.session) or count_bootstraps(tx.session):
            raise Conflict("the first two people were made already; that happens once")
        codes = {
            pinned.account: _open(tx, root, pinned, founder.person)
            for pinned, founder in zip(root.founders, founders, strict=True)
        }
    return Bootstrapped(root, codes)


def _check(founders: tuple[NewFounder, NewFounder], now: datetime) -> None:
    first, second = founders
    for name in ("login", "personnel_number"):
        if getattr(first.person, name) == getattr(second.person, name):
            raise InvalidInput.at(f"/overseer/{name}", "expected another person")
    if first.key.public_key == second.key.public_key:
        raise InvalidInput.at("/overseer/key", "expected another key")
    for part, founder in zip(("administrator", "overseer"), founders, strict=True):
        if not is_cleared(founder.clearances, now):
            raise InvalidInput.at(
                f"/{part}/clearances", "expected screening, secrecy and training that hold today"
            )
        if any(one.kind is ClearanceKind.SEALED for one in founder.clearances):
            raise InvalidInput.at(
                f"/{part}/clearances", "expected none for the sealed lane: two people give it"
            )


def _pin(
    path: Path, people: tuple[NewFounder, NewFounder], index: BlindIndex, ids: Ids, now: datetime
) -> Root:
    first, second = (
        Founder(
            account=ids.new("s"),
            role=role,
            person=digest_person(index, new.person.personnel_number),
            public_key=new.key.public_key,
            clearances=new.clearances,
        )
        for role, new in zip(BOOTSTRAP_ROLES, people, strict=True)
    )
    root = Root(now, (first, second))
    found = find_root(path)
    if found is None:
        write_root(path, root)
        return root
    if not found.is_of_same_people(root):
        raise Conflict(f"{path} pins other people; move it away if it was never used")
    return found


def _open(tx: Transaction, root: Root, pinned: Founder, person: Person) -> str:
    tx.new_key(pinned.account, FILE)
    rows = open_account(
        tx,
        pinned.account,
        person,
        roles=(pinned.role,),
        public_key=pinned.public_key,
        clearances=pinned.clearances,
    )
    code = set_code(tx, pinned.account)
    facts: dict[str, Json] = {"role": str(pinned.role), "root": root.digest}
    tx.record(
        "staff.bootstrapped",
        pinned.account,
        facts=facts,
        disclose={"name": person.name},
        evidence=rows,
    )
    return code
