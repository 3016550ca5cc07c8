"""What somebody signs, in words: every field that the signature covers, nothing cut short. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.phrases import ENGLISH, LANGUAGES, Phrases
from lea_service.kernel.printable import grouped, list_members, printable
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.keys import fingerprint
from lea_service.staff.reasons import Answer
from lea_service.web.output import INSTANT, exact_time, table
from lea_service.web.spoken import Spoken

STATED = ("looked_at", "reasons")
SAYINGS: Phrases = {
    "looked_at": (
        "Wie instemt, verklaart elk van deze te hebben bekeken:",
        "Whoever approves states to have looked at each of these:",
    ),
    "reasons": (
        "Wie teruggeeft of weigert, zegt waarom met een of meer van deze:",
        "Whoever returns or refuses says why, by one or more of these:",
    ),
    "approval": ("Het voorstel", "The approval"),
    "open": ("Wat openlijk wordt ondertekend", "What is signed openly"),
    "sealed": (
        "Wat wordt voorgesteld, verzegeld onder de digest",
        "What is proposed, sealed under the digest",
    ),
    "sign": ("U ondertekent", "You sign"),
    "here": ("{said}, hier {at}", "{said}, here {at}"),
}
SHA256_HEX = re.compile(r"[0-9a-f]{64}\Z")
PUBLIC_KEY = "public key"


def describe(opened: Mapping[str, Any], language: str = ENGLISH) -> str:
    """Return an approval with everything that was signed, field by field.

    What is told about it is in ``language``; each field is called as the signature has it.
    """
    speak = Spoken(language, SAYINGS)
    parts = [
        _part(speak.say("approval"), _told(opened, speak)),
        _part(speak.say("open"), _fields(opened["facts"], speak)),
        _part(speak.say("sealed"), _fields(opened["payload"], speak)),
    ]
    if opened["approval"]["outcome"] is None:
        parts += [_codes(speak.say(name), opened["states"][name], language) for name in STATED]
    return "\n\n".join(part for part in parts if part)


def describe_decision(
    opened: Mapping[str, Any], answer: Answer, public_key: bytes, language: str = ENGLISH
) -> str:
    """Return what a person is about to sign of an approval that was described before."""
    approval, speak = opened["approval"], Spoken(language, SAYINGS)
    said = {
        "approval": approval["id"],
        "outcome": answer.outcome,
        "looked at": _in_words(opened, "looked_at", answer.looked_at, language),
        "reasons": _in_words(opened, "reasons", answer.reasons, language),
        "in words": answer.text,
        "digest": approval["digest"],
        "your key": grouped(fingerprint(public_key)),
    }
    fields = [(speak.name(name), value) for name, value in said.items() if value]
    return _part(speak.say("sign"), fields)


def _part(title: str, fields: Iterable[tuple[str, Any]]) -> str:
    """Lay out every field on a line of its own, also where two of them have the same name."""
    lines = [(printable(name), printable(str(value))) for name, value in fields]
    width = max((len(name) for name, _ in lines), default=0)
    return "\n".join([title, *(f"  {name:<{width}}  {value}" for name, value in lines)])


def _fields(value: Json, speak: Spoken) -> Iterator[tuple[str, str]]:
    """Yield each plain value under its name; keys and fingerprints as people read them out."""
    for name, said in list_members(value):
        if name.endswith(PUBLIC_KEY):
            yield f"{name}, fingerprint", _fingerprint(said)
        yield name, _spelled(said, speak)


def _spelled(said: str, speak: Spoken) -> str:
    """Return a value as it is signed, an instant with what the clock on the wall says beside it."""
    if INSTANT.fullmatch(said):
        return speak.say("here", said=said, at=exact_time(said))
    return grouped(said) if SHA256_HEX.match(said) else said


def _fingerprint(public_key: str) -> str:
    try:
        return grouped(fingerprint(decode_b64url(public_key, "")))
    except InvalidInput:
        return "none: this is no key"


def _told(opened: Mapping[str, Any], speak: Spoken) -> list[tuple[str, str]]:
    """Return an approval to be shown, with what its decision states in words."""
    approval = opened["approval"]
    said = {name: _in_words(opened, name, approval[name], speak.language) for name in STATED}
    found = {**approval, **said, "told": opened["text"]}
    return list(speak.named({name: value for name, value in found.items() if value}))


def _in_words(opened: Mapping[str, Any], name: str, codes: Sequence[str], language: str) -> str:
    words = {one["code"]: one[language] for one in opened["states"][name]}
    return "; ".join(f"{words.get(code, code)} ({code})" for code in codes)


def _codes(says: str, codes: Sequence[Mapping[str, Any]], language: str) -> str:
    if not codes:
        return ""
    columns = ("code", *sorted(LANGUAGES, key=lambda one: one != language))
    return f"{says}\n{table(list(codes), columns, is_whole=True)}"
