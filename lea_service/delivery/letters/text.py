"""The text of a letter, out of templates and the facts of the case. It names no target.

Whoever reads it learns neither that data exist nor that they do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from textwrap import wrap

from lea_service.demands.narrowing import Cut
from lea_service.demands.phrases import CATEGORIES, REFERENCES
from lea_service.kernel.clock import day_of
from lea_service.kernel.phrases import LANGUAGES, phrase
from lea_service.legal.citations import say_citation
from lea_service.legal.deadlines import Clock, Deadline, Status
from lea_service.legal.explanation import Language, say_date, say_here
from lea_service.packaging.contents import Correspondence
from lea_service.packaging.phrases import LETTER

WIDTH = 90


class About(StrEnum):
    """What a letter is about."""

    QUESTION = "question"
    REFUSAL = "refusal"
    NARROWING = "narrowing"
    ANNEX = "annex"
    REFERRAL = "referral"
    LATE = "late"


WORDS: Mapping[str, tuple[str, str]] = {
    "question.title": ("Vraag over uw vordering", "Question about your demand"),
    "question.begin": (
        "Voordat wij over uw vordering kunnen beslissen, vragen wij u:",
        "Before we can decide on your demand, we ask you:",
    ),
    "question.end": (
        "Wilt u schriftelijk antwoorden, met ons kenmerk. Tot dan geven wij niets.",
        "Please answer in writing, with our reference. Until then nothing is given.",
    ),
    "question.by_law": (
        "Wij hebben uw antwoord nodig voor {before}; dan loopt onze termijn af ({law}).",
        "We need your answer before {before}; our term ends then ({law}).",
    ),
    "question.by_wish": (
        "Wij hebben uw antwoord nodig voor {before}; dan wilt u het onze hebben.",
        "We need your answer before {before}; by then you want ours.",
    ),
    "question.by_none": (
        "Een termijn voor uw antwoord is niet bekend.",
        "No term for your answer is known.",
    ),
    "refusal.title": ("Weigering van uw vordering", "Refusal of your demand"),
    "refusal.begin": (
        "Aan uw vordering geven wij geen gevolg, op deze grond:",
        "We do not comply with your demand, on this ground:",
    ),
    "refusal.end": (
        "Uit deze brief volgt niet of wij gegevens hebben. Een vordering zonder dit gebrek nemen "
        "wij opnieuw in behandeling.",
        "It does not follow from this letter whether we hold data. A demand without this defect "
        "is taken up anew.",
    ),
    "referral.title": ("Andere geadresseerde", "Another addressee"),
    "referral.begin": (
        "Op uw vordering antwoorden wij:",
        "To your demand we answer:",
    ),
    "referral.end": (
        "Dit is geen weigering. Uit deze brief volgt niets over personen, en niet of wij gegevens "
        "hebben.",
        "This is no refusal. Nothing follows from this letter about persons, nor whether we hold "
        "data.",
    ),
    "referral.name": ("Te weten: {name}", "Namely: {name}"),
    "narrowing.title": ("Wat wij niet verstrekken", "What we do not give"),
    "narrowing.begin": (
        "Wij verstrekken minder dan u vordert. Niet verstrekt wordt:",
        "We give less than you demand. Not given is:",
    ),
    "narrowing.none": (
        "Van uw vordering laten wij niets weg.",
        "Nothing of your demand is left out.",
    ),
    "narrowing.earlier": (
        "Deze brief komt in de plaats van onze brief van {at} over wat wij niet verstrekken; wat "
        "daarin anders staat, geldt niet meer.",
        "This letter takes the place of ours of {at} about what we do not give; what that says "
        "otherwise holds no longer.",
    ),
    "narrowing.end": (
        "Uit deze brief volgt niet of wij gegevens hebben.",
        "It does not follow from this letter whether we hold data.",
    ),
    "late.title": ("Ons antwoord kan later komen", "Our answer may be late"),
    "late.begin": (
        "Ons antwoord op uw vordering kan later komen dan de termijn, of dan u verwacht. U hoort "
        "van ons zodra wij antwoorden.",
        "Our answer to your demand may come later than its term, or than you expect. You will hear "
        "from us as soon as we answer.",
    ),
    "late.end": (
        "Uit deze brief volgt niet of wij gegevens hebben. Is er meer haast, belt u ons dan.",
        "It does not follow from this letter whether we hold data. If it has become more urgent, "
        "please call us.",
    ),
    "rests_on": ("Het gaat om:", "It is about:"),
    "cure": ("Wat dit verhelpt: {cure}", "What would cure it: {cure}"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One finding in words, Dutch and English; what would cure it where there are words for it."""

    says: tuple[str, str]
    article: str | None
    item: int | None = None
    category: str | None = None
    cure: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True, slots=True)
class AnswerBy:
    """By when an answer is needed: our term by ``law``, or what the authority itself asked for."""

    before: datetime
    law: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter says. ``own`` are our words.

    ``ground`` is why it is refused, or what kind of addressee there is instead, Dutch and English;
    ``name`` is who that is. ``earlier`` is when the letter went out that it takes the place of.
    """

    about: About
    demand: str
    at: datetime
    case: Correspondence
    own: str | None = None
    ground: tuple[str, str] | None = None
    name: str | None = None
    points: tuple[Point, ...] = ()
    cuts: tuple[Cut, ...] = ()
    by: AnswerBy | None = None
    earlier: datetime | None = None


def find_need(clocks: Sequence[Deadline], wanted_by: datetime | None) -> AnswerBy | None:
    """Return by when we need an answer to a question; None where no clock of ours has an end."""
    ours = (one for one in clocks if one.clock is Clock.ANSWER and one.status is Status.RUNNING)
    clock = next(ours, None)
    if clock is None or clock.due is None:
        return None
    return AnswerBy(clock.due, None if clock.due == wanted_by else clock.law)


def write_text(facts: Facts, language: Language) -> str:
    """Return a letter in ``language`` (``nl`` or ``en``)."""
    writer = _Writer(facts, language)
    parts = [writer.head(), writer.body(), writer.foot()]
    return "\n".join(line for part in parts for line in part) + "\n"


class _Writer:
    """Writes the parts of one letter in one language."""

    def __init__(self, facts: Facts, language: Language) -> None:
        self._facts = facts
        self._language = language
        self._at = LANGUAGES.index(language)

    def head(self) -> Iterator[str]:
        facts, case = self._facts, self._facts.case
        yield self._say(f"{facts.about}.title").upper()
        yield ""
        rows = [
            ("from", case.provider),
            ("to", case.authority),
            ("date", say_date(day_of(facts.at), self._language)),
            *(
                ("reference", f"{value} ({phrase(REFERENCES, kind, self._language)})")
                for kind, value in case.references
            ),
            ("ours", facts.demand),
            ("basis", say_citation(case.legal_basis, self._language)),
        ]
        for key, value in rows:
            name = phrase(LETTER, key, self._language)
            row = f"{name + ':':<16}{' '.join(value.split())}"
            yield from wrap(row, WIDTH, subsequent_indent=" " * 16, break_on_hyphens=False)
        order = {
            "date": say_date(date.fromisoformat(case.order_date), self._language),
            "role": case.issuing_role[self._at],
            "received": say_here(case.received_at, self._language),
        }
        said = phrase(LETTER, "order", self._language, **order)
        yield from self._wrap(said, " " * 16)
        yield ""

    def body(self) -> Iterator[str]:
        facts = self._facts
        is_nothing = facts.about is About.NARROWING and not facts.cuts
        yield from self._wrap(self._say(f"{facts.about}.{'none' if is_nothing else 'begin'}"))
        if facts.ground is not None:
            yield from self._wrap(facts.ground[self._at], "  ")
        if facts.name is not None:
            yield from self._wrap(self._say("referral.name", name=facts.name), "  ")
        for cut in facts.cuts:
            yield from self._wrap(f"- {self._cut(cut)} {cut.words[self._at]}", "  ")
        yield ""
        if facts.earlier is not None:
            at = say_here(facts.earlier, self._language)
            yield from self._wrap(self._say(f"{facts.about}.earlier", at=at))
            yield ""
        if facts.own is not None:
            for line in facts.own.splitlines():
                yield from self._wrap(line, "  ")
            yield ""
        if facts.points:
            yield self._say("rests_on")
            for point in facts.points:
                yield from self._wrap(f"- {self._point(point)}", "  ")
            yield ""
        if facts.about is About.QUESTION:
            yield from self._wrap(self._by(facts.by))
            yield ""

    def foot(self) -> Iterator[str]:
        yield from self._wrap(self._say(f"{self._facts.about}.end"))
        if self._facts.case.contact:
            yield ""
            yield f"{phrase(LETTER, 'contact', self._language)}: {self._facts.case.contact}"

    def _by(self, by: AnswerBy | None) -> str:
        if by is None:
            return self._say("question.by_none")
        before = say_here(by.before, self._language)
        if by.law is None:
            return self._say("question.by_wish", before=before)
        law = say_citation(by.law, self._language)
        return self._say("question.by_law", before=before, law=law)

    def _cut(self, cut: Cut) -> str:
        if cut.category is not None:
            named = self._where(cut.n, cut.category)
        else:
            spans = (("without_before", cut.keep_from), ("without_from", cut.keep_until))
            said = [self._moment(key, at) for key, at in spans if at is not None]
            named = " ".join([self._where(cut.n, None), ", ".join(said)]).rstrip()
        return f"{named}."

    def _moment(self, key: str, at: datetime) -> str:
        said = phrase(LETTER, key, self._language, moment=say_here(at, self._language))
        return said.partition(": ")[2].removesuffix(".")

    def _point(self, point: Point) -> str:
        where = self._where(point.item, point.category)
        said = f"{where}: {point.says[self._at]}" if where else point.says[self._at]
        if point.article:
            said += f" [{say_citation(point.article, self._language)}]"
        cure = point.cure[self._at]
        return said if cure is None else f"{said} {self._say('cure', cure=cure)}"

    def _where(self, item: int | None, category: str | None) -> str:
        parts: Sequence[str] = [
            *([phrase(LETTER, "item", self._language, n=item)] if item is not None else []),
            *([phrase(CATEGORIES, category, self._language)] if category else []),
        ]
        return ", ".join(parts)

    def _wrap(self, text: str, indent: str = "") -> list[str]:
        return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent) or [""]

    def _say(self, key: str, **values: object) -> str:
        return phrase(WORDS, key, self._language, **values)
