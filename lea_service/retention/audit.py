"""Compares grounds for records past their term with the log and with what two people signed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lea_service.custody.replay import read_stream
from lea_service.kernel.errors import IntegrityFailure, VerificationFailed
from lea_service.kernel.transactions import RECORDS_STREAM
from lea_service.retention.approval import GROUND_KIND, GROUND_SET
from lea_service.staff.decisions import Decisions


def check_ground_entered(session: Session, decisions: Decisions, code: str) -> None:
    """Let somebody rely on a ground that two people allowed and did not end.

    The log alone counts, not the table. Raises VerificationFailed (no such ground now, or a
    decision that does not verify), IntegrityFailure (the log is damaged).
    """
    last = read_stream(session, RECORDS_STREAM).last(GROUND_SET, code=code)
    if last is None or last.facts.get("is_allowed") is not True:
        raise VerificationFailed("the ground for rows past their term is not allowed any more")
    decision = decisions.verify(str(last.facts.get("approval")))
    signed = {name: decision.facts.get(name) for name in ("is_allowed", "generation")}
    if (decision.kind, decision.subject) != (GROUND_KIND, code) or not (
        signed.items() <= last.facts.items()
    ):
        raise IntegrityFailure("the ground for rows past their term was allowed by nobody")
