"""Whose records may not be destroyed, read from the log: what a table says ends no freeze."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from lea_service.custody.signed import SignedLog
from lea_service.demands.audit import check_demand
from lea_service.demands.concerned import Normalise
from lea_service.demands.demand import Demand, Item
from lea_service.demands.likeness import is_covered
from lea_service.demands.states import ANSWERED, State
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import IntegrityFailure, NotFound, Unavailable
from lea_service.kernel.transactions import Transactions
from lea_service.legal.confirmations.rules import MADE_AVAILABLE
from lea_service.legal.preservation.queries import Kept, Preservations
from lea_service.legal.preservation.rules import has_run_out, is_let_go, turn_round
from lea_service.legal.queries import normalise_of
from lea_service.legal.times import UPHELD

DEMANDS = "c_"
AT_ONCE = 200
"""Demands that are read in one session, which keeps all that it goes by."""
ALWAYS = datetime.min.replace(tzinfo=UTC)
Settled = tuple[int, datetime]
"""With how many entries a demand freezes nothing, and from when on."""


class Freezes:
    """Finds the demands that freeze records among all that were ever signed for.

    What freezes nothing is remembered until anything is entered about it, so that each demand is
    opened once in the life of a process. Takes some 200 bytes of memory for each demand.
    """

    def __init__(
        self, preservations: Preservations, transactions: Transactions, signed: SignedLog
    ) -> None:
        self._preservations = preservations
        self._transactions = transactions
        self._signed = signed
        self._settled: dict[str, Settled] = {}

    def list(self, since: datetime) -> Sequence[Demand]:
        """Return the demands whose data may not be destroyed, or might not after ``since``.

        From the receipt of a preservation order, or any European one, until its term is over by
        the widest reading, it was answered, or its data were released. What one person does to it
        (withdrawn, refused, corrected) ends nothing before that. Raises IntegrityFailure, which
        says which ``demand`` cannot be read: nobody knows then what it names; and Unavailable
        before the first checkpoint.
        """
        present = self._signed.list_streams(DEMANDS)
        left = [one for one in sorted(present) if not self._is_settled(one, present[one], since)]
        found: list[Demand] = []
        for start in range(0, len(left), AT_ONCE):
            found += self._read(left[start : start + AT_ONCE], since)
        return found

    def _is_settled(self, demand_id: str, entries: int, since: datetime) -> bool:
        known = self._settled.get(demand_id)
        return known is not None and known[0] == entries and known[1] <= since

    def _read(self, ids: Sequence[str], since: datetime) -> Sequence[Demand]:
        found: list[Demand] = []
        settled: dict[str, Settled] = {}
        with self._transactions.read() as session:
            for demand_id in ids:
                one = self._judge(session, demand_id, since)
                if isinstance(one, Demand):
                    found.append(one)
                else:
                    settled[demand_id] = one
            if self._signed.is_covered(session):  # else it is judged anew: it was not yet signed
                self._settled |= settled
        return found

    def _judge(self, session: Session, demand_id: str, since: datetime) -> Demand | Settled:
        """Return a demand with what it freezes, or from when on it freezes nothing."""
        try:
            kept = self._preservations.load(session, self._transactions.keys, demand_id, since)
            if not kept.freezing:
                return len(kept.entries.entries), ALWAYS
            check_demand(session, demand_id)
        except (IntegrityFailure, NotFound, Unavailable) as err:
            raise IntegrityFailure("what an order names cannot be read", demand=demand_id) from err
        if _is_over(kept, normalise_of(session), since):
            return len(kept.entries.entries), since
        return replace(kept.demand, items=_list_frozen(kept))


def _list_frozen(kept: Kept) -> tuple[Item, ...]:
    """Return what any version of a record names that freezes it, the corrected ones too.

    Where an order states a period the wrong way round, all between its two ends.
    """
    return tuple(turn_round(item) for one in kept.freezing for item in one.items)


def _is_over(kept: Kept, alike: Normalise, since: datetime) -> bool:
    """Say whether an order freezes nothing any more.

    A reply that hands over nothing ends no freeze (Regulation (EU) 2023/1543 art. 10(9)): only the
    term of the order does, or what is done to it afterwards. What was handed over answers what the
    demand says then: what a correction took out is let go like what one person ended.
    """
    if kept.demand.state is State.REPLIED:
        return has_run_out(kept.terms)
    act = "demand.closed" if _was_replied(kept) else "demand.refused"
    ended = kept.entries.last("demand.withdrawn") or kept.entries.last(act)
    if ended is not None:
        return is_let_go(kept.terms, parse_instant(ended.at), since)
    given = kept.entries.last(MADE_AVAILABLE)
    if given is not None and _is_left(kept, alike):
        return is_let_go(kept.terms, parse_instant(given.at), since)
    if kept.demand.state in ANSWERED and _state_since(kept) <= since:
        return True
    return has_run_out(kept.terms)


def _is_left(kept: Kept, alike: Normalise) -> bool:
    """Say whether a version of the record names what the last does not."""
    named = (item for one in kept.freezing for item in one.items)
    return not all(is_covered(one, kept.demand.items, alike) for one in named)


def _state_since(kept: Kept) -> datetime:
    return max(parse_instant(one.at) for one in kept.entries.entries if "state" in one.facts)


def _was_replied(kept: Kept) -> bool:
    """Say whether a demand was replied to, and the authority did not uphold it since."""
    replies = (one for one in kept.entries.entries if one.facts.get("state") == State.REPLIED)
    last, upheld = max((one.idx for one in replies), default=-1), kept.entries.last(UPHELD)
    return last > (-1 if upheld is None else upheld.idx)
