"""What the commands of the legal check print, in Dutch or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lea_service.demands.phrases import REFERENCES, TARGETS
from lea_service.kernel.phrases import VALUES, Phrases, phrase
from lea_service.legal.citations import OWN, say_citation
from lea_service.legal.escalation import UNKNOWN_RULE
from lea_service.legal.phrases import (
    AUDIENCES,
    BREACH_CAUSES,
    BREACHES,
    CLOCKS,
    ESCALATIONS,
    LONGER,
    RECOUNTS,
    RELEASES,
    STATUSES,
    SURENESS,
)
from lea_service.legal.seen import say_code, say_seen
from lea_service.web.output import exact_time, facts, says_in, table, wall_time
from lea_service.web.spoken import name_people

MARKS: Phrases = {
    "pass": ("goed    ", "ok      "),
    "clarify": ("vraag   ", "ask     "),
    "ask_human": ("beslis  ", "decide  "),
    "defect": ("GEBREK  ", "DEFECT  "),
}

SAYINGS: Phrases = {
    "legend": (
        "vraag = een vraag aan de autoriteit, beslis = een vraag aan u (aanvaard met een reden), "
        "GEBREK = moet worden verholpen of geweigerd.",
        "ask = a question to the authority, decide = a question to you (accept it with a reason), "
        "DEFECT = must be cured or refused.",
    ),
    "assessment": (
        "Toetsing {n} van {demand}: {standing}",
        "Assessment {n} of {demand}: {standing}",
    ),
    "settled": ("afgedaan", "settled"),
    "outdated": (
        "verouderd, de vordering is verbeterd: toets haar opnieuw",
        "out of date, the demand was corrected: assess it again",
    ),
    "open": ("{count} open", "{count} open"),
    "passed": ("Goed: {count}.", "Passed: {count}."),
    "article": ("artikel", "article"),
    "not_judged": ("hoe zeker is niet beoordeeld", "how sure was not judged"),
    "seen": ("gezien", "seen"),
    "cure": ("herstel", "cure"),
    "accepted": ("aanvaard door {who}", "accepted by {who}"),
    "another": (
        "alleen wie de vordering niet vastlegde of toetste kan dit aanvaarden",
        "only who neither recorded nor assessed the demand can accept this",
    ),
    "no_order": (
        "De vordering heeft geen document: er valt niets te vergelijken.",
        "The demand has no order document: nothing can be compared.",
    ),
    "order": (
        "Document van vordering {demand}, gelezen bladzijden: {pages}.",
        "Order of {demand}, pages read: {pages}.",
    ),
    "odd": ("VREEMD  {says}", "ODD     {says}"),
    "more": ("er staat meer in dan is bekeken", "more stands in it than was looked at"),
    "typed": ("Getypt", "Typed"),
    "in_order": ("In het document", "In the order"),
    "yes": ("ja", "yes"),
    "no": ("NEE", "NO"),
    "period": ("{start} tot {end}", "{start} until {end}"),
    "page": ("bladzijde {page} regel {line}", "page {page} line {line}"),
    "basis_unknown": (
        "De catalogus kent de grondslag niet; er kan geen termijn worden geteld.",
        "The catalogue does not know the basis, so no term can be counted.",
    ),
    "no_term": ("{basis} stelt geen termijn.", "{basis} sets no term."),
    "told": (
        "{at} {told} ingelicht over {clock}: {step}",
        "{at} {told} told of {clock}: {step}",
    ),
    "moved": (
        "{at} {clock} verschoven van {before} naar {after} ({why})",
        "{at} {clock} moved from {before} to {after} ({why})",
    ),
    "extended": ("verlengd {at} ({by}, {days} dagen)", "extended {at} ({by}, {days} days)"),
    "extended_open": ("verlengd {at} ({by})", "extended {at} ({by})"),
    "nothing_kept": ("Er wordt niets bewaard.", "Nothing is kept."),
    "nothing_owed": ("Er staat geen bevestiging open.", "No open confirmations."),
    "no_question": ("er is geen vraag gesteld", "no question was asked"),
    "no_breach": ("Er zijn geen meldingen van een inbreuk.", "No breach notices."),
    "with": ("met {day}", "with {day}"),
    "without": ("zonder {day}", "without {day}"),
}

ENDS: Phrases = {
    "earliest": ("niet voor", "earliest"),
    "waits_for": ("wacht op", "waits_for"),
    "due": ("uiterlijk", "due"),
    "late": ("te laat", "late"),
    "alarm": ("alarm", "alarm"),
    "met_at": ("gehaald", "met_at"),
}

COLUMNS: Phrases = {
    "in order": ("in document", "in order"),
    "item": ("onderdeel", "item"),
    "kind": ("soort", "kind"),
    "value": ("waarde", "value"),
    "form": ("vorm", "form"),
    "place": ("plaats", "place"),
}

KINDS: Phrases = {
    **TARGETS,
    **REFERENCES,
    "article": ("artikel", "article"),
    "authorisation": ("machtiging", "authorisation"),
    "authorised_on": ("dag van de machtiging", "day of the authorisation"),
    "date": ("datum", "date"),
    "legal_basis": ("grondslag", "legal basis"),
    "moment": ("tijdstip", "moment"),
    "name": ("naam", "name"),
    "order_date": ("datum van de vordering", "date of the order"),
    "period": ("periode", "period"),
}
"""Kinds of what was typed, and of what stands in an order."""

FIELDS: Phrases = {
    "alarm": ("alarm", "alarm"),
    "answer": ("antwoord", "answer"),
    "asked_at": ("gevraagd op", "asked_at"),
    "asked_by": ("gevraagd door", "asked_by"),
    "assessment": ("toetsing", "assessment"),
    "cause": ("oorzaak", "cause"),
    "clock": ("termijn", "clock"),
    "days": ("dagen", "days"),
    "days_left": ("dagen over", "days_left"),
    "counsel": ("jurist", "counsel"),
    "demand": ("vordering", "demand"),
    "due": ("uiterlijk", "due"),
    "explanation": ("toelichting", "explanation"),
    "findings": ("bevindingen", "findings"),
    "ground": ("grond", "ground"),
    "has_produced": ("is al verstrekt", "has_produced"),
    "id": ("id", "id"),
    "kept_at": ("bewaard op", "kept_at"),
    "kept_by": ("bewaard door", "kept_by"),
    "late": ("te laat", "late"),
    "law": ("artikel", "law"),
    "given_on": ("geadviseerd op", "given_on"),
    "legal_basis": ("grondslag", "legal_basis"),
    "n": ("nummer", "n"),
    "officer": ("functionaris", "officer"),
    "outcome": ("uitkomst", "outcome"),
    "production": ("vordering tot verstrekking", "production"),
    "question": ("vraag", "question"),
    "reasons": ("redenen", "reasons"),
    "recorded_at": ("vastgelegd op", "recorded_at"),
    "recorded_by": ("vastgelegd door", "recorded_by"),
    "refused_at": ("geweigerd op", "refused_at"),
    "refused_by": ("geweigerd door", "refused_by"),
    "released": ("losgelaten omdat", "released"),
    "state": ("stand", "state"),
    "status": ("stand", "status"),
    "summary": ("advies", "summary"),
}

CODES: Mapping[str, Phrases] = {
    "state": {
        "preserved": ("bewaard", "preserved"),
        "extended": ("verlengd", "extended"),
        "released": ("losgelaten", "released"),
        "produced": ("verstrekt op een andere vordering", "produced"),
    },
    "released": RELEASES,
    "by": LONGER,
    "status": STATUSES,
    "clock": CLOCKS,
    "cause": BREACH_CAUSES,
    "outcome": BREACHES,
}
"""By field the words of its codes, where data are kept, a writing is owed, or a breach noticed."""

KEPT = ("demand", "state", "legal_basis", "kept_at", "due", "late", "days_left")
OWED = ("demand", "clock", "officer", "law", "status", "alarm", "due", "late")
NOTICED = ("id", "demand", "cause", "has_produced", "late", "outcome")


class Printer:
    """Prints what the legal check shows in ``language`` (``nl`` or ``en``)."""

    def __init__(self, language: str) -> None:
        self._language = language

    def assessment(self, found: dict[str, Any], *, everything: bool) -> str:
        """Return an assessment: one line for each finding, its article, and its cure."""
        shown = [one for one in found["findings"] if everything or one["outcome"] != "pass"]
        passed = sum(one["outcome"] == "pass" for one in found["findings"])
        accepted = {
            ref: one["accepted_by"]
            for one in map(name_people, found["acceptances"])
            for ref in one["findings"]
        }
        standing = self._standing(found)
        return "\n".join(
            [
                self._say("assessment", n=found["n"], demand=found["demand"], standing=standing),
                *(line for one in shown for line in self._finding(one, accepted.get(one["ref"]))),
                self._say("passed", count=passed),
                *([self._say("legend")] if shown else []),
            ]
        )

    def order(self, found: dict[str, Any]) -> str:
        """Return an order: what is odd, what was typed, and what stands where."""
        if not found["has_document"]:
            return self._say("no_order")
        odd = [f"{one['code']}: {one[self._language]}" for one in found["observations"]]
        odd += [] if found["is_whole"] else [self._say("more")]
        typed = [
            {**self._kind(one), "in order": self._say("yes" if one["is_in_order"] else "no")}
            for one in found["typed"]
        ]
        placed = [
            {**self._kind(one), "place": self._say("page", page=one["page"], line=one["line"])}
            for one in found["proposals"]
        ]
        return "\n".join(
            [
                self._say("order", demand=found["demand"], pages=found["pages"]),
                *(self._say("odd", says=one) for one in odd),
                *("", self._say("typed"), self._table(typed, "in order", "item", "kind", "value")),
                *("", self._say("in_order"), self._table(placed, "place", "kind", "value", "form")),
            ]
        )

    def deadlines(self, found: dict[str, Any]) -> str:
        """Return the clocks of a demand: how each stands, its ends, and every step."""
        if found["legal_basis"] is None:
            return self._say("basis_unknown")
        if not found["deadlines"]:
            return self._say("no_term", basis=found["legal_basis"])
        moved = [self._moved(one, move) for one in found["counted"] for move in one["moves"]]
        told = [self._told(one) for one in found["escalations"]]
        clocks = "\n\n".join(self._deadline(one) for one in found["deadlines"])
        return "\n".join([clocks, *([""] if moved or told else []), *moved, *told])

    def refusal(self, found: dict[str, Any]) -> str:
        """Return why a demand was refused."""
        beside = {"advice", "says", "says_nl"}
        told = {name: value for name, value in found.items() if name not in beside}
        ground = {"ground": found[says_in(self._language)]}
        return facts(self._named({**told, **ground, **(found["advice"] or {})}))

    def questions(self, found: Sequence[dict[str, Any]]) -> str:
        """Return what an authority was asked, and what it answered."""
        told = "\n\n".join(facts(self._named(one)) for one in found)
        return told or self._say("no_question")

    def kept(self, found: dict[str, Any]) -> str:
        """Return what is kept for an authority, each extension on a line of its own."""
        apart = {"extensions", "says", "says_nl"}
        plain = {name: value for name, value in found.items() if name not in apart}
        return "\n".join([facts(self._named(plain)), *map(self._extended, found["extensions"])])

    def kept_list(self, found: list[dict[str, Any]]) -> str:
        """Return what is kept now, a line for each demand."""
        return self._list(found, KEPT) or self._say("nothing_kept")

    def owed(self, found: list[dict[str, Any]]) -> str:
        """Return which orders wait for their writing or validation."""
        rows = [{**one, "law": say_citation(one["law"], self._language)} for one in found]
        return self._list(rows, OWED) or self._say("nothing_owed")

    def breaches(self, found: list[dict[str, Any]]) -> str:
        """Return breach notices, a line for each."""
        return self._list(found, NOTICED) or self._say("no_breach")

    def _list(self, found: list[dict[str, Any]], names: Sequence[str]) -> str:
        rows = [self._named({name: one.get(name) for name in names}) for one in found]
        columns = [self._code(FIELDS, name) for name in names]
        return table(rows, columns, is_whole=True) if rows else ""

    def _named(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return a thing whose fields and codes are words."""
        told = name_people(found)
        return {self._code(FIELDS, name): self._value(name, value) for name, value in told.items()}

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, bool):
            return self._code(VALUES, str(value))
        return self._code(CODES[name], value) if name in CODES and value is not None else value

    def _kind(self, one: dict[str, Any]) -> dict[str, Any]:
        """Return a value of an order whose kind is words, and a period by the clock on the wall."""
        named = {**one, "kind": self._code(KINDS, one["kind"])}
        if one["kind"] == "period" and one.get("form"):
            start, _, end = map(exact_time, one["form"].partition("/"))
            named["form"] = self._say("period", start=start, end=end)
        return named

    def _rule(self, code: str) -> str:
        if code == UNKNOWN_RULE:
            return self._code(VALUES, "None")
        said = say_code("rule", code, self._language)
        return said[:1].lower() + said[1:]

    def _extended(self, one: dict[str, Any]) -> str:
        key = "extended_open" if one["days"] is None else "extended"
        by = self._code(CODES["by"], one["by"])
        return self._say(key, at=wall_time(one["at"]), by=by, days=one["days"])

    def _say(self, key: str, /, **values: object) -> str:
        return phrase(SAYINGS, key, self._language, **values)

    def _code(self, codes: Phrases, code: str) -> str:
        return phrase(codes, code, self._language)

    def _table(self, rows: list[dict[str, Any]], *columns: str) -> str:
        names = {one: self._code(COLUMNS, one) for one in columns}
        return table(
            [{name: row[one] for one, name in names.items()} for row in rows], [*names.values()]
        )

    def _standing(self, assessment: dict[str, Any]) -> str:
        if assessment["is_settled"]:
            return self._say("settled")
        if not assessment["is_current"]:
            return self._say("outdated")
        return self._say("open", count=len(assessment["open"]))

    def _finding(self, finding: dict[str, Any], accepted_by: str | None) -> list[str]:
        lines = [
            f"{self._code(MARKS, finding['outcome'])}{finding['ref']}: {finding['says']}",
        ]
        if finding["article"]:
            lines.append(self._line("article", self._article(finding)))
        said = finding["seen"]
        lines += [self._line("", said[self._language])] if self._language in said else []
        rest = say_seen(said, self._language)
        lines += [self._line("seen", rest)] if rest else []
        if finding["outcome"] != "pass":
            lines.append(self._line("cure", finding["cure"]))
        if accepted_by:
            lines.append(f"          {self._say('accepted', who=accepted_by)}")
        elif finding["needs_another"] and finding["can_be_accepted"]:
            lines.append(f"          {self._say('another')}")
        return lines

    def _article(self, finding: dict[str, Any]) -> str:
        """Return what a finding rests on and how sure that is; policy of ours is no law."""
        article, confidence = finding["article"], finding["confidence"]
        said = say_citation(article, self._language)
        if article in OWN:
            return said
        sure = self._say("not_judged") if confidence is None else self._code(SURENESS, confidence)
        return f"{said} ({sure})"

    def _line(self, name: str, says: str) -> str:
        return f"          {self._say(name) if name else '':<8} {says}"

    def _deadline(self, one: dict[str, Any]) -> str:
        text = one["text_nl" if self._language == "nl" else "text"]
        law = say_citation(one["law"], self._language)
        lines = [f"{one[self._language]}, {self._rule(one['rule'])} [{law}]"]
        lines += [
            f"  {self._code(ENDS, name):<9} {wall_time(one[name])}" for name in ENDS if one[name]
        ]
        lines += [f"  {text}"] if text else []
        return "\n".join([*lines, *(f"  - {step[self._language]}" for step in one["steps"])])

    def _moved(self, counted: dict[str, Any], move: dict[str, Any]) -> str:
        days = [self._say("with", day=day) for day in move["added"]]
        days += [self._say("without", day=day) for day in move["left_out"]]
        return self._say(
            "moved",
            at=wall_time(counted["at"]),
            clock=self._code(CLOCKS, move["clock"]),
            before=_wall_time(move["before"]["due"]),
            after=_wall_time(move["after"]["due"]),
            why=", ".join([self._code(RECOUNTS, counted["cause"]), *days]),
        )

    def _told(self, one: dict[str, Any]) -> str:
        return self._say(
            "told",
            at=wall_time(one["at"]),
            told=self._code(AUDIENCES, one["told"]),
            clock=self._code(CLOCKS, one["clock"]),
            step=self._code(ESCALATIONS, one["step"]),
        )


def _wall_time(end: str | None) -> str | None:
    return None if end is None else wall_time(end)
