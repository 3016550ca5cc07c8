"""The text of a PDF, page by page, and what in it is more than text."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from lea_service.legal.order_lines import MAX_PAGES, Reading
from lea_service.legal.order_observations import Observation

MEGABYTE = 1024 * 1024
TAIL_BYTES = 1024
MAX_OBJECTS = 50_000
UNPACKED = 16 * MEGABYTE
LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": UNPACKED,
    "lzw_maximum_output_length": UNPACKED,
    "run_length_maximum_output_length": UNPACKED,
    "brotli_maximum_output_length": UNPACKED,
    "array_based_stream_maximum_output_length": UNPACKED,
    "stream_decoding_work_maximum_length": 4 * UNPACKED,
    "page_tree_maximum_entries": 10_000,
    "jbig2dec_binary": None,
}
BROKEN = (
    PyPdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the library raises on a document that is not as it should be."""
INVISIBLE = 3
"""The rendering mode (ISO 32000, 9.3.6) in which text is neither filled nor stroked."""
SENDING = frozenset({"/Launch", "/SubmitForm", "/ImportData"})
SHOWING = frozenset({"/GoTo", "/Named"})


def read_pdf(data: bytes, reading: Reading) -> None:
    """Add the pages of a PDF to what was read; nothing that is wrong with it gets out of here."""
    if b"%%EOF" not in data[-TAIL_BYTES:]:
        reading.observe(Observation.TRUNCATED)
    with apply_configuration(**LIMITS):
        try:
            _read(data, reading)
        except LimitReachedError:
            reading.observe(Observation.BOMB)
        except BROKEN:
            reading.observe(Observation.DAMAGED)


def _read(data: bytes, reading: Reading) -> None:
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        if not reader.decrypt(""):
            reading.observe(Observation.ENCRYPTED)
            return
        reading.observe(Observation.RESTRICTED)
    _look_around(reader, reading)
    count = len(reader.pages)
    if count > MAX_PAGES:
        reading.observe(Observation.TOO_MANY_PAGES)
    pictures = [_read_page(reader.pages[n], reading) for n in range(min(count, MAX_PAGES))]
    if any(pictures):
        one = Observation.PAGE_WITHOUT_TEXT if reading.has_text else Observation.NO_TEXT
        reading.observe(one)


def _read_page(page: PageObject, reading: Reading) -> bool:
    """Take in a page; says whether it is a picture only."""

    def look(operator: bytes, operands: Any, *_: Any) -> None:
        if operator == b"Tr" and operands and operands[0] == INVISIBLE:
            reading.observe(Observation.HIDDEN_TEXT)

    try:
        text = page.extract_text(visitor_operand_before=look)
        filled = "\n".join(_filled_in(page))
    except LimitReachedError:
        reading.observe(Observation.BOMB)
        text = filled = ""
    except BROKEN:
        reading.observe(Observation.PAGE_UNREADABLE)
        text = filled = ""
    if filled:
        reading.observe(Observation.FORM_FIELDS)
    reading.add_page(f"{text}\n{filled}" if filled else text)
    return not text.strip() and _has_picture(page)


def _filled_in(page: PageObject) -> Iterator[str]:
    """Yield what stands in fields and notes, which the text of a page leaves out."""
    for reference in page.get("/Annots", ()):
        note = reference.get_object()
        kind = note.get("/Subtype")
        field = note if "/V" in note else note.get("/Parent", note)
        value = field.get("/V") if kind == "/Widget" else note.get("/Contents")
        if kind in {"/Widget", "/FreeText"} and isinstance(value, str) and value.strip():
            yield value


def _has_picture(page: PageObject) -> bool:
    try:
        return bool(page["/Resources"]["/XObject"]) or b"BI" in page.get_contents().get_data()  # type: ignore[union-attr,index]
    except BROKEN:
        return False


def _look_around(reader: PdfReader, reading: Reading) -> None:
    """Note what a document does or carries besides its pages."""
    for n, found in enumerate(_objects(reader)):
        if n >= MAX_OBJECTS:
            reading.observe(Observation.TOO_COMPLEX)
            return
        for observation in _observe(found):
            reading.observe(observation)


def _objects(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Yield every dictionary that is reached from the root."""
    waiting: list[Any] = [reader.trailer.raw_get("/Root")]
    seen: set[tuple[int, int]] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            yield one
            waiting += [one.raw_get(name) for name in one]
        elif isinstance(one, ArrayObject):
            waiting += list(one)


def _observe(found: DictionaryObject) -> Iterator[Observation]:
    action = found.get("/S")
    if "/JS" in found or "/JavaScript" in found or action == "/JavaScript":
        yield Observation.SCRIPTED
    if action in SENDING:
        yield Observation.LAUNCHES
    opening = found.get("/OpenAction")
    acts = isinstance(opening, DictionaryObject) and opening.get("/S") not in SHOWING
    if acts or "/AA" in found:
        yield Observation.OPENS_BY_ITSELF
    if "/EmbeddedFiles" in found or "/EF" in found:
        yield Observation.ATTACHMENTS
    if "/XFA" in found:
        yield Observation.DYNAMIC_FORM
