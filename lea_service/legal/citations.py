"""Articles as a letter or a screen cites them, in the language of the reader."""

from __future__ import annotations

import re

from lea_service.kernel.phrases import DUTCH, Phrases, phrase
from lea_service.legal.reading_words import TRANSLATION
from lea_service.legal.word import OURS, POLICY

_UNION = re.compile(r"Regulation (?=(?:\(EU\) )?\d+/\d+)")
_AND = re.compile(r"(\d[a-z]*) and (?=\d)")
_TO = re.compile(r"(\d[a-z]*) to (?=\d)")

OWN: Phrases = {
    POLICY: ("Beleid van de aanbieder: noodgevallen (geen wetsartikel)", POLICY),
    OURS: ("Beleid van de aanbieder (geen wetsartikel)", OURS),
}
"""What is cited as ours, and is no article of law."""
_CITED: Phrases = {**TRANSLATION, **OWN}
_FORMS = tuple(
    (re.compile(form), words)
    for form, words in (
        (r"(?<=, )(?=\d+\()", "art. "),
        (r" and (?=\d)", ", en art. "),
        (r"(?<=\d)\((\d+)\) and \((\d+)\)", r", leden \1 en \2"),
        (r"(?<=\d)\((\d+)\) to \((\d+)\)", r", leden \1 tot en met \2"),
        (r"(?<=\d)\((\d+)\)", r", lid \1"),
        (r"\((\d+)\)", r"lid \1"),
        (r"\(([a-z])\)", r", onder \1"),
    )
)


def say_citation(citation: str, language: str) -> str:
    """Return the articles that something rests on, in ``language`` (``nl`` or ``en``).

    The catalogue has its own in both; of a regulation of the Union the parts of an article are
    named as Dutch law names them. Any other citation is the same in both languages, but for
    ``and`` and ``to`` between its numbers.
    """
    said = phrase(_CITED, citation, language)
    if said != citation or language != DUTCH:
        return said
    return "; ".join(map(_say_law, citation.split("; ")))


def _say_law(citation: str) -> str:
    """Return the articles of one law in Dutch."""
    if not _UNION.match(citation):
        return _TO.sub(r"\1 tot en met ", _AND.sub(r"\1 en ", citation))
    law, _, articles = citation.partition(" art. ")
    law = _UNION.sub("Verordening ", law).replace("Annex", "bijlage").replace("GDPR", "AVG")
    return f"{law} art. {_in_dutch(articles)}" if articles else law


def _in_dutch(articles: str) -> str:
    """Return ``10(5), 12(1)(a)`` as ``10, lid 5, art. 12, lid 1, onder a``."""
    for form, words in _FORMS:
        articles = form.sub(words, articles)
    return articles
