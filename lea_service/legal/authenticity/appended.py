"""What stands behind a signature in a PDF and that its tables do not list.

A reader that holds the tables for damaged builds them anew from whatever objects stand in the file
(each its own way), the last of a number first. What nobody listed nobody
compared with what was signed, and a person may see it all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils.generic import Reference, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionType

_GAP = rb"(?:[\0\t\n\x0b\f\r \x85\xa0]|%[^\r\n]*+[\r\n])"
"""What one reader or another takes for white space; where one too many does, the order waits."""
_OBJECT = re.compile(rb"(?<!\d)\d++" + _GAP + rb"++\d++" + _GAP + rb"*+obj")
_BLANK = re.compile(_GAP + rb"*+")
TRAILER = b"trailer"
TABLES = frozenset({XRefSectionType.STANDARD, XRefSectionType.HYBRID_MAIN})


def has_unlisted(reader: PdfFileReader, end: int) -> bool:
    """Say whether something stands behind ``end``, in bytes, that no table of the file lists.

    An object at another place than where it is listed, one in a stream of objects, or the trailer
    of a table that nothing leads to.
    """
    data: bytes = reader.stream.getvalue()
    behind = data[end:]
    if not behind.strip():
        return False
    sections = list(_sections(reader, end))
    if _is_shrinking(reader, sections):
        return True
    listed = {_BLANK.match(data, at).end() for at in _places(reader)}  # type: ignore[union-attr]
    if any(end + found.start() not in listed for found in _OBJECT.finditer(behind)):
        return True
    tables = [one for one in sections if _kind(reader, one) in TABLES]
    if data.count(TRAILER, end) != len(tables):
        return True
    return any(_is_packed_unlisted(reader, one) for one in sections)


def _sections(reader: PdfFileReader, end: int) -> Iterator[int]:
    """Yield the revisions whose table stands behind ``end``."""
    for revision in range(reader.xrefs.total_revisions):
        if reader.xrefs.get_xref_container_info(revision).start_location >= end:
            yield revision


def _is_shrinking(reader: PdfFileReader, sections: list[int]) -> bool:
    """Say whether a revision states fewer objects than one before it (ISO 32000-2, table 15)."""
    sizes = [
        reader.xrefs.get_xref_container_info(one).size
        for one in range(reader.xrefs.total_revisions)
    ]
    return any(sizes[one] < max(sizes[:one], default=0) for one in sections)


def _kind(reader: PdfFileReader, revision: int) -> XRefSectionType:
    return reader.xrefs.get_xref_container_info(revision).xref_section_type


def _places(reader: PdfFileReader) -> Iterator[int]:
    """Yield where objects stand by the tables, and where the tables that are objects do."""
    for revision in range(reader.xrefs.total_revisions):
        found = reader.xrefs.get_xref_data(revision)
        yield from (at for _, at in found.standard_xrefs.values())
        info = reader.xrefs.get_xref_container_info(revision)
        if info.stream_ref is not None:
            yield info.start_location


def _is_packed_unlisted(reader: PdfFileReader, revision: int) -> bool:
    """Say whether a stream of objects of a revision has one that its table does not find there."""
    found = reader.xrefs.get_xref_data(revision)
    resolver = reader.get_historical_resolver(revision)
    for number, (generation, _) in found.standard_xrefs.items():
        packed: Any = resolver.get_object(Reference(number, generation, reader))
        if isinstance(packed, StreamObject) and packed.get("/Type") == "/ObjStm":
            known = {
                one for one, place in found.xrefs_in_objstm.items() if place.obj_stream_id == number
            }
            if not known.issuperset(_numbers(packed)):
                return True
    return False


def _numbers(packed: StreamObject) -> list[int]:
    """Return the numbers of the objects in a stream of objects: every other of its head."""
    head = packed.data[: int(packed["/First"])].split()
    return [int(one) for one in head[::2]]
