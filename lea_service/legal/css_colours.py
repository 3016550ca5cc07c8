"""Colours as pages write them (W3C, CSS Color 4), and whether one can be read upon another."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb

Colour = tuple[float, float, float, float]
"""Red, green and blue from 0 to 255, and how opaque it is, from 0 to 1."""
BLACK: Colour = (0, 0, 0, 1)
WHITE: Colour = (255, 255, 255, 1)
ALIKE = 24
"""Whose channels differ by less than this cannot be told apart on a screen."""
_WORDS = """
aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc
bisque ffe4c4 black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a
burlywood deb887 cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue
6495ed cornsilk fff8dc crimson dc143c cyan 00ffff darkblue 00008b darkcyan 008b8b darkgoldenrod
b8860b darkgray a9a9a9 darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b darkmagenta 8b008b
darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000 darksalmon e9967a
darkseagreen 8fbc8f darkslateblue 483d8b darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise
00ced1 darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff dimgray 696969 dimgrey 696969
dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0 forestgreen 228b22 fuchsia ff00ff
gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520 gray 808080 green 008000
greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4 indianred cd5c5c indigo 4b0082
ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon
fffacd lightblue add8e6 lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2 lightgray
d3d3d3 lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1 lightsalmon ffa07a lightseagreen
20b2aa lightskyblue 87cefa lightslategray 778899 lightslategrey 778899 lightsteelblue b0c4de
lightyellow ffffe0 lime 00ff00 limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000
mediumaquamarine 66cdaa mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370db mediumseagreen
3cb371 mediumslateblue 7b68ee mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred
c71585 midnightblue 191970 mintcream f5fffa mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead
navy 000080 oldlace fdf5e6 olive 808000 olivedrab 6b8e23 orange ffa500 orangered ff4500 orchid
da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee palevioletred db7093
papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6 purple
800080 red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513 salmon fa8072 sandybrown
f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb slateblue
6a5acd slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan
d2b48c teal 008080 thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3
white ffffff whitesmoke f5f5f5 yellow ffff00 yellowgreen 9acd32 rebeccapurple 663399
"""
_NAMES = dict(zip(*[iter(_WORDS.split())] * 2, strict=True))
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_CALL = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_NUMBER = re.compile(r"([+-]?\d*\.?\d+)(%|deg)?")


def find_colour(value: str) -> Colour | None:
    """Return the colour that a value in small letters is, None where it is none that we know."""
    if value == "transparent":
        return (0, 0, 0, 0)
    code = f"#{_NAMES[value]}" if value in _NAMES else value
    if _HEX.fullmatch(code):
        return _by_digits(code[1:])
    called = _CALL.fullmatch(value)
    return _by_numbers(called[1], called[2]) if called else None


def lay_over(colour: Colour, ground: Colour) -> Colour:
    """Return what a colour that may be seen through comes to on a ground."""
    *over, alpha = colour
    red, green, blue = (
        one * alpha + under * (1 - alpha) for one, under in zip(over, ground, strict=False)
    )
    return red, green, blue, 1


def is_alike(ink: Colour, ground: Colour) -> bool:
    """Say whether nobody can read what is written in one colour on the other."""
    shown = lay_over(ink, ground)
    return all(abs(one - under) < ALIKE for one, under in zip(shown, ground, strict=True))


def _by_digits(digits: str) -> Colour:
    pairs = [one * 2 for one in digits] if len(digits) < 6 else re.findall("..", digits)
    red, green, blue, alpha = (int(one, 16) for one in [*pairs, "ff"][:4])
    return red, green, blue, alpha / 255


def _by_numbers(kind: str, text: str) -> Colour | None:
    found = [_NUMBER.fullmatch(one) for one in re.split(r"[\s,/]+", text.strip())]
    if len(found) not in {3, 4} or None in found:
        return None
    numbers = [(float(one[1]), one[2] == "%") for one in found if one]
    alpha = 1.0 if len(numbers) == 3 else _part(*numbers[3], 1)
    if kind == "rgb":
        red, green, blue = (_part(*one, 255) for one in numbers[:3])
    else:
        light, full = (min(max(number / 100, 0), 1) for number, _ in (numbers[2], numbers[1]))
        channels = hls_to_rgb(numbers[0][0] / 360 % 1, light, full)
        red, green, blue = (one * 255 for one in channels)
    return red, green, blue, alpha


def _part(number: float, is_percent: bool, whole: float) -> float:
    return min(max(number / 100 * whole if is_percent else number, 0), whole)
