"""Which calls to an agency count: to a number that still stands in the register, about this demand.

A denial stays until another colleague than who recorded it calls again and records a confirmation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import say_minute_after
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
    """Return the last denial that no other colleague's confirmation took back.

    One takes back what was said before it: of a call that was made earlier, and recorded earlier.
    """
    denials: list[Call] = []
    for call in calls:
        if call.outcome is CallOutcome.DENIED:
            denials.append(call)
        elif call.outcome is CallOutcome.CONFIRMED:
            denials = [one for one in denials if not _takes_back(call, one)]
    return denials[-1] if denials else None


def _takes_back(confirmation: Call, denial: Call) -> bool:
    is_other = confirmation.called_by != denial.called_by
    return is_other and denial.called_at <= confirmation.called_at


def check_called_at(
    called_at: datetime,
    *,
    received_at: datetime,
    known_at: datetime,
    corrected_at: datetime | None,
    now: datetime,
) -> None:
    """Let a call be recorded that was made when there were a demand as it is, and its number.

    ``known_at`` is when the number came into the register, ``corrected_at`` when the demand got the
    record that it has; None for its first. Raises InvalidInput, which names each.
    """
    if not max(received_at, known_at, corrected_at or received_at) <= called_at <= now:
        corrected = (
            f"after the demand was last corrected ({say_minute_after(corrected_at)}), "
            if corrected_at
            else ""
        )
        raise InvalidInput.at(
            "/called_at",
            f"expected when the call was made (--at): after the demand came in "
            f"({say_minute_after(received_at)}), {corrected}after the number was approved for the "
            f"register ({say_minute_after(known_at)}), and not later than now; a call made before "
            "counts for nothing, so call again",
        )


def _seen(sight: Sight, call: Call) -> Observation:
    seen: dict[str, Json] = {"contact": call.contact, "subject": call.subject}
    return Observation(sight, call.called_at, (call.called_by,), call.id, seen)
