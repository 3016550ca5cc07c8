"""A text as a PDF: it says what the text says, and nothing is lost on the way."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from lea_service.kernel.errors import InvalidInput
from lea_service.web.paper import COLUMNS, LINES, make_pdf


def read(data):
    return [page.extract_text().splitlines() for page in PdfReader(BytesIO(data)).pages]


def test_pdf_says_what_the_text_says():
    lines = ["VRAAG (één) \\ €", *(f"regel {n}" for n in range(LINES))]
    pages = read(make_pdf("\n".join(lines)))
    assert [line for page in pages for line in page] == lines
    assert [len(page) for page in pages] == [LINES, 1]


def test_long_line_goes_on_and_no_sign_is_left_out():
    (page,) = read(make_pdf("x" * (COLUMNS + 3)))
    assert page == ["x" * COLUMNS, "xxx"]
    with pytest.raises(InvalidInput, match="keep the text"):
        make_pdf("Ministerstwo Sprawiedliwości")
