"""When things happened to a demand, as its sealed record and the log have it, and what waits.

No table is relied on: whoever changes one must not make a package leave early (ADR 0013).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lea_service.custody.replay import Entered, Stream
from lea_service.demands.audit import NAMES_VALIDATION, RECORDED
from lea_service.demands.demand import Demand, Form
from lea_service.demands.states import ANSWERED, KEPT, State
from lea_service.kernel.clock import parse_instant, start_of
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.counting import Pause
from lea_service.legal.deadlines import (
    OWED,
    UNION_LAW,
    Clock,
    Deadline,
    Status,
    list_deadlines,
    ordered_at,
)
from lea_service.legal.moments import (
    AuthorisedOrally,
    AwaitedInstalment,
    DemandTimes,
    Enforcing,
    Keeping,
    Validating,
)
from lea_service.legal.receipts import ACCEPTED, find_order_dates, find_receipts
from lea_service.legal.working_days import WorkingDays

ASKED, CLARIFIED = "demand.clarification_asked", "demand.clarified"
UPHELD = "demand.upheld"
HALTS = "halts"
"""States of a question whether it stops our term; one that does not say so may."""
SENT = "demand.letter_sent"
PUTS = "clarification"
"""What an entry has of the question it puts: its id, which tells nothing of its law."""
CORRECTED = "demand.corrected"
PRESERVED, EXTENDED = "preservation.kept", "preservation.extended"
LETTING_GO = ANSWERED - {State.REPLIED}
"""States in which nothing is kept; a reply that hands over nothing ends no preservation."""
PRODUCTION_FOLLOWS = "production_follows"
HANDED_OVER = "package.made_available"
ENFORCING_ANSWERED = "demand.enforcing_answered"
ENFORCING_REFUSED = "enforcing_authority_refused"
"""The hold for that."""
CONFIRMED = "confirmation.received"
AUTHORISATION_WRITTEN = "demand.authorisation_written"
PAYS = "pays"
"""What a writing paid that came without whoever validated; one that does not say so paid all."""
ASSESSED, PAPER, SAME = "demand.assessed", "paper", "same"
"""The entry of a legal check says whether the order document says what was recorded."""
READ = "paper_read"
"""An acceptance by which each difference was let pass by people who typed none of it."""
NEXT = "next"
"""In an entry: which instalment is awaited from then on, and by when; null for none."""
CAME = "came"
"""When what pays came: a paper, or word of one. It is entered once a second person agreed."""


def collect_times(demand: Demand, entries: Stream) -> DemandTimes:
    """Return what the clocks of a demand look at."""
    is_oral, receipts = was_oral(demand, entries), find_receipts(demand, entries)
    dates = find_order_dates(demand, entries)
    return DemandTimes(
        form=str(Form.ORAL) if is_oral else demand.form.value,
        ordered_on=dates.first,
        ordered_last=dates.last,
        ordered_last_at=ordered_at(dates.last, receipts.last),
        ordered_at=ordered_at(dates.first, receipts.first),
        received_at=receipts.first,
        received_last=receipts.last,
        recorded_at=receipts.recorded_at,
        confirmed_at=_written_since(entries) if is_oral else None,
        wanted_by=demand.due_at,
        pauses=_pauses(entries),
        # what follows the first instalment has its own end, which is no term of the order
        is_answered=demand.state in ANSWERED | KEPT or entries.last(HANDED_OVER) is not None,
        enforcing=find_enforcing_answer(entries),
        keeping=_keeping(entries),
        is_kept_no_longer=demand.state in LETTING_GO,
        validating=_validating(demand, entries),
        is_emergency=demand.emergency is not None,
        authorised=_authorised_orally(demand, entries),
        awaited=None if demand.state in LETTING_GO else _awaited_instalment(entries),
    )


def _awaited_instalment(entries: Stream) -> AwaitedInstalment | None:
    """Return the instalment that is handed over next, by the last entry that tells of one."""
    told = [one.facts[NEXT] for one in entries.entries if NEXT in one.facts]
    found: Any = told[-1] if told else None
    if found is None:
        return None
    return AwaitedInstalment(found["instalment"], parse_instant(found["due"]))


def find_enforcing_answer(entries: Stream) -> Enforcing | None:
    """Return what one of us recorded last of the enforcing authority, or None.

    A correction of the demand makes it another order: what was said of the one before lets nothing
    go any more. A refusal stands until somebody records another answer.
    """
    last = entries.last(ENFORCING_ANSWERED)
    if last is None:
        return None
    answer = Enforcing(last.facts["answer"])
    return None if _is_stale(last, entries) and answer is not Enforcing.REFUSED else answer


def _authorised_orally(demand: Demand, entries: Stream) -> AuthorisedOrally | None:
    """Return when a judge authorised orally and it was written down: the day that the record has.

    After the decision it is when word of it came, which two of us agreed to: that entry tells no
    day. What was agreed to before a correction is of another order.
    """
    given = demand.judicial_authorisation
    if given is None or given.oral is None:
        return None
    if given.oral.written_on is not None:
        return AuthorisedOrally(given.oral.given_at, start_of(given.oral.written_on))
    written = entries.last(AUTHORISATION_WRITTEN)
    if written is None or _is_stale(written, entries):
        return AuthorisedOrally(given.oral.given_at, None)
    return AuthorisedOrally(given.oral.given_at, _came_at(written))


def _is_stale(entry: Entered, entries: Stream) -> bool:
    """Say whether the demand was corrected after an entry, and so is another order."""
    corrected = entries.last(CORRECTED)
    return corrected is not None and corrected.idx > entry.idx


class Awaited(StrEnum):
    """What keeps back what a demand came to (``phrases.AWAITED`` says each in words)."""

    BASIS = "basis"
    CONFIRMATION = "confirmation"
    VALIDATION = "validation"
    AUTHORISATION = "authorisation"
    TERM = "term"
    OBJECTION = "objection"
    QUESTION = "question"
    ENFORCING_AUTHORITY = "enforcing_authority"


@dataclass(frozen=True, slots=True)
class Wait:
    """Why nothing leaves yet; ``until`` is when that ends by itself, where it does."""

    code: Awaited
    until: datetime | None = None


def find_wait(
    demand: Demand, entries: Stream, catalogue: Catalogue, working: WorkingDays, now: datetime
) -> Wait | None:
    """Return by what the law of a demand keeps back what it came to; None where it may leave.

    So it does where the catalogue does not know the basis (any more) or the term of a European
    order, or says that an answer waits and not until when, and while the clock is halted. Under
    Dutch law no other authority has a say, whatever the term is. So does an oral order that was not
    put in writing in time, until it is, and one that nobody proved to be validated in time, or
    whose authorisation a judge gave orally and that nobody told us to be in writing.
    """
    basis = catalogue.find_basis(demand.legal_basis, demand.order_date)
    if basis is None:
        return Wait(Awaited.BASIS)
    times = collect_times(demand, entries)
    clocks = list_deadlines(basis, times, working, now)
    for one in clocks:
        if one.clock in OWED and one.status is Status.OVER:
            return Wait(Awaited(one.clock.value))
    if basis.response is None:
        return Wait(Awaited.TERM) if basis.jurisdiction == UNION_LAW else None
    answer = next((one for one in clocks if one.clock is Clock.ANSWER), None)
    if answer is None:
        return None
    if answer.status is Status.HALTED:
        is_refused = times.enforcing is Enforcing.REFUSED
        return Wait(Awaited.OBJECTION if is_refused else Awaited.QUESTION)
    waits = answer.waits_for is not None
    is_early = waits and (answer.earliest is None or now < answer.earliest)
    return Wait(Awaited.ENFORCING_AUTHORITY, answer.earliest) if is_early else None


def list_confirmations(
    demand: Demand, entries: Stream, catalogue: Catalogue, working: WorkingDays, now: datetime
) -> list[Deadline]:
    """Return the clock of each thing that an order owes: its writing, its validation, or none."""
    basis = catalogue.find_basis(demand.legal_basis, demand.order_date)
    if basis is None:
        return []
    clocks = list_deadlines(basis, collect_times(demand, entries), working, now)
    return [one for one in clocks if one.clock in OWED]


def list_paid(demand: Demand, entries: Stream) -> frozenset[Clock]:
    """Return what an order does not owe any more, or never owed by its form or as no emergency.

    What it does not look at is whether the basis lets it be owed: then nothing is, in time.
    """
    times = collect_times(demand, entries)
    is_written = times.form != Form.ORAL or times.confirmed_at is not None
    is_validated = times.validating is None or times.validating.validated_at is not None
    is_authorised = times.authorised is None or times.authorised.written_at is not None
    found = {
        Clock.CONFIRMATION: is_written,
        Clock.VALIDATION: is_validated,
        Clock.AUTHORISATION: is_authorised,
    }
    return frozenset(clock for clock, is_paid in found.items() if is_paid)


def _pays_validation(entry: Entered) -> bool:
    """Say whether an entry is that of a confirmation which left no validation open."""
    return entry.event == CONFIRMED and entry.facts.get(PAYS) != Clock.CONFIRMATION


def was_oral(demand: Demand, entries: Stream) -> bool:
    """Say whether a record of a demand ever said that it was given orally.

    Whoever types that it is written takes its clock off only with a paper. Of the sealed lane the
    entries do not say: there a correction may have done so.
    """
    earlier = [*entries.of(*RECORDED)][:-1]
    return demand.form is Form.ORAL or any(
        one.facts.get("form", Form.ORAL) == Form.ORAL for one in earlier
    )


def _written_since(entries: Stream) -> datetime | None:
    """Return when the writing of an oral order came, be it with its record or after the decision.

    A paper that came with the record is one once the legal check found that it says what was
    recorded, or somebody else than recorded and assessed it read it: who brings just any paper
    pays nothing.
    """
    came = [one for one in entries.of(*RECORDED) if _brings_paper(one)]
    found = came[-1:] if came and _is_paper_read(entries) else [*entries.of(CONFIRMED)][:1]
    return _came_at(found[0]) if found else None


def _brings_paper(entry: Entered) -> bool:
    """Say whether an order came with a record that had none, or another one."""
    return bool(entry.facts.get("has_order")) and "order" in entry.facts.get("fields", ["order"])


def _is_paper_read(entries: Stream) -> bool:
    """Say whether the paper of the newest record was found to say what that does."""
    recorded, assessed = entries.last(*RECORDED), entries.last(ASSESSED)
    if recorded is None or assessed is None or assessed.idx < recorded.idx:
        return False
    return assessed.facts.get(PAPER) == SAME or any(
        one.facts.get(READ) is True and one.idx > assessed.idx for one in entries.of(ACCEPTED)
    )


def _came_at(entry: Entered) -> datetime:
    """Return when a paper or word of a writing came, to which a second person agreed later."""
    return parse_instant(entry.facts.get(CAME, entry.at))


def _validating(demand: Demand, entries: Stream) -> Validating | None:
    """Return since when an emergency that came without a validation has one; None if it came so.

    A correction that names nobody any more owes it again; what came after the decision stays.
    """
    if demand.emergency is None:
        return None
    named = [bool(one.facts.get(NAMES_VALIDATION)) for one in entries.of(*RECORDED)]
    if all(named) and named:
        return None
    came = [
        one
        for one in entries.of(*RECORDED, CONFIRMED)
        if _pays_validation(one) or (demand.names_validation and one.facts.get(NAMES_VALIDATION))
    ]
    return Validating(demand.issuing_role, _came_at(came[0]) if came else None)


def _keeping(entries: Stream) -> Keeping:
    """Return how long data are kept, by what was entered of the order and its extensions."""
    kept, longer = entries.last(PRESERVED), list(entries.of(EXTENDED))
    return Keeping(
        days=None if kept is None else kept.facts["days"],
        more_days=sum(one.facts["days"] or 0 for one in longer),
        production_follows=any(one.facts["by"] == PRODUCTION_FOLLOWS for one in longer),
    )


@dataclass(slots=True)
class _Question:
    """A question to the authority: by which form it is put, since when it lies there, its end."""

    id: str | None
    form: str | None
    halts: bool
    since: datetime | None = None
    until: datetime | None = None


def _pauses(entries: Stream) -> tuple[Pause, ...]:
    """Pair each question that stops our term with the answer that followed it.

    It does so by Annex III, and from when the form went out: one that was filled in asks nobody
    anything. Once we replied nobody answers it any more, so that what is open then ends with the
    reply. Where the log does not say by which form it was put (the sealed lane), a correction
    that followed may have made it a question about another order: it stops nothing.
    """
    asked: list[_Question] = []
    for one in entries.entries:
        if one.event == ASKED:
            does_halt = one.facts.get(HALTS) is not False
            asked.append(_Question(one.facts.get(PUTS), one.facts.get("annex"), does_halt))
        elif asked and asked[-1].until is None:
            _follow(asked[-1], one)
    return tuple(Pause(one.since, one.until) for one in asked if one.halts and one.since)


def _follow(asked: _Question, entry: Entered) -> None:
    """Take an entry into account that came while a question was open."""
    at = parse_instant(entry.at)
    if entry.event == CLARIFIED or _is_reply(entry):
        asked.until = at
    elif entry.event == CORRECTED and asked.form is None:
        asked.halts = False
    elif entry.event == SENT and asked.since is None and asked.id is not None:
        asked.since = at if entry.facts.get(PUTS) == asked.id else None


def _is_reply(entry: Entered) -> bool:
    return entry.facts.get("state") == State.REPLIED
