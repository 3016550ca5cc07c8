"""Puts what bears on a decision into words, heading by heading. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from lea_service.demands.demand import (
    Item,
    JudicialAuthorisation,
    OralAuthorisation,
    Party,
    Target,
)
from lea_service.demands.narrowing import Cut
from lea_service.demands.phrases import (
    CATEGORIES,
    CHANNELS,
    EMERGENCIES,
    FORMS,
    HOLDS,
    REFERENCES,
    TARGETS,
)
from lea_service.extraction.holders import Span
from lea_service.extraction.instalments import Instalments
from lea_service.extraction.outcome import Loss
from lea_service.extraction.page.content import Page, Row, Section, join, list_rows
from lea_service.extraction.page.queries import PlanCase, ReceiverLine
from lea_service.extraction.page.words import HEADINGS, LABELS, MEMBERS, SAYINGS, Speaker
from lea_service.extraction.phrases import (
    DOUBTS,
    ONE_MORE,
    RECORD_KINDS,
    RHYTHMS,
    say_holders,
)
from lea_service.extraction.plan import PlanItem
from lea_service.kernel.coded import Coded
from lea_service.kernel.printable import grouped, list_members
from lea_service.legal.basis import Basis
from lea_service.legal.deadlines import Deadline
from lea_service.legal.findings import Finding, Outcome
from lea_service.legal.phrases import CLOCKS, IN_THE_WAY, STATUSES, SURENESS, WHOSE
from lea_service.legal.reading_words import TRANSLATION
from lea_service.staff.approval_service import OpenedApproval
from lea_service.staff.phrases import KINDS, OUTCOMES


def write_page(opened: OpenedApproval, case: PlanCase | None, language: str) -> Page:
    """Return the page about an approval, in ``nl`` or ``en``.

    ``case`` is what bears on it where it is of a plan.
    """
    return _Writer(Speaker(language), opened).write(case)


class _Writer:
    """Writes the parts of one page."""

    def __init__(self, say: Speaker, opened: OpenedApproval) -> None:
        self._say = say
        self._opened = opened

    def write(self, case: PlanCase | None) -> Page:
        """Return the whole page."""
        begin, end = self._decided(), self._decide()
        if case is None:
            what = self._say.code(KINDS, self._opened.view.kind)
            return self._page("title", (begin, self._proposed(), end), what=what)
        of_plan = (
            self._doubts(case),
            self._clocks(case.deadlines),
            self._who(case),
            self._known(case),
            self._ground(case),
            self._asked(case),
            self._given(case),
            self._amounts(case, self._opened.facts),
            self._receivers(case.receivers),
            self._reasons(case),
        )
        return self._page("title_plan", (begin, *of_plan, end), demand=case.demand.id)

    def _page(self, title: str, sections: tuple[Section, ...], **values: str) -> Page:
        return Page(
            title=self._say(HEADINGS, title, **values),
            sections=sections,
            language=self._say.language,
            care=self._say(HEADINGS, "care"),
        )

    def _section(
        self,
        heading: str,
        rows: Iterable[Row] = (),
        notes: Iterable[str] = (),
        *,
        warns: bool = False,
    ) -> Section:
        return Section(self._say(HEADINGS, heading), tuple(rows), tuple(notes), warns)

    def _rows(self, *pairs: tuple[str, object]) -> tuple[Row, ...]:
        """Return a row for each label that has something to say."""
        return list_rows(*((self._say(LABELS, label), says) for label, says in pairs))

    def _label(self, label: str, /, **values: object) -> str:
        return self._say(LABELS, label, **values)

    def _words(self, said: str, /, **values: object) -> str:
        return self._say(SAYINGS, said, **values)

    def _decided(self) -> Section:
        view, opened, say = self._opened.view, self._opened, self._say
        reasons = cast(list[str], opened.facts.get("extra_decider", []))
        rows = self._rows(
            ("approval", view.id),
            ("kind", f"{say.code(KINDS, view.kind)} ({view.kind})"),
            ("about", view.subject),
            ("for", view.beneficiary),
            ("proposed_by", view.proposed_by),
            ("proposed_at", say.moment(view.proposed_at)),
            ("deciders", view.needs_deciders),
            ("one_more", say.codes(ONE_MORE, reasons)),
            ("agreed", join(view.endorsed_by)),
            ("outcome", say.code(OUTCOMES, view.outcome)),
            ("because", self._stated(view.reasons, opened.states.declined)),
            ("in_words", opened.text),
            ("looked_at", self._stated(view.looked_at, opened.states.looked_at)),
            ("decided_by", view.decided_by),
        )
        return self._section("decided", rows)

    def _proposed(self) -> Section:
        """Return whatever was proposed, member by member."""
        named = list_members(self._opened.payload, call=lambda name: self._say.code(MEMBERS, name))
        return self._section("proposed", (Row(*one) for one in named))

    def _who(self, case: PlanCase) -> Section:
        demand, agency, person, say = case.demand, case.agency, case.person, self._say
        emergency = demand.emergency
        order = self._words(
            "order",
            form=say.code(FORMS, demand.form),
            day=demand.order_date,
            channel=say.code(CHANNELS, demand.channel),
        )
        known = (f"{say.code(REFERENCES, one.kind)} {one.value}" for one in demand.references)
        return self._section(
            "who",
            self._rows(
                (
                    "agency",
                    f"{agency.name} ({agency.country})" if agency else _party(demand.agency),
                ),
                ("issued_by", person.name if person else _party(demand.issuing_person)),
                ("function", person.function if person else demand.issuing_person.function),
                ("role", say.code(case.roles, demand.issuing_role)),
                ("validated_by", _party(demand.validating_authority)),
                ("enforcing", _party(demand.enforcing_authority)),
                ("references", join(known)),
                ("order", order),
                ("received", say.moment(demand.received_at)),
                ("emergency", emergency and say.code(EMERGENCIES, emergency.reason)),
                ("claimed", emergency and emergency.explanation),
                ("minutes", case.minutes),
            ),
        )

    def _known(self, case: PlanCase) -> Section:
        seen = case.authenticity
        rows = [
            Row(
                self._say.moment(one.at),
                self._words(
                    "seen",
                    says=self._say.code(IN_THE_WAY, one.sight),
                    by=self._say.seen_by(one.by),
                ),
            )
            for one in seen.observations
        ]
        spoken = self._rows(*(("spoke_to", one.spoke_to) for one in seen.calls))
        judged = self._words("policy_allows" if seen.verdict.allows else "policy_holds")
        rows += [*spoken, *self._rows(("policy", judged))]
        return self._section("known", rows, warns=not seen.verdict.allows)

    def _ground(self, case: PlanCase) -> Section:
        demand, basis, judge = case.demand, case.basis, case.demand.judicial_authorisation
        if basis is None:
            unknown = self._words("basis_unknown", basis=demand.legal_basis)
            return self._section("ground", self._rows(("basis", unknown)), warns=True)
        title = basis.title or {}
        return self._section(
            "ground",
            self._rows(
                ("article", self._say.citation(basis.citation)),
                ("in_dutch", title.get("nl")),
                ("in_english", title.get("en")),
                ("catalogue", basis.id),
                ("sureness", self._say.code(SURENESS, basis.confidence)),
                ("judge", judge and self._authorised(judge)),
                ("judge_oral", judge and judge.oral and self._given_orally(judge.oral)),
                ("threshold", self._threshold(basis)),
                ("offence", demand.offence or self._words("offence_unrecorded")),
            ),
            notes=(self._words("not_judged"),),
        )

    def _authorised(self, judge: JudicialAuthorisation) -> str:
        said = (judge.reference or self._words("no_reference"), judge.given_on)
        return join(one for one in said if one)

    def _given_orally(self, oral: OralAuthorisation) -> str:
        written = oral.written_on or self._words("not_written")
        return self._words(
            "given_orally", by=oral.given_by, at=self._say.moment(oral.given_at), written=written
        )

    def _threshold(self, basis: Basis) -> str:
        """Return the offence that the article needs, as far as the catalogue knows."""
        if basis.threshold is None:
            return self._words("threshold_unknown")
        return self._say(TRANSLATION, basis.threshold)

    def _asked(self, case: PlanCase) -> Section:
        return self._section("asked", map(self._item, case.demand.items))

    def _item(self, item: Item) -> Row:
        period = item.period
        span = self._span(period.start, period.end, period.zone)
        return self._item_row(item.n, item.categories, item.target, span)

    def _item_row(self, n: int, categories: Iterable[str], target: Target, span: str) -> Row:
        says = self._words(
            "asked",
            categories=self._say.codes(CATEGORIES, categories),
            target=self._target(target),
            span=span,
        )
        return Row(self._label("item", n=n), says)

    def _given(self, case: PlanCase) -> Section:
        plan = case.plan
        cuts = tuple(map(self._cut, plan.cuts))
        rows = (row for item in plan.items for row in self._plan_item(item))
        past = () if plan.past_term is None else (self._words("past_term", ground=plan.past_term),)
        same = () if cuts else (self._words("all"),)
        notes = (*same, *cuts, *past, *self._divided(plan.instalments))
        return self._section("given", rows, notes, warns=bool(cuts or past))

    def _divided(self, divided: Instalments | None) -> Iterator[str]:
        if divided is None:
            return
        first, last = divided.parts[0], divided.parts[-1]
        yield self._words(
            "divided",
            first=first.number,
            last=last.number,
            rhythm=self._say.code(RHYTHMS, divided.rhythm),
            start=self._say.instant(first.start),
            end=self._say.instant(last.until),
            until=self._say.instant(first.until),
        )

    def _cut(self, cut: Cut) -> str:
        why = self._say.one_of(cut.words)
        return self._words("cut", n=cut.n, what=self._what(cut), why=why)

    def _plan_item(self, item: PlanItem) -> Iterator[Row]:
        span = self._span(item.start, item.end, item.zone)
        yield self._item_row(item.n, item.categories, item.target, span)
        for ask in item.asks:
            kind = self._say.code(RECORD_KINDS, ask.kind)
            says = self._words("columns", kind=kind, columns=join(ask.columns))
            yield Row(self._label("item_from", n=item.n, source=ask.source), says)
        yield from list_rows(
            (self._label("item_not_held", n=item.n), self._say.codes(CATEGORIES, item.not_held)),
            (self._label("item_not_searched", n=item.n), join(item.not_searched)),
        )

    def _what(self, cut: Cut) -> str:
        if cut.category is not None:
            return self._say.code(CATEGORIES, cut.category)
        spans = (("cut_before", cut.keep_from), ("cut_from", cut.keep_until))
        said = [self._words(key, at=self._say.instant(at)) for key, at in spans if at]
        return join(said) or self._words("cut_whole")

    def _amounts(self, case: PlanCase, facts: Mapping[str, Any]) -> Section:
        counted, bounds = case.preview, facts.get("bounds") or {}
        if counted is None:
            return self._section("amounts", notes=(self._words("uncounted"),), warns=True)
        counts, divided = counted.counts, case.plan.instalments
        rows = (
            *self._rows(
                ("rows", counted.rows),
                ("rows_then", bounds.get("rows")),
                ("rows_most", bounds.get("max_rows")),
                ("rows_each", None if divided is None else divided.rows_each),
                ("days", counts["days"]),
                ("others", counts["other_parties"]),
                ("past_term", counted.past_term),
                ("counted_at", self._say.moment(counted.previewed_at)),
            ),
            *(self._count("rows_item", one, n=one["n"]) for one in counts["items"]),
            *(self._count("rows_source", one, source=one["source"]) for one in counts["sources"]),
        )
        return self._section("amounts", rows, warns=bool(counted.past_term))

    def _count(self, label: str, counted: Mapping[str, Any], **values: object) -> Row:
        return Row(self._label(label, **values), str(counted["rows"]))

    def _receivers(self, receivers: Sequence[ReceiverLine]) -> Section:
        rows = [
            Row(
                one.name or one.id,
                self._words("key" if one.is_valid else "key_lapsed", key=grouped(one.certificate)),
            )
            for one in receivers
        ]
        return self._section("receivers", rows, warns=not all(one.is_valid for one in receivers))

    def _reasons(self, case: PlanCase) -> Section:
        accepted = case.assessment.acceptances if case.assessment else ()
        rows = [
            Row(
                self._label("accepted", who=one.accepted_by, findings=join(one.findings)),
                one.reason or self._words("no_reason"),
            )
            for one in accepted
        ]
        rows += [
            Row(
                self._label("narrowed", who=one.narrowed_by, n=one.cut.n),
                f"{one.reason} ({self._say.one_of(one.cut.words)})",
            )
            for one in case.narrowings
        ]
        rows += [
            Row(
                self._label("answered", id=one.id, who=one.recorded_by),
                self._words("answer", question=one.question, answer=one.answer),
            )
            for one in case.clarifications
            if one.answer is not None
        ]
        rows += self._rows(("note", case.demand.note))
        return self._section("reasons", rows, () if rows else (self._words("none_needed"),))

    def _doubts(self, case: PlanCase) -> Section:
        found = [*self._of_plan(case), *self._of_law(case), *self._of_counts(case)]
        found += self._of_holders(case)
        found += [self._words("held", hold=self._say.code(HOLDS, one.code)) for one in case.holds]
        found += [
            self._words("unanswered", question=one.question)
            for one in case.clarifications
            if one.answer is None
        ]
        return self._section("doubts", notes=found or [self._words("none")], warns=bool(found))

    def _of_plan(self, case: PlanCase) -> Iterator[str]:
        if not case.is_current:
            yield self._words("replaced")
        if case.demand.record_version != case.plan.demand_version:
            yield self._words("corrected_since_plan")
        if any(not one.is_valid for one in case.receivers):
            yield self._words("receiver_lapsed")
        if case.plan.narrowed is not None:
            yield self._words("less")
        items = case.demand.items
        if case.told is not None and case.told.is_contradicted_by(case.plan.cuts, items):
            yield self._words("told_otherwise", at=self._say.moment(case.told.sent_at))
        if case.few_since is not None:
            yield self._words("few", at=self._say.moment(case.few_since))

    def _of_law(self, case: PlanCase) -> Iterator[str]:
        found = case.assessment
        if found is None:
            yield self._words("unassessed")
            return
        if not found.is_current:
            yield self._words("corrected_since_assessed")
        for one in found.findings:
            if one.outcome is not Outcome.PASS:
                yield self._finding(one, is_open=one.ref in found.open)
        for code in case.authenticity.verdict.reasons:
            yield self._words("origin", why=self._say.code(IN_THE_WAY, code))

    def _finding(self, one: Finding, *, is_open: bool) -> str:
        said = one.in_language(self._say.language).says
        return self._words(
            "finding",
            says=said or one.code,
            article=f" [{self._say.citation(one.article)}]" if one.article else "",
            ref=one.ref,
            state=self._words("open" if is_open else "settled"),
        )

    def _of_counts(self, case: PlanCase) -> Iterator[str]:
        if case.preview is None:
            return
        counts = case.preview.counts
        for source in [*counts["sources"], *counts["holding"]]:
            for reason, count in sorted(source["doubts"].items()):
                doubt = self._say(DOUBTS, reason, count=count)
                yield self._words("doubt", source=source["source"], doubt=doubt)

    def _of_holders(self, case: PlanCase) -> Iterator[str]:
        if case.preview is None:
            return
        zones = {item.n: item.zone for item in case.plan.items}
        counts = case.preview.counts
        for loss in (Loss.load(one) for told in counts["holding"] for one in told["destroyed"]):
            until = self._say.instant(loss.until)
            yield self._words("holders_destroyed", source=loss.source, until=until, rule=loss.rule)
        for one in counts["holders"]:
            yield self._words("hands", n=one["n"])
            for span in map(Span.load, one["spans"]):
                who = say_holders(span.holders, self._say.language)
                when = self._span(span.start, span.end, zones[one["n"]])
                yield self._words("hand", n=one["n"], span=when, who=who)

    def _clocks(self, deadlines: Sequence[Deadline]) -> Section:
        rows = [
            Row(self._say.code(CLOCKS, one.clock).capitalize(), "; ".join(self._clock(one)))
            for one in deadlines
        ]
        none = () if rows else (self._words("none_known"),)
        return self._section("clocks", rows, none, warns=not rows)

    def _clock(self, one: Deadline) -> Iterator[str]:
        yield f"{self._say.code(STATUSES, one.status)}, {self._say.code(WHOSE, one.whose)}"
        for key, at in (("not_before", one.earliest), ("due", one.due), ("late", one.late)):
            if at is not None:
                yield self._words(key, at=self._say.instant(at))
        yield self._say.citation(one.law)

    def _decide(self) -> Section:
        view, states = self._opened.view, self._opened.states
        if view.outcome is not None:
            return self._section("decide", notes=(self._words("was_decided"),))
        command = f"lea approvals decide {view.id} --outcome"
        return self._section(
            "decide",
            (
                *self._rows(("digest", view.digest), ("agree", f"{command} approved")),
                *self._coded("you_looked", states.looked_at),
                *self._rows(
                    ("send_back", f'{command} returned --reason-code CODE --reason "…"'),
                    ("refuse", f'{command} refused --reason-code CODE --reason "…"'),
                ),
                *self._coded("reason_code", states.declined),
            ),
            (self._words("own_key"),),
        )

    def _coded(self, label: str, known: Iterable[Coded]) -> Iterator[Row]:
        """Return a row for each code that can be stated, with its words."""
        return (Row(self._label(label, code=one.code), self._told(one)) for one in known)

    def _stated(self, codes: Sequence[str], words: Sequence[Coded]) -> str:
        """Return what a decision states, in words."""
        said = {one.code: self._told(one) for one in words}
        return " ".join(f"{said.get(code, code)} ({code})" for code in codes)

    def _told(self, one: Coded) -> str:
        return self._say.one_of((one.nl, one.en))

    def _target(self, target: Target) -> str:
        said = f"{self._say.code(TARGETS, target.kind)} {target.value}"
        if target.source is not None:
            said = self._words("of_source", target=said, source=target.source)
        if target.port is not None:
            said = self._words("with_port", target=said, port=target.port)
        if target.at is not None:
            said = self._words("at", target=said, at=self._say.instant(target.at))
        return said

    def _span(self, start: datetime, end: datetime, zone: str) -> str:
        begin, limit = (self._say.instant(at, zone) for at in (start, end))
        return self._words("span", start=begin, end=limit, zone=zone)


def _party(party: Party | None) -> str:
    if party is None:
        return ""
    return party.name or party.ref or ""
