"""What the authority was told is not given, and whether that holds still."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import read_stream
from lea_service.delivery.letters.models import Letter
from lea_service.delivery.letters.text import About
from lea_service.demands.document import load_content
from lea_service.demands.queries import open_record
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import IntegrityFailure
from lea_service.legal.models import Assessment, Narrowing
from lea_service.legal.narrowing.audit import list_vouched
from lea_service.legal.narrowing.queries import view_cut
from lea_service.legal.narrowing.told import Told
from lea_service.legal.queries import normalise_of

TAKES_BACK = "lt_"
"""The subject of a letter that takes back what an earlier one said is that letter, by its id."""


def find_told(session: Session, keys: DataKeys, demand_id: str) -> Told | None:
    """Return what the newest letter said that the log vouches for, in whatever language.

    Raises Unavailable, and IntegrityFailure where what it was about is not as it was entered.
    """
    letters = _list_letters(session, demand_id)
    if not letters:
        return None
    newest = letters[-1]
    if newest.subject.startswith(TAKES_BACK):
        return Told(newest.sent_at, (), ())
    last = session.get(Narrowing, newest.subject)
    if last is None:
        raise IntegrityFailure("a letter is about a narrowing that is not there")
    rows = list_vouched(session, demand_id, last.assessment_id)
    cuts = tuple(view_cut(row) for row in rows if row.number <= last.number)
    version = session.get_one(Assessment, last.assessment_id).record_version
    document, _ = open_record(session, keys, demand_id, version)
    items = tuple(load_content(document).items)
    return Told(newest.sent_at, cuts, items, normalise_of(session))


def list_told(session: Session, demand_id: str) -> dict[str, datetime]:
    """Return when letters about what is not given first went out, by the last narrowing they say.

    The log vouches for each.
    """
    found: dict[str, datetime] = {}
    for letter in _list_letters(session, demand_id):
        found.setdefault(letter.subject, letter.sent_at)
    return found


def find_earlier(session: Session, demand_id: str, subject: str | None) -> Letter | None:
    """Return the newest letter about another subject that says something is not given.

    A letter that took one back is none; of several languages it is the first that went out.
    """
    letters = [
        one
        for one in _list_letters(session, demand_id)
        if one.subject != subject and not one.subject.startswith(TAKES_BACK)
    ]
    return next((one for one in letters if one.subject == letters[-1].subject), None)


def _list_letters(session: Session, demand_id: str) -> list[Letter]:
    query = select(Letter).where(
        Letter.demand_id == demand_id, Letter.about == About.NARROWING.value
    )
    entries = read_stream(session, demand_id)
    rows = session.scalars(query.order_by(Letter.sent_at, Letter.id))
    return [one for one in rows if entries.find_vouching(session, one) is not None]
