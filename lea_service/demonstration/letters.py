"""The letters, ready to send: as a PDF in the folder, and what they say on the screen."""

from __future__ import annotations

from lea_service.demonstration.walk import DEMANDS, Walk, expect
from lea_service.web.paper import make_pdf

TICKED = "[x]"
SHOWN_LINES = 6


def write_letter(it: Walk, demand: str, about: str, name: str, language: str = "en") -> str:
    """Write the letter of a demand as a PDF, say where, and show what it says.

    Returns the digest by which it can be sent.
    """
    path = f"{DEMANDS}/{demand}/letters/draft"
    draft = it.staff.handler.client.get(path, about=about, language=language)
    text = str(draft["text"])
    expect(demand in text, "the letter has our reference")
    file = it.top / "letters" / f"{name}.pdf"
    file.write_bytes(make_pdf(text))
    it.tell.say(f"the letter, ready to send: {file.parent.name}/{file.name}")
    it.tell.show("\n".join(_pick_lines(text)))
    return str(draft["digest"])


def _pick_lines(text: str) -> list[str]:
    """Return its title, and what it says below the address; of a form what is ticked."""
    title, *rest = text.strip().split("\n\n")
    ticked = [line for line in text.splitlines() if TICKED in line]
    said = ticked or [line for part in rest[1:] for line in part.splitlines()]
    return [title.splitlines()[0], *said[:SHOWN_LINES]]
