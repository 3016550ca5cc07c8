"""The one form in which a canonical row states an instant, so that text compares as time does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

_FORMS = re.compile(
    r"(?:[0-9]{4}-[01][0-9]-[0-3][0-9]T"
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z\n)*+"
)
_LENGTH = len("2026-11-01T00:00:00.000000Z\n")


def are_instants(values: Iterable[str | None]) -> bool:
    """Say whether each text is a real instant in the form of ``format_instant``.

    They are matched at once; the length tells a line end inside of one from that behind it.
    """
    texts = [value for value in values if value is not None]
    lines = "".join([f"{text}\n" for text in texts])
    return (
        len(lines) == _LENGTH * len(texts)
        and _FORMS.fullmatch(lines) is not None
        and all(map(_is_day, {text[:10] for text in texts}))
    )


@lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
