"""Compares the identifiers that matter to us with what two people set last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.queries import list_last_facts
from lea_service.demands.concerned import Mark
from lea_service.demands.models import MarkedIdentifier
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import LeaError, Unavailable
from lea_service.oversight.approval import OWN_SET, WATCH_LIST, WATCH_SET, digests_of
from lea_service.staff.approvals import read_payload

Set = tuple[str, str]
"""Why identifiers are marked, and whose list it is."""


def check_marks(session: Session, keys: DataKeys, index: BlindIndex) -> list[str]:
    """Return a line for each list of identifiers that is not as two people set it last."""
    approved = dict(_list_set(session))
    marked: dict[Set, set[tuple[str, str]]] = {}
    for row in session.scalars(select(MarkedIdentifier)):
        marked.setdefault((row.mark, row.party), set()).add((row.digest, row.approval_id))
    problems = []
    for place in sorted(approved.keys() | marked.keys()):
        approval = approved.get(place)
        try:
            wanted = set() if approval is None else _read(session, keys, index, approval)
        except Unavailable:  # the file of this person is destroyed: nothing says any more
            continue
        except LeaError as err:
            problems.append(f"marked_identifiers: {place[1]}: {err.detail}")
            continue
        if marked.get(place, set()) != wanted:
            problems.append(f"marked_identifiers: {place[1]} has others than two people set")
    return problems


def _list_set(session: Session) -> Iterator[tuple[Set, str]]:
    """Yield each list with the approval by which it was set last."""
    for account, facts in list_last_facts(session, [OWN_SET]).items():
        yield (str(Mark.OWN), account), facts["approval"]
    for facts in list_last_facts(session, [WATCH_SET]).values():
        yield (str(Mark.WATCH), WATCH_LIST), facts["approval"]


def _read(
    session: Session, keys: DataKeys, index: BlindIndex, approval: str
) -> set[tuple[str, str]]:
    payload: Any = read_payload(session, keys, approval)
    return {(one, approval) for one in digests_of(index, payload["identifiers"])}
