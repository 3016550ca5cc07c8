"""Reads of letters, and of what one would say now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.agencies.queries import find_agency, find_person
from lea_service.custody.replay import read_stream
from lea_service.delivery.letters.annex import FormFacts, write_form
from lea_service.delivery.letters.late_queries import check_waits, find_prepared
from lea_service.delivery.letters.models import Letter
from lea_service.delivery.letters.text import About, AnswerBy, Facts, Point, find_need, write_text
from lea_service.delivery.letters.told_queries import find_earlier
from lea_service.demands.demand import CATEGORIES, Demand, Party
from lea_service.demands.queries import get_demand, get_state
from lea_service.demands.states import State, wrong_state
from lea_service.extraction.not_held_queries import check_still_none_holds
from lea_service.kernel.clock import format_instant
from lea_service.kernel.datakeys import DataKeys, open_text
from lea_service.kernel.errors import NotFound, WrongState
from lea_service.legal.annex.queries import (
    AnnexView,
    is_of_present_record,
    is_put_by_form,
    list_forms,
)
from lea_service.legal.annex.table import certificate_of, is_european
from lea_service.legal.basis import Basis
from lea_service.legal.citations import OWN
from lea_service.legal.clarification_queries import (
    ClarificationView,
    find_open_clarification,
    list_clarifications,
)
from lea_service.legal.deadlines import list_deadlines
from lea_service.legal.explanation import Language
from lea_service.legal.findings import Finding
from lea_service.legal.narrowing.queries import list_narrowings
from lea_service.legal.queries import (
    catalogue_of,
    find_assessment,
    find_basis,
    find_refusal,
)
from lea_service.legal.questions import WORDS as QUESTION_REASONS
from lea_service.legal.questions import QuestionReason
from lea_service.legal.referral.queries import find_referral
from lea_service.legal.times import collect_times
from lea_service.legal.wording_outward import OUTWARD
from lea_service.legal.working_days import WorkingDays
from lea_service.packaging.contents import Correspondence
from lea_service.staff.people_queries import find_name

Correspond = Callable[[Session, Demand], Correspondence]
NOTHING = "there is nothing to write such a letter about"


@dataclass(frozen=True, slots=True)
class Decided:
    """What a letter tells: its subject, our words, a ground, findings, and words of why we ask.

    ``earlier`` is when the letter went out that it takes the place of.
    """

    subject: str
    own: str | None = None
    ground: str | None = None
    refs: Sequence[str] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    earlier: datetime | None = None


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter that went out, opened."""

    id: str
    demand_id: str
    about: About
    subject: str
    language: str
    text: str
    sent_by: str
    sent_by_name: str | None
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter is about: the id of its subject, all that it says, the question it puts."""

    subject: str
    facts: Facts | FormFacts
    puts: str | None = None

    def write(self, language: str) -> str:
        """Return the text of the letter in ``language`` (``nl`` or ``en``)."""
        spoken = cast(Language, language)
        if isinstance(self.facts, FormFacts):
            return write_form(self.facts, spoken)
        return write_text(self.facts, spoken)


def letter_label(letter_id: str) -> str:
    """Return what the text of a letter is bound to."""
    return f"letter/{letter_id}"


def list_letters(session: Session, keys: DataKeys, demand_id: str) -> tuple[LetterView, ...]:
    """Return the letters about a demand, the first sent first. Raises Unavailable."""
    query = select(Letter).where(Letter.demand_id == demand_id)
    rows = session.scalars(query.order_by(Letter.sent_at, Letter.id))
    return tuple(_view(session, keys, row) for row in rows)


def has_letter(session: Session, demand_id: str, about: About, subject: str, language: str) -> bool:
    """Say whether a letter went out already."""
    query = select(Letter.id).where(
        Letter.demand_id == demand_id,
        Letter.about == about.value,
        Letter.subject == subject,
        Letter.language == language,
    )
    return session.scalar(query) is not None


def is_form_sent(session: Session, demand_id: str, form_id: str) -> bool:
    """Say whether a form of Annex III went out as a letter that the log vouches for."""
    query = select(Letter).where(
        Letter.demand_id == demand_id,
        Letter.about == About.ANNEX.value,
        Letter.subject == form_id,
    )
    entries = read_stream(session, demand_id)
    letters = session.scalars(query).all()
    return any(entries.find_vouching(session, one) is not None for one in letters)


def get_matter(
    session: Session,
    keys: DataKeys,
    demand_id: str,
    about: About,
    correspond: Correspond,
    working: WorkingDays,
    at: datetime,
) -> Matter:
    """Return what a letter would say now.

    Raises NotFound where there is nothing to write about. Raises WrongState for the refusal of a
    European order and a question put by Annex III (of both that form is the letter), for a question
    that is not open, for a form of Annex III about another record than the present one, for a late
    answer to a demand that does not wait for one, and where a source was declared since for what
    would be said not to be recorded.
    """
    demand = get_demand(session, keys, demand_id)
    if about is About.ANNEX:
        return _get_form(session, keys, demand, correspond(session, demand), working, at)
    if about is About.REFERRAL:
        return _get_referral(session, keys, demand, correspond(session, demand), at)
    decided = _decided(session, keys, demand_id, about)
    catalogue = catalogue_of(session)
    basis = catalogue.find_basis(demand.legal_basis, demand.order_date)
    if about is About.REFUSAL and is_european(basis):
        raise WrongState("a European order is answered with Annex III")
    cuts = list_narrowings(session, keys, demand_id) if about is About.NARROWING else ()
    check_still_none_holds(session, [one.cut for one in cuts], demand)
    words = catalogue.grounds[decided.ground].text if decided.ground else None
    facts = Facts(
        about=about,
        demand=demand_id,
        at=at,
        case=correspond(session, demand),
        own=decided.own,
        ground=None if words is None else (words["nl"], words["en"]),
        points=(
            *(Point(says=one, article=None) for one in decided.reasons),
            *_points(session, demand_id, decided.refs),
        ),
        cuts=tuple(one.cut for one in cuts),
        earlier=decided.earlier,
        by=_find_need(session, demand, basis, working, at) if about is About.QUESTION else None,
    )
    return Matter(decided.subject, facts, decided.subject if about is About.QUESTION else None)


def _find_need(
    session: Session, demand: Demand, basis: Basis | None, working: WorkingDays, at: datetime
) -> AnswerBy | None:
    """Return by when we need an answer to a question, by the clocks of the demand."""
    times = collect_times(demand, read_stream(session, demand.id))
    clocks = list_deadlines(basis, times, working, at) if basis else ()
    return find_need(clocks, times.wanted_by)


def _get_form(
    session: Session,
    keys: DataKeys,
    demand: Demand,
    case: Correspondence,
    working: WorkingDays,
    at: datetime,
) -> Matter:
    """Return the form of Annex III that is to go out as a letter.

    Raises NotFound; WrongState where the order is no European one, or was corrected since.
    """
    forms = list_forms(session, keys, demand.id)
    if not forms:
        raise NotFound(NOTHING)
    certificate_of(find_basis(session, demand))
    form = _pick_form(session, demand, forms)
    if not is_of_present_record(session, form):
        raise WrongState("the demand was corrected since the form was filed: file it again")
    names = (demand.validating_authority, demand.enforcing_authority)
    validating, enforcing = (_name(session, keys, one) for one in names)
    facts = FormFacts(demand.id, at, case, form, working, validating, enforcing)
    return Matter(form.id, facts, form.clarification_id)


def _pick_form(session: Session, demand: Demand, forms: Sequence[AnnexView]) -> AnnexView:
    """Return the form whose question is open and was not sent yet, else the newest."""
    asked = find_open_clarification(session, demand.id)
    if asked is None or demand.state != State.CLARIFICATION:
        return forms[-1]
    waiting = [
        one
        for one in forms
        if one.clarification_id == asked.id and not is_form_sent(session, demand.id, one.id)
    ]
    return waiting[0] if waiting else forms[-1]


def _get_referral(
    session: Session, keys: DataKeys, demand: Demand, case: Correspondence, at: datetime
) -> Matter:
    """Return to whom the authority is referred as a letter. Raises NotFound."""
    found = find_referral(session, keys, demand.id)
    if found is None:
        raise NotFound(NOTHING)
    says = found.kind.nl, found.kind.en
    facts = Facts(About.REFERRAL, demand.id, at, case, ground=says, name=found.name)
    return Matter(demand.id, facts)


def _name(session: Session, keys: DataKeys, party: Party | None) -> str | None:
    if party is None:
        return None
    if party.ref is None:
        return party.name
    find = find_agency if party.ref.startswith("a_") else find_person
    known = find(session, keys, party.ref)
    return party.name if known is None else known.name


def _decided(session: Session, keys: DataKeys, demand_id: str, about: About) -> Decided:
    """Return what was decided, or asked, last. Raises NotFound."""
    if about is About.QUESTION:
        for asked in list_clarifications(session, keys, demand_id)[-1:]:
            _check_waits_for_answer(session, demand_id, asked)
            if is_put_by_form(session, asked.id):
                raise WrongState("this question was put with Annex III, which is its letter")
            why = [QUESTION_REASONS[QuestionReason(one)] for one in asked.reasons]
            told = tuple((one.nl, one.en) for one in why)
            return Decided(asked.id, asked.question, refs=asked.findings, reasons=told)
    elif about is About.REFUSAL:
        refusal = find_refusal(session, demand_id, keys)
        if refusal is not None:
            return Decided(demand_id, refusal.explanation, refusal.ground, refusal.findings)
    elif about is About.LATE:
        check_waits(session, demand_id)
        alarm = find_prepared(session, demand_id)
        if alarm is not None:
            return Decided(alarm)
    else:
        for narrowing in list_narrowings(session, keys, demand_id)[-1:]:
            earlier = find_earlier(session, demand_id, narrowing.id)
            return Decided(narrowing.id, earlier=earlier.sent_at if earlier else None)
        earlier = find_earlier(session, demand_id, None)
        if earlier is not None:
            return Decided(earlier.id, earlier=earlier.sent_at)
    raise NotFound(NOTHING)


def _check_waits_for_answer(session: Session, demand_id: str, asked: ClarificationView) -> None:
    """Let a question be put that is open. Raises WrongState, which says since when it is not."""
    if asked.recorded_at is not None:
        at = format_instant(asked.recorded_at)
        raise WrongState(f"this question was answered on {at}: no letter puts it again")
    state = get_state(session, demand_id)
    if state != State.CLARIFICATION:
        raise wrong_state(state, "asked about by a letter")


def _points(session: Session, demand_id: str, refs: Sequence[str]) -> tuple[Point, ...]:
    current = find_assessment(session, demand_id)
    found = () if current is None else current.findings
    return tuple(_point(one) for one in found if one.ref in refs and is_told(one))


def is_told(finding: Finding) -> bool:
    """Say whether an authority reads of a finding.

    What is for a person here has words of its own for the authority, or is a ground of refusal.
    """
    is_theirs = finding.cures_theirs or finding.ground is not None or finding.code in OUTWARD
    return is_theirs and not finding.is_private


def _point(finding: Finding) -> Point:
    """Return a finding in words, Dutch and English, as an authority is told of it.

    What was typed here, how a person here settles it, and what is policy of ours is not told.
    """
    told = OUTWARD.get(finding.code)
    if told is not None:
        says, cure = (told.nl.says, told.en.says), (told.nl.cure, told.en.cure)
    else:
        says = finding.says_nl, finding.says
        cure = (finding.cure_nl, finding.cure) if finding.cures_theirs else (None, None)
    return Point(
        says=says,
        article=None if finding.article in OWN else finding.article,
        item=finding.item,
        category=finding.subject if finding.subject in CATEGORIES else None,
        cure=cure,
    )


def _view(session: Session, keys: DataKeys, row: Letter) -> LetterView:
    text = open_text(session, keys, row.demand_id, row.text_sealed, letter_label(row.id))
    return LetterView(
        id=row.id,
        demand_id=row.demand_id,
        about=About(row.about),
        subject=row.subject,
        language=row.language,
        text=text,
        sent_by=row.sent_by,
        sent_by_name=find_name(session, keys, row.sent_by),
        sent_at=row.sent_at,
    )
