"""Words in the languages of the house: tables of them by key, and how one is said."""

from __future__ import annotations

from collections.abc import Mapping

DUTCH, ENGLISH = LANGUAGES = ("nl", "en")

Phrases = Mapping[str, tuple[str, str]]
"""By key the words in each language, in the order of ``LANGUAGES``."""

VALUES: Phrases = {
    "None": ("niet bekend", "not known"),
    "[]": ("niets", "nothing"),
    "True": ("ja", "yes"),
    "False": ("nee", "no"),
}
"""The words for values that would show themselves as a programming language has them."""


def phrase(table: Phrases, key: str, language: str, /, **values: object) -> str:
    """Return the words for ``key``; a key that is not in the table stands for itself."""
    words = table.get(key, (key, key))[LANGUAGES.index(language)]
    return words.format(**values) if values else words
