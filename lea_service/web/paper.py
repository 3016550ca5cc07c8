"""A plain text as a PDF, line for line, in a font that every reader has."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import islice

from pypdf import PdfWriter
from pypdf.generic import ContentStream, DecodedStreamObject, DictionaryObject, NameObject

from lea_service.kernel.errors import InvalidInput

WIDTH, HEIGHT = 595, 842
"""A4, in points."""
LEFT, TOP, SIZE, LEADING = 42, 790, 9, 12
COLUMNS = (WIDTH - 2 * LEFT) * 10 // (SIZE * 6)
"""Each sign of the font is six tenths of its size wide."""
LINES = (TOP - 50) // LEADING
CHARSET = "cp1252"
FONT = {
    "/Type": "/Font",
    "/Subtype": "/Type1",
    "/BaseFont": "/Courier",
    "/Encoding": "/WinAnsiEncoding",
}


def make_pdf(text: str) -> bytes:
    """Return a text as a PDF; what it holds is what the text holds, in its order.

    Raises InvalidInput for a sign that the font has not: none is left out or put in its place.
    """
    writer = PdfWriter()
    font = DictionaryObject({NameObject(key): NameObject(name) for key, name in FONT.items()})
    fonts = DictionaryObject({NameObject("/Courier"): font})
    for page_lines in _pages(text):
        page = writer.add_blank_page(WIDTH, HEIGHT)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data(_paint(page_lines))
        page.replace_contents(ContentStream(content, writer))
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _pages(text: str) -> Iterator[list[str]]:
    lines = (
        line[start : start + COLUMNS]
        for line in text.splitlines()
        for start in range(0, max(len(line), 1), COLUMNS)
    )
    while page := list(islice(lines, LINES)):
        yield page


def _paint(lines: list[str]) -> bytes:
    """Return the commands that paint lines one under another."""
    begin = f"BT /Courier {SIZE} Tf {LEADING} TL {LEFT} {TOP} Td".encode()
    return b"\n".join([begin, *(b"(" + _encode(line) + b") Tj T*" for line in lines), b"ET"])


def _encode(line: str) -> bytes:
    try:
        data = line.encode(CHARSET)
    except UnicodeEncodeError as err:
        raise InvalidInput("the text holds signs that the PDF cannot show: keep the text") from err
    return data.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
