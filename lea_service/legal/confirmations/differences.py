"""What a written confirmation says against what was acted on, and which differences may be.

An order that was given by word of mouth was never read: its writing is the first paper there is.
One that is about something else pays nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from lea_service.demands.queries import get_demand, list_orders
from lea_service.kernel.actors import Actor
from lea_service.kernel.coded import Coded, check_coded
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.transactions import Transactions
from lea_service.legal.acceptance import check_acceptable
from lea_service.legal.fact_queries import (
    find_validator_name,
    list_issuers,
    list_senders,
)
from lea_service.legal.findings import Finding, Outcome
from lea_service.legal.order_comparison import OrderCheck
from lea_service.legal.order_text import OrderText

BROUGHT, PAPER = "confirmation.brought", "order_sha256"
"""The entry of a paper that came, and what discloses its SHA-256 there."""
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
class Compared:
    """How a paper differs, () if not at all, and the version of the record it was held against.

    ``words`` is the SHA-256 of what it says, None where no text was read.
    """

    findings: tuple[Finding, ...]
    record_version: int
    words: str | None


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
    where it says that an order was validated in the very words of an order that was recorded of
    the demand, now or before.
    """
    with transactions.read(actor) as session:
        demand = get_demand(session, transactions.keys, demand_id)
        recorded = list_orders(session, transactions.keys, demand_id) if validated_by else []
        senders = list_senders(session, transactions.keys, demand, orders.normalise)
        issuers = list_issuers(session, transactions.keys, demand)
        validator = find_validator_name(session, transactions.keys, demand, validated_by)
    text = orders.read(paper)
    words = _digest_words(text)
    if words is not None and any(words == _digest_words(orders.read(one)) for one in recorded):
        raise InvalidInput.at("/order", NO_OTHER_PAPER)
    found = orders.compare(demand, text, senders, issuers, validator).findings
    differing = tuple(one for one in found if one.outcome is not Outcome.PASS)
    return Compared(differing, demand.record_version, words)


def _digest_words(text: OrderText) -> str | None:
    """Return the SHA-256 of what a text says, whatever blanks and lines it is laid out in."""
    words = " ".join(word for page in text.pages for line in page for word in line.split())
    return sha256(words.encode()).hexdigest() if words else None


def check_accepted(found: Sequence[Finding], accepted: Sequence[str], ground: str | None) -> None:
    """Let differences pass that are named, each of them and no other, on a ground.

    Raises InvalidInput, and WrongState for one that nobody may let pass.
    """
    if {one.ref for one in found} != {*accepted}:
        named = ", ".join(sorted(one.ref for one in found)) or "none"
        detail = f"expected each difference that was found, by reference: {named}"
        raise InvalidInput.at("/accepted", detail)
    if (ground is None) == bool(found):
        raise InvalidInput.at("/ground", "expected with differences, and only with them")
    if ground is not None:
        check_coded(ground, DIFFERENCE_GROUNDS, "/ground")
        check_acceptable(found)
