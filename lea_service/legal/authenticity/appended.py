"""What stands behind a signature in a PDF, held against the tables there, byte for byte.

A reader that holds the tables for damaged builds them anew from whatever objects stand in the file,
each by its own idea of what an object looks like, and shows what nobody compared with what was
signed. So no search looks for that: each byte belongs to what a table lists, to a table or to the
end of a revision, or it is too much.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from zlib import decompress

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    Reference,
    StreamObject,
    TrailerReference,
    read_object,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import (
    XRefSectionData,
    XRefSectionMetaInfo,
    XRefSectionType,
    parse_xref_stream,
)

BLANK = b"\0\t\n\f\r "
"""White space (ISO 32000-2, table 1)."""
_B = rb"[\0\t\n\f\r ]"
_BLANK = re.compile(_B + rb"*+")
_ENDOBJ = re.compile(_B + rb"*+endobj(?=" + _B + rb"|\Z)")
_MAKER = rb"(?:%(?:(?!obj|stream|xref|trailer)[ -~]){0,100}+[\r\n]++)?"
"""The line by which a program names itself before the end of a revision, as iText does."""
_BETWEEN = re.compile(
    rb"%(b)b*+(?:%(maker)bstartxref%(b)b++(\d{1,10})%(b)b++%%%%EOF(?:%(b)b++|\Z))?"
    % {b"b": _B, b"maker": _MAKER}
)
"""What may stand between objects and tables: nothing, or the end of a revision."""
_PART = re.compile(rb"(\d{1,10}) (\d{1,10}) ?(?:\r\n|\r|\n)")
_ROWS = re.compile(rb"(?:\d{10} \d{5} [nf](?: \r| \n|\r\n))*+")
_ROW = 20
"""So many bytes has a row of a table (ISO 32000-2, section 7.5.4)."""
_TRAILER = re.compile(rb"trailer" + _B + rb"*+(?=<<)")
_WIDE = rb"\0\t\n\x0b\f\r \x85\xa0"
"""What one reader or another takes for white space."""
_HEAD = re.compile(
    rb"(?<=[\d+\-.)>\]}" + _WIDE + rb"])obj(?![A-Za-z])|(?<=\d)[" + _WIDE + rb"]++obj"
)
"""What some reader may take for the head of an object within another, in a string say."""
XREF = b"xref"
ELSEWHERE = frozenset({"/XRefStm", "/Encrypt"})
"""What leads a reader to another table, or has it read other bytes."""
OTHER_CODING = frozenset({"/F", "/FFilter", "/FDecodeParms", "/DP", "/Fl"})
"""Where else some reader may look for how a stream is packed, or for what is in it."""
UNPACKED, FIRST_PNG, LAST_PNG = 1, 10, 15
ONE_BYTE = {"/Colors": 1, "/BitsPerComponent": 8}
BY_ROW_ABOVE = 2
"""The filter of PNG that tables have. Of the others pyHanko makes other rows than the book."""
LAST_GENERATION = 65535
TYPES = (XRefSectionType.STANDARD, XRefSectionType.STREAM)
"""Tables of both kinds in one revision are read in two ways."""


class OddError(Exception):
    """Something stands in a file otherwise than it is written by the book."""


@dataclass(slots=True)
class _Behind:
    """What was read behind a signature, by places in bytes of the file.

    ``parts`` are from where to where it was read, ``heads`` where the heads of objects end,
    ``objects`` what stands at a place. ``root`` is the catalogue of what was signed.
    """

    reader: PdfFileReader
    data: bytes
    end: int
    root: Reference | None = None
    parts: list[tuple[int, int]] = field(default_factory=list)
    heads: set[int] = field(default_factory=set)
    objects: dict[int, Any] = field(default_factory=dict)


def has_unlisted(reader: PdfFileReader, end: int) -> bool:
    """Say whether something stands behind ``end``, in bytes, that no table of the file lists.

    An object, one in a stream of objects, a row that readers pass over, a comment, a trailer of a
    table that nothing leads to; and whatever cannot be read by the book.
    """
    data: bytes = reader.stream.getvalue()
    if not data[end:].strip(BLANK):
        return False
    was, reader.strict = reader.strict, True  # a key that stands twice is read in two ways
    try:
        _check(_Behind(reader, data, end))
    except MemoryError:
        raise
    except Exception:
        return True
    finally:
        reader.strict = was
    return False


def _check(behind: _Behind) -> None:
    """Raise unless each byte belongs to something that is listed."""
    sections = _list_sections(behind)
    signed = behind.reader.xrefs.total_revisions - len(sections) - 1
    behind.root = behind.reader.trailer.raw_get("/Root", revision=signed).reference
    tables = [one for one in sections if _info(behind, one).stream_ref is None]
    starts = {one: _info(behind, one).start_location for one in sections}
    starts |= {one: _read_table(behind, _info(behind, one)) for one in tables}
    _read_objects(behind, sections)
    for one in sections:
        _check_section(behind, one)
    _check_between(behind, {*starts.values()})
    for found in _HEAD.finditer(behind.data, behind.end):
        _require(found.end() in behind.heads)
    _require(behind.data.count(b"trailer", behind.end) == len(tables))
    _require(behind.data.count(b"startxref", behind.end) == len(sections))


def _require(is_so: bool) -> None:
    if not is_so:
        raise OddError


def _info(behind: _Behind, revision: int) -> XRefSectionMetaInfo:
    return behind.reader.xrefs.get_xref_container_info(revision)


def _list_sections(behind: _Behind) -> list[int]:
    """Return the revisions whose table stands behind: the last ones, each behind the one before.

    None states fewer objects than one before it (ISO 32000-2, table 15).
    """
    every = [_info(behind, one) for one in range(behind.reader.xrefs.total_revisions)]
    found = [n for n, one in enumerate(every) if one.start_location >= behind.end]
    _require(found == [*range(len(every) - len(found), len(every))])
    places = [every[one].start_location for one in found]
    _require(places == sorted(places))
    _require(all(every[n].size >= max(one.size for one in every[: n + 1]) for n in found))
    return found


def _read_objects(behind: _Behind, sections: Sequence[int]) -> None:
    """Read what tables list, each byte once; one within another is odd, and would take for ever."""
    places: dict[int, tuple[int, int]] = {}
    for one in sections:
        own = _info(behind, one).stream_ref
        listed = behind.reader.xrefs.get_xref_data(one).standard_xrefs
        found = [(at, (number, generation)) for number, (generation, at) in listed.items()]
        if own is not None:
            found.append((_info(behind, one).start_location, (own.idnum, own.generation)))
        for at, named in found:
            _require(places.setdefault(at, named) == named)
    last = behind.end
    for at in sorted(places):
        stands = _skip(behind.data, at)
        head = b"%d %d obj" % places[at]
        _require(behind.data.startswith(head, stands))
        if stands >= behind.end:
            _require(stands >= last)
            last = _read_object(behind, stands, stands + len(head), Reference(*places[at]))
            behind.objects[at] = behind.objects[stands]


def _check_section(behind: _Behind, revision: int) -> None:
    """Raise where a table that is a stream, or a stream of objects that it lists, is odd."""
    info = _info(behind, revision)
    _require(info.xref_section_type in TYPES)
    if info.stream_ref is not None:
        _check_trailer(behind, behind.objects[info.start_location])
        _check_coding(behind.objects[info.start_location])
        _check_stream_rows(behind.objects[info.start_location], info.size)
    listed = behind.reader.xrefs.get_xref_data(revision)
    for number, (_, place) in listed.standard_xrefs.items():
        read = behind.objects.get(place)
        if isinstance(read, StreamObject) and read.get("/Type") == "/ObjStm":
            _check_packed(behind, number, read, listed)


def _read_table(behind: _Behind, info: XRefSectionMetaInfo) -> int:
    """Read a table with its trailer, row by row; return where it stands."""
    data, begin = behind.data, info.start_location - len(XREF) - 1
    _require(begin >= behind.end and data.startswith(XREF, begin))
    at = _skip(data, begin + len(XREF))
    numbers: list[int] = []
    while (part := _PART.match(data, at)) is not None:
        first, count = int(part[1]), int(part[2])
        at = part.end() + _ROW * count
        rows = data[part.end() : at]
        _require(len(rows) == _ROW * count and _ROWS.fullmatch(rows) is not None)
        _require(all(int(rows[n + 11 : n + 16]) <= LAST_GENERATION for n in _steps(rows)))
        numbers += range(first, first + count)
    _check_numbers(numbers, info.size)
    trailer = _TRAILER.match(data, at)
    if trailer is None:
        raise OddError
    behind.reader.stream.seek(trailer.end())
    owner = TrailerReference(behind.reader)  # type: ignore[no-untyped-call]
    _check_trailer(behind, read_object(behind.reader.stream, owner))
    behind.parts.append((begin, behind.reader.stream.tell()))
    return begin


def _check_trailer(behind: _Behind, trailer: Any) -> None:
    """Raise unless it has numbers where they belong, and the catalogue that was signed."""
    _require(isinstance(trailer, DictionaryObject) and not trailer.keys() & ELSEWHERE)
    _require(all(type(trailer.raw_get(one)) is NumberObject for one in ("/Size", "/Prev")))
    root = trailer.raw_get("/Root")
    _require(isinstance(root, IndirectObject) and root.reference == behind.root)


def _steps(rows: bytes) -> range:
    return range(0, len(rows), _ROW)


def _skip(data: bytes, at: int) -> int:
    """Return where the white space at a place ends."""
    return _BLANK.match(data, at).end()  # type: ignore[union-attr]


def _check_numbers(numbers: Sequence[int], size: int) -> None:
    """Raise where a table lists a number twice, or one beyond those it says there are."""
    _require(len({*numbers}) == len(numbers) and max(numbers, default=-1) < size)


def _check_coding(packed: StreamObject) -> None:
    """Raise where one reader may unpack a stream in another way than the next."""
    _require(not packed.keys() & OTHER_CODING)
    filters = packed.get("/Filter", [])
    named = [filters] if isinstance(filters, NameObject) else [*filters]
    _require(named in ([], ["/FlateDecode"]))
    given = packed.get("/DecodeParms", None)
    if given is None:
        return
    params = given[0].get_object() if isinstance(given, ArrayObject) else given
    predictor = params.get("/Predictor", UNPACKED)
    _require(len(named) == len(given if isinstance(given, ArrayObject) else [given]))
    _require(all(params.get(key, usual) == usual for key, usual in ONE_BYTE.items()))
    if predictor != UNPACKED:
        _require(FIRST_PNG <= predictor <= LAST_PNG)
        rows = decompress(packed.encoded_data)[:: params["/Columns"] + 1]
        _require({*rows} == {BY_ROW_ABOVE})


def _check_stream_rows(table: Any, size: int) -> None:
    """Raise where a table that is a stream has rows of a kind that readers pass over."""
    parts = [int(one) for one in table.get("/Index", [0, size])]
    rows = list(parse_xref_stream(table, strict=True))
    _require(min(parts) >= 0 and len(rows) == sum(parts[1::2]))
    _require(all(one.generation <= LAST_GENERATION for one in rows))
    _check_numbers([one.idnum for one in rows], size)


def _read_object(behind: _Behind, at: int, after: int, named: Reference) -> int:
    """Read an object whose head stands from ``at`` to ``after``; return where it ends."""
    data, stream = behind.data, behind.reader.stream
    stream.seek(_skip(data, after))
    read = read_object(stream, Reference(named.idnum, named.generation, behind.reader))
    stop = stream.tell()
    ended = _ENDOBJ.match(data, stop)
    if ended is None or data.find(b"endobj", at) != ended.end() - len(b"endobj"):
        raise OddError
    if isinstance(read, StreamObject):
        _require(int(read["/Length"]) == len(read.encoded_data))
        _require(data.find(b"endstream", at) == stop - len(b"endstream"))
    behind.parts.append((at, ended.end()))
    behind.heads.add(after)
    behind.objects[at] = read
    return ended.end()


def _check_packed(
    behind: _Behind, number: int, packed: StreamObject, listed: XRefSectionData
) -> None:
    """Raise unless a stream of objects holds those that its table finds there, and no more."""
    _check_coding(packed)
    data, first = packed.data, int(packed["/First"])
    head = [int(one) for one in data[:first].split()]
    _require(len(head) == 2 * int(packed["/N"]))
    found = dict(enumerate(head[::2]))
    places = listed.xrefs_in_objstm.items()
    _require(found == {p.ix_in_stream: n for n, p in places if p.obj_stream_id == number})
    stream = BytesIO(data)
    begins = [first + one for one in head[1::2]]
    for n, begin, stop in zip(found.values(), begins, [*begins[1:], len(data)], strict=True):
        stream.seek(_skip(data, begin))
        read_object(stream, Reference(n, 0, behind.reader))
        _require(_skip(data, stream.tell()) == stop or stream.tell() == stop)


def _check_between(behind: _Behind, starts: Collection[int]) -> None:
    """Raise where something stands between what was read, or two overlap."""
    for begin, stop in _gaps(behind):
        found = _BETWEEN.fullmatch(behind.data, begin, max(begin, stop))
        if found is None or begin > stop or (found[1] and int(found[1]) not in starts):
            raise OddError


def _gaps(behind: _Behind) -> Iterator[tuple[int, int]]:
    """Yield from where to where nothing was read."""
    at = behind.end
    for begin, stop in sorted(behind.parts):
        yield at, begin
        at = stop
    yield at, len(behind.data)
