"""By when, and from when, something has to happen for a demand: each clock with its reasons.

What is ours is due at the end by the narrowest reading of the law; what the authority owes is late
only after the widest. A pause exists only where the law of the order has one. Pure decisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial

from lea_service.kernel.clock import day_of, start_of
from lea_service.legal.basis import Basis, NotBefore, Term
from lea_service.legal.counting import (
    AT_MOST,
    PAUSE_LAW,
    Count,
    Pause,
    find_counting,
    find_wait,
    reckon,
    reckon_paused,
)
from lea_service.legal.explanation import say_step
from lea_service.legal.facts import LAST_INSTANT
from lea_service.legal.moments import DemandTimes, Enforcing
from lea_service.legal.owed import NO_CLOCK, Debt, Owed, list_owed
from lea_service.legal.reckoning import (
    Reckoning,
    Step,
    count_allowed,
    count_eu_days,
    count_extended,
    say_local,
)
from lea_service.legal.working_days import WorkingDays

UNION_LAW = "EU"
WAIT_LAW = "Regulation (EU) 2023/1543 art. 10(2)"
REFUSAL_LAW = "Regulation (EU) 2023/1543 art. 12(2)"
EUROPEAN_PRESERVATION = "european_preservation_order"
SILENCE_DAYS = 5
"""Within so many days the authority answers our question (Regulation (EU) 2023/1543 art. 10(6)).

A European order to preserve binds no longer after them (art. 11).
"""
LOOKED_AT_AGAIN = timedelta(days=5)
"""So long after an order came, or its last halt ended, we look at it again, if it has no end.

It is policy of our own.
"""


class Clock(StrEnum):
    """What has to happen."""

    ANSWER = "answer"
    EMERGENCY_ANSWER = "emergency_answer"
    CONFIRMATION = "confirmation"
    VALIDATION = "validation"
    AUTHORISATION = "authorisation"
    PRESERVATION = "preservation"
    INSTALMENT = "instalment"


OF_DEBT = {
    Debt.WRITING: Clock.CONFIRMATION,
    Debt.VALIDATION: Clock.VALIDATION,
    Debt.AUTHORISATION: Clock.AUTHORISATION,
}
OWED = frozenset(OF_DEBT.values())
"""What an authority owes of an order that was acted on, each with a clock of its own."""
ASKED_AT_END = frozenset({Debt.VALIDATION, Debt.AUTHORISATION})
"""Of these nothing has to reach us by the end: then one of us asks."""


UNANSWERED = "unanswered"
"""The step that says that silence ends a preservation."""


class Whose(StrEnum):
    """Who has to do it; a preservation is nobody's act, it ends."""

    OURS = "ours"
    AUTHORITY = "authority"
    NOBODY = "nobody"


class Status(StrEnum):
    """How a clock stands. ``no_end``: the law has no figure, or it is not known."""

    RUNNING = "running"
    HALTED = "halted"
    MET = "met"
    OVER = "over"
    NO_END = "no_end"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock. Before ``earliest`` nothing may happen, at ``due`` it has to have happened.

    ``reasons`` are the steps that count nothing: what halts it, whose wish makes it due, what it
    waits for, why there is no end. With ``waits_for`` and no ``earliest`` nobody knows when the
    wait ends by itself: a person says.
    ``alarm`` is when to look, ``rule`` and ``text`` are the catalogue's, ``reckoning`` is how the
    end was counted.
    """

    clock: Clock
    whose: Whose
    status: Status
    rule: str
    law: str
    text: str | None = None
    earliest: datetime | None = None
    due: datetime | None = None
    alarm: datetime | None = None
    met_at: datetime | None = None
    waits_for: str | None = None
    reckoning: Reckoning | None = None
    reasons: tuple[Step, ...] = ()

    @property
    def late(self) -> datetime | None:
        """Return when the widest reading of the law has run out too; None where no end is."""
        return None if self.reckoning is None else self.reckoning.widest_end

    @property
    def told_end(self) -> datetime | None:
        """Return when the widest reading of what one of us says has run out; else ``late``."""
        return (self.reckoning.told_end or self.late) if self.reckoning else None

    @property
    def is_silent(self) -> bool:
        """Say whether an unanswered question brings the end nearer."""
        return self.reckoning is not None and any(
            one.code == UNANSWERED for one in self.reckoning.steps
        )

    @property
    def is_sure(self) -> bool | None:
        """Say whether no unknown decree can move the end; None where nothing was counted."""
        return None if self.reckoning is None else self.reckoning.is_sure

    @property
    def steps(self) -> list[dict[str, str | None]]:
        """Return each step of the reckoning and each reason: code, article, and both sentences."""
        counted = self.reckoning.steps if self.reckoning else ()
        return [
            {"code": one.code, "law": one.law, "nl": say_step(one, "nl"), "en": say_step(one, "en")}
            for one in (*counted, *self.reasons)
        ]


def ordered_at(order_date: date, received_at: datetime) -> datetime:
    """Return the instant an order was given: its receipt on the day it bears, or that day's start.

    Of an order only the day is known. Counted in days, any instant of it will do; an alarm in
    hours comes early rather than late.
    """
    if day_of(received_at) == order_date:
        return received_at
    return start_of(order_date)


def list_deadlines(
    basis: Basis, times: DemandTimes, working: WorkingDays, now: datetime
) -> list[Deadline]:
    """Return every clock of a demand under a basis, as it stands at ``now``."""
    of_demand = (
        _answer(basis, times, working, now),
        _emergency_answer(basis, times, working, now),
        *(_of_authority(one, times, working, now) for one in list_owed(basis, times)),
        _preservation(basis, times, working, now),
        _instalment(basis, times, now),
    )
    return [one for one in of_demand if one is not None]


def _answer(
    basis: Basis, times: DemandTimes, working: WorkingDays, now: datetime
) -> Deadline | None:
    term = basis.response
    if term is not None and term.rule in NO_CLOCK and term.not_before is None:
        return None
    return _owed(Clock.ANSWER, basis, term, times, working, now, wanted_by=times.wanted_by)


def _emergency_answer(
    basis: Basis, times: DemandTimes, working: WorkingDays, now: datetime
) -> Deadline | None:
    """Return by when an emergency is answered; None where nobody says that it is one."""
    term = basis.emergency_response
    if term is None or term.rule != AT_MOST or not times.has_emergency_term:
        return None
    return _owed(Clock.EMERGENCY_ANSWER, basis, term, times, working, now)


def _owed(
    clock: Clock,
    basis: Basis,
    term: Term | None,
    times: DemandTimes,
    working: WorkingDays,
    now: datetime,
    *,
    wanted_by: datetime | None = None,
) -> Deadline:
    """Return a clock of ours, which an open question or a refusal halts where the law says so."""
    pauses = times.pauses if basis.jurisdiction == UNION_LAW else ()
    halts = tuple(_halts(basis, times, pauses))
    if halts and not times.is_answered:
        return Deadline(
            clock=clock,
            whose=Whose.OURS,
            status=Status.HALTED,
            rule=_rule(term),
            law=basis.citation,
            text=_text(term),
            alarm=_answer_expected(pauses, working),
            reasons=halts,
        )
    reckoning = reckon_paused(term, times.received_at, pauses, working)
    end = reckoning.end if reckoning else None
    due = min((one for one in (end, wanted_by) if one is not None), default=None)
    begun = max([times.received_at, *(one.until for one in pauses if one.until is not None)])
    alarm = begun + LOOKED_AT_AGAIN if due is None else None
    waits = find_wait(term) if times.enforcing is None else None
    waited = reckon_paused(term, times.waits_from, pauses, working) if waits else None
    earliest = waited.widest_end if waited else None
    return Deadline(
        clock=clock,
        whose=Whose.OURS,
        status=_status(times.is_answered, due, now),
        rule=_rule(term),
        law=basis.citation,
        text=_text(term),
        earliest=earliest,
        due=due,
        alarm=alarm,
        waits_for=waits.ends_early_by if waits else None,
        reckoning=reckoning,
        reasons=(
            *_no_figure(basis.citation, term, reckoning),
            *_wish(basis, wanted_by, end),
            *_wait(waits, earliest),
        ),
    )


def _halts(basis: Basis, times: DemandTimes, pauses: Sequence[Pause]) -> Iterator[Step]:
    """Yield what halts a clock of ours: a refusal, a question without an answer."""
    if _is_refused(basis, times):
        yield Step("refused", REFUSAL_LAW, {})
    asked = [pause.since for pause in pauses if pause.until is None]
    if asked:
        yield Step("halted_since", PAUSE_LAW, {"since": say_local(min(asked))})


def _answer_expected(pauses: Sequence[Pause], working: WorkingDays) -> datetime | None:
    """Return until when the authority has to answer the first open question; None without one."""
    asked = [pause.since for pause in pauses if pause.until is None]
    return count_eu_days(min(asked), SILENCE_DAYS, working).widest_end if asked else None


def _no_figure(law: str, term: Term | None, reckoning: Reckoning | None) -> Iterator[Step]:
    """Yield by which rule of the law there is nothing to count."""
    if reckoning is None:
        yield Step("no_figure", law, {"rule": _rule(term)})


def _wish(basis: Basis, wanted_by: datetime | None, end: datetime | None) -> Iterator[Step]:
    """Yield when the authority wants its answer, and whether that makes it due."""
    if wanted_by is not None:
        code = "wanted_by" if end is None or wanted_by <= end else "wanted_later"
        yield Step(code, basis.citation, {"at": say_local(wanted_by)})


def _wait(waits: NotBefore | None, earliest: datetime | None) -> Iterator[Step]:
    """Yield before when nothing leaves, where it waits for an authority."""
    if waits is not None and earliest is None:
        yield Step("not_before_said", WAIT_LAW, {})
    elif earliest is not None:
        yield Step("not_before", WAIT_LAW, {"at": say_local(earliest)})


def waits_for_authority(basis: Basis) -> bool:
    """Say whether an answer on this basis may have to wait for an enforcing authority."""
    return basis.response is not None and basis.response.not_before is not None


def _is_refused(basis: Basis, times: DemandTimes) -> bool:
    """Say whether the enforcing authority stopped the order."""
    return times.enforcing is Enforcing.REFUSED and waits_for_authority(basis)


def _of_authority(owed: Owed, times: DemandTimes, working: WorkingDays, now: datetime) -> Deadline:
    """Return by when an oral order has to be there in writing, or its validation is sought.

    At the end of the latter somebody of us looks: the law does not say that it is given by then.
    So it is with what a judge said: the law does not say that we are shown its writing.
    """
    term, reckoning = owed.term, _reckon_owed(owed, working)
    late = reckoning.widest_end if reckoning else None
    stops = (reckoning.told_end or late) if reckoning else None
    hours = term.alarm_hours if term else None
    since = owed.since if owed.debt is Debt.AUTHORISATION else times.ordered_at
    alarm = since + timedelta(hours=hours) if hours else None
    is_late = owed.met_at is not None and late is not None and owed.met_at >= late
    return Deadline(
        clock=OF_DEBT[owed.debt],
        whose=Whose.AUTHORITY,
        status=_status(owed.met_at is not None, stops, now),
        rule=_rule(term),
        law=owed.law,
        text=_text(term),
        due=reckoning.end if reckoning else None,
        alarm=late if owed.debt in ASKED_AT_END and alarm is None else alarm,
        met_at=owed.met_at,
        reckoning=reckoning,
        reasons=(
            *_no_figure(owed.law, term, reckoning),
            *([Step("came_late", owed.law, {})] if is_late else []),
        ),
    )


def _reckon_owed(owed: Owed, working: WorkingDays) -> Reckoning | None:
    """Count what an authority owes from the date of its order, which one of us types.

    By the first that was stated nothing leaves any more; that its authority is late nobody says
    before the end by the last.
    """
    stated = reckon(owed.term, owed.since, working)
    last = reckon(owed.term, owed.since_last, working) if owed.since_last else None
    if stated is None or last is None or last.widest_end <= stated.widest_end:
        return stated
    is_sure, told_end = stated.is_sure and last.is_sure, stated.widest_end
    return replace(stated, widest_end=last.widest_end, is_sure=is_sure, told_end=told_end)


def _preservation(
    basis: Basis, times: DemandTimes, working: WorkingDays, now: datetime
) -> Deadline | None:
    """Return when a preservation ends: extended before ``due``, given up after ``late`` only."""
    term = basis.preservation
    if term is None or term.rule != AT_MOST:
        return None
    if basis.jurisdiction == UNION_LAW:
        begins = (times.received_at, times.kept_from)
    else:  # only the day of an order is known: from its first hour
        begins = (start_of(times.ordered_on), start_of(times.ordered_last or times.ordered_on))
    kept = _reckon_told(term, begins, times, working)
    reckoning = _until_silence(basis, times, kept, working)
    end = reckoning.widest_end if reckoning else None
    reasons = tuple(_no_figure(basis.citation, term, reckoning))
    if reckoning is None and times.keeping.production_follows:
        reasons = (Step("production_follows", basis.citation, {}),)
    return Deadline(
        clock=Clock.PRESERVATION,
        whose=Whose.NOBODY,
        status=_status(times.is_kept_no_longer, end, now),
        rule=term.rule,
        law=basis.citation,
        text=term.text,
        due=reckoning.end if reckoning else None,
        reckoning=reckoning,
        reasons=reasons,
    )


def _reckon_told(
    term: Term, begins: tuple[datetime, datetime], times: DemandTimes, working: WorkingDays
) -> Reckoning | None:
    """Count how long data are kept from the date or the receipt of an order, which one of us types.

    So nothing is given up before the end by the last that was stated, or by when it was recorded.
    """
    stated, widest = (_reckon_kept(term, one, times, working) for one in begins)
    if stated is None or widest is None or widest.widest_end <= stated.widest_end:
        return stated
    return count_allowed(stated, widest)


def _reckon_kept(
    term: Term, event: datetime, times: DemandTimes, working: WorkingDays
) -> Reckoning | None:
    """Count how long data are kept; None while production follows, which has no end by itself.

    One of us types how many days an order states where they are fewer, so nothing is given up by
    them: the end comes nearer by them, and the latest is that of as many as the law allows.
    """
    keeping, count, most = times.keeping, find_counting(term), term.value
    if keeping.production_follows or most is None or count is None:
        return None
    count_both = partial(_count_both, count, event, working)
    more = term.extension.value if term.extension and keeping.more_days else keeping.more_days
    stated = count_both(keeping.days or most, keeping.more_days)
    lawful = count_both(most, more)
    return stated if stated.widest_end >= lawful.widest_end else count_allowed(stated, lawful)


def _count_both(
    count: Count, event: datetime, working: WorkingDays, days: int, more_days: int
) -> Reckoning:
    first = count(event, days, working)
    if not more_days:
        return first
    whole = count(event, days + more_days, working)
    after = count(first.widest_end - LAST_INSTANT, more_days, working)
    return count_extended(first, whole, after, more_days)


def _until_silence(
    basis: Basis, times: DemandTimes, kept: Reckoning | None, working: WorkingDays
) -> Reckoning | None:
    """Return the end of a European preservation order, which an unanswered question brings nearer.

    A question halts the term of an answer and not the freeze. Silence ends the order, but one of us
    alone asks, and says whether an answer came: so nothing is given up by it before the law's end.
    """
    asked = next((one.since for one in times.pauses if one.until is None), None)
    if basis.instrument != EUROPEAN_PRESERVATION or asked is None or kept is None:
        return kept
    silent = count_eu_days(asked, SILENCE_DAYS, working)
    if kept.widest_end <= silent.widest_end:
        return kept
    told = replace(silent, steps=(*silent.steps, Step(UNANSWERED, basis.citation, {})))
    return count_allowed(told, kept)


def _instalment(basis: Basis, times: DemandTimes, now: datetime) -> Deadline | None:
    """Return by when the next instalment is handed over, which is policy of our own."""
    if times.awaited is None:
        return None
    number, due = times.awaited.number, times.awaited.due
    return Deadline(
        clock=Clock.INSTALMENT,
        whose=Whose.OURS,
        status=_status(False, due, now),
        rule=AT_MOST,
        law=basis.citation,
        due=due,
        reasons=(Step("instalment", None, {"number": number, "at": say_local(due)}),),
    )


def _text(term: Term | None) -> str | None:
    return None if term is None else term.text


def _rule(term: Term | None) -> str:
    return "unknown" if term is None else term.rule


def _status(is_met: bool, end: datetime | None, now: datetime) -> Status:
    if is_met:
        return Status.MET
    if end is None:
        return Status.NO_END
    return Status.OVER if now >= end else Status.RUNNING
