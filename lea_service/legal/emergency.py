"""The emergency lane, stricter and faster: rules of the provider's policy, never of the law.

Only demands that claim an emergency are looked at. The smallest category goes first: what an
officer needs at once is who somebody is.
"""

from __future__ import annotations

from collections.abc import Iterator

from lea_service.legal.breadth import BROAD
from lea_service.legal.facts import DemandFacts
from lea_service.legal.findings import Finding, make_finding
from lea_service.legal.word import POLICY

AT_FIRST = frozenset(
    {"identifying_admin", "ip_identification", "number_and_service", "subscriber_identity"}
)
"""The categories that say who a subscriber is."""
NEVER = frozenset({"bulk_dataset", "content_stored"})
CONFIRMATIONS = 2
"""So many people of ours have to have confirmed a demand before it gives more than who it is."""
CONFIRMED = "emergency.confirmed"
"""The finding that they have; it counts while their calls do."""


def find_emergency(facts: DemandFacts) -> Iterator[Finding]:
    """Yield what the policy of the lane says of a demand that claims an emergency."""
    claimed = facts.emergency
    if claimed is None:
        return
    yield make_finding("emergency.reason", article=POLICY, seen={"reason": claimed.reason})
    bulk = [item.n for item in facts.items if item.breadth in BROAD]
    if bulk:
        yield make_finding("emergency.never", article=POLICY, seen={"items": [*bulk]})
    for category in sorted(facts.categories & NEVER):
        yield make_finding("emergency.never", article=POLICY, subject=category)
    further = sorted(facts.categories - AT_FIRST - NEVER)
    if not further:
        yield make_finding("emergency.smallest_first", article=POLICY)
        return
    is_confirmed = claimed.confirmations >= CONFIRMATIONS
    yield make_finding(
        CONFIRMED if is_confirmed else "emergency.unconfirmed",
        article=POLICY,
        seen={"categories": [*further], "confirmations": claimed.confirmations},
    )
