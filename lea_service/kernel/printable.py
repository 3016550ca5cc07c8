"""Words out of files of others, made fit for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return ``text`` on one line, with ``\x1b`` and the like for what does not print itself.

    Control characters move the cursor, clear lines or begin new ones; marks of direction and of no
    width let one text look like another.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in text)


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
