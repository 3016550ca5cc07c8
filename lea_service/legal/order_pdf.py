"""The text of a PDF, page by page, and what in it is more than text."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import LimitReachedError, PdfReadError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from lea_service.legal.order_ink import Ink
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
MAX_STEPS = 32
"""So many references, and parents of a field, are followed."""
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
    try:
        ink = Ink(page.cropbox)
        text = page.extract_text(visitor_operand_before=ink.before, visitor_operand_after=ink.after)
        filled = "\n".join(_filled_in(page))
        if ink.hides:
            reading.observe(Observation.HIDDEN_TEXT)
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
    for reference in _get(page, "/Annots") or ():
        note = _resolve(reference)
        kind = _get(note, "/Subtype")
        if kind == "/Widget":
            yield from _texts(_value(note))
        elif kind == "/FreeText":
            yield from _texts(_get(note, "/Contents"))


def _value(field: DictionaryObject) -> Any:
    """Return the value of a field, which a parent of it may have."""
    for _ in range(MAX_STEPS):
        if "/V" in field or "/Parent" not in field:
            break
        field = _get(field, "/Parent")
    return _get(field, "/V")


def _texts(value: Any) -> Iterator[str]:
    """Yield the text of a value: a string, a stream, or several to choose from."""
    for one in map(_resolve, value if isinstance(value, ArrayObject) else [value]):
        text = one.get_data() if isinstance(one, StreamObject) else one
        if isinstance(text, bytes):
            text = text.decode("utf-16" if text.startswith(codecs.BOM_UTF16_BE) else "latin-1")
        if isinstance(text, str) and text.strip():
            yield text


def _get(found: DictionaryObject, name: str) -> Any:
    """Return what stands under a name, wherever in the file it is; None is nothing."""
    return _resolve(found.raw_get(name)) if name in found else None


def _resolve(value: Any) -> Any:
    for _ in range(MAX_STEPS):
        if not isinstance(value, IndirectObject):
            return value
        value = value.get_object()
    raise PdfReadError("expected fewer references to references")


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
            one = _resolve(one)
        if isinstance(one, DictionaryObject):
            yield one
            waiting += [one.raw_get(name) for name in one]
        elif isinstance(one, ArrayObject):
            waiting += list(one)


def _observe(found: DictionaryObject) -> Iterator[Observation]:
    action = _get(found, "/S")
    if "/JS" in found or "/JavaScript" in found or action == "/JavaScript":
        yield Observation.SCRIPTED
    if action in SENDING:
        yield Observation.LAUNCHES
    opening = _get(found, "/OpenAction")
    acts = isinstance(opening, DictionaryObject) and _get(opening, "/S") not in SHOWING
    if acts or "/AA" in found:
        yield Observation.OPENS_BY_ITSELF
    if "/EmbeddedFiles" in found or "/EF" in found:
        yield Observation.ATTACHMENTS
    if "/XFA" in found:
        yield Observation.DYNAMIC_FORM
