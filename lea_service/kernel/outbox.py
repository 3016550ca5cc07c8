"""The outbox of notices: one exists if and only if the use case that caused it committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lea_service.kernel.actors import Actor
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.jobs import enqueue, has_job
from lea_service.kernel.transactions import Transaction, Transactions

Begin = Callable[[], AbstractContextManager[Transaction]]
NOTICE_JOB = "notice.send"
ALARM = "alarm"


def enqueue_notice(
    tx: Transaction, template: str, *, demand: str, receiver: str | None = None, occasion: str
) -> str:
    """Have a notice about a demand sent, once for each ``occasion``; returns the job.

    It goes to ``receiver`` (a person or desk of the register) or else to the authority. Ids only:
    the mailbox is looked up when the notice is sent.
    """
    args: dict[str, Json] = {"template": template, "demand": demand, "receiver": receiver}
    dedup = f"{occasion}/{receiver or demand}"
    return enqueue(tx, NOTICE_JOB, args, subject=demand, dedup=dedup)


def enqueue_alarm(tx: Transaction, *, about: str, occasion: str) -> str:
    """Have the provider's own people told that something failed; ``about`` is an id of ours."""
    return enqueue_own_notice(tx, ALARM, about=about, occasion=occasion)


def has_alarm(session: Session, occasion: str) -> bool:
    """Say whether our own people were told of an occasion."""
    return has_job(session, f"{ALARM}/{occasion}")


def enqueue_daily_alarm(tx: Transaction, *, about: str, occasion: str) -> str:
    """Have our own people told once a day, however often the occasion is met."""
    return enqueue_alarm(tx, about=about, occasion=_on_day(occasion, tx.now))


def raise_daily_alarm(
    transactions: Transactions, actor: Actor, *, about: str, occasion: str
) -> None:
    """Have our own people told once a day, in a transaction of its own.

    Whoever meets the occasion again writes nothing: else a stranger who repeats what raises an
    alarm would keep every writer waiting.
    """
    today = _on_day(occasion, transactions.clock.now())
    with transactions.read() as session:
        if has_alarm(session, today):
            return
    with suppress(IntegrityError), transactions.begin(actor) as tx:  # another may be first
        enqueue_daily_alarm(tx, about=about, occasion=occasion)


def _on_day(occasion: str, now: datetime) -> str:
    """Return the name of an occasion that counts once a day, a day of UTC."""
    return f"{occasion}/{format_instant(now)[:10]}"


def enqueue_damage_alarm(tx: Transaction, about: str) -> str:
    """Have our own people told, once a day, that something is not what was written any more."""
    return enqueue_daily_alarm(tx, about=about, occasion=f"damaged/{about}")


@contextmanager
def damage_alarmed(begin: Begin, about: str) -> Iterator[None]:
    """Let damage of one thing raise the alarm, in a transaction of its own, and stop no other."""
    try:
        yield
    except IntegrityFailure:
        with begin() as tx:
            enqueue_damage_alarm(tx, about)


def enqueue_own_notice(
    tx: Transaction, template: str, *, about: str, occasion: str, recipient: str | None = None
) -> str:
    """Have the provider's own people told something, once for each ``occasion``; returns the job.

    Without a ``recipient``, an account of ours, the kind of notice decides which of them is told.
    """
    args: dict[str, Json] = {"template": template, "about": about, "recipient": recipient}
    return enqueue(tx, NOTICE_JOB, args, dedup=f"{template}/{occasion}")


def enqueue_colleague_notice(
    tx: Transaction, template: str, *, about: str, colleague: str, occasion: str
) -> str:
    """Have one of our own people told at the mailbox of their own; returns the job.

    Once for each ``occasion``. Somebody without a mailbox is told nothing, which is entered.
    """
    args: dict[str, Json] = {"template": template, "about": about, "colleague": colleague}
    return enqueue(tx, NOTICE_JOB, args, dedup=f"{template}/{occasion}/{colleague}")
