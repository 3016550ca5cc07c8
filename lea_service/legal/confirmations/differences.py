"""What a written confirmation says against what was acted on, and who lets a difference pass.

An order that was given by word of mouth was never read: its writing is the first paper there is.
One that is about something else pays nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lea_service.agencies.queries import find_person
from lea_service.kernel.actors import Actor
from lea_service.kernel.coded import Coded, check_coded
from lea_service.kernel.errors import FieldError, InvalidInput, NotPermitted
from lea_service.kernel.transactions import Transactions
from lea_service.legal.acceptance import check_acceptable
from lea_service.legal.findings import Finding, Outcome, make_finding
from lea_service.legal.order_comparison import OrderCheck
from lea_service.legal.order_names import is_named
from lea_service.legal.order_text import OrderText
from lea_service.legal.queries import list_issuers, list_senders, load_order

DIFFERED, PAPER = "confirmation.differed", "order_sha256"
"""The entry of a paper that differs, and what discloses its SHA-256 there."""
NO_OTHER_PAPER = (
    "expected another paper than those recorded of this demand: this one was there before, and "
    "proves neither its writing nor its validation"
)
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
    """The differences that somebody lets pass, each by its reference, and on which ground.

    ``paper`` is the SHA-256 of the paper in which they read them: no other passes by it.
    """

    refs: Sequence[str] = ()
    ground: str | None = None
    paper: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """How a paper differs, () if not at all, and the version of the record it was held against."""

    findings: tuple[Finding, ...]
    record_version: int


@dataclass(frozen=True, slots=True)
class Brought:
    """A paper by its SHA-256, who brought it first, if ever, and who typed what it is held against.

    The latter recorded or corrected the demand.
    """

    sha256: str
    first: str | None
    typists: Collection[str]


def compare_paper(
    transactions: Transactions,
    orders: OrderCheck,
    actor: Actor,
    demand_id: str,
    paper: bytes,
    validated_by: str | None = None,
) -> Compared:
    """Return how a paper differs from a demand, as an order is compared with it.

    What cannot be read differs, and so does a paper without the name of who validated it
    (``validated_by``, a person of the register). Raises NotFound, Unavailable, and InvalidInput
    where it says that an order was validated in the very words of the order itself.
    """
    with transactions.read(actor) as session:
        demand, order = load_order(session, transactions.keys, demand_id)
        senders = list_senders(session, transactions.keys, demand, orders.normalise)
        issuers = list_issuers(session, transactions.keys, demand)
        validator = find_person(session, transactions.keys, validated_by) if validated_by else None
    text = orders.read(paper)
    if validated_by and order and _words(orders.read(order)) == _words(text) != "":
        raise InvalidInput.at("/order", NO_OTHER_PAPER)
    found = orders.compare(demand, text, senders, issuers).findings
    differing = [one for one in found if one.outcome is not Outcome.PASS]
    if validated_by and not (validator and is_named(validator.name, text.pages)):
        differing.append(make_finding("confirmation.validator_not_named"))
    return Compared(tuple(differing), demand.record_version)


def _words(text: OrderText) -> str:
    """Return what a text says, whatever blanks and lines it is laid out in."""
    return " ".join(word for page in text.pages for line in page for word in line.split())


def check_accepted(
    found: Sequence[Finding], accepted: Accepted, actor_id: str, brought: Brought
) -> None:
    """Let differences pass by a person who names those there are, no other, and on what ground.

    That is none of those who recorded or corrected the demand, who typed what the paper is held
    against, nor who brought the paper. It came before, and is the one they name.
    Raises InvalidInput (no ground, another paper, or a difference that is none), NotPermitted,
    WrongState.
    """
    if not accepted.refs:
        if accepted.ground is not None:
            raise InvalidInput.at("/ground", "expected none without a difference to let pass")
        if accepted.paper is not None:
            raise InvalidInput.at("/paper", "expected none without a difference to let pass")
        return
    if accepted.ground is None:
        raise InvalidInput.at("/ground", "expected why the differences may pass")
    check_coded(accepted.ground, DIFFERENCE_GROUNDS, "/ground")
    refs = {one.ref for one in found}
    if any(one not in refs for one in accepted.refs):
        raise InvalidInput.at("/accepted", "expected differences that were found, by reference")
    if actor_id in brought.typists:
        raise NotPermitted("somebody accepts a difference who did not record or correct the demand")
    if accepted.paper != brought.sha256:
        raise InvalidInput.at(
            "/paper", "expected the SHA-256 of this paper, as its refusal says it"
        )
    if brought.first is None:
        raise InvalidInput.at("/accepted", "expected none of a paper that did not come before")
    if actor_id == brought.first:
        raise NotPermitted("somebody accepts a difference who did not bring the paper")
    check_acceptable([one for one in found if one.ref in accepted.refs])


def list_open_differences(found: Sequence[Finding], accepted: Accepted) -> list[Finding]:
    """Return the differences that nobody lets pass."""
    return [one for one in found if one.ref not in accepted.refs]


def say_differences(found: Sequence[Finding], sha256: str) -> InvalidInput:
    """Return the error that names the paper and each difference, without a value."""
    places = [FieldError("/order", f"{one.ref}: {one.says}{_places(one)}") for one in found]
    return InvalidInput(
        f"the paper {sha256} does not say what was acted on; nothing is paid. Ask for one that "
        "does, or have somebody else let each difference of this paper pass with a ground",
        places,
    )


def _places(finding: Finding) -> str:
    places = finding.seen.get("places")
    return f" ({', '.join(map(str, places))})" if isinstance(places, list) else ""
