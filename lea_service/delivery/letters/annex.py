"""Annex III of Regulation (EU) 2023/1543 as text, filled in, section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import wrap

from lea_service.demands.narrowing import LeftOut
from lea_service.demands.phrases import CATEGORIES, REFERENCES
from lea_service.kernel.clock import day_of
from lea_service.kernel.phrases import LANGUAGES, phrase
from lea_service.legal.annex.form import Conflict, Statement, tells_enforcing
from lea_service.legal.annex.queries import AnnexView
from lea_service.legal.annex.table import Certificate, Reason, load_annex
from lea_service.legal.citations import say_citation
from lea_service.legal.explanation import Language, say_date, say_here
from lea_service.legal.reckoning import count_eu_days
from lea_service.legal.working_days import WorkingDays
from lea_service.packaging.contents import Correspondence

WIDTH = 90
CERTIFICATES = {Certificate.PRODUCTION: "EPOC", Certificate.PRESERVATION: "EPOC-PR"}
WORDS: Mapping[str, tuple[str, str]] = {
    "annex": ("BIJLAGE III", "ANNEX III"),
    "issuing": ("Uitvaardigende autoriteit", "Issuing authority"),
    "file": ("Dossiernummer", "File number"),
    "validating": ("Bekrachtigende autoriteit", "Validating authority"),
    "issued": ("Datum van het certificaat", "Date of issue"),
    "received": ("Datum van ontvangst", "Date of receipt"),
    "enforcing": ("Tenuitvoerleggingsautoriteit", "Enforcing authority"),
    "goes_to": ("Dit formulier gaat naar", "This form goes to"),
    "always": (
        "de uitvaardigende en de tenuitvoerleggingsautoriteit",
        "the issuing and the enforcing authority",
    ),
    "if_notified": (
        "de uitvaardigende autoriteit, en de tenuitvoerleggingsautoriteit als zij in kennis is "
        "gesteld",
        "the issuing authority, and the enforcing authority where it was notified",
    ),
    "no": ("de uitvaardigende autoriteit", "the issuing authority"),
    "addressee": ("Geadresseerde", "Addressee"),
    "explanation": ("Toelichting", "Explanation"),
    "left_out": ("Buiten de verstrekking blijft", "Left out of what is provided"),
    "item": ("onderdeel {n}", "item {n}"),
    "before": ("wat ligt voor {at}", "what lies before {at}"),
    "from": ("wat ligt vanaf {at}", "what lies from {at} on"),
    "whole": ("het geheel", "all of it"),
    "missing": ("Niet verstrekt wordt", "Not provided is"),
    "possible_by": ("Verstrekking is mogelijk uiterlijk op", "It can be provided at the latest on"),
    "law": ("Recht van het derde land", "Law of the third country"),
    "provisions": ("Bepalingen en hun tekst", "Provisions and their text"),
    "interests": ("Beschermd belang", "Interest protected"),
    "applies_because": ("Waarom dat recht hier geldt", "Why that law applies here"),
    "conflicts_because": ("Waarom het daarmee in strijd is", "Why there is a conflict"),
    "link": ("Band van de aanbieder met dat land", "Link between the provider and that country"),
    "consequences": ("Mogelijke gevolgen voor ons", "Possible consequences for us"),
    "more": ("Overig", "Other information"),
    "react_within": (
        "De autoriteit reageert uiterlijk {days} dagen na ontvangst van dit formulier; ontvangen "
        "op {date} is dat tot en met {last}.",
        "The authority reacts at the latest {days} days after it received this form; received on "
        "{date} that is until the end of {last}.",
    ),
    "none": ("Niet van toepassing.", "Not applicable."),
    "kept": (
        "De gevraagde gegevens worden bewaard, totdat zij zijn verstrekt of bewaring niet langer "
        "nodig is.",
        "The data requested are being preserved, until they are produced or that is no longer "
        "necessary.",
    ),
    "not_kept": (
        "De gevraagde gegevens worden niet bewaard (zie de toelichting).",
        "The data requested are not being preserved (see the explanation).",
    ),
    "provider": ("Aanbieder", "Service provider"),
    "contact": ("Contact", "Contact"),
    "date": ("Datum", "Date"),
}
CONFLICT = (
    "law", "provisions", "applies_because", "conflicts_because", "link", "consequences", "more",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What a filled in form says besides what was stated."""

    demand: str
    at: datetime
    case: Correspondence
    form: AnnexView
    working: WorkingDays
    validating: str | None = None
    enforcing: str | None = None


def write_form(facts: FormFacts, language: Language) -> str:
    """Return the form in ``language`` (``nl`` or ``en``)."""
    return "\n".join(_Form(facts, language).lines()) + "\n"


class _Form:
    """Writes the sections of one form in one language."""

    def __init__(self, facts: FormFacts, language: Language) -> None:
        self._facts = facts
        self._form = facts.form
        self._language = language
        self._at = LANGUAGES.index(language)

    def lines(self) -> Iterator[str]:
        table = load_annex()
        yield from wrap(f"{self._say('annex')}: {table.title[self._at].upper()}", WIDTH)
        yield ""
        sections = {
            "A": self.certificate(),
            "B": self.authorities(),
            "C": self.addressee(),
            "D": self.reasons(table.rows),
            "E": self.conflict(self._form.said.conflict, table.interests),
            "F": self.question(self._form.said),
            "G": self.preservation(),
            "H": self.contact(),
        }
        for letter, lines in sections.items():
            yield f"{letter}. {table.sections[letter][self._at].upper()}"
            yield from lines
            yield ""

    def certificate(self) -> Iterator[str]:
        for certificate, name in CERTIFICATES.items():
            yield from self._box(name, ticked=certificate is self._form.certificate)

    def authorities(self) -> Iterator[str]:
        case, form = self._facts.case, self._form
        yield from self._row("issuing", case.authority)
        for kind, value in case.references:
            yield from self._row("file", f"{value} ({phrase(REFERENCES, kind, self._language)})")
        yield from self._row("validating", self._facts.validating)
        yield from self._row("issued", self._date(date.fromisoformat(case.order_date)))
        yield from self._row("received", say_here(case.received_at, self._language))
        yield from self._row("enforcing", self._facts.enforcing)
        whom = tells_enforcing(form.reasons, form.certificate)
        yield from self._row("goes_to", self._say(whom.value))

    def addressee(self) -> Iterator[str]:
        yield from self._row("addressee", self._facts.case.provider)
        yield from self._row("file", self._facts.demand)

    def reasons(self, known: tuple[Reason, ...]) -> Iterator[str]:
        chosen = {one.code for one in self._form.reasons}
        for one in known:
            if one.in_form or one.code in chosen:
                yield from self._box(self._name(one), ticked=one.code in chosen)
        said = self._form.said
        yield from self._row("explanation", said.explanation)
        yield from self._row("missing", said.missing)
        for left in said.left_out:
            yield from self._row("left_out", self._left_out(left))
        if said.possible_by is not None:
            yield from self._row("possible_by", say_here(said.possible_by, self._language))

    def conflict(
        self, said: Conflict | None, known: Mapping[str, tuple[str, str]]
    ) -> Iterator[str]:
        if said is None:
            yield from self._none()
            return
        for code, words in known.items():
            yield from self._box(words[self._at], ticked=code in said.interests)
        for name in CONFLICT:
            yield from self._row(name, getattr(said, name))

    def question(self, said: Statement) -> Iterator[str]:
        if said.question is None:
            yield from self._none()
            return
        yield from self._wrap(said.question)
        for days in sorted({one.answer_days for one in self._form.reasons if one.answer_days}):
            last = count_eu_days(self._facts.at, days, self._facts.working).last_day
            dated = {"date": self._date(day_of(self._facts.at)), "last": self._date(last)}
            yield from self._wrap(self._say("react_within", days=days, **dated))

    def preservation(self) -> Iterator[str]:
        is_kept = self._form.said.is_preserved
        yield from self._box(self._say("kept"), ticked=is_kept)
        yield from self._box(self._say("not_kept"), ticked=not is_kept)

    def contact(self) -> Iterator[str]:
        yield from self._row("provider", self._facts.case.provider)
        yield from self._row("contact", self._facts.case.contact or None)
        yield from self._row("date", self._date(day_of(self._facts.at)))

    def _left_out(self, one: LeftOut) -> str:
        """Return what is not given of an item; no target is named."""
        item = self._say("item", n=one.n)
        if one.category is not None:
            return f"{item}: {phrase(CATEGORIES, one.category, self._language)}"
        spans = (("before", one.keep_from), ("from", one.keep_until))
        said = [self._say(key, at=say_here(at, self._language)) for key, at in spans if at]
        return f"{item}: {', '.join(said) or self._say('whole')}"

    def _name(self, reason: Reason) -> str:
        use = reason.uses.get(self._form.certificate)
        words = reason.words[self._at]
        return words if use is None else f"{words} [{say_citation(use.citation, self._language)}]"

    def _date(self, day: date) -> str:
        return say_date(day, self._language)

    def _box(self, text: str, *, ticked: bool) -> list[str]:
        mark = "[x] " if ticked else "[ ] "
        return wrap(text, WIDTH, initial_indent=f"  {mark}", subsequent_indent=" " * 6)

    def _row(self, key: str, value: str | None) -> list[str]:
        if value is None:
            return []
        first, *more = value.splitlines() or [""]
        lines = self._wrap(f"{self._say(key)}: {first}")
        return lines + [part for line in more for part in self._wrap(line, "    ")]

    def _none(self) -> list[str]:
        return self._wrap(self._say("none"))

    def _wrap(self, text: str, indent: str = "  ") -> list[str]:
        lines = text.splitlines()
        found = (wrap(one, WIDTH, initial_indent=indent, subsequent_indent="    ") for one in lines)
        return [part for one in found for part in one]

    def _say(self, key: str, **values: object) -> str:
        return phrase(WORDS, key, self._language, **values)
