"""Values of a database as the texts that a file would hold: one conversion reads both."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from lea_service.records.lines import ENCODING
from lea_service.records.members import NUL

VALUE_TYPE = "value-type"
_FINEST = Decimal(1).scaleb(-12)
"""As far behind the point as a number is read."""


class BadValue(Exception):
    """A value has no text; ``reason`` says why, and ``place`` which of the row it is."""

    def __init__(self, reason: str, place: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


def texts_of(values: Sequence[Any]) -> list[str]:
    """Return the texts of a row. Raises BadValue for the first value that has none."""
    texts = []
    for place, value in enumerate(values):
        try:
            texts.append(text_of(value))
        except BadValue as err:
            raise BadValue(err.reason, place) from err
    return texts


def text_of(value: Any) -> str:
    """Return the text of a value, empty for null.

    Numbers are written out without an exponent, to at most twelve digits behind the point and
    without zeros at their end, so that one number is one text whatever its column holds; instants
    as ISO 8601, with their offset if they have one. Raises BadValue: what a database keeps as bytes
    is no text whatever they look like, and lists and objects are no values.
    """
    for kind in type(value).__mro__:
        if kind in _WRITERS:
            return _WRITERS[kind](value)
    raise BadValue(VALUE_TYPE)


def _checked(text: str) -> str:
    if "\x00" in text:
        raise BadValue(NUL)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as err:  # bytes that are no text came in as halves of characters
            raise BadValue(ENCODING) from err
    return text


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise BadValue(VALUE_TYPE)
    return _decimal(Decimal(repr(value)))


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise BadValue(VALUE_TYPE)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -12:
        value = value.quantize(_FINEST, ROUND_DOWN)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _seconds(value: timedelta) -> str:
    whole = value.days * 86_400 + value.seconds
    return f"{whole}.{value.microseconds:06}" if value.microseconds else str(whole)


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _none: "",
    str: _checked,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _number,
    Decimal: _decimal,
    datetime: lambda value: str(value.isoformat(" ")),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _seconds,
}
"""How each type is written; of a type that is another's the nearer one counts."""
