"""Attempts that were turned away: each of a known actor, and a count of those of strangers."""

from __future__ import annotations

from lea_service.kernel.actors import Actor
from lea_service.kernel.transactions import SYSTEM_STREAM, Transactions

WEB = Actor("sys:web", frozenset())


class AccessLog:
    """Enters what the edge refused; each entry is a transaction of its own."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def record_denied(self, actor: Actor, permission: str, route: str) -> None:
        """Enter that a known actor asked for what the actor's roles do not allow."""
        with self._transactions.begin(actor) as tx:
            facts = {"permission": permission, "route": route}
            tx.record("access.denied", SYSTEM_STREAM, facts=facts)

    def record_strangers(self, count: int) -> None:
        """Enter how many attempts of unknown callers a minute saw."""
        with self._transactions.begin(WEB) as tx:
            tx.record("access.unknown_callers", SYSTEM_STREAM, facts={"count": count})
