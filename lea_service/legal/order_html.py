"""What a mail laid out in HTML shows, and whether it holds more than that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from justhtml import JustHTML
from justhtml.dom import Node, Text

MAX_HTML = 2_000_000
"""So many characters of a page are read."""
_BLOCKS = frozenset({
    "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
})  # fmt: skip
_CODE = frozenset({"script", "style", "title"})
"""What no reader takes for text of the mail."""
_FOLDED = frozenset({
    "audio", "canvas", "datalist", "details", "dialog", "iframe", "math", "noframes", "object",
    "option", "svg", "template", "textarea", "video",
})  # fmt: skip
"""What one reader shows and another does not, or not at first."""
_WHITE = re.compile(
    r"white|snow|transparent|#fff|#fff0|#f{6}|#[0-9a-f]{6}00"
    r"|rgba?\(255[, ]+255[, ]+255.*|(rgb|hsl)a\(.*[,/] *0?\.?0+\)|hsla?\(.*[, ]100%.*\)"
)
_NOTHING = re.compile(r"-?(0*1|0*\.\d+)(\.\d+)?(px|pt)?|0+(\.0+)?[a-z%]*")
_INKS = frozenset({"color", "-webkit-text-fill-color"})
_FAR_OUT = re.compile(r".*-\d{3}.*")


def _is(*words: str) -> Callable[[str], bool]:
    return lambda value: value in words


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


_HIDING: Mapping[str, Callable[[str], bool]] = {
    "display": _is("none"),
    "visibility": _is("hidden", "collapse"),
    "content-visibility": _is("hidden"),
    "mso-hide": _is("all"),
    "opacity": _matches(re.compile(r"0*(\.0\d*)?%?")),
    "font": _matches(re.compile(r"(0|[01](\.\d+)?(px|pt))([/ ].*)?")),
    **dict.fromkeys(("font-size", "max-height", "max-width", "height"), _matches(_NOTHING)),
    **dict.fromkeys(("left", "right", "top", "bottom", "text-indent"), _matches(_FAR_OUT)),
    **dict.fromkeys(("margin", "margin-left", "margin-top"), _matches(_FAR_OUT)),
    **dict.fromkeys(("clip", "clip-path", "transform"), lambda value: value != "none"),
}


@dataclass(slots=True)
class Shown:
    """The text that a page shows.

    ``has_more`` says that there is text it may not show, ``is_cut`` that it was read in part.
    """

    texts: list[str] = field(default_factory=list)
    has_more: bool = False
    is_cut: bool = False

    @property
    def text(self) -> str:
        """Return the whole of it."""
        return "".join(self.texts)


@dataclass(frozen=True, slots=True)
class _Around:
    """How text is shown where it stands; ``has_ground`` for one that has a background."""

    is_hidden: bool = False
    has_ground: bool = False


def read_shown(html: str) -> Shown:
    """Read a page as a mail program without scripts would lay it out.

    Text that its own element or one around it hides is left out. What a style sheet hides is not
    worked out: where a sheet hides anything, ``has_more`` says so. Parsed by the rules of the
    WHATWG HTML standard, section 13.2, so that whatever is left open ends where it does on a
    screen.
    """
    shown = Shown(is_cut=len(html) > MAX_HTML)
    root = JustHTML(html[:MAX_HTML], sanitize=False, scripting_enabled=False).root
    waiting: list[tuple[Node | Text | str, _Around]] = [(root, _Around())]
    while waiting:  # a page can be nested deeper than calls can
        one, around = waiting.pop()
        if isinstance(one, str):
            shown.texts.append(one)
        elif isinstance(one, Text):
            _take_text(one.data or "", around, shown)
        else:
            shown.has_more |= _has_more(one)
            waiting += _inside(one, around)
    return shown


def _take_text(text: str, around: _Around, shown: Shown) -> None:
    if around.is_hidden:
        shown.has_more |= bool(text.strip())
    else:
        shown.texts.append(text)


def _has_more(node: Node) -> bool:
    """Say whether a comment is one that some readers show, or a style sheet hides anything."""
    if node.name == "#comment":
        return str(node.data).lstrip().startswith("[if")
    return node.name == "style" and _hides(node.to_text(), has_ground=False)


def _inside(node: Node, around: _Around) -> Iterator[tuple[Node | Text | str, _Around]]:
    """Yield what is in a node, the last first, between the breaks of a block."""
    if node.name in _CODE:
        return
    within, breaks = _look(node, around), node.name in _BLOCKS
    if breaks:
        yield "\n", around
    yield from ((one, within) for one in reversed(_children(node)))
    if breaks:
        yield "\n", around


def _children(node: Node) -> list[Node | Text]:
    return list((getattr(node, "template_content", None) or node).children or ())


def _look(node: Node, around: _Around) -> _Around:
    given = node.attrs or {}
    style = f"{given.get('style') or ''};color:{given.get('color') or ''}"
    has_ground = around.has_ground or "background" in style or "bgcolor" in given
    hides = node.name in _FOLDED or "hidden" in given or _hides(style, has_ground=has_ground)
    return _Around(around.is_hidden or hides, has_ground)


def _hides(style: str, *, has_ground: bool) -> bool:
    """Say whether any declaration may hide text; one that is written in escapes may."""
    if "\\" in style:
        return True
    plain = re.sub(r"/\*.*?\*/|!\s*important", "", style.lower(), flags=re.DOTALL)
    for one in re.split(r"[;{}]", plain):
        name, _, value = (part.strip() for part in one.partition(":"))
        if name in _HIDING and _HIDING[name](value):
            return True
        if name in _INKS and not has_ground and _WHITE.fullmatch(value):
            return True
    return False
