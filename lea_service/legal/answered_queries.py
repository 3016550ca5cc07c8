"""Reads of which findings the authority answered a question about, if it was about the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import Stream, read_stream
from lea_service.demands.audit import RECORDED
from lea_service.demands.concerned import Normalise
from lea_service.demands.demand import Item
from lea_service.demands.document import load_content
from lea_service.demands.queries import get_demand, open_record
from lea_service.kernel.datakeys import DataKeys
from lea_service.legal.findings import Finding
from lea_service.legal.models import Clarification, ClarificationAnswer
from lea_service.legal.taken_back import is_about_same
from lea_service.legal.times import ASKED, PUTS


def list_answered(
    session: Session,
    keys: DataKeys,
    demand_id: str,
    findings: Sequence[Finding],
    normalise: Normalise,
) -> frozenset[str]:
    """Return which of some findings were answered about, by reference.

    One of an item only while that has the target and the protection which it had when it was
    asked about: the number of an item is another's after a correction. Raises Unavailable.
    """
    asked = _list_asked(session, demand_id)
    if not asked:
        return frozenset()
    now = {one.n: one for one in get_demand(session, keys, demand_id).items}
    versions = _list_versions(read_stream(session, demand_id))
    found: set[str] = set()
    for clarification, refs in asked.items():
        document, _ = open_record(session, keys, demand_id, versions[clarification])
        before = {one.n: one for one in load_content(document).items}
        found |= {
            one.ref
            for one in findings
            if one.ref in refs and (one.item is None or _is_kept(one.item, before, now, normalise))
        }
    return frozenset(found)


def _list_asked(session: Session, demand_id: str) -> dict[str, list[str]]:
    """Return the findings of each question that has an answer."""
    query = select(Clarification.id, Clarification.findings).join(ClarificationAnswer)
    rows = session.execute(query.where(Clarification.demand_id == demand_id))
    return {row.id: row.findings for row in rows}


def _list_versions(entries: Stream) -> dict[str, int]:
    """Return by question which record of the demand there was when it was asked."""
    versions: dict[str, int] = {}
    version = 0
    for one in entries.of(*RECORDED, ASKED):
        if one.event == ASKED:
            versions[one.facts[PUTS]] = version
        else:
            version = one.facts["version"]
    return versions


def _is_kept(
    n: int, before: Mapping[int, Item], now: Mapping[int, Item], normalise: Normalise
) -> bool:
    old, new = before.get(n), now.get(n)
    if old is None or new is None or old.protection is not new.protection:
        return False
    return is_about_same(old.target, new.target, normalise)
