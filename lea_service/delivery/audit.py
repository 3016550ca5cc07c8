"""Compares receivers' tokens and deliveries with the log, and finds what was slipped in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.delivery.models import Delivery, ReceiverToken
from lea_service.delivery.proven import check_delivery, check_grant, check_token
from lea_service.kernel.errors import LeaError
from lea_service.staff.decisions import Decisions


def check_handover(session: Session, decisions: Decisions) -> list[str]:
    """Return a line for each token and delivery that nobody entered or nobody decided on."""
    return [*_check_tokens(session, decisions), *_check_deliveries(session)]


def _check_tokens(session: Session, decisions: Decisions) -> Iterator[str]:
    """Yield what is wrong with tokens that may still be used."""
    query = select(ReceiverToken).where(ReceiverToken.revoked_at.is_(None))
    for row in session.scalars(query.order_by(ReceiverToken.id)).all():
        check = check_grant if row.claimed_at is None else check_token
        yield from _told(f"receiver_tokens: {row.id}", partial(check, session, decisions, row))


def _check_deliveries(session: Session) -> Iterator[str]:
    for package in session.scalars(select(Delivery.package_id).order_by(Delivery.package_id)).all():
        yield from _told(f"deliveries: {package}", partial(check_delivery, session, package))


def _told(label: str, check: Callable[[], None]) -> Iterator[str]:
    try:
        check()
    except LeaError as err:
        yield err.detail if err.detail.startswith(label) else f"{label}: {err.detail}"
