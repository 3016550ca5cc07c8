"""Lists of parties in one column: words in their order with a blank between.

What would end a word, or begin an escape, stands in it as the percent escape of its UTF-8, so that
every list has one text and each word in it one place. Quotes and backslashes do too, since the text
has to go through other notations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

_NOT_PLAIN = re.compile(r'[%"\\\s\x00-\x1f\x7f-\x9f]')


def write_chain(parties: Iterable[str]) -> str | None:
    """Return parties, none of them empty, as one text; None for none at all."""
    return " ".join(map(write_word, parties)) or None


def write_word(party: str) -> str:
    """Return a party as it stands in a chain."""
    return _NOT_PLAIN.sub(lambda found: quote(found[0], safe=""), party)


def read_chain(text: str | None) -> tuple[str, ...]:
    """Return the parties of a chain in their order."""
    return tuple(map(unquote, text.split(" "))) if text else ()
