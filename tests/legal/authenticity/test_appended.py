"""Objects behind a signature that no table lists: who rebuilds the file shows them."""

import re
from functools import cache
from io import BytesIO
from time import process_time
from zlib import compress

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from lea_service.legal.authenticity.appended import has_unlisted
from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.policy import judge, load_shipped
from tests.legal.authenticity.test_documents import KNOWN, PDF, look
from tests.support.impostors import anchor, sign_pdf, stamp_pdf, with_list

S = Sight
SAID = b"BT /F1 11 Tf 60 700 Td (+31 6 99999999) Tj ET"
FORGED = b"<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(SAID), SAID)
TABLE = b"xref\n0 0\ntrailer\n<</Size %(size)d /Prev %(last)d /Root %(root)d 0 R>>\n"
TAILS = {
    "whole": TABLE,
    "without_catalogue": b"xref\n0 0\ntrailer\n<</Size %(size)d /Prev %(last)d>>\n",
    "odd_row": TABLE.replace(b"0 0\n", b"%(page)d 1\n%(zero)s 00000 x \n"),
    "root_elsewhere": TABLE.replace(b"0 0\n", b"%(root)d 1\n0000000001 99999 n \n"),
}
HEADS = {
    "plain": b"%(content)d 0 obj\n",
    "comment_between": b"%(content)d%%0 \n0 obj ",
    "zeros_before": b"000%(content)d\0 0\x0cobj",
    "long_generation": b"%(content)d 00000000000 obj\n",
    "long_number": b"00000000000%(content)d 0 obj\n",
    "other_blanks": b"%(content)d\x0b0\x85obj\n",
    "no_break": b"%(content)d\xa00\xa0\x0bobj\n",
    "behind_a_number": b"7 %(content)d 0 obj\n",
    "plus": b"%(content)d +0 obj\n",
    "minus": b"%(content)d -0 obj\n",
    "point": b"%(content)d 0. obj\n",
    "point_in_number": b"%(content)d. 0 obj\n",
    "two_signs": b"%(content)d ++0 obj\n",
    "no_head": b"",
    "with_trailer": b"trailer\n<</Root %(root)d 0 R /Size %(size)d>>\n",
}


@cache
def order():
    return with_list(sign_pdf(PDF))


def numbers(data):
    """Return which objects of a PDF are what, and where its last table stands."""
    reader = PdfFileReader(BytesIO(data))
    page = reader.root["/Pages"]["/Kids"].raw_get(0)
    found = {
        "page": page.idnum,
        "content": page.get_object().raw_get("/Contents").idnum,
        "store": reader.root.raw_get("/DSS").idnum,
        "lists": reader.root["/DSS"]["/CRLs"].raw_get(0).idnum,
        "root": reader.trailer.raw_get("/Root").idnum,
        "size": int(reader.trailer["/Size"]),
        "last": int(re.findall(rb"startxref\s+(\d+)", data)[-1]),
        "zero": b"0" * 10,
    }
    return {name.encode(): one for name, one in found.items()}


def end(data, tail):
    return data + tail + b"startxref\n%d\n%%%%EOF\n" % len(data)


def hide(data, head, tail):
    """Return a PDF with other content behind it, and a table that does not list that."""
    known = numbers(data)
    body = b"" if head == HEADS["with_trailer"] else FORGED
    return end(data + head % known + body, tail % known)


def pack(data, *, hidden, coding=b"", code=bytes, coded=b""):
    """Return a PDF with proofs behind it in a stream of objects, and a page ``hidden`` there.

    Its table is packed by ``code``, as ``coding`` says; ``coded`` says it of the objects.
    """
    known = numbers(data)
    store = b"<</Type /DSS /CRLs [%(lists)d 0 R]>> " % known
    page = b"<</Type /Page /MediaBox [0 0 9 9]>>" if hidden else b""
    head = b"%d 0 " % known[b"store"] + (
        b"%d %d " % (known[b"page"], len(store)) if hidden else b""
    )
    rows = [(1, len(data), 0), (2, known[b"size"], 0)]
    packed = head + store + page
    stream = (
        b"%d 0 obj\n<</Type /ObjStm /N %d /First %d /Length %d%s>>\nstream\n%s\nendstream\nendobj\n"
    )
    data += stream % (known[b"size"], 1 + hidden, len(head), len(packed), coded, packed)
    rows.append((1, len(data), 0))
    table = b"".join(
        bytes([a]) + b.to_bytes(4, "big") + bytes([c]) for a, b, c in (rows[1], rows[0], rows[2])
    )
    table, size = code(table), known[b"size"]
    found = {**known, b"stream": size, b"own": size + 1, b"all": size + 2, b"length": len(table)}
    found[b"coding"] = coding
    tail = (
        b"%(own)d 0 obj\n<</Type /XRef /W [1 4 1] /Index [%(store)d 1 %(stream)d 2] /Size %(all)d "
        b"/Prev %(last)d /Root %(root)d 0 R /Length %(length)d%(coding)b>>\nstream\n" % found
    )
    return end(data, tail + table + b"\nendstream\nendobj\n")


def shrink(data, small, listed):
    """Return a PDF with a smaller size behind it, and then other content, ``listed`` or spare."""
    known = numbers(data)
    root, size = known[b"root"], known[b"size"]
    trailer = b"trailer\n<</Size %d /Prev %d /Root %d 0 R>>\n"
    last = len(data)
    data = end(data, b"xref\n0 0\n" + trailer % (small, known[b"last"], root))
    number = known[b"content"] if listed else size
    tail = b"xref\n%d 1\n%010d 00000 n \n" % (number, len(data))
    body = b"%d 0 obj\n" % number + FORGED
    return end(data + body, tail + trailer % (size + 1, last, root))


WIDTH = 6
UP = b"/Filter /FlateDecode /DecodeParms <</Predictor 12 /Columns 6%b>>"


def by_row(data, kind, undo):
    """Return rows of a table by one filter of PNG, which ``undo`` takes away again."""
    rows = [data[at : at + WIDTH] for at in range(0, len(data), WIDTH)]
    above = [bytes(WIDTH), *rows[:-1]]
    return compress(b"".join(bytes([kind, *undo(*both)]) for both in zip(rows, above, strict=True)))


def up(data):
    return by_row(
        data, 2, lambda row, above: ((a - b) % 256 for a, b in zip(row, above, strict=True))
    )


def none(data):
    return by_row(data, 0, lambda row, _: row)


def as_misread(data):
    """Return rows by the filter "sub" that one library does not undo by the book."""

    def undo(row, _):
        raw = [row[0]]
        for one in row[1:]:
            raw.append((one - raw[-1]) % 256)
        return raw

    return by_row(data, 1, undo)


CODINGS = {
    "plain": (b"", bytes, False),
    "no_filter": (b"/Filter []", bytes, False),
    "packed": (b"/Filter /FlateDecode", compress, False),
    "listed": (b"/Filter [/FlateDecode]", compress, False),
    "up": (UP % b"", up, False),
    "up_listed": (
        b"/Filter [/FlateDecode] /DecodeParms [<</Predictor 12 /Columns 6>>]",
        up,
        False,
    ),
    "png_without": (UP % b"", none, True),
    "usual": (UP % b"/Colors 1 /BitsPerComponent 8", up, False),
    "colours": (UP % b"/Colors 2", none, True),
    "bits": (UP % b"/BitsPerComponent 4", none, True),
    "sub": (UP % b"", as_misread, True),
    "twice": (b"/Filter [/FlateDecode /FlateDecode]", lambda one: compress(compress(one)), True),
    "hex": (b"/Filter /ASCIIHexDecode", lambda one: one.hex().encode() + b">", True),
    "elsewhere": (b"/F (x.pdf)", bytes, True),
    "short_name": (b"/Filter /FlateDecode /DP <<>>", compress, True),
}


@pytest.mark.parametrize("name", CODINGS)
def test_table_is_unpacked_by_all_in_one_way(name):
    coding, code, wanted = CODINGS[name]
    made = pack(order(), hidden=False, coding=coding, code=code)
    assert is_too_much(made, len(order())) is wanted


def test_objects_are_unpacked_by_all_in_one_way():
    assert is_too_much(pack(order(), hidden=False, coded=b"/F (x.pdf)"), len(order()))


@pytest.mark.parametrize(("small", "listed"), [(1, True), (5, True), (10**6, True), (0, False)])
def test_size_that_shrinks_hides_no_change(small, listed):
    found = look(shrink(order(), small, listed), anchors=[anchor()])
    assert S.SIGNATURE_CHANGED in found
    assert not judge(load_shipped(), KNOWN | found).allows


def test_size_that_shrinks_is_a_change_by_itself():
    data, known = order(), numbers(order())
    for by, wanted in ((-1, True), (0, False), (1, False)):
        tail = TABLE % {**known, b"size": known[b"size"] + by}
        reader = PdfFileReader(BytesIO(end(data, tail)), strict=False)
        assert has_unlisted(reader, len(data)) is wanted


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("head", HEADS)
def test_what_no_table_lists_changes_what_was_signed(head, tail):
    found = look(hide(order(), HEADS[head], TAILS[tail]), anchors=[anchor()])
    assert S.SIGNATURE_CHANGED in found
    assert not judge(load_shipped(), KNOWN | found).allows


def test_object_hidden_in_a_stream_of_objects_is_found():
    reader = PdfFileReader(BytesIO(pack(order(), hidden=True)), strict=False)
    assert has_unlisted(reader, len(order()))
    assert S.SIGNATURE_CHANGED in look(pack(order(), hidden=True), anchors=[anchor()])


def test_object_whose_number_begins_before_the_end_is_found():
    data = hide(order() + b"7", HEADS["plain"], TABLE)
    reader = PdfFileReader(BytesIO(data), strict=False)
    assert has_unlisted(reader, len(order()) + 1)


def extend(data, *objects, between=b"", rows=b"%d 1\n%010d 00000 n \n"):
    """Return a PDF with new objects behind it, each listed by the book."""
    known, listed = numbers(data), b""
    data += between
    for number, body in enumerate(objects, known[b"size"]):
        listed += rows % (number, len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    known |= {b"size": known[b"size"] + len(objects)}
    return end(data, TABLE.replace(b"0 0\n", listed.replace(b"%", b"%%")) % known)


def say(data, line):
    """Return a PDF that names its program before its last end."""
    at = data.rindex(b"startxref")
    return data[:at] + line + data[at:]


def is_too_much(data, at):
    return has_unlisted(PdfFileReader(BytesIO(data), strict=False), at)


def stream(content, entries=b""):
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(content), content)


BODIES = {
    "dictionary": (b"<</A [1 (x)] /B <ff> /C null /D 1 0 R>>", False),
    "number": (b"12", False),
    "stream": (stream(b"an object, no subject"), False),
    "blanks": (b"  <<>>\r\n ", False),
    "key_twice": (b"<</Rect [0 0 0 0] /Rect [0 0 9 9]>>", True),
    "head_in_a_string": (b"(5 +0 obj)", True),
    "head_in_a_stream": (stream(b"5 0. obj\n<<>>"), True),
    "glued_head_in_a_stream": (stream(b"5 0 objx\n<<>>"), True),
    "end_in_a_stream": (stream(b"\nendstream\nendobj\n5 x0 obj"), True),
    "trailer_in_a_stream": (stream(b"trailer"), True),
    "end_of_a_file_in_a_stream": (stream(b"startxref"), True),
    "two_bodies": (b"<<>> <<>>", True),
    "no_body": (b"", True),
    "comment_behind": (b"<<>> %x\n", True),
    "length_too_long": (b"<</Length 4>>\nstream\nabc\nendstream", False),
    "length_too_short": (b"<</Length 1>>\nstream\nabc\nendstream", True),
    "length_over_the_end": (b"<</Length 5>>\nstream\nabc\nendstream", True),
}


@pytest.mark.parametrize("name", BODIES)
def test_listed_object_is_read_by_the_book(name):
    body, wanted = BODIES[name]
    at = len(order())
    assert is_too_much(extend(order(), body), at) is wanted
    assert is_too_much(extend(order(), b"1", body, b"2"), at) is wanted


ROWS = {
    "plain": (b"%d 1\n%010d 00000 n \n", False),
    "line_ends_of_two": (b"%d 1\r\n%010d 00000 n\r\n", False),
    "more_parts": (
        b"%d 1\n%010d 00000 n \n7 1\n0000000000 00001 f \n9 0\n",
        False,
    ),
    "short": (b"%d 1\n%010d 00000 n\n", True),
    "comment": (b"%d 1\n%010d 00000 n \n%%x\n", True),
    "other_generation": (b"%d 1\n%010d 00001 n \n", True),
}


@pytest.mark.parametrize("name", ROWS)
def test_row_of_a_table_is_written_by_the_book(name):
    rows, wanted = ROWS[name]
    assert is_too_much(extend(order(), b"12", rows=rows), len(order())) is wanted


@pytest.mark.parametrize("between", [b"%x\n", b"1", b"xref\n", b"%%EOF\n", b"\xa0", b"endobj\n"])
def test_nothing_stands_between_objects_and_tables(between):
    data = order()
    for made in (end(data + between, TABLE % numbers(data)), extend(data, b"12", between=between)):
        assert is_too_much(made, len(data))
    assert not is_too_much(extend(data, b"12", between=b"\0 \r\n\f\t"), len(data))


def test_program_may_name_itself_before_an_end():
    data = extend(order(), b"12")
    assert not is_too_much(say(data, b"%iText-Core-8.0.5 (AGPL version)\n"), len(order()))
    for line in (b"%x 5 0 obj\n", b"%x\n%y\n", b"%\x80\n", b"%" + b"x" * 101 + b"\n"):
        assert is_too_much(say(data, line), len(order()))


TRAILERS = {
    "plain": (b"/Root", b"/Root", False),
    "no_catalogue": (b"/Root %(root)d 0 R", b"", True),
    "other_catalogue": (b"/Root %(root)d", b"/Root %(page)d", True),
    "two_catalogues": (b"/Root", b"/Root %(page)d 0 R /Root", True),
    "second_table": (b"/Root", b"/XRefStm (a) /Root", True),
    "encrypted": (b"/Root", b"/Encrypt null /Root", True),
    "size_in_words": (b"/Size %(size)d", b"/Size (%(size)d)", True),
    "size_with_a_point": (b"/Size %(size)d", b"/Size %(size)d.0", True),
}


@pytest.mark.parametrize("name", TRAILERS)
def test_trailer_is_written_by_the_book(name):
    old, new, wanted = TRAILERS[name]
    data = order()
    assert is_too_much(end(data, TABLE.replace(old, new) % numbers(data)), len(data)) is wanted


def test_one_row_more_for_a_number_is_a_change():
    data, rows = order(), b"%d 1\n%010d 00000 n \n"
    known = numbers(data)
    twice = TABLE.replace(b"0 0\n", rows % (known[b"size"], len(data)) * 2)
    body = b"%d 0 obj\n12\nendobj\n" % known[b"size"]
    made = end(data + body, twice % {**known, b"size": known[b"size"] + 1})
    assert is_too_much(made, len(data))
    beyond = TABLE.replace(b"0 0\n", rows % (known[b"size"], len(data)))
    assert is_too_much(end(data + body, beyond % known), len(data))


FILLINGS = [
    b"1",
    b"1 ",
    b"1 0 ob",
    b"1\xa0",
    b"1%",
    b"1 %\n",
    b"%",
    b"(",
    b"<<",
    b"[",
    b"obj",
    b"stream",
]


@pytest.mark.parametrize("filling", [b" ", *FILLINGS])
def test_long_filling_is_looked_through_in_one_go(filling):
    """A search that begins anew at each digit or sign would take hours."""
    data, filled = order(), filling * (300_000 // len(filling))
    begun = process_time()
    for made in (
        end(data + filled, TABLE % numbers(data)),
        extend(data, filled),
        extend(data, stream(filled)),
    ):
        is_too_much(made, len(data))
    assert process_time() - begun < 3


def test_what_the_tables_list_is_as_good_as_it_was():
    wanted = {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED}
    for made in (order(), with_list(order()), pack(order(), hidden=False)):
        assert look(made, anchors=[anchor()]) == wanted
    assert look(sign_pdf(order(), serial=78), anchors=[anchor()]) == wanted


def test_what_is_kept_for_long_is_as_good_as_it_was_with_tables_of_both_kinds():
    """Two signatures, proofs and time stamps, each behind the one before."""
    writer, out = (
        copy_into_new_writer(PdfFileReader(BytesIO(PDF)), {"stream_xrefs": True}),
        BytesIO(),
    )
    writer.write(out)
    for data in (PDF, out.getvalue()):
        both = with_list(sign_pdf(sign_pdf(data), serial=78, box=(1, 1, 50, 50)))
        found = look(stamp_pdf(with_list(stamp_pdf(both))), anchors=[anchor()])
        assert found == {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED}
