"""How a term of the catalogue is counted, what lengthens it, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lea_service.kernel.errors import IntegrityFailure
from lea_service.legal.basis import NotBefore, Term
from lea_service.legal.reckoning import (
    Reckoning,
    Step,
    count_eu_days,
    count_eu_hours,
    count_hours,
    count_nl_days,
    count_nl_period,
    say_local,
)
from lea_service.legal.working_days import WorkingDays

AT_MOST = "at_most"
ENFORCING_AUTHORITY_NOTIFIED = "enforcing_authority_notified"
PAUSE_LAW = "Regulation (EU) 2023/1543 art. 10(6)"
Count = Callable[[datetime, int, WorkingDays], Reckoning]
COUNTINGS: Mapping[str, Count] = {
    "nl_3_days": count_nl_days,
    "nl_90_days": lambda event, days, _working: count_nl_period(event, days),
    "eu_days": count_eu_days,
    "eu_hours": lambda event, hours, _working: count_eu_hours(event, hours),
    "clock_hours": lambda event, hours, _working: count_hours(event, hours),
}
"""How each time rule of the catalogue is counted."""
HOURLY = frozenset({"eu_hours", "clock_hours"})
"""The time rules that count hours; every other counts days."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A question to the authority and its answer; open while ``until`` is None."""

    since: datetime
    until: datetime | None


def can_be_counted(term: Term) -> bool:
    """Say whether a term has no way of counting, or one that is known and suits its figure."""
    if term.rule != AT_MOST or term.counting is None:
        return term.not_before is None
    unit = "hours" if term.counting in HOURLY else "days"
    waits = term.not_before
    is_known = waits is None or (
        waits.when == ENFORCING_AUTHORITY_NOTIFIED
        and (waits.value, waits.unit) == (term.value, term.unit)
    )
    return term.counting in COUNTINGS and term.unit == unit and is_known


def reckon(term: Term | None, event: datetime, working: WorkingDays) -> Reckoning | None:
    """Count a term that has a figure and a way of counting it; None where it has not."""
    if term is None or term.value is None:
        return None
    count = find_counting(term)
    return None if count is None else count(event, term.value, working)


def reckon_paused(
    term: Term | None, event: datetime, pauses: Sequence[Pause], working: WorkingDays
) -> Reckoning | None:
    """Count a term from an event, longer by the time that questions took since.

    Regulation (EU) 2023/1543 art. 10(6): until the clarification the duties do not apply; Dutch law
    knows no such pause. How the rest of the term is counted it does not say: the narrowest reading
    adds the time to the end, the widest counts the whole term from as much later.
    """
    spans = [(max(one.since, event), one.until) for one in pauses if one.until is not None]
    spans = [(since, until) for since, until in spans if since < until]
    plain = reckon(term, event, working)
    stood = sum((until - since for since, until in spans), timedelta())
    moved = reckon(term, event + stood, working)
    if plain is None or moved is None or not spans:
        return plain
    steps = [
        Step("paused", PAUSE_LAW, {"since": say_local(since), "until": say_local(until)})
        for since, until in spans
    ]
    ends = sorted((plain.end + stood, plain.widest_end + stood, moved.end, moved.widest_end))
    after = Step("resumed", PAUSE_LAW, {"end": say_local(ends[0]), "at": say_local(ends[-1])})
    return replace(
        plain,
        end=ends[0],
        widest_end=ends[-1],
        steps=(*plain.steps, *steps, after),
        is_sure=plain.is_sure and moved.is_sure,
    )


def find_wait(term: Term | None) -> NotBefore | None:
    """Return what an answer waits for, be it known until when or not.

    While nobody said whether the enforcing authority was notified it is treated as notified.
    """
    waits = term.not_before if term else None
    if term is None or waits is None:
        return None
    is_known = waits.when == ENFORCING_AUTHORITY_NOTIFIED
    is_of_term = term.value is None or (waits.value, waits.unit) == (term.value, term.unit)
    if not is_known or not is_of_term:
        raise IntegrityFailure("the catalogue has a wait that is not known here")
    return waits


def find_counting(term: Term) -> Count | None:
    """Return how a term is counted; None where it has no way. Raises IntegrityFailure."""
    if term.rule != AT_MOST or term.counting is None:
        return None
    count = COUNTINGS.get(term.counting)
    if count is None:
        raise IntegrityFailure("the catalogue counts a term in a way that is not known here")
    return count
