"""What a mail laid out in HTML shows, and whether it holds more than that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from justhtml import JustHTML
from justhtml.dom import Node, Text

from lea_service.legal.order_styles import Look, is_suspect, look_at

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
_ODD = frozenset({"bdo", "input", "marquee"})
"""What shows text in another order, or text that is none of the page."""
_SMALL = frozenset({"small", "sub", "sup"})
_GROUNDED = frozenset({"body", "table", "tbody", "td", "tfoot", "th", "thead", "tr"})
_INKED = {"font": "color", "body": "text"}
"""Elements whose attributes say what the ground and the ink of text are."""
_TELLING = _FOLDED | _ODD | _SMALL
"""Elements that tell how their text is shown without any attribute."""
_DIGITS = re.compile(r"[0-9a-fA-F]{6}")


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


def read_shown(html: str) -> Shown:
    """Read a page as a mail program without scripts would lay it out.

    Text that its own element or one around it hides is left out. What a style sheet hides is not
    worked out: where a sheet may hide anything, ``has_more`` says so, as it does where a screen
    may show signs in another order, or signs that are not text. Parsed by the rules of the
    WHATWG HTML standard, section 13.2, so that whatever is left open ends where it does on a
    screen.
    """
    shown = Shown(is_cut=len(html) > MAX_HTML)
    root = JustHTML(html[:MAX_HTML], sanitize=False, scripting_enabled=False).root
    waiting: list[tuple[Node | Text | str, Look]] = [(root, Look())]
    while waiting:  # a page can be nested deeper than calls can
        one, around = waiting.pop()
        if isinstance(one, str):
            shown.texts.append(one)
        elif isinstance(one, Text):
            _take_text(one.data or "", around, shown)
        else:
            shown.has_more |= _has_more(one)
            waiting += _inside(one, around, shown)
    return shown


def _take_text(text: str, around: Look, shown: Shown) -> None:
    if around.is_shown:
        shown.texts.append(text)
    else:
        shown.has_more |= bool(text.strip())


def _has_more(node: Node) -> bool:
    """Say whether a comment is one that some readers show, or a style sheet may hide anything."""
    if node.name == "#comment":
        return str(node.data).lstrip().startswith("[if")
    if node.name == "link":
        return "stylesheet" in _give(node, "rel").lower()
    return node.name == "style" and is_suspect(node.to_text())


def _inside(node: Node, around: Look, shown: Shown) -> Iterator[tuple[Node | Text | str, Look]]:
    """Yield what is in a node, the last first, between the breaks of a block."""
    if node.name in _CODE:
        return
    within, breaks = _look(node, around), node.name in _BLOCKS
    shown.has_more |= within.is_odd
    if breaks:
        yield "\n", around
    yield from ((one, within) for one in reversed(_children(node)))
    if breaks:
        yield "\n", around


def _children(node: Node) -> list[Node | Text]:
    return list((getattr(node, "template_content", None) or node).children or ())


def _look(node: Node, around: Look) -> Look:
    """Return how text in a node is shown; ``is_odd`` tells of this node alone."""
    if not node.attrs and node.name not in _TELLING:
        return replace(around, is_odd=False) if around.is_odd else around
    look = look_at(_style(node), around)
    hides = node.name in _FOLDED or "hidden" in (node.attrs or {})
    is_odd = node.name in _ODD or _give(node, "dir").strip().lower() == "rtl"
    return replace(look, is_hidden=look.is_hidden or hides, is_odd=look.is_odd or is_odd)


def _style(node: Node) -> str:
    """Return the style of a node, with what its other attributes say as declarations."""
    style = _give(node, "style")
    if node.name in _GROUNDED and _give(node, "bgcolor"):
        style += f";background:{_colour(node, 'bgcolor')}"
    if node.name in _INKED and _give(node, _INKED[node.name]):
        style += f";color:{_colour(node, _INKED[node.name])}"
    if node.name in _SMALL:
        style += ";font-size:smaller"
    if node.name == "img":  # a picture beside the text
        style = style.replace("float", "")
    return style


def _colour(node: Node, name: str) -> str:
    value = _give(node, name).strip()
    return f"#{value}" if _DIGITS.fullmatch(value) else value


def _give(node: Node, name: str) -> str:
    return str((node.attrs or {}).get(name) or "")
