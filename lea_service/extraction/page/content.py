"""What stands on a page: headings with labelled lines, the same for a browser and a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lea_service.kernel.printable import printable

WIDTH = 78


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is said, under a short label."""

    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; one that ``warns`` is to be read with care."""

    heading: str
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page."""

    title: str
    sections: tuple[Section, ...]


def list_rows(*pairs: tuple[str, object]) -> tuple[Row, ...]:
    """Return a row for each pair that says something."""
    return tuple(Row(label, str(says)) for label, says in pairs if says not in (None, ""))


def join(words: Iterable[object]) -> str:
    """Return words with commas between; empty for none."""
    return ", ".join(str(one) for one in words)


def render_text(page: Page) -> str:
    """Return a page as plain text, in the order of the page; whatever is said is on one line."""
    title = _flatten(page.title)
    lines = [title, "=" * min(len(title), WIDTH)]
    for section in page.sections:
        lines += ["", *_render(section)]
    return "\n".join(lines) + "\n"


def _render(section: Section) -> Iterator[str]:
    heading = f"{_flatten(section.heading)}{' (!)' if section.warns else ''}"
    yield heading
    yield "-" * len(heading)
    for row in section.rows:
        yield _flatten(f"{row.label}: {row.says}")
    for note in section.notes:
        yield _flatten(f"* {note}")


def _flatten(text: str) -> str:
    """Keep what somebody wrote from looking like a heading of ours, or moving a terminal."""
    return printable(" ".join(text.split()))
