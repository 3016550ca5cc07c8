"""A row of the catalogue in words: each field as a question, each code with what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lea_service.kernel.phrases import LANGUAGES, VALUES, phrase
from lea_service.legal.basis import IDENTITY, Row
from lea_service.legal.phrases import SURENESS
from lea_service.legal.reading_words import ONE, SAYINGS, TRANSLATION, UNITS
from lea_service.legal.rows import CODES, LISTS

TERMS = (
    "look_back", "look_forward", "response", "emergency_response", "preservation", "order_validity",
)  # fmt: skip
HEAD = ("id", "title", "valid_from", "valid_to")
REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a row says of one of its fields: the question that the field asks, and the lines."""

    field: str
    asks: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One edition of a basis in words; ``says`` are title, review and digest."""

    heading: str
    says: tuple[str, ...]
    answers: tuple[Answer, ...]


class Words:
    """Says values of a row in ``language`` (``nl`` or ``en``) by the tables of a catalogue.

    A code that none explains, and what a row of a provider's own says in words of its own, stays
    as it is.
    """

    def __init__(self, codes: Row, sources: Mapping[str, str], language: str) -> None:
        self._codes = codes
        self._tables = {**dict(LISTS), **dict(CODES)}
        self._sources = sources
        self._language = language

    def __call__(self, key: str, /, **values: object) -> str:
        """Return a sentence of ours."""
        return phrase(SAYINGS, key, self._language, **values)

    def text(self, text: str) -> str:
        """Return what the catalogue says in English, as it is in the language."""
        return phrase(TRANSLATION, text, self._language)

    def label(self, field: str) -> str:
        """Return what a field is about."""
        if field == REVIEWED:
            return self(REVIEWED)
        return self.text(str(self._codes["fields"].get(field, field)))

    def code(self, table: str, code: str) -> str:
        """Return the meaning of a code, and the code."""
        word = self._sources.get(code) if table == "sources" else self._table(table).get(code)
        if isinstance(word, Mapping):
            english = str(word.get("text") or word.get("about") or code)
            return f"{word.get(self._language) or self.text(english)} ({code})"
        return f"{self.text(word)} ({code})" if word else code

    def sureness(self, confidence: str) -> str:
        """Return how sure something is."""
        return phrase(SURENESS, confidence, self._language)

    def say(self, field: str, value: Any) -> list[str]:
        """Return the value of a field as lines."""
        if field == REVIEWED:
            return [self.review(value)]
        if value is None:
            return [self(field) if field in IDENTITY else self("unknown")]
        if field in TERMS:
            return self._term(value)
        say = {
            "jurisdiction": lambda: [self.code("jurisdictions", value)],
            "status": lambda: [self.code("statuses", value)],
            "confidence": lambda: [self.code("sureness", value)],
            "title": lambda: [f"{language}: {value[language]}" for language in LANGUAGES],
            "succeeded_by": lambda: [
                self("planned", title=value["title"], day=value["planned_for"])
            ],
            "threshold": lambda: [f"{self.text(value['text'])} ({value['code']})"],
            "judicial_authorisation": lambda: list(self._judicial(value)),
            "oral": lambda: self._oral(value),
            "memory": lambda: list(self._memory(value)),
            "corrections": lambda: list(self._corrections(value)),
        }.get(field)
        return say() if say else self._plain(field, value)

    def review(self, value: Row | None) -> str:
        """Return whose row it is, and the review behind one of the provider's own."""
        return self("ships") if value is None else self("own", **value)

    def span(self, row: Row) -> str:
        """Return from when till when an edition holds."""
        start = row["valid_from"] or self("unknown_day")
        if row["valid_to"] is None:
            return self("span_open", start=start, end=self("valid_to"))
        return self("span", start=start, end=row["valid_to"])

    def _plain(self, field: str, value: Any) -> list[str]:
        table = self._tables.get(field)
        if isinstance(value, list):
            return [self.code(table or "", one) for one in value] or [self("none")]
        if isinstance(value, bool):
            return [phrase(VALUES, str(value), self._language)]
        return [self.code(table, value) if table else self.text(str(value))]

    def _table(self, name: str) -> Row:
        table = self._codes.get(name, {})
        return table if isinstance(table, Mapping) else {}

    def _time(self, value: int, unit: str) -> str:
        return phrase(ONE if value == 1 else UNITS, unit, self._language, n=value)

    def _term(self, term: Row) -> list[str]:
        """Say a rule about time, its words, how it is counted, and what may change its end."""
        rule, bracket, code = self.code("rules", term["rule"]).partition(" (")
        figure = f" {self._time(term['value'], term['unit'])}" if "value" in term else ""
        lines = [f"{rule}{figure}{bracket}{code}"]
        lines += [self.text(term["text"])] if term.get("text") else []
        if term.get("counting"):
            lines.append(self("counted", rule=self.code("time_rules", term["counting"])))
        if term.get("alarm_hours"):
            lines.append(self("alarm", hours=term["alarm_hours"]))
        lines += [self._extension(term["extension"])] if "extension" in term else []
        if "gives" in term:
            lines.append(self("gives", categories=self._given(term["gives"])))
        if term.get("not_before"):
            lines.append(self._wait(term["not_before"]))
        return lines

    def _given(self, codes: Sequence[str] | None) -> str:
        if codes is None:
            return self("unknown")
        return ", ".join(self.code("categories", code) for code in codes) or self("nothing")

    def _extension(self, extension: Row | None) -> str:
        if extension is None:
            return self("longer_unknown", unknown=self("unknown"))
        known = {None: self("times_unknown"), 1: self("once")}
        times = extension["times"]
        often = known.get(times) or self("times", times=times)
        return self("longer", span=self._time(extension["value"], extension["unit"]), times=often)

    def _wait(self, waits: Row) -> str:
        when, until = (self.code("waits", waits[one]) for one in ("when", "ends_early_by"))
        return self("wait", span=self._time(waits["value"], waits["unit"]), when=when, until=until)

    def _judicial(self, value: Row) -> Iterator[str]:
        yield self.code("needs", value["need"]) if value["need"] else self("unknown")
        for name, table in (("by", "judges"), ("if_missing", "if_missing")):
            if name in value:
                said = self.code(table, value[name]) if value[name] else self("unknown")
                yield self("judge", judge=said) if name == "by" else said
        if "rests_on" in value:
            rests = value["rests_on"]
            on = None if rests is None else (self.code("rests_on", one) for one in rests)
            yield self("unknown") if on is None else ", ".join(on)
        if value.get("text"):
            yield self.text(value["text"])
        if "oral" in value:
            yield from (self("given_orally", line=line) for line in self._given_orally(value))
        for one in value.get("conditions") or ():
            among = ", ".join(self.code("categories", code) for code in one.get("categories", ()))
            yield self(
                "condition",
                kind=self.code("conditions", one["kind"]),
                among=f" [{among}]" if among else "",
                text=self.text(one["text"]),
            )
            if "if_missing" in one:
                law = ", ".join(self.code("rests_on", code) for code in one["rests_on"])
                yield self("here", law=law, follows=self.code("if_missing", one["if_missing"]))
            if "afterwards" in one:
                yield from (self("afterwards", line=line) for line in self._afterwards(one))

    def _afterwards(self, condition: Row) -> list[str]:
        """Say whether a validation may come after the order, by which article and by when."""
        found = condition["afterwards"]
        if found is None:
            return [self("unknown")]
        sources = ", ".join(found["sources"])
        lines = [self.code("afterwards", found["when"])]
        article, sure = self.text(found["citation"]), self.sureness(found["confidence"])
        lines.append(f"{article} [{sure}; {sources}]")
        if found["when"] == "never":
            return lines
        term = found["term"]
        return [*lines, *([self("unknown")] if term is None else self._term(term))]

    def _given_orally(self, judicial: Row) -> list[str]:
        """Say whether a judge may authorise orally, by which article and by when in writing."""
        found = judicial["oral"]
        if found is None:
            return [self("unknown")]
        article, sure = self.text(found["citation"]), self.sureness(found["confidence"])
        sources = ", ".join(found["sources"])
        return [*self._oral(found), f"{article} [{sure}; {sources}]"]

    def _oral(self, value: Row) -> list[str]:
        allowed = self.code("oral", value["allowed"]) if value["allowed"] else self("unknown")
        confirmation = value["confirmation"]
        said = [self("unknown")] if confirmation is None else self._term(confirmation)
        return [allowed, *(self("writing", line=line) for line in said)]

    def _memory(self, value: Row) -> Iterator[str]:
        for field, one in sorted(value.items()):
            yield f"{self.label(field)} ({field}){self.remembered(field, one)}"
        if not value:
            yield self("nothing")

    def remembered(self, field: str, one: Row) -> str:
        """Return how sure memory is of a field, of which of its codes, and the note."""
        table = self._tables.get(field, "")
        codes = "; ".join(self.code(table, code) for code in one.get("of") or ())
        among = self("of", codes=codes) if codes else ""
        note = f": {self.text(one['note'])}" if one.get("note") else ""
        sure = self("remembered", confidence=self.sureness(one["confidence"]))
        return f"{among}{sure}{note}"

    def _corrections(self, value: Sequence[Row]) -> Iterator[str]:
        for one in value:
            was, now = self.text(one["was"]), self.text(one["now"])
            about = f"{self.label(one['field'].partition('.')[0])} ({one['field']})"
            yield f"{about}: {was} -> {now} [{self.sureness(one['confidence'])}]"
        if not value:
            yield self("none")


def read_edition(edition: Row, words: Words) -> Reading:
    """Return one edition of a basis in words: head, then each field as a question and its answer.

    ``edition`` has ``row``, ``digest`` and ``reviewed``, as ``comparison.show_edition`` gives it.
    """
    row, memory = edition["row"], edition["row"]["memory"]
    return Reading(
        f"{row['id']}, {words.span(row)}",
        (
            *words.say("title", row["title"]),
            words("this_row", says=words.review(edition[REVIEWED])),
            words("digest", digest=edition["digest"]),
        ),
        tuple(
            _answer(words, field, value, memory.get(field))
            for field, value in row.items()
            if field not in HEAD or field in memory
        ),
    )


def _answer(words: Words, field: str, value: Any, memory: Row | None) -> Answer:
    asks = f"{words.label(field)}{words.remembered(field, memory) if memory else ''}"
    return Answer(field, asks, tuple(words.say(field, value)))


def render(reading: Reading) -> str:
    """Return what was read as text."""
    lines = [reading.heading, *(f"  {line}" for line in reading.says)]
    for one in reading.answers:
        lines += ["", one.asks, *(f"  {line}" for line in one.says)]
    return "\n".join(lines)
