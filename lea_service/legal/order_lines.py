"""Lines of text as they are compared: one kind of space, dash and digit, nothing invisible."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lea_service.legal.order_observations import Observation

MAX_PAGES = 200
MAX_CHARACTERS = 300_000
MAX_LINE = 1_000
SOFT_HYPHEN = "\u00ad"


@dataclass(slots=True)
class Reading:
    """What was read so far: pages of lines, and observations in the order they were made.

    ``sent_at`` is when a mail says that it was sent, if it says.
    """

    pages: list[list[str]] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    characters: int = 0
    sent_at: datetime | None = None

    def observe(self, observation: Observation) -> None:
        """Note something, once."""
        if observation not in self.observations:
            self.observations.append(observation)

    def add_page(self, text: str) -> None:
        """Take in a page, as far as there is room."""
        left = MAX_CHARACTERS - self.characters
        if len(text) > left:
            self.observe(Observation.TOO_MUCH_TEXT)
        taken = text[:left]
        self.characters += len(taken)
        if any(_is_invisible(sign) for sign in taken):
            self.observe(Observation.INVISIBLE_CHARACTERS)
        lines = [plain_line(line) for line in taken.splitlines()]
        if any(len(line) > MAX_LINE for line in lines):
            self.observe(Observation.TOO_COMPLEX)
        self.pages.append([line[:MAX_LINE] for line in lines])

    @property
    def has_text(self) -> bool:
        """Say whether any page has a letter or a digit."""
        return any(line.strip() for page in self.pages for line in page)


def plain_line(line: str) -> str:
    """Return a line with one kind of space, dash and digit, and without invisible characters."""
    return "".join(_plain(unicodedata.normalize("NFC", line)))


def _plain(line: str) -> Iterator[str]:
    for sign in line:
        category = unicodedata.category(sign)
        if category == "Nd":
            yield str(unicodedata.digit(sign))
        elif category == "Pd":
            yield "-"
        elif category == "Zs" or sign == "\t":
            yield " "
        elif category not in {"Cf", "Cc", "Cs"}:
            yield sign


def _is_invisible(sign: str) -> bool:
    return sign != SOFT_HYPHEN and unicodedata.category(sign) == "Cf"
