"""Whom of our own people, and of those who ask, a demand is about; found by keyed digests only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lea_service.agencies.queries import find_person, list_contacts
from lea_service.demands.demand import DemandContent, Target, TargetKind, parties_of
from lea_service.demands.models import DemandTarget, MarkedIdentifier
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.database import WHOLE
from lea_service.kernel.transactions import Transaction

Normalise = Callable[[TargetKind, str], str | None]
PURPOSE = "demand.target"
PERSON = "p_"
CONTACTS = {"phone": TargetKind.PHONE_NUMBER, "email": TargetKind.EMAIL}


class Mark(StrEnum):
    """Why an identifier is known to us: it is a colleague's own, or somebody watches over it."""

    OWN = "own"
    WATCH = "watch"


def as_typed(_kind: TargetKind, value: str) -> str | None:
    """Return a value as the form in which it is compared."""
    return value


def digest_identifier(index: BlindIndex, kind: TargetKind, form: str) -> str:
    """Return by which an identifier in its one form is found."""
    return index.digest(PURPOSE, f"{kind}/{form}")


def keep_targets(
    tx: Transaction, demand_id: str, content: DemandContent, normalise: Normalise
) -> frozenset[str]:
    """Keep by which the targets of the newest record of a demand are found; returns the digests."""
    found = frozenset(
        digest_identifier(tx.index, kind, form)
        for item in content.items
        for kind, form in _forms(item.target, normalise)
    )
    asker = content.issuing_person.ref or content.agency.ref
    table = DemandTarget
    tx.session.execute(
        delete(table).where(table.demand_id == demand_id), execution_options=dict(WHOLE)
    )
    tx.session.add_all(
        table(digest=one, demand_id=demand_id, asked_by=asker) for one in sorted(found)
    )
    return found


def find_own_people(session: Session, digests: Collection[str]) -> set[str]:
    """Return the accounts of our own people who have one of these identifiers."""
    table = MarkedIdentifier
    query = select(table.party).where(table.mark == str(Mark.OWN), table.digest.in_(digests))
    return set(session.scalars(query))


def find_own_officers(
    tx: Transaction, content: DemandContent, digests: Collection[str], normalise: Normalise
) -> set[str]:
    """Return the people of the authority who have one of these identifiers themselves."""
    people = {one for one in parties_of(content) if one.startswith(PERSON)}
    return {one for one in people if not set(digests).isdisjoint(_own(tx, one, normalise))}


def list_asking(session: Session, digests: Collection[str]) -> list[str]:
    """Return the demands that ask about one of these identifiers, whoever may know of them."""
    query = select(DemandTarget.demand_id).where(DemandTarget.digest.in_(digests))
    return sorted(set(session.scalars(query, execution_options=WHOLE)))


def _own(tx: Transaction, person_id: str, normalise: Normalise) -> Iterator[str]:
    person = find_person(tx.session, tx.keys, person_id)
    if person is None:
        return
    known = [(TargetKind.EMAIL, person.email)]
    for one in list_contacts(tx.session, tx.keys, person.agency):
        if one.subject == person_id and one.kind in CONTACTS:
            known.append((CONTACTS[one.kind], one.value))
    for kind, value in known:
        form = normalise(kind, value)
        if form is not None:
            yield digest_identifier(tx.index, kind, form)


def _forms(target: Target, normalise: Normalise) -> Iterator[tuple[TargetKind, str]]:
    """Yield what a target is known by; a SIP address of a number is that number too."""
    form = normalise(target.kind, target.value) or target.value
    if target.kind is TargetKind.SIP_URI:
        user = form.partition(":")[2].partition("@")[0]
        number = normalise(TargetKind.PHONE_NUMBER, user)
        if number is not None:
            yield TargetKind.PHONE_NUMBER, number
    yield target.kind, form if target.source is None else f"{target.source}/{form}"
