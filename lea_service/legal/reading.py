"""A row of the catalogue in words: each field as a question, each code with what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lea_service.legal.basis import IDENTITY, Row
from lea_service.legal.rows import CODES, LISTS

UNKNOWN = "not known: a person is asked"
NOTHING = {
    "valid_to": "no end",
    "succeeded_by": "nothing is planned",
    "route": "no other way is needed",
    "notes": "none",
}
"""What null says in the few fields where it does not mean unknown."""
TERMS = (
    "look_back", "look_forward", "response", "emergency_response", "preservation", "order_validity",
)  # fmt: skip
HEAD = ("id", "title", "valid_from", "valid_to")
REVIEWED = "reviewed"


class Words:
    """Says values of a row by the tables of a catalogue; a code that none explains stays as is."""

    def __init__(self, codes: Row, sources: Mapping[str, str]) -> None:
        self._codes = codes
        self._tables = {**dict(LISTS), **dict(CODES)}
        self._sources = sources

    def label(self, field: str) -> str:
        """Return what a field is about."""
        return "Review" if field == REVIEWED else str(self._codes["fields"].get(field, field))

    def code(self, table: str, code: str) -> str:
        """Return the meaning of a code, and the code."""
        word = self._sources.get(code) if table == "sources" else self._table(table).get(code)
        if isinstance(word, Mapping):
            either = dict.fromkeys(word[one] for one in ("nl", "en") if one in word)
            word = word.get("text") or word.get("about") or " / ".join(either)
        return f"{word} ({code})" if word else code

    def say(self, field: str, value: Any) -> list[str]:
        """Return the value of a field as lines."""
        if field == REVIEWED:
            return [say_review(value)]
        if value is None:
            return [NOTHING[field] if field in IDENTITY else UNKNOWN]
        if field in TERMS:
            return self._term(value)
        say = {
            "jurisdiction": lambda: [self.code("jurisdictions", value)],
            "status": lambda: [self.code("statuses", value)],
            "confidence": lambda: [self.code("sureness", value)],
            "title": lambda: [f"{language}: {value[language]}" for language in ("nl", "en")],
            "succeeded_by": lambda: [f"{value['title']}, planned for {value['planned_for']}"],
            "threshold": lambda: [f"{value['text']} ({value['code']})"],
            "judicial_authorisation": lambda: list(self._judicial(value)),
            "oral": lambda: self._oral(value),
            "memory": lambda: list(self._memory(value)),
            "corrections": lambda: list(self._corrections(value)),
        }.get(field)
        return say() if say else self._plain(field, value)

    def _plain(self, field: str, value: Any) -> list[str]:
        table = self._tables.get(field)
        if isinstance(value, list):
            return [self.code(table or "", one) for one in value] or ["none"]
        if isinstance(value, bool):
            return ["yes" if value else "no"]
        return [self.code(table, value) if table else str(value)]

    def _table(self, name: str) -> Row:
        table = self._codes.get(name, {})
        return table if isinstance(table, Mapping) else {}

    def _term(self, term: Row) -> list[str]:
        """Say a rule about time, its words, how it is counted, and what may change its end."""
        rule, bracket, code = self.code("rules", term["rule"]).partition(" (")
        figure = f" {term['value']} {term['unit']}" if "value" in term else ""
        lines = [f"{rule}{figure}{bracket}{code}"]
        lines += [term["text"]] if term.get("text") else []
        if term.get("counting"):
            lines.append(f"counted: {self.code('time_rules', term['counting'])}")
        if term.get("alarm_hours"):
            lines.append(f"alarm after {term['alarm_hours']} hours")
        lines += [self._extension(term["extension"])] if "extension" in term else []
        if "gives" in term:
            lines.append(f"to be handed over all the same: {self._given(term['gives'])}")
        if term.get("not_before"):
            lines.append(self._wait(term["not_before"]))
        return lines

    def _given(self, codes: Sequence[str] | None) -> str:
        if codes is None:
            return UNKNOWN
        return ", ".join(self.code("categories", code) for code in codes) or "nothing"

    def _extension(self, extension: Row | None) -> str:
        if extension is None:
            return f"longer: {UNKNOWN}"
        known = {None: "how often is not known", 1: "once"}
        times = known.get(extension["times"], f"{extension['times']} times")
        return f"longer by at most {extension['value']} {extension['unit']}, {times}"

    def _wait(self, waits: Row) -> str:
        when, until = (self.code("waits", waits[one]) for one in ("when", "ends_early_by"))
        span = f"{waits['value']} {waits['unit']}"
        return f"not before {span}; when: {when}; ended earlier by: {until}"

    def _judicial(self, value: Row) -> Iterator[str]:
        yield self.code("needs", value["need"]) if value["need"] else UNKNOWN
        for name, table in (("by", "judges"), ("if_missing", "if_missing")):
            if name in value:
                said = self.code(table, value[name]) if value[name] else UNKNOWN
                yield f"by: {said}" if name == "by" else said
        if "rests_on" in value:
            rests = value["rests_on"]
            yield UNKNOWN if rests is None else ", ".join(self.code("rests_on", r) for r in rests)
        if value.get("text"):
            yield value["text"]
        for one in value.get("conditions") or ():
            among = ", ".join(self.code("categories", code) for code in one.get("categories", ()))
            said = self.code("conditions", one["kind"])
            yield f"condition: {said}{f' [{among}]' if among else ''}: {one['text']}"
            if "afterwards" in one:
                yield from (f"validated afterwards: {line}" for line in self._afterwards(one))

    def _afterwards(self, condition: Row) -> list[str]:
        """Say whether a validation may come after the order, by which article and by when."""
        found = condition["afterwards"]
        if found is None:
            return [UNKNOWN]
        sources = ", ".join(found["sources"])
        lines = [self.code("afterwards", found["when"])]
        lines.append(f"{found['citation']} [{found['confidence']}; {sources}]")
        if found["when"] == "never":
            return lines
        return [*lines, *([UNKNOWN] if found["term"] is None else self._term(found["term"]))]

    def _oral(self, value: Row) -> list[str]:
        allowed = self.code("oral", value["allowed"]) if value["allowed"] else UNKNOWN
        confirmation = value["confirmation"]
        said = [UNKNOWN] if confirmation is None else self._term(confirmation)
        return [allowed, *(f"then in writing: {line}" for line in said)]

    def _memory(self, value: Row) -> Iterator[str]:
        for field, one in sorted(value.items()):
            yield f"{self.label(field)} ({field}){self.remembered(one)}"
        if not value:
            yield "nothing"

    def remembered(self, one: Row) -> str:
        """Return how sure memory is of something, of which codes, and the note."""
        among = f" of {', '.join(one['of'])}" if one.get("of") else ""
        note = f": {one['note']}" if one.get("note") else ""
        return f"{among} [from memory, {one['confidence']}]{note}"

    def _corrections(self, value: Sequence[Row]) -> Iterator[str]:
        for one in value:
            yield f"{one['field']}: {one['was']} -> {one['now']} [{one['confidence']}]"
        if not value:
            yield "none"


def say_review(value: Row | None) -> str:
    """Return whose row it is, and the review behind one of the provider's own."""
    if value is None:
        return "ships with the service"
    return f"the provider's own, reviewed by {value['by']} on {value['on']}: {value['why']}"


def say_span(row: Row) -> str:
    """Return from when till when an edition holds."""
    return f"{row['valid_from'] or 'an unknown day'} to {row['valid_to'] or NOTHING['valid_to']}"


def describe_edition(edition: Row, words: Words) -> str:
    """Return one edition of a basis as text: head, then each field as a question and its answer."""
    row, memory = edition["row"], edition["row"]["memory"]
    lines = [
        f"{row['id']}, {say_span(row)}",
        *(f"  {line}" for line in words.say("title", row["title"])),
        f"  This row: {say_review(edition[REVIEWED])}",
        f"  Digest: {edition['digest']}",
    ]
    for field, value in row.items():
        if field not in HEAD or field in memory:
            lines += _answer(words, field, value, memory.get(field))
    return "\n".join(lines)


def _answer(words: Words, field: str, value: Any, memory: Row | None) -> list[str]:
    asked = f"{words.label(field)}{words.remembered(memory) if memory else ''}"
    return ["", asked, *(f"  {line}" for line in words.say(field, value))]
