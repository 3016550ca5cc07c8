"""What a written confirmation says against what was acted on, and who lets a difference pass.

An order that was given by word of mouth was never read: its writing is the first paper there is.
One that is about something else pays nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lea_service.demands.queries import get_demand
from lea_service.kernel.actors import Actor
from lea_service.kernel.coded import Coded, check_coded
from lea_service.kernel.errors import FieldError, InvalidInput, NotPermitted
from lea_service.kernel.transactions import Transactions
from lea_service.legal.acceptance import check_acceptable
from lea_service.legal.findings import Finding, Outcome
from lea_service.legal.order_comparison import OrderCheck
from lea_service.legal.queries import list_issuers, list_senders

DIFFERED = "confirmation.differed"
DIFFERENCE_GROUNDS = (
    Coded(
        "asked_authority",
        "De autoriteit is teruggebeld: dit papier gaat over deze vordering.",
        "The authority was called back: this paper is about this demand.",
    ),
    Coded(
        "read_by_person",
        "Een mens las het papier: het zegt hetzelfde, op een wijze die niet werd gelezen.",
        "A person read the paper: it says the same, in a way that was not read.",
    ),
)
"""Why a writing counts that was found to differ from what was acted on."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The differences that somebody lets pass, each by its reference, and on which ground."""

    refs: Sequence[str] = ()
    ground: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """How a paper differs, () if not at all, and the version of the record it was held against."""

    findings: tuple[Finding, ...]
    record_version: int


def compare_paper(
    transactions: Transactions, orders: OrderCheck, actor: Actor, demand_id: str, paper: bytes
) -> Compared:
    """Return how a paper differs from a demand, as an order is compared with it.

    What cannot be read differs. Raises NotFound, Unavailable.
    """
    with transactions.read(actor) as session:
        demand = get_demand(session, transactions.keys, demand_id)
        senders = list_senders(session, transactions.keys, demand, orders.normalise)
        issuers = list_issuers(session, transactions.keys, demand)
    found = orders.compare(demand, orders.read(paper), senders, issuers).findings
    differing = tuple(one for one in found if one.outcome is not Outcome.PASS)
    return Compared(differing, demand.record_version)


def check_accepted(
    found: Sequence[Finding], accepted: Accepted, actor_id: str, recorders: Collection[str]
) -> None:
    """Let differences pass by a person who names those there are, no other, and on what ground.

    That is none of those who recorded or corrected the demand: they typed what the paper is held
    against.
    Raises InvalidInput (no ground, or a difference that is none), NotPermitted, WrongState.
    """
    if not accepted.refs:
        if accepted.ground is not None:
            raise InvalidInput.at("/ground", "expected none without a difference to let pass")
        return
    if accepted.ground is None:
        raise InvalidInput.at("/ground", "expected why the differences may pass")
    check_coded(accepted.ground, DIFFERENCE_GROUNDS, "/ground")
    refs = {one.ref for one in found}
    if any(one not in refs for one in accepted.refs):
        raise InvalidInput.at("/accepted", "expected differences that were found, by reference")
    if actor_id in recorders:
        raise NotPermitted("somebody accepts a difference who did not record or correct the demand")
    check_acceptable([one for one in found if one.ref in accepted.refs])


def list_open_differences(found: Sequence[Finding], accepted: Accepted) -> list[Finding]:
    """Return the differences that nobody lets pass."""
    return [one for one in found if one.ref not in accepted.refs]


def say_differences(found: Sequence[Finding]) -> InvalidInput:
    """Return the error that names each difference, without a value."""
    places = [FieldError("/order", f"{one.ref}: {one.says}{_places(one)}") for one in found]
    return InvalidInput(
        "the paper does not say what was acted on; nothing is paid. Ask for one that does, "
        "or let each difference pass with a ground",
        places,
    )


def _places(finding: Finding) -> str:
    places = finding.seen.get("places")
    return f" ({', '.join(map(str, places))})" if isinstance(places, list) else ""
