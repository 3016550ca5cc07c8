"""What the commands of Annex III print, in Dutch or English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lea_service.kernel.phrases import DUTCH, VALUES, Phrases, phrase
from lea_service.legal.citations import say_citation
from lea_service.legal.phrases import EFFECTS, SURENESS
from lea_service.web.output import facts

SAYINGS: Phrases = {
    "also": ("noem ook", "also state"),
    "sure": ("hoe zeker", "how sure"),
    "none": ("er is geen formulier ingevuld", "no form was filled in"),
}

NEEDS: Phrases = {
    "question": ("de vraag", "the question"),
    "conflict": ("het bezwaar van deel E", "the objection of section E"),
    "missing": ("wat niet wordt verstrekt", "what is not given"),
    "possible_by": ("wanneer de rest kan", "by when the rest can be given"),
}

CERTIFICATES: Phrases = {
    "production": ("bevel tot verstrekking", "order to produce"),
    "preservation": ("bevel tot bewaring", "order to preserve"),
}

FIELDS: Phrases = {
    "id": ("id", "id"),
    "demand": ("vordering", "demand"),
    "n": ("nummer", "n"),
    "assessment": ("toetsing", "assessment"),
    "certificate": ("certificaat", "certificate"),
    "reasons": ("redenen", "reasons"),
    "effect": ("gevolg", "follows"),
    "findings": ("bevindingen", "findings"),
    "clarification": ("vraag", "clarification"),
    "filed_by": ("ingevuld door", "filed_by"),
    "filed_at": ("ingevuld op", "filed_at"),
    "explanation": ("toelichting", "explanation"),
    "is_preserved": ("wordt bewaard", "is_preserved"),
    "question": ("op te helderen", "question"),
    "missing": ("niet verstrekt", "missing"),
    "left_out": ("daarbuiten gelaten", "left_out"),
    "possible_by": ("rest kan uiterlijk", "possible_by"),
    "conflict": ("bezwaar", "conflict"),
}

NOTES: Mapping[str, str] = {
    "incomplete": "Tot het antwoord geldt de plicht tot verstrekken niet; de gegevens blijven "
    "bewaard. Een bevel tot bewaring bindt niet meer na vijf dagen stilte.",
    "not_stored": "Dat een bewaartermijn voorbij is, is op zichzelf geen grond: wat er nog is, is "
    "opgeslagen.",
    "de_facto_impossibility": "De uitvaardigende autoriteit stelt vast of het zo is, en zegt dat "
    "er niets meer hoeft te worden uitgevoerd.",
    "not_by_issuing_authority": "Waar alleen de naam ontbreekt van wie valideerde: incomplete.",
    "offence_not_covered": "Alleen voor verkeersgegevens en inhoud. Naar wat het certificaat zegt; "
    "hoe ernstig het feit is, beoordelen wij niet.",
    "immunity_or_press": "Uitsluitend naar wat het certificaat zegt. De uitvaardigende autoriteit "
    "trekt haar bevel in, past het aan of handhaaft het; het artikel noemt daarvoor geen termijn "
    "en voor ons geen onderbreking.",
    "conflict_of_laws": "Een gemotiveerd bezwaar, uiterlijk 10 dagen na ontvangst. Niet omdat dat "
    "land zulke bevelen niet kent, en niet alleen omdat de gegevens daar liggen. Termijnen worden "
    "geteld naar het recht van de uitvaardigende staat (art. 17, lid 9), dat hier niet bekend is: "
    "geteld als een termijn van Unierecht, de engste lezing.",
    "given_in_part": "Gemeld binnen de termijn van het antwoord. Staat in de toelichting, omdat "
    "het formulier er geen vakje voor heeft.",
    "given_later": "Gemeld binnen de termijn van het antwoord; de uitvaardigende autoriteit kan "
    "een nieuwe stellen.",
    "other_addressee": "Een andere aanbieder, een wederverkoper, of eerst de "
    "verwerkingsverantwoordelijke. De toelichting zegt niet meer dan dat, en noemt geen klant.",
    "other": "De uitvaardigende autoriteit beziet haar bevel opnieuw in het licht ervan. Dat een "
    "bevel te ruim lijkt, wordt hier gezegd, en beëindigt niets.",
}
"""By reason its note in Dutch; the English one stands in the table."""


def describe_reason(reason: dict[str, Any], language: str) -> str:
    """Return a reason: what follows, its articles by kind of order, and how sure that is."""
    return "\n".join(_lines(reason, language))


def describe_form(form: dict[str, Any], language: str) -> str:
    """Return a form that was filled in, with what it states."""
    said = {**form["statement"], "left_out": _left_out(form["statement"]["left_out"]) or None}
    stated = {name: value for name, value in said.items() if value is not None}
    values = {
        **{name: value for name, value in form.items() if name != "statement"},
        "certificate": phrase(CERTIFICATES, form["certificate"], language),
        "effect": phrase(EFFECTS, form["effect"], language),
        **stated,
        "is_preserved": phrase(VALUES, str(stated["is_preserved"]), language),
    }
    return facts({phrase(FIELDS, name, language): value for name, value in values.items()})


def _left_out(found: list[dict[str, Any]]) -> str:
    """Return what is not given for good, as the option of the command takes it."""
    said = []
    for one in found:
        spans = [one["keep_from"], one["keep_until"]]
        more = [at or "-" for at in spans] if any(spans) else [one["category"]]
        said.append("/".join([str(one["item"]), *(part for part in more if part)]))
    return ", ".join(said)


def _lines(reason: dict[str, Any], language: str) -> Iterator[str]:
    yield f"{reason['code']}: {reason[language]}"
    yield f"  {phrase(EFFECTS, reason['effect'], language)}"
    for order, use in reason["orders"].items():
        said = say_citation(use["citation"], language)
        yield f"  {phrase(CERTIFICATES, order, language)}: {said}"
    if reason["needs"]:
        needs = ", ".join(phrase(NEEDS, one, language) for one in reason["needs"])
        yield f"  {phrase(SAYINGS, 'also', language)}: {needs}"
    if reason["note"]:
        dutch = NOTES.get(reason["code"], reason["note"])
        yield f"  {dutch if language == DUTCH else reason['note']}"
    confidence = reason["confidence"]
    sure = (
        phrase(SURENESS, confidence, language) if confidence else phrase(VALUES, "None", language)
    )
    yield f"  {phrase(SAYINGS, 'sure', language)}: {sure}"
