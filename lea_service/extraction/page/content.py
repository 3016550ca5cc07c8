"""What stands on a page: headings with labelled lines, the same for a browser and a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

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
    """A whole page in one language; ``care`` is what stands beside a heading that warns."""

    title: str
    sections: tuple[Section, ...]
    language: str
    care: str


def list_rows(*pairs: tuple[str, object]) -> tuple[Row, ...]:
    """Return a row for each pair that says something."""
    return tuple(Row(label, str(says)) for label, says in pairs if says not in (None, ""))


def join(words: Iterable[object]) -> str:
    """Return words with commas between; empty for none."""
    return ", ".join(str(one) for one in words)


ID = re.compile(r"\b[apds]_[0-9a-f]{32}\b")
"""The id of an agency, of a person or desk of one, or of somebody who works here."""


def list_ids(page: Page) -> frozenset[str]:
    """Return the ids of agencies, people and desks that stand on a page."""
    return frozenset(ID.findall(render_text(page)))


def put_names(page: Page, names: Mapping[str, str]) -> Page:
    """Return a page that has the name beside each id whose name is known."""

    def name(text: str) -> str:
        return ID.sub(lambda found: _beside(found[0], names), text)

    return replace(
        page,
        sections=tuple(
            replace(
                one,
                rows=tuple(Row(name(row.label), name(row.says)) for row in one.rows),
                notes=tuple(map(name, one.notes)),
            )
            for one in page.sections
        ),
    )


def _beside(found: str, names: Mapping[str, str]) -> str:
    return f"{names[found]} ({found})" if found in names else found


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
