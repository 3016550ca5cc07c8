"""Orders on paper as strangers may send them."""

import zlib
from email.message import EmailMessage
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from lea_service.demonstration.order import write_order

LINES = ("VORDERING", "Betreft: +31 6 12345678")


def changed(change, lines=LINES):
    """Return an order after ``change`` was made to it."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(write_order(lines))))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def add_action(kind):
    """Return a change by which opening an order does something."""

    def change(writer):
        action = {NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("x")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)

    return change


def add_distant_action(kind):
    """Return the same change, each part of it elsewhere in the file."""

    def change(writer):
        action = DictionaryObject({NameObject("/S"): writer._add_object(NameObject(kind))})
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)

    return change


def add_distant_field(text):
    """Return a change that fills in a field, each part of it elsewhere in the file."""

    def change(writer):
        form = DictionaryObject({NameObject("/V"): writer._add_object(TextStringObject(text))})
        field = DictionaryObject({NameObject("/Parent"): writer._add_object(form)})
        widget = {
            NameObject("/Subtype"): writer._add_object(NameObject("/Widget")),
            NameObject("/Parent"): writer._add_object(field),
        }
        notes = ArrayObject([writer._add_object(DictionaryObject(widget))])
        writer.pages[0][NameObject("/Annots")] = writer._add_object(notes)

    return change


def add_pages(count):
    def change(writer):
        for _ in range(count):
            writer.add_blank_page(100, 100)

    return change


def with_content(content, filters=b""):
    """Return an order whose page has other content."""
    plain = write_order(LINES)
    start, end = plain.index(b"<< /Length"), plain.index(b"endstream")
    stream = b"<< /Length %d %s >>\nstream\n%s\n" % (len(content), filters, content)
    return plain[:start] + stream + plain[end:]


def bomb():
    packed = zlib.compress(b"BT (x) Tj ET " * 20_000_000, 9)
    return with_content(packed, b"/Filter /FlateDecode")


def mail(text="Betreft: +31 6 12345678", sender="Saskia <s@om.example>"):
    message = EmailMessage()
    message["From"] = sender
    message["Subject"] = "Vordering"
    message.set_content(text)
    return message
