"""Objects behind a signature that no table lists: who rebuilds the file shows them."""

import re
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from lea_service.legal.authenticity.appended import has_unlisted
from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.policy import judge, load_shipped
from tests.legal.authenticity.test_documents import KNOWN, PDF, look
from tests.support.impostors import anchor, sign_pdf, with_list

S = Sight
SAID = b"BT /F1 11 Tf 60 700 Td (+31 6 99999999) Tj ET"
FORGED = b"<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(SAID), SAID)
TABLE = b"xref\n0 0\ntrailer\n<</Size %(size)d /Prev %(last)d /Root %(root)d 0 R>>\n"
TAILS = {
    "whole": TABLE,
    "without_catalogue": b"xref\n0 0\ntrailer\n<</Size %(size)d /Prev %(last)d>>\n",
    "odd_row": TABLE.replace(b"0 0\n", b"%(page)d 1\n%(zero)s 00000 x \n"),
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
    "with_trailer": b"trailer\n<</Root %(root)d 0 R /Size %(size)d>>\n",
}


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


def pack(data, *, hidden):
    """Return a PDF with proofs behind it in a stream of objects, and a page ``hidden`` there."""
    known = numbers(data)
    store = b"<</Type /DSS /CRLs [%(lists)d 0 R]>> " % known
    page = b"<</Type /Page /MediaBox [0 0 9 9]>>" if hidden else b""
    head = b"%d 0 " % known[b"store"] + (
        b"%d %d " % (known[b"page"], len(store)) if hidden else b""
    )
    rows = [(1, len(data), 0), (2, known[b"size"], 0)]
    packed = head + store + page
    stream = (
        b"%d 0 obj\n<</Type /ObjStm /N %d /First %d /Length %d>>\nstream\n%s\nendstream\nendobj\n"
    )
    data += stream % (known[b"size"], 1 + hidden, len(head), len(packed), packed)
    rows.append((1, len(data), 0))
    table = b"".join(
        bytes([a]) + b.to_bytes(4, "big") + bytes([c]) for a, b, c in (rows[1], rows[0], rows[2])
    )
    size = known[b"size"]
    found = {**known, b"stream": size, b"own": size + 1, b"all": size + 2, b"length": len(table)}
    tail = (
        b"%(own)d 0 obj\n<</Type /XRef /W [1 4 1] /Index [%(store)d 1 %(stream)d 2] /Size %(all)d "
        b"/Prev %(last)d /Root %(root)d 0 R /Length %(length)d>>\nstream\n" % found
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


@pytest.mark.parametrize("filling", [b"1", b"1 ", b" ", b"1 0 ob", b"1\xa0", b"1 %\n"])
def test_long_filling_is_looked_through_in_one_go(filling):
    """A search that begins anew at each digit would take hours."""
    at, filled = len(order()), filling * (2_000_000 // len(filling))
    reader = PdfFileReader(BytesIO(end(order() + filled, TABLE % numbers(order()))), strict=False)
    assert not has_unlisted(reader, at)


def test_what_the_tables_list_is_as_good_as_it_was():
    wanted = {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED}
    for made in (order(), with_list(order()), pack(order(), hidden=False)):
        assert look(made, anchors=[anchor()]) == wanted
    assert look(sign_pdf(order(), serial=78), anchors=[anchor()]) == wanted
