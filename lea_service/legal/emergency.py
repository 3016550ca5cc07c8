"""The emergency lane, stricter and faster: rules of the provider's policy, never of the law.

Only demands that claim an emergency are looked at, or did: whoever takes the claim back takes
nothing off that the lane asks. The smallest category goes first: what an officer needs at once is
who somebody is.
"""

from __future__ import annotations

from collections.abc import Iterator

from lea_service.legal.breadth import BROAD
from lea_service.legal.facts import DemandFacts, ItemFacts
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.scope import OF_AN_ADDRESS, asks_who_had_an_address
from lea_service.legal.word import POLICY

AT_FIRST = frozenset(
    {"identifying_admin", "ip_identification", "number_and_service", "subscriber_identity"}
)
"""The categories that say who a subscriber is.

Of them ``ip_identification`` does so only for an address at an instant; of anything else it would
say when somebody was online.
"""
NEVER = frozenset({"content_stored"})
CONFIRMATIONS = 2
"""So many people of ours have to have confirmed a demand before it gives more than who it is."""
CONFIRMED = "emergency.confirmed"
"""The finding that they have; it counts while their calls do."""


def find_emergency(facts: DemandFacts) -> Iterator[Finding]:
    """Yield what the policy of the lane says of a demand that claims an emergency, or did.

    Stored content goes without the claim, once a second person agreed that it is none.
    """
    claimed = facts.emergency
    if claimed is None:
        return
    if claimed.stands:
        yield make_finding("emergency.reason", article=POLICY, seen={"reason": claimed.reason})
    else:
        yield make_finding("emergency.taken_back", article=POLICY)
    never = NEVER if claimed.stands else frozenset()
    for category in sorted(facts.categories & never):
        yield make_finding("emergency.never", article=POLICY, subject=category)
    further = sorted({code for item in facts.items for code in _further(item) - never})
    if not further:
        yield make_finding("emergency.smallest_first", article=POLICY)
        return
    is_confirmed = claimed.confirmations >= CONFIRMATIONS
    yield make_finding(
        CONFIRMED if is_confirmed else "emergency.unconfirmed",
        article=POLICY,
        seen={"categories": [*further], "confirmations": claimed.confirmations},
    )


def _further(item: ItemFacts) -> frozenset[str]:
    """Return the categories of an item that say more than who somebody is.

    Of a target that means many each does: who all of them are is no small thing to give.
    """
    if item.breadth in BROAD:
        return frozenset(item.categories)
    first = AT_FIRST if asks_who_had_an_address(item) else AT_FIRST - {OF_AN_ADDRESS}
    return frozenset(item.categories) - first
