"""What the style of a piece of a page does to the text in it: hide it, or show it otherwise.

What two readers may take in two ways counts as if it hid: whoever reads the order looks then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from lea_service.legal.css_colours import (
    BLACK,
    WHITE,
    Colour,
    find_colour,
    is_alike,
    lay_over,
)

SMALLEST = 3.0
"""Text of fewer pixels is not read on a screen."""
FAR_BACK, FAR_ON = -100.0, 500.0
"""So many pixels away text may lie outside of what is shown."""
MOST = 8
"""So many inks or grounds are told apart at one place."""
Declaration = tuple[str, str]
_UNITS = {
    "": 1, "px": 1, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 37.8, "mm": 3.78, "q": 0.95, "em": 16,
    "rem": 16, "ex": 8, "ch": 8, "%": 5, "vw": 5, "vh": 5, "vmin": 5, "vmax": 5,
}  # fmt: skip
"""Pixels of each unit, where text has its usual size and a page is narrow."""
_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([a-z]*|%)")
_TOKEN = re.compile(
    r"""/\*.*?(?:\*/|\Z)|"[^"\n]*"|'[^'\n]*'|url\((?!\s*["'])[^)]*(?:\)|\Z)""", re.DOTALL
)
"""Comments, strings and links: what stands in them is no declaration."""
_IMPORTANT = re.compile(r"!\s*important")
_WORD = re.compile(r"[^\s(]+(?:\([^)]*(?:\)|\Z))?")
_VENDOR = re.compile(r"-(webkit|moz|ms|o)-")
_INHERITED = frozenset({"", "inherit", "unset", "currentcolor"})
_NO_GROUND = _INHERITED | {"none", "initial"}
_OWN_INK = frozenset({"auto", "initial", "windowtext", "canvastext", "buttontext", "text"})


def find_length(value: str, em: float = 16.0) -> float | None:
    """Return how many pixels a value is; None for what is no length, or has to be worked out."""
    found = _LENGTH.fullmatch(value)
    if found is None or found[2] not in _UNITS:
        return None
    return float(found[1]) * (em if found[2] == "em" else _UNITS[found[2]])


def _is(*words: str) -> Callable[[str], bool]:
    return lambda value: value in words


def _is_not(*words: str) -> Callable[[str], bool]:
    return lambda value: value not in words


def _is_below(limit: float, percent: float = 100.0) -> Callable[[str], bool]:
    """Return what finds a number, or a share in percent, below a limit."""

    def find(value: str) -> bool:
        size = find_length(value.removesuffix("%"))
        return size is not None and size / (percent if value.endswith("%") else 1) < limit

    return find


def _is_flat(value: str) -> bool:
    if value[-1:].isalpha():
        return (find_length(value) or SMALLEST) < SMALLEST
    return _is_below(0.2)(value)


def _is_thin(value: str) -> bool:
    size = find_length(value)
    return size is not None and size < 2


def _is_far(value: str) -> bool:
    sizes = [find_length(one) for one in value.split()]
    return any(one is not None and not FAR_BACK < one < FAR_ON for one in sizes)


def _is_moved(value: str) -> bool:
    return value not in {"auto", "initial"} and find_length(value) != 0


def _is_worked_out(value: str) -> bool:
    return "(" in value


_SIDES = ("left", "right", "top", "bottom")
_OFFSETS = (*_SIDES, "inset", "text-indent")
_MARGINS = (
    "margin",
    "padding",
    *(f"{one}-{side}" for one in ("margin", "padding") for side in _SIDES),
)
_BOXES = ("height", "width", "max-height", "max-width")

_HIDING: Mapping[str, Callable[[str], bool]] = {
    "display": _is("none"),
    "visibility": _is("hidden", "collapse"),
    "content-visibility": _is("hidden"),
    "mso-hide": _is("all"),
    "opacity": _is_below(0.15),
    "zoom": _is_below(0.2),
    "line-height": _is_flat,
    **dict.fromkeys(_BOXES, _is_thin),
    **dict.fromkeys((*_OFFSETS, *_MARGINS), _is_far),
    **dict.fromkeys(("clip", "clip-path", "mask", "mask-image"), _is_not("none", "auto")),
    **dict.fromkeys(("transform", "scale"), _is_not("none", "1")),
}
"""What leaves text out of sight, by property."""

_ODD: Mapping[str, Callable[[str], bool]] = {
    "position": _is("absolute", "fixed", "sticky"),
    "direction": _is("rtl"),
    "unicode-bidi": _is_not("normal", "initial"),
    "flex-direction": _is("row-reverse", "column-reverse"),
    "flex-flow": lambda value: "reverse" in value,
    "flex-wrap": _is("wrap-reverse"),
    "box-direction": _is("reverse"),
    "writing-mode": _is_not("horizontal-tb", "lr-tb"),
    "float": _is("left", "right"),
    "content": _is_not("none", "normal", '""'),
    "src": lambda _value: True,
    "letter-spacing": lambda value: (find_length(value) or 0) < -2,
    "display": _is("table-header-group", "table-footer-group", "table-caption"),
    **dict.fromkeys(("order", "flex-order", "box-ordinal-group"), _is_moved),
    **dict.fromkeys((*_SIDES, "inset"), _is_moved),
    **dict.fromkeys(("filter", "translate", "rotate", "text-security"), _is_not("none")),
    **dict.fromkeys(
        ("grid-area", "grid-row", "grid-column", "grid-template-areas"), _is_not("auto")
    ),
    **dict.fromkeys(
        ("font", "font-size", "line-height", "opacity", "text-indent", *_BOXES), _is_worked_out
    ),
}
"""What shows text in another order, over other text, or out of a style sheet, by property."""


@dataclass(frozen=True, slots=True)
class Look:
    """How text is shown: in which inks, on which grounds and how large, as far as can be told.

    ``is_odd`` says that a screen may show what is here in another way than it is read.
    """

    is_hidden: bool = False
    is_odd: bool = False
    inks: tuple[Colour, ...] = (BLACK,)
    grounds: tuple[Colour, ...] = (WHITE,)
    size: float = 16.0

    @property
    def is_shown(self) -> bool:
        """Say whether text of this look can be read."""
        alike = any(is_alike(ink, ground) for ink in self.inks for ground in self.grounds)
        return not self.is_hidden and self.size >= SMALLEST and not alike


def look_at(style: str, around: Look) -> Look:
    """Return the look that the declarations of a style give within another look."""
    is_hidden = around.is_hidden or "\\" in style  # written in escapes
    return apply(_declare(_plain(style)), replace(around, is_hidden=is_hidden, is_odd=False))


def is_suspect(sheet: str) -> bool:
    """Say whether a style sheet may hide anything, or show it otherwise."""
    plain = _plain(sheet)
    if "\\" in sheet or "@import" in plain:
        return True
    looks = (apply(_declare(rule), Look()) for rule in re.split(r"[{}]", plain))
    return any(one.is_odd or not one.is_shown for one in looks)


def apply(given: list[Declaration], around: Look) -> Look:
    """Return the look that declarations give; of two for one property both may count."""
    inks = [value for name, value in given if name in {"color", "text-fill-color"}]
    grounds = [value for name, value in given if name in {"background", "background-color"}]
    sizes = [one for name, value in given for one in _sizes(name, value, around.size)]
    look = replace(around, size=min(sizes, default=around.size))
    look = _lay(grounds, _write(inks, look))
    return replace(
        look,
        is_hidden=look.is_hidden or _has(given, _HIDING),
        is_odd=look.is_odd or _has(given, _ODD),
    )


def _has(given: list[Declaration], table: Mapping[str, Callable[[str], bool]]) -> bool:
    return any(name in table and table[name](value) for name, value in given)


def _plain(style: str) -> str:
    """Return a style without comments and without what only looks like a declaration."""
    return _IMPORTANT.sub("", _TOKEN.sub(_shorten, style.lower()))


def _shorten(token: re.Match[str]) -> str:
    if token[0].startswith("/*"):
        return ""
    if token[0].startswith("url("):
        return "url()"
    return '"x"' if len(token[0]) > len('""') else '""'


def _declare(plain: str) -> list[Declaration]:
    pairs = (one.partition(":") for one in plain.split(";"))
    return [(_VENDOR.sub("", name.strip(), count=1), value.strip()) for name, _, value in pairs]


def _sizes(name: str, value: str, around: float) -> Iterator[float]:
    """Yield the sizes that text may get, in pixels."""
    if name == "font-size":
        share = value.endswith("%")
        named = "0.83em" if value == "smaller" else value
        size = find_length(f"{value[:-1]}em" if share else named, around / 100 if share else around)
        if size is not None:
            yield size
    elif name == "font":
        for one in value.split():
            size = find_length(one.partition("/")[0], around)
            if size == 0 or (size is not None and not one.isdigit()):  # a bare number is a weight
                yield size


def _write(values: list[str], look: Look) -> Look:
    """Return a look with other inks. What is no colour that we know is odd."""
    inks: list[Colour] = []
    for value in values:
        colour = BLACK if value in _OWN_INK else find_colour(value)
        if colour is not None:
            inks.append(colour)
        elif value not in _INHERITED:
            look = replace(look, is_odd=True)
    is_odd = look.is_odd or len(inks) > MOST
    return replace(look, inks=tuple(inks[:MOST]) or look.inks, is_odd=is_odd)


def _lay(values: list[str], look: Look) -> Look:
    """Return a look with other grounds.

    Of more than a colour (a picture, or what a reader passes over) the ground around counts too.
    """
    grounds: dict[Colour, None] = {}
    is_odd = look.is_odd
    for value in values[:MOST]:
        found = [one for one in map(find_colour, _WORD.findall(value)[:MOST]) if one is not None]
        over = [lay_over(one, under) for one in found for under in look.grounds]
        grounds |= dict.fromkeys(over if find_colour(value) else [*over, *look.grounds])
        is_odd |= not found and value not in _NO_GROUND and "url(" not in value
    is_odd |= len(grounds) > MOST or len(values) > MOST
    return replace(look, grounds=tuple(grounds)[:MOST] or look.grounds, is_odd=is_odd)
