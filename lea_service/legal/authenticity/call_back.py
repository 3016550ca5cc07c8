"""Which calls to an agency count: to a number that still stands in the register, about this demand.

A denial stays until another colleague than who recorded it records a confirmation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.authenticity.observations import Observation, Sight

PHONE = "phone"
NOT_VERIFIED = (
    "expected the id of a current telephone number that the register has of the agency or issuing "
    "person of this demand"
)


class CallOutcome(StrEnum):
    """What the agency said."""

    CONFIRMED = "confirmed"
    DENIED = "denied"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: ``record_version`` is the record of the demand that it was about."""

    id: str
    contact: str
    subject: str
    outcome: CallOutcome
    record_version: int
    called_by: str
    called_at: datetime


def observe_calls(
    calls: Sequence[Call],
    *,
    record_version: int,
    parties: Collection[str | None],
    contacts: Collection[str],
    now: datetime,
) -> Iterator[Observation]:
    """Yield what calls say of a demand, given in the order in which they were recorded.

    ``parties`` are its agency and issuing person, ``contacts`` the numbers that count now.
    """
    if not calls:
        yield Observation(Sight.CALL_BACK_NONE, now, ())
    denial = find_denial(calls)
    if denial is not None:
        yield _seen(Sight.CALL_BACK_DENIED, denial)
    for call in calls:
        if call.outcome is CallOutcome.UNREACHABLE:
            yield _seen(Sight.CALL_BACK_UNREACHABLE, call)
        elif call.outcome is CallOutcome.CONFIRMED:
            is_about = call.record_version == record_version
            counts = is_about and call.subject in parties and call.contact in contacts
            yield _seen(Sight.CALL_BACK_CONFIRMED if counts else Sight.CALL_BACK_OUTDATED, call)


def find_denial(calls: Sequence[Call]) -> Call | None:
    """Return the last denial that no other colleague's later confirmation took back."""
    denials: dict[str, Call] = {}
    for call in calls:
        if call.outcome is CallOutcome.DENIED:
            denials.pop(call.called_by, None)
            denials[call.called_by] = call
        elif call.outcome is CallOutcome.CONFIRMED:
            denials = {by: one for by, one in denials.items() if by == call.called_by}
    return next(reversed(denials.values()), None)


def check_called_at(
    called_at: datetime, received_at: datetime, known_at: datetime, now: datetime
) -> None:
    """Let a call be recorded that was made when there were a demand and its number.

    ``known_at`` is when the number came into the register. Raises InvalidInput, which names both.
    """
    if not max(received_at, known_at) <= called_at <= now:
        raise InvalidInput.at(
            "/called_at",
            f"expected when the call was made (--at): after the demand came in "
            f"({format_instant(received_at)}), after the number was approved for the register "
            f"({format_instant(known_at)}), and not later than now; a call made before counts for "
            "nothing, so call again",
        )


def _seen(sight: Sight, call: Call) -> Observation:
    seen: dict[str, Json] = {"contact": call.contact, "subject": call.subject}
    return Observation(sight, call.called_at, (call.called_by,), call.id, seen)
