"""Reads of the lists that two people set: how long each is, since when and by which approval.

What stands on a list of identifiers is told to nobody; digests are all that is kept to look by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lea_service.custody.queries import list_last_entries
from lea_service.demands.concerned import Mark
from lea_service.demands.models import MarkedIdentifier
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import IntegrityFailure
from lea_service.oversight.approval import OWN_SET, RECIPIENT_SET, WATCH_LIST, WATCH_SET
from lea_service.oversight.models import WarningRecipient
from lea_service.oversight.queries import oversees


@dataclass(frozen=True, slots=True)
class RecipientView:
    """Somebody on the list of those whom warnings go to; ``oversees`` says whether they do now."""

    account: str
    since: datetime
    approval: str
    oversees: bool


@dataclass(frozen=True, slots=True)
class IdentifiersView:
    """How many identifiers two people set; ``account`` is whose they are, None if watched over."""

    account: str | None
    count: int
    since: datetime
    approval: str


@dataclass(frozen=True, slots=True)
class ListsView:
    """What two people set; ``watched`` is None while nobody ever set it."""

    recipients: list[RecipientView]
    watched: IdentifiersView | None
    own: list[IdentifiersView]


def view_lists(session: Session, now: datetime) -> ListsView:
    """Return the lists as they are. Raises IntegrityFailure where one is not as it was entered."""
    watched = list(_iter_identifiers(session, Mark.WATCH, WATCH_SET))
    return ListsView(
        recipients=list(_iter_recipients(session, now)),
        watched=watched[0] if watched else None,
        own=list(_iter_identifiers(session, Mark.OWN, OWN_SET)),
    )


def _iter_recipients(session: Session, now: datetime) -> Iterator[RecipientView]:
    entered = {
        account: one
        for account, one in list_last_entries(session, [RECIPIENT_SET]).items()
        if one["facts"]["is_listed"]
    }
    rows = {one.account_id: one.approval_id for one in session.scalars(select(WarningRecipient))}
    if rows != {account: one["facts"]["approval"] for account, one in entered.items()}:
        raise IntegrityFailure("the list of whom warnings go to is not the one that was entered")
    for account, one in sorted(entered.items()):
        listed = oversees(session, account, now)
        yield RecipientView(account, parse_instant(one["t"]), rows[account], listed)


def _iter_identifiers(session: Session, mark: Mark, event: str) -> Iterator[IdentifiersView]:
    is_own = mark is Mark.OWN
    last = list_last_entries(session, [event])
    entered = {stream if is_own else WATCH_LIST: one for stream, one in last.items()}
    marked = _count_marked(session, mark)
    if marked != {party: _facts(one) for party, one in entered.items() if one["facts"]["count"]}:
        raise IntegrityFailure(f"the list of identifiers of {mark} is not the one that was entered")
    for party, one in sorted(entered.items()):
        (approval, count), at = _facts(one), parse_instant(one["t"])
        yield IdentifiersView(party if is_own else None, count, at, approval)


def _count_marked(session: Session, mark: Mark) -> dict[str, tuple[str, int]]:
    """Return by party the approval and how many; of two approvals the count of one, too low."""
    table = MarkedIdentifier
    query = (
        select(table.party, table.approval_id, func.count())
        .where(table.mark == str(mark))
        .group_by(table.party, table.approval_id)
    )
    return {str(party): (approval, count) for party, approval, count in session.execute(query)}


def _facts(entry: dict[str, Any]) -> tuple[str, int]:
    return entry["facts"]["approval"], entry["facts"]["count"]
