"""Puts what bears on a decision into words, heading by heading. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lea_service.demands.demand import Item, Party, Target
from lea_service.demands.narrowing import Cut
from lea_service.extraction.page.content import Page, Row, Section, join, list_rows
from lea_service.extraction.page.queries import PlanCase, ReceiverLine
from lea_service.extraction.plan import PlanItem
from lea_service.kernel.coded import Coded
from lea_service.kernel.printable import grouped, list_members
from lea_service.legal.authenticity.observations import WORDS
from lea_service.legal.deadlines import Deadline
from lea_service.legal.explanation import say_instant
from lea_service.legal.facts import HOME_ZONE
from lea_service.legal.findings import Finding, Outcome
from lea_service.staff.approval_service import OpenedApproval

HANDLED = "Reasons of those who handled it"
DOUBTS = "Open doubts"


def write_page(opened: OpenedApproval, case: PlanCase | None) -> Page:
    """Return the page about an approval; ``case`` is what bears on it where it is of a plan."""
    view = opened.view
    begin, end = _proposal(opened), _decide(opened)
    if case is None:
        return Page(f"Decision on {view.kind}", (begin, _proposed(opened), end))
    of_plan = (
        _doubts(case),
        _clocks(case.deadlines),
        _who(case),
        _known(case),
        _ground(case),
        _asked(case),
        _given(case),
        _amounts(case, opened.facts),
        _receivers(case.receivers),
        _reasons(case),
    )
    return Page(f"Decision on a plan for demand {case.demand.id}", (begin, *of_plan, end))


def _proposal(opened: OpenedApproval) -> Section:
    view = opened.view
    rows = list_rows(
        ("Approval", view.id),
        ("Kind", view.kind),
        ("About", view.subject),
        ("For", view.beneficiary),
        ("Proposed by", view.proposed_by),
        ("Proposed at", say(view.proposed_at)),
        ("People who have to agree", view.needs_deciders),
        ("Why more than one", _words(opened.facts.get("extra_decider"))),
        ("Agreed so far", join(view.endorsed_by)),
        ("Outcome", view.outcome),
        ("Because", _stated(view.reasons, opened.states.declined)),
        ("In words", opened.text),
        ("Looked at", _stated(view.looked_at, opened.states.looked_at)),
        ("Decided by", view.decided_by),
    )
    return Section("What is decided", rows)


def _proposed(opened: OpenedApproval) -> Section:
    """Return whatever was proposed, member by member."""
    return Section("What is proposed", tuple(Row(*one) for one in list_members(opened.payload)))


def _who(case: PlanCase) -> Section:
    demand, agency, person = case.demand, case.agency, case.person
    emergency = demand.emergency
    return Section(
        "Who asks",
        list_rows(
            ("Agency", f"{agency.name} ({agency.country})" if agency else _party(demand.agency)),
            ("Issued by", person.name if person else _party(demand.issuing_person)),
            ("Function", person.function if person else demand.issuing_person.function),
            ("Acts as", _words(demand.issuing_role)),
            ("Validated by", _party(demand.validating_authority)),
            ("Enforcing authority", _party(demand.enforcing_authority)),
            ("References", join(f"{one.kind} {one.value}" for one in demand.references)),
            ("Order", f"{demand.form}, of {demand.order_date}, by {_words(demand.channel)}"),
            ("Received", say(demand.received_at)),
            ("Emergency claimed", emergency and _words(emergency.reason)),
            ("In the words of who claims it", emergency and emergency.explanation),
            ("Minutes since it arrived", case.minutes),
        ),
    )


def _known(case: PlanCase) -> Section:
    seen = case.authenticity
    rows = [
        Row(say(one.at), f"{WORDS[one.sight].en} ({join(one.by) or 'register'})")
        for one in seen.observations
    ]
    rows += [Row("Spoke to", one.spoke_to) for one in seen.calls if one.spoke_to]
    says = "Nothing of it stands in the way." if seen.verdict.allows else "It does not suffice."
    return Section(
        "How we know", (*rows, Row("By the policy", says)), warns=not seen.verdict.allows
    )


def _ground(case: PlanCase) -> Section:
    demand, basis, judge = case.demand, case.basis, case.demand.judicial_authorisation
    if basis is None:
        rows = list_rows(("Legal basis", f"{demand.legal_basis}: the catalogue does not know it"))
        return Section("Ground", rows, warns=True)
    return Section(
        "Ground",
        list_rows(
            ("Article", basis.citation),
            ("Title", (basis.title or {}).get("en")),
            ("In Dutch", (basis.title or {}).get("nl")),
            ("In the catalogue as", basis.id),
            ("How sure the catalogue is", basis.confidence),
            ("Authorised by a judge", judge and _authorised(judge.reference, judge.given_on)),
            ("Offence", demand.offence),
        ),
    )


def _authorised(reference: str, given_on: object) -> str:
    return f"{reference}, {given_on}" if given_on else reference


def _asked(case: PlanCase) -> Section:
    return Section("What is asked", tuple(map(_item, case.demand.items)))


def _item(item: Item) -> Row:
    span = _span(item.period.start, item.period.end, item.period.zone)
    return Row(
        f"Item {item.n}", f"{_words(join(item.categories))} of {_target(item.target)}, {span}"
    )


def _given(case: PlanCase) -> Section:
    plan = case.plan
    cuts = tuple(f"Not given of item {cut.n}: {_what(cut)}. {cut.words[1]}" for cut in plan.cuts)
    rows = tuple(row for item in plan.items for row in _plan_item(item))
    past = () if plan.past_term is None else (f"Rows past their term, on {plan.past_term}.",)
    same = () if cuts else ("All that is asked, as far as we hold it, and nothing else.",)
    return Section("What would be given", rows, (*same, *cuts, *past), warns=bool(cuts or past))


def _plan_item(item: PlanItem) -> Iterator[Row]:
    span = _span(item.start, item.end, item.zone)
    yield Row(
        f"Item {item.n}", f"{_words(join(item.categories))} of {_target(item.target)}, {span}"
    )
    for ask in item.asks:
        yield Row(f"Item {item.n} from {ask.source}", f"{ask.kind}: {_words(join(ask.columns))}")
    yield from list_rows(
        (f"Item {item.n}, not held", _words(join(item.not_held))),
        (f"Item {item.n}, not searched", join(item.not_searched)),
    )


def _what(cut: Cut) -> str:
    if cut.category is not None:
        return _words(cut.category)
    spans = (("before", cut.keep_from), ("from", cut.keep_until))
    return join(f"{word} {say(at)}" for word, at in spans if at) or "the whole of it"


def _amounts(case: PlanCase, facts: Mapping[str, Any]) -> Section:
    counted, bounds = case.preview, facts.get("bounds") or {}
    if counted is None:
        return Section("How much", notes=("Nobody counted it yet.",), warns=True)
    counts = counted.counts
    return Section(
        "How much",
        (
            *list_rows(
                ("Rows", counted.rows),
                ("Rows when it was proposed", bounds.get("rows")),
                ("Most rows that may leave", bounds.get("max_rows")),
                ("Days with rows", counts["days"]),
                ("Other people in them", counts["other_parties"]),
                ("Past their term, still held", counted.past_term),
                ("Counted at", say(counted.previewed_at)),
            ),
            *(Row(f"Rows for item {one['n']}", str(one["rows"])) for one in counts["items"]),
            *(Row(f"Rows from {one['source']}", str(one["rows"])) for one in counts["sources"]),
        ),
        warns=bool(counted.past_term),
    )


def _receivers(receivers: Sequence[ReceiverLine]) -> Section:
    rows = [
        Row(one.name or one.id, f"key {grouped(one.certificate)}{'' if one.is_valid else _LAPSED}")
        for one in receivers
    ]
    return Section("Who receives it", tuple(rows), warns=not all(one.is_valid for one in receivers))


_LAPSED = " (this key does not count now)"


def _reasons(case: PlanCase) -> Section:
    accepted = case.assessment.acceptances if case.assessment else ()
    rows = [
        Row(f"{one.accepted_by} accepted {join(one.findings)}", one.reason or "no reason")
        for one in accepted
    ]
    rows += [
        Row(f"{one.narrowed_by} narrowed item {one.cut.n}", f"{one.reason} ({one.cut.words[1]})")
        for one in case.narrowings
    ]
    rows += list_rows(("Note with the demand", case.demand.note))
    return Section(HANDLED, tuple(rows), () if rows else ("None were needed.",))


def _doubts(case: PlanCase) -> Section:
    found = [*_of_plan(case), *_of_law(case), *_of_counts(case)]
    found += [f"On hold: {_words(one.code)}." for one in case.holds]
    found += [
        f"The authority has not answered: {one.question}"
        for one in case.clarifications
        if one.answer is None
    ]
    return Section(DOUBTS, notes=tuple(found or ["None."]), warns=bool(found))


def _of_plan(case: PlanCase) -> Iterator[str]:
    if not case.is_current:
        yield "Another plan replaced this one."
    if case.demand.record_version != case.plan.demand_version:
        yield "The demand was corrected since this plan was made."
    if any(not one.is_valid for one in case.receivers):
        yield "A key of a receiver does not count now."
    if case.plan.narrowed is not None:
        yield "Less is given than was asked."
    if case.few_since is not None:
        yield f"Too few approvers can be reached since {say(case.few_since)}; this stops nothing."


def _of_law(case: PlanCase) -> Iterator[str]:
    found = case.assessment
    if found is None:
        yield "Nobody assessed the demand."
        return
    if not found.is_current:
        yield "The demand was corrected since it was assessed."
    for one in found.findings:
        if one.outcome is not Outcome.PASS:
            yield _finding(one, is_open=one.ref in found.open)
    for code in case.authenticity.verdict.reasons:
        yield f"Where it comes from: {_words(code)}."


def _finding(one: Finding, *, is_open: bool) -> str:
    state = "open" if is_open else "settled by a person"
    article = f" [{one.article}]" if one.article else ""
    return f"{one.says or _words(one.code)}{article} ({one.ref}, {state})"


def _of_counts(case: PlanCase) -> Iterator[str]:
    for source in case.preview.counts["sources"] if case.preview else ():
        for reason, count in sorted(source["doubts"].items()):
            yield f"{source['source']}: {count} not compared ({_words(reason)})."


def _clocks(deadlines: Sequence[Deadline]) -> Section:
    rows = [Row(_words(one.clock).capitalize(), "; ".join(_clock(one))) for one in deadlines]
    return Section("Clocks", tuple(rows), () if rows else ("None is known.",), warns=not rows)


def _clock(one: Deadline) -> Iterator[str]:
    yield f"{_words(one.status)}, {_words(one.whose)}"
    for word, at in (("not before", one.earliest), ("due", one.due), ("late from", one.late)):
        if at is not None:
            yield f"{word} {say(at)}"
    yield one.law


def _decide(opened: OpenedApproval) -> Section:
    view, states = opened.view, opened.states
    if view.outcome is not None:
        return Section("How to decide", notes=("This was decided.",))
    command = f"lea approvals decide {view.id} --outcome"
    return Section(
        "How to decide",
        list_rows(
            ("Digest of what is signed", view.digest),
            ("Agree", f"{command} approved"),
            *((f"You looked at ({one.code})", one.en) for one in states.looked_at),
            ("Send back", f'{command} returned --reason-code CODE --reason "…"'),
            ("Refuse", f'{command} refused --reason-code CODE --reason "…"'),
            ("Codes", join(one.code for one in states.declined)),
        ),
        ("With your own key, on your own machine; nothing on this page decides.",),
    )


def _stated(codes: Sequence[str], words: Sequence[Coded]) -> str:
    """Return what a decision states, in words."""
    said = {one.code: one.en for one in words}
    return " ".join(f"{said.get(code, code)} ({code})" for code in codes)


def _party(party: Party | None) -> str:
    if party is None:
        return ""
    return party.name or party.ref or ""


def _target(target: Target) -> str:
    more = ((" of ", target.source), (" port ", target.port))
    at = f" at {say(target.at)}" if target.at else ""
    said = "".join(f"{word}{one}" for word, one in more if one is not None)
    return f"{_words(target.kind)} {target.value}{said}{at}"


def _span(start: datetime, end: datetime, zone: str) -> str:
    return f"from {say(start, zone)} until just before {say(end, zone)} ({zone})"


def say(at: datetime, zone: str = HOME_ZONE.key) -> str:
    """Write an instant out, as the clocks of a zone show it."""
    return say_instant(at.astimezone(ZoneInfo(zone)), "en")


def _words(code: object) -> str:
    """Return a code, or several, as words."""
    if code is None:
        return ""
    text = join(code) if isinstance(code, list | tuple) else str(code)
    return text.replace("_", " ")
