"""Holds what a receiver comes with against the log and what two of us signed.

Whoever owns the database can write a token, or somebody else's name beside a package. Neither opens
anything: what was not entered, or not decided on by two, counts for nothing.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import Entered, Stream, read_stream
from lea_service.delivery.approval import RECEIVER_TOKEN
from lea_service.delivery.models import Delivery, DeliveryReceiver, ReceiverToken
from lea_service.demands.admission import is_sealed
from lea_service.demands.audit import check_demand
from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.database import get_row
from lea_service.kernel.errors import IntegrityFailure, VerificationFailed
from lea_service.packaging.queries import get_package_row
from lea_service.staff.decisions import Decisions
from lea_service.staff.history import VerifiedDecision

ISSUED, CODED = "receiver.token_issued", "receiver.code_issued"
CLAIMED, REVOKED = "receiver.token_claimed", "receiver.token_revoked"


def check_token(session: Session, decisions: Decisions, row: ReceiverToken) -> None:
    """Let a claimed token through that two granted and that its person claimed, once.

    Raises NotFound, VerificationFailed, IntegrityFailure.
    """
    entries = read_stream(session, row.agency_id)
    _check_granted(entries, decisions.verify(row.approval_id), row)
    claims = [one for one in entries.of(CLAIMED) if one.facts.get("token") == row.id]
    secret = encode_b64url(row.token_digest or b"")
    if [(one.by, one.facts.get("digest")) for one in claims] != [(row.person_id, secret)]:
        raise IntegrityFailure(f"receiver_tokens: {row.id} was not claimed like this")


def check_grant(session: Session, decisions: Decisions, row: ReceiverToken) -> None:
    """Let a token through that two granted, claimed or not.

    Raises NotFound, VerificationFailed, IntegrityFailure.
    """
    _check_granted(read_stream(session, row.agency_id), decisions.verify(row.approval_id), row)


def check_code(session: Session, decisions: Decisions, row: ReceiverToken) -> None:
    """Let a code through that one of the two who granted the token asked for last.

    Raises NotFound, VerificationFailed, IntegrityFailure.
    """
    entries, decision = read_stream(session, row.agency_id), decisions.verify(row.approval_id)
    _check_granted(entries, decision, row)
    code, digest = entries.last(CODED, token=row.id), encode_b64url(row.code_digest or b"")
    granters = {decision.proposed_by, decision.decided_by}
    if code is None or code.facts.get("digest") != digest or code.by not in granters:
        raise IntegrityFailure(f"receiver_tokens: {row.id} has a code that nobody issued")
    if entries.last(CLAIMED, token=row.id) is not None:
        raise IntegrityFailure(f"receiver_tokens: {row.id} was claimed before")


def check_delivery(session: Session, package_id: str) -> None:
    """Let somebody rely on what the tables say of a delivery and its demand.

    Raises NotFound, IntegrityFailure.
    """
    delivery = get_row(session, Delivery, package_id, "package")
    entries = check_demand(session, delivery.demand_id)
    entry = entries.last("package.made_available", package=package_id)
    query = select(DeliveryReceiver).where(DeliveryReceiver.package_id == package_id)
    receivers = session.scalars(query.order_by(DeliveryReceiver.receiver)).all()
    vouching = [entries.find_vouching(session, row) for row in (delivery, *receivers)]
    if entry is None or any(one != entry for one in vouching):
        raise IntegrityFailure(f"deliveries: {package_id} was not made available like this")
    named = [one.receiver for one in receivers]
    if not _is_whole(session, delivery.demand_id, entry, named):
        raise IntegrityFailure(f"deliveries: {package_id} is for others than it was made for")
    if entries.find_vouching(session, get_package_row(session, package_id)) is None:
        raise IntegrityFailure(f"packages: {package_id} is not as it was recorded")


def _is_whole(session: Session, demand_id: str, entry: Entered, named: list[str]) -> bool:
    """Say whether an entry names these; in the sealed lane it vouches for so many rows instead."""
    if is_sealed(session, demand_id):
        return len(entry.digests) == 1 + len(named)
    return named == entry.facts.get("receivers")


def _check_granted(entries: Stream, decision: VerifiedDecision, row: ReceiverToken) -> None:
    """Compare a token with the decision of two and with the entry that granted it."""
    signed = (decision.kind, decision.subject, decision.facts.get("token"))
    if signed != (RECEIVER_TOKEN, row.person_id, row.id):
        raise VerificationFailed(f"receiver_tokens: {row.id} is not what two people decided on")
    issued, days = entries.last(ISSUED, token=row.id), decision.facts.get("days")
    granted = {
        "approval": row.approval_id,
        "days": days,
        "person": row.person_id,
        "token": row.id,
    }
    if issued is None or issued.facts != granted or not isinstance(days, int):
        raise IntegrityFailure(f"receiver_tokens: {row.id} was granted by nobody")
    if row.expires_at > parse_instant(issued.at) + timedelta(days=days):
        raise IntegrityFailure(f"receiver_tokens: {row.id} lasts longer than was decided")
    if entries.last(REVOKED, token=row.id) is not None:
        raise IntegrityFailure(f"receiver_tokens: {row.id} was revoked")
