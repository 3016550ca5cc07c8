"""Text of a page that is in the file and that nobody sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

INVISIBLE = frozenset({3, 7})
"""The rendering modes (ISO 32000, 9.3.6) in which text is neither filled nor stroked."""
SHOWING = frozenset({b"Tj", b"TJ", b"'", b'"'})
GREY, RGB, CMYK = 1, 3, 4
PALEST = 0.95
"""From here on a colour is as good as white paper."""
PAINTING = {b"g": GREY, b"rg": RGB, b"k": CMYK}
OTHER_SPACE = frozenset({b"sc", b"scn"})


class Ink:
    """Follows how the text of a page is painted; ``hides`` once some of it is not to be seen.

    Seen are text that is not painted, white text, and text that begins outside the page. What
    lies under a picture, or where inside a form that a page draws, is not followed.
    """

    def __init__(self, box: Sequence[Any]) -> None:
        self.hides = False
        self._box = [float(one) for one in box]
        self._is_white = False
        self._kept: list[bool] = []
        self._depth = 0

    def before(self, operator: bytes, operands: Any, cm: Any, tm: Any) -> None:
        """Take in an operator of the page before it is carried out."""
        if operator in SHOWING:
            self.hides |= self._is_white or (not self._depth and self._is_outside(cm, tm))
        elif operator == b"Tr":
            self.hides |= bool(operands) and operands[0] in INVISIBLE
        elif operator in {b"q", b"Do"}:
            self._kept.append(self._is_white)
            self._depth += operator == b"Do"
        elif operator == b"Q" and self._kept:
            self._is_white = self._kept.pop()
        elif operator in {b"cs", *PAINTING, *OTHER_SPACE}:
            self._is_white = _is_white(operator, operands)

    def after(self, operator: bytes, *_: Any) -> None:
        """Take in an operator after it was carried out: a form leaves no colour behind."""
        if operator == b"Do":
            self._depth -= 1
            self._is_white = self._kept.pop() if self._kept else False

    def _is_outside(self, cm: Sequence[float], tm: Sequence[float]) -> bool:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        left, bottom, right, top = self._box
        return not (left <= x <= right and bottom <= y <= top)


def _is_white(operator: bytes, operands: Sequence[Any]) -> bool:
    parts = [float(one) for one in operands if isinstance(one, (int, float))]
    if operator in OTHER_SPACE and len(parts) == GREY:  # full ink of one colour, or white: unknown
        return False
    if len(parts) != PAINTING.get(operator, len(parts)) or len(parts) not in {GREY, RGB, CMYK}:
        return False
    if len(parts) == CMYK:
        return max(parts) <= 1 - PALEST
    return min(parts) >= PALEST
