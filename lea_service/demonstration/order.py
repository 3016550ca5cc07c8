"""A PDF, as an order would arrive; enough of PDF 1.4 for any reader to show it."""

from __future__ import annotations

from collections.abc import Sequence

LINES = 45
"""So many lines fit on a page."""
HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"


def write_order(lines: Sequence[str]) -> bytes:
    """Return pages with ``lines`` of text (Latin-1), as many on each as fit."""
    pages = [lines[n : n + LINES] for n in range(0, len(lines), LINES)] or [()]
    kids = b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(len(pages)))
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for page in pages:
        parts += [_page(len(parts) + 2), _content(page)]
    return _assemble(parts)


def write_text(lines: Sequence[str]) -> bytes:
    """Return what shows ``lines`` on a page, as it stands in the stream of its content."""
    shown = "".join(f"({_escape(line)}) Tj T*\n" for line in lines)
    return f"BT /F1 11 Tf 60 780 Td 16 TL\n{shown}ET".encode("latin-1")


def _page(content: int) -> bytes:
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
        b"/Resources << /Font << /F1 3 0 R >> >> >>" % content
    )


def _content(lines: Sequence[str]) -> bytes:
    text = write_text(lines)
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text)


def _assemble(parts: Sequence[bytes]) -> bytes:
    data, places = bytearray(HEAD), []
    for number, part in enumerate(parts, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(parts) + 1)
    data += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(data)


def _escape(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
