"""Whom of our own people, and of those who ask, a demand is about; found by keyed digests only."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lea_service.agencies.changed import BecomesService, Change, Changed, register_hearing
from lea_service.agencies.models import AgencyPerson, Desk
from lea_service.agencies.queries import desks_with, find_person, list_contacts, people_of
from lea_service.demands.admission import list_shut_out, put_in_sealed_lane, shut_out
from lea_service.demands.demand import (
    OF_PLACE,
    DemandContent,
    Item,
    Lane,
    Target,
    TargetKind,
    parties_of,
)
from lea_service.demands.models import Demand, DemandParty, DemandTarget, MarkedIdentifier
from lea_service.kernel.clock import format_instant
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.database import WHOLE, lock_named
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import Unavailable
from lea_service.kernel.transactions import Transaction
from lea_service.staff.engagements import list_reached

Normalise = Callable[[TargetKind, str], str | None]
Related = Callable[[Session, Iterable[Item]], Iterable[Target]]
"""Returns what else is of the subscribers whom items ask about, by what records are held.

Raises Unavailable where those records cannot be read.
"""
RELATED = "related"
"""Under this name ``Session.info`` has such a function; without one nothing is known."""
PURPOSE = "demand.target"
PERSON = "p_"
CONTACTS = {"phone": TargetKind.PHONE_NUMBER, "email": TargetKind.EMAIL}
LOCK = "demands/concerned"
AT_ONCE = 1_000
"""So many digests are looked for by one statement."""
_BEHIND = re.compile(r";(?:ext|isub)=[^;]*", re.IGNORECASE)
"""What a user part says of who answers behind a number (RFC 3966)."""


class Mark(StrEnum):
    """Why an identifier is known to us: it is a colleague's own, or somebody watches over it."""

    OWN = "own"
    WATCH = "watch"


def nothing_related(_session: Session, _items: Iterable[Item]) -> Iterable[Target]:
    """Know of no subscriber."""
    return ()


def as_typed(_kind: TargetKind, value: str) -> str | None:
    """Return a value as the form in which it is compared."""
    return value


def digest_identifier(index: BlindIndex, kind: TargetKind, form: str) -> str:
    """Return by which an identifier in its one form is found."""
    return index.digest(PURPOSE, f"{kind}/{form}")


def lock_concerned(tx: Transaction) -> None:
    """Let nobody else record a demand or set whose an identifier is, until the transaction ends.

    Two that ran side by side would each miss what the other writes. It is the first lock of both.
    """
    lock_named(tx.session, LOCK)


def keep_targets(
    tx: Transaction, demand_id: str, content: DemandContent, normalise: Normalise
) -> frozenset[str]:
    """Keep by which the targets of the newest record of a demand are found; returns the digests."""
    found = list_targets(tx.index, content, normalise)
    asker = asker_of(content)
    table = DemandTarget
    tx.session.execute(
        delete(table).where(table.demand_id == demand_id), execution_options=dict(WHOLE)
    )
    tx.session.add_all(
        table(digest=one, demand_id=demand_id, asked_by=asker) for one in sorted(found)
    )
    return found


def list_targets(index: BlindIndex, content: DemandContent, normalise: Normalise) -> frozenset[str]:
    """Return the digests by which the targets of a demand are found."""
    return frozenset(
        digest_identifier(index, kind, _in_time(item, form))
        for item in content.items
        for kind, form in forms_of(item.target, normalise)
    )


def find_related(
    session: Session,
    index: BlindIndex,
    content: DemandContent,
    list_related: Related,
    normalise: Normalise,
) -> frozenset[str] | None:
    """Return by which demands about the same subscribers are found; kept nowhere.

    None where that cannot be read: a demand that arrives does not wait for it.
    """
    try:
        return digest_related(session, index, content.items, list_related, normalise)
    except Unavailable:
        return None


def digest_related(
    session: Session,
    index: BlindIndex,
    items: Iterable[Item],
    list_related: Related,
    normalise: Normalise,
) -> frozenset[str]:
    """Return by which demands are found about the subscribers of items. Raises Unavailable."""
    forms = (form for one in list_related(session, items) for form in forms_of(one, normalise))
    return frozenset(digest_identifier(index, kind, form) for kind, form in forms)


def _in_time(item: Item, form: str) -> str:
    """Return the form of a target; a place at another time is another target."""
    if item.target.kind not in OF_PLACE:
        return form
    spans = (item.target.at, item.period.start, item.period.end)
    return "/".join([*("" if at is None else format_instant(at) for at in spans), form])


def asker_of(content: DemandContent) -> str | None:
    """Return who asks, by the entry of the register."""
    return content.issuing_person.ref or content.agency.ref


def find_own_people(
    tx: Transaction, digests: Collection[str], related: Collection[str], normalise: Normalise
) -> set[str]:
    """Return the accounts of our own people who have one of these identifiers.

    What two people entered of them, by ``digests`` or by what is ``related``: of the same
    subscriber. And by what they are reached here, by ``digests`` alone: where the house itself is
    the subscriber, everybody would be shut out.
    """
    table, sought = MarkedIdentifier, {*digests, *related}
    query = select(table.digest, table.party).where(table.mark == str(Mark.OWN))
    entered = (party for digest, party in tx.session.execute(query) if digest in sought)
    reached = (
        account
        for account, contact in list_reached(tx.session, tx.keys)
        if not _digest_contacts(tx.index, normalise, contact).isdisjoint(digests)
    )
    return {*entered, *reached}


def find_own_officers(
    tx: Transaction, content: DemandContent, digests: Collection[str], normalise: Normalise
) -> set[str]:
    """Return the people of the authority who have one of these identifiers themselves.

    They are named, or read a desk that is.
    """
    people = people_of(tx.session, parties_of(content))
    own = _Own(tx.session, tx.keys, tx.index, normalise)
    return {one for one in people if not own.digests(one).isdisjoint(digests)}


def find_concerned(
    session: Session,
    keys: DataKeys,
    index: BlindIndex,
    demand_id: str,
    normalise: Normalise,
    people: Collection[str] | None = None,
) -> set[str]:
    """Return whom a demand is about, and who is not shut out from it, as the register is now.

    Of ``people``, or else of those it names and who read a desk that it names.
    """
    if people is None:
        named = select(DemandParty.ref).where(DemandParty.demand_id == demand_id)
        people = people_of(session, session.scalars(named, execution_options=WHOLE))
    asked = select(DemandTarget.digest).where(DemandTarget.demand_id == demand_id)
    digests = set(session.scalars(asked, execution_options=WHOLE))
    own = _Own(session, keys, index, normalise)
    unknown = set(people) - list_shut_out(session, demand_id)
    return {one for one in unknown if not own.digests(one).isdisjoint(digests)}


def look_again(tx: Transaction, changed: Change, normalise: Normalise) -> None:
    """Shut somebody out from what is about them now: by what is theirs, or by a desk they read."""
    if not isinstance(changed, Changed) or not changed.person.startswith(PERSON):
        return
    lock_concerned(tx)
    own = _Own(tx.session, tx.keys, tx.index, normalise)
    digests = own.digests(changed.person, changed.contacts)
    refs = {changed.person, *changed.desks} | desks_with(tx.session, [changed.person])
    query = select(DemandParty.demand_id).where(DemandParty.ref.in_(refs))
    naming = set(tx.session.scalars(query, execution_options=WHOLE))
    for demand in list_asking(tx.session, digests):
        if demand in naming and _is_readable(tx, demand):
            shut_out(tx, demand, [changed.person])


def seal_earlier(tx: Transaction, changed: Change) -> None:
    """Put into the sealed lane what was recorded of an agency before it was called a service.

    Whatever became of it since: that it asked is what nobody may know who is not cleared.
    """
    if not isinstance(changed, BecomesService):
        return
    lock_concerned(tx)
    refs = [
        changed.agency,
        *tx.session.scalars(
            select(AgencyPerson.id).where(AgencyPerson.agency_id == changed.agency)
        ),
        *tx.session.scalars(select(Desk.id).where(Desk.agency_id == changed.agency)),
    ]
    naming = select(DemandParty.demand_id).where(DemandParty.ref.in_(refs))
    ordinary = Demand.lane == str(Lane.ORDINARY)
    query = select(Demand).where(Demand.id.in_(naming), ordinary).order_by(Demand.id)
    found = tx.session.scalars(query.with_for_update(), execution_options=dict(WHOLE)).all()
    for row in found:
        put_in_sealed_lane(tx, row)


def list_asking(session: Session, digests: Collection[str]) -> list[str]:
    """Return the demands that ask about one of these identifiers, whoever may know of them."""
    table, wanted, found = DemandTarget, sorted(digests), set[str]()
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        query = select(table.demand_id).where(table.digest.in_(some))
        found |= set(session.scalars(query, execution_options=WHOLE))
    return sorted(found)


def _is_readable(tx: Transaction, demand_id: str) -> bool:
    try:
        tx.keys.key(tx.session, demand_id)
    except Unavailable:
        return False
    return True


def forms_of(target: Target, normalise: Normalise) -> Iterator[tuple[TargetKind, str]]:
    """Yield what a target is known by; a SIP address of a number is that number too.

    So is one of an extension or a subaddress: whose line it is says the number.
    """
    form = normalise(target.kind, target.value) or target.value
    if target.kind is TargetKind.SIP_URI:
        user = form.partition(":")[2].partition("@")[0]
        number = normalise(TargetKind.PHONE_NUMBER, _BEHIND.sub("", user))
        if number is not None:
            yield TargetKind.PHONE_NUMBER, number
    yield target.kind, form if target.source is None else f"{target.source}/{form}"


def _digest_contacts(
    index: BlindIndex, normalise: Normalise, known: Iterable[tuple[str, str]]
) -> set[str]:
    """Return the digests of telephones and mailboxes; other kinds of contact have none."""
    typed = ((CONTACTS[kind], value) for kind, value in known if kind in CONTACTS)
    forms = ((kind, normalise(kind, value)) for kind, value in typed)
    return {digest_identifier(index, kind, form) for kind, form in forms if form}


class _Own:
    """By which digests a person of an agency is found, as the register has them now."""

    def __init__(
        self, session: Session, keys: DataKeys, index: BlindIndex, normalise: Normalise
    ) -> None:
        self._session = session
        self._keys = keys
        self._index = index
        self._normalise = normalise

    def digests(self, person_id: str, more: Iterable[tuple[str, str]] = ()) -> set[str]:
        """Return the digests of mailbox and verified contacts, and of ``more`` contacts."""
        known = [*self._list_contacts(person_id), *more]
        return _digest_contacts(self._index, self._normalise, known)

    def _list_contacts(self, person_id: str) -> Iterator[tuple[str, str]]:
        person = find_person(self._session, self._keys, person_id)
        if person is None:
            return
        yield "email", person.email
        for one in list_contacts(self._session, self._keys, person.agency):
            if one.subject == person_id:
                yield one.kind, one.value


register_hearing("demands.lane", seal_earlier)
