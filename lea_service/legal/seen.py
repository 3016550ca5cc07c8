"""What a finding or an observation saw, in words: no code, and nothing of a programming language.

A code that no list explains, and an id, a date or a count, stand as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lea_service.demands.phrases import CATEGORIES, EMERGENCIES, FORMS, TARGETS
from lea_service.kernel.coded import phrases_of
from lea_service.kernel.phrases import LANGUAGES, VALUES, Phrases, phrase
from lea_service.legal.authenticity.observations import WORDS as SIGHTS
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.order_observations import WORDS as ORDERS
from lea_service.legal.phrases import BREADTHS
from lea_service.legal.reading_words import TRANSLATION

NAMES: Phrases = {
    "absent_anchors": ("uitgevers die hier ontbreken", "issuers that are not here"),
    "allowed": ("wel bevoegd", "may issue"),
    "anchor": ("uitgever", "issuer"),
    "basis": ("grondslag", "basis"),
    "belongs_to": ("hoort bij", "belongs to"),
    "breadth": ("reikwijdte", "breadth"),
    "by": ("door", "by"),
    "by_our_server": ("onze mailserver zegt", "our mail server says"),
    "capacity": ("hoedanigheid", "capacity"),
    "categories": ("gegevens", "data"),
    "category": ("gegevens", "data"),
    "check": ("toets", "check"),
    "confirmations": ("bevestigingen", "confirmations"),
    "contact": ("nummer uit het register", "number of the register"),
    "count": ("aantal", "count"),
    "country": ("staat", "State"),
    "day": ("dag", "day"),
    "days_after_order": ("dagen na de vordering", "days after the order"),
    "days_before_order": ("dagen voor de vordering", "days before the order"),
    "demands": ("vorderingen", "demands"),
    "digest": ("digest", "digest"),
    "form": ("vorm", "form"),
    "id": ("id", "id"),
    "instrument": ("instrument", "instrument"),
    "is_suspect": ("gericht aan de verdachte", "addressed to the suspect"),
    "items": ("onderdelen", "items"),
    "jurisdiction": ("recht van", "law of"),
    "kind": ("soort", "kind"),
    "missing": ("ontbreekt", "missing"),
    "need": ("rechter nodig", "judge needed"),
    "not_revoked": ("bewezen niet ingetrokken", "proven not to be revoked"),
    "not_read": ("niet gelezen", "not read"),
    "observations": ("opgemerkt", "noticed"),
    "one_of": ("een hiervan is nodig", "one of these is needed"),
    "offence": ("het feit volgens de vordering", "the offence, as the order states it"),
    "oral": ("mondeling", "oral"),
    "order_date": ("datum van de vordering", "date of the order"),
    "other_holders": ("andere houders", "other holders"),
    "periods": ("periodes in het document", "periods in the document"),
    "places": ("plaats", "place"),
    "policy": ("beleid", "policy"),
    "port": ("met poort", "with a port"),
    "processor_ground": ("waarom de verwerker", "why the processor"),
    "protection": ("bescherming", "protection"),
    "reason": ("reden", "reason"),
    "reasons": ("redenen", "reasons"),
    "received_at": ("ontvangen op", "received at"),
    "received_on": ("ontvangen op", "received on"),
    "result": ("uitslag", "result"),
    "retype": ("opnieuw te typen", "to be typed again"),
    "role": ("rol", "role"),
    "route": ("weg", "way"),
    "rule": ("regel", "rule"),
    "sent_at": ("verzonden op", "sent at"),
    "signature": ("handtekening", "signature"),
    "signatures": ("handtekeningen", "signatures"),
    "stated": ("in het document", "in the document"),
    "states_offence": ("noemt het feit", "states the offence"),
    "status": ("stand", "status"),
    "subject": ("van", "of"),
    "target": ("gevraagd", "asked about"),
    "threshold": ("het feit dat nodig is", "the offence it needs"),
    "unknown": ("niet bekend", "not known"),
    "unread": ("niet aangevinkt", "not ticked"),
    "valid_from": ("geldt vanaf", "holds from"),
    "valid_to": ("geldt tot en met", "holds until"),
    "version": ("versie", "version"),
    "wanted": ("verlangd", "wanted"),
    "written_on": ("op schrift gesteld op", "written down on"),
}
"""What each thing that was seen is called."""

SAYINGS: Phrases = {
    "and": (" en ", " and "),
    "place": ("bladzijde {page} regel {line}", "page {page} line {line}"),
}

_SIGHTS = phrases_of(SIGHTS)
LISTS: Mapping[str, Phrases] = {
    "breadth": BREADTHS,
    "categories": CATEGORIES,
    "category": CATEGORIES,
    "form": FORMS,
    "kind": TARGETS,
    "missing": _SIGHTS,
    "observations": {
        **phrases_of(ORDERS),
        "no_document": ("er is geen document", "there is no document"),
        "more_than_kept": ("er staat meer in dan is bekeken", "more stands in it than was kept"),
    },
    "one_of": _SIGHTS,
    "reason": EMERGENCIES,
    "target": TARGETS,
}
"""Lists of codes of our own, by what was seen."""

TABLES = {
    "allowed": "roles",
    "by": "judges",
    "capacity": "capacities",
    "instrument": "instruments",
    "jurisdiction": "jurisdictions",
    "country": "jurisdictions",
    "need": "needs",
    "oral": "oral",
    "processor_ground": "processor_grounds",
    "protection": "protections",
    "role": "roles",
    "route": "routes",
    "rule": "rules",
    "status": "statuses",
    "unknown": "fields",
    "unread": "contents",
    "wanted": "contents",
}
"""Tables of the catalogue, by what was seen."""
TYPED = frozenset({"offence"})
"""What somebody typed: it is no code."""
_PLACE = re.compile(r"page (?P<page>\d+) line (?P<line>\d+)")


def say_seen(seen: Mapping[str, Any], language: str) -> str:
    """Return what was seen as one line in ``language`` (``nl`` or ``en``).

    What it says in whole sentences, under ``nl`` and ``en``, is left to the caller.
    """
    rest = {name: value for name, value in seen.items() if name not in LANGUAGES}
    return "; ".join(
        f"{phrase(NAMES, name, language)}: {_say(name, value, language)}"
        for name, value in rest.items()
    )


def _say(name: str, value: Any, language: str) -> str:
    if isinstance(value, list) and value:
        return ", ".join(_say(name, one, language) for one in value)
    if value is None or isinstance(value, bool | list):
        return phrase(VALUES, str(value), language)
    text = str(value)
    if name in TYPED:
        return text
    if name == "places":
        return say_place(text, language)
    several = phrase(SAYINGS, "and", language)
    return several.join(say_code(name, one, language) for one in text.split(" + "))


def say_place(text: str, language: str) -> str:
    """Return the words for a place in an order, kept as ``page 1 line 3``."""
    place = _PLACE.fullmatch(text)
    return phrase(SAYINGS, "place", language, **place.groupdict()) if place else text


def say_code(name: str, code: str, language: str) -> str:
    """Return the words for a code of what is called ``name``; one that no list has as it is."""
    if name in LISTS:
        return phrase(LISTS[name], code, language).removesuffix(".")
    word = load_catalogue().codes.get(TABLES.get(name, ""), {}).get(code, code)
    if isinstance(word, Mapping):
        english = str(word.get("en") or word.get("text") or word.get("about") or code)
        return str(word.get(language) or phrase(TRANSLATION, english, language))
    return phrase(TRANSLATION, str(word), language)
