"""Use cases of letters: shown first, then sent as shown, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.custody.looks import Looks
from lea_service.delivery.letters.late_queries import PREPARED, is_prepared, list_late
from lea_service.delivery.letters.models import Letter
from lea_service.delivery.letters.queries import (
    Correspond,
    LetterView,
    Matter,
    get_matter,
    has_letter,
    letter_label,
    list_letters,
)
from lea_service.delivery.letters.text import About
from lea_service.demands.admission import conceal, is_sealed
from lea_service.demands.changes import lock_demand
from lea_service.demands.look_service import note_look
from lea_service.demands.states import State
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json, encode_b64url, sha256
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import StaleVersion, WrongState
from lea_service.kernel.outbox import Begin, enqueue_own_notice
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.times import PUTS, SENT
from lea_service.legal.working_days import WorkingDays
from lea_service.staff.reach.queries import find_open_alarm

ENDED = frozenset({State.CLOSED, State.ERASED})


@dataclass(frozen=True, slots=True)
class DraftView:
    """A letter as it would go out now; ``digest`` says which text was shown."""

    about: About
    language: str
    text: str
    digest: str


class LetterService:
    """Writes letters to the authority out of what was decided."""

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        correspond: Correspond,
        working: WorkingDays,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._correspond = correspond
        self._working = working

    def draft(self, actor: Actor, demand_id: str, about: About, language: str) -> DraftView:
        """Return a letter as it would go out; the look is entered first. Nothing is kept.

        Raises NotFound where there is nothing to write about, WrongState (a European order).
        """
        self._note_look(actor, demand_id)
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            matter = self._get_matter(session, self._transactions.keys, demand_id, about, now)
        text = matter.write(language)
        return DraftView(about, language, text, _digest(text))

    def send(
        self, actor: Actor, demand_id: str, about: About, language: str, digest: str
    ) -> LetterView:
        """Let those of the authority read a letter, as it was shown, and keep it.

        Raises StaleVersion when it would say something else by now, WrongState when it went out or
        the demand was closed, NotFound.
        """
        permit(actor, Permission.DEMAND_REFUSE)
        with self._transactions.begin(actor) as tx:
            row = lock_demand(tx, demand_id)
            if row.state in ENDED:
                raise WrongState("the demand was closed; no letter follows")
            matter = self._get_matter(tx.session, tx.keys, demand_id, about, tx.now)
            if has_letter(tx.session, demand_id, about, matter.subject, language):
                raise WrongState("this letter went out already")
            text = matter.write(language)
            if _digest(text) != digest:
                raise StaleVersion("the letter says something else by now", version=row.version)
            letter = Letter(
                id=tx.ids.new("lt"),
                demand_id=demand_id,
                about=about.value,
                subject=matter.subject,
                language=language,
                text_sealed=b"",
                sent_by=tx.actor.id,
                sent_at=tx.now,
            )
            letter.text_sealed = tx.seal(demand_id, text, letter_label(letter.id))
            tx.session.add(letter)
            tx.session.flush()
            facts: dict[str, Json] = {
                "letter": letter.id,
                "about": letter.about,
                "subject": letter.subject,
                "language": language,
            }
            if matter.puts is not None:
                facts[PUTS] = matter.puts
            told = conceal(tx.session, demand_id, facts, "about", "subject")
            tx.record(SENT, demand_id, facts=facts, disclose=told, evidence=[letter])
            return list_letters(tx.session, tx.keys, demand_id)[-1]

    def prepare_late(self, begin: Begin) -> None:
        """Keep a letter ready of each answer that may be late while too few can be reached.

        A person sends it. For the worker; once for each demand and each alarm, and at
        most once a day.
        """
        now = self._transactions.clock.now()
        with self._transactions.read() as session:
            alarm = find_open_alarm(session)
            if alarm is None:
                return
            due = list_late(session, self._transactions.keys, self._working, alarm.id, now)
        for demand_id in due:
            with begin() as tx:
                _prepare_late(tx, demand_id, alarm.id)

    def list(self, actor: Actor, demand_id: str) -> Sequence[LetterView]:
        """Return the letters about a demand; the look is entered first. Raises NotFound."""
        self._note_look(actor, demand_id)
        with self._transactions.read(actor) as session:
            return list_letters(session, self._transactions.keys, demand_id)

    def _get_matter(
        self, session: Session, keys: DataKeys, demand_id: str, about: About, at: datetime
    ) -> Matter:
        correspond, working = self._correspond, self._working
        return get_matter(session, keys, demand_id, about, correspond, working, at)

    def _note_look(self, actor: Actor, demand_id: str) -> None:
        permit(actor, Permission.DEMAND_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "letters")


def _prepare_late(tx: Transaction, demand_id: str, alarm: str) -> None:
    permit(tx.actor, Permission.DEADLINE_WATCH)
    lock_demand(tx, demand_id)
    if is_prepared(tx.session, demand_id, alarm, tx.now):
        return
    facts: dict[str, Json] = {"about": About.LATE.value, "alarm": alarm}
    tx.record(PREPARED, demand_id, facts=facts)
    if not is_sealed(tx.session, demand_id):
        enqueue_own_notice(tx, "letter.prepared", about=demand_id, occasion=f"{demand_id}/{alarm}")


def _digest(text: str) -> str:
    """Return what stands for a text between showing and sending it; it is not kept."""
    return encode_b64url(sha256(text.encode()))
