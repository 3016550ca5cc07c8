"""What was signed is not replaced behind the signature, by what no key is needed for."""

from functools import cache, partial
from io import BytesIO

import pytest
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.policy import judge, load_shipped
from tests.legal.authenticity.test_documents import KNOWN, PDF, look
from tests.support.impostors import anchor, sign_pdf, stamp_pdf, with_list

S = Sight
FORGED = b"BT /F1 11 Tf 60 700 Td (+31 6 99999999) Tj ET"
ABSENT = 40


def name(text):
    return NameObject(text)


def changed(data, change):
    """Return a PDF with what ``change`` does to it behind it."""
    writer, out = IncrementalPdfFileWriter(BytesIO(data)), BytesIO()
    change(writer)
    writer.write(out)
    return out.getvalue()


def page_of(writer):
    return writer.root["/Pages"]["/Kids"][0]


def replace(writer, number, generation=0):
    """Put other content where an object stands or could."""
    writer.objects[(generation, number)] = StreamObject(stream_data=FORGED)
    writer._lastobj_id = max(writer._lastobj_id, number)


def stamp(writer, *named):
    """Return a time stamp of nobody, which has objects as its parameters."""
    told = [
        DictionaryObject(
            {name("/TransformParams"): IndirectObject(one.idnum, one.generation, writer)}
        )
        for one in named
    ]
    copied = writer.prev.embedded_signatures[0].sig_object.raw_get("/Contents")
    made = {
        name("/Type"): name("/DocTimeStamp"),
        name("/Contents"): copied,
        name("/ByteRange"): ArrayObject(NumberObject(one) for one in range(4)),
        name("/Reference"): ArrayObject(told),
    }
    return writer.add_object(DictionaryObject(made))


def name_in_a_field(writer, number, generation=0):
    """Append a field with a time stamp that names an object."""
    field = {
        name("/FT"): name("/Sig"),
        name("/T"): TextStringObject("Stamp"),
        name("/V"): stamp(writer, IndirectObject(number, generation, writer)),
    }
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(DictionaryObject(field)))
    writer.update_container(form["/Fields"])


def widget(title, right=0):
    place = ArrayObject(NumberObject(one) for one in (0, 0, right, right))
    entries = {"/FT": name("/Sig"), "/Subtype": name("/Widget"), "/Rect": place}
    named = {name(key): value for key, value in entries.items()}
    return DictionaryObject({**named, name("/T"): TextStringObject(title)})


def leave_fields(writer):
    """Have a field on the page for a signature that may come, a note, and a field on no page."""
    note = DictionaryObject({name("/Subtype"): name("/Text")})
    judge, hidden, note = map(
        writer.add_object, (widget("Judge"), widget("Hidden", right=99), note)
    )
    page_of(writer)["/Annots"] = ArrayObject([judge, note])
    writer.update_container(page_of(writer))
    form = DictionaryObject({name("/Fields"): ArrayObject([judge, hidden])})
    writer.root["/AcroForm"] = writer.add_object(form)
    writer.update_root()


def keep_apart(writer, leave=leave_fields):
    """Have the list of what is on the page stand in an object of its own, as many programs do."""
    leave(writer)
    page = page_of(writer)
    page["/Annots"] = writer.add_object(ArrayObject([*page["/Annots"]]))
    writer.update_container(page)


def lay_over(writer, place):
    """Lay other words over the page, by a note beside what is on it."""
    shown = writer.add_object(StreamObject(stream_data=FORGED))
    note = {
        name("/Subtype"): name("/Stamp"),
        name("/Rect"): ArrayObject(NumberObject(one) for one in (60, 600, 360, 720)),
        name("/AP"): DictionaryObject({name("/N"): shown}),
    }
    note = writer.add_object(DictionaryObject(note))
    page_of(writer)["/Annots"].insert(place, note)
    return note, shown


def show_hidden(writer):
    page_of(writer)["/Annots"].append(list(writer.root["/AcroForm"]["/Fields"])[1])
    return ()


def turn_round(writer):
    page_of(writer)["/Annots"].reverse()
    return ()


def fill_naming_the_page(writer, change):
    """Fill that field with a stamp that names the page as it is after a change."""
    page, field = page_of(writer), writer.root["/AcroForm"]["/Fields"][0]
    field["/V"] = stamp(writer, page.container_ref, *change(writer))
    writer.update_container(page)
    writer.update_container(page["/Annots"])
    writer.update_container(field)


def name_in_the_proofs(writer, number, generation=0):
    proofs = writer.root["/DSS"]["/VRI"]
    stamp = {name("/TS"): IndirectObject(number, generation, writer)}
    proofs[name("/" + "A" * 40)] = DictionaryObject(stamp)
    writer.update_container(proofs)


def lead_to_nothing(writer):
    """Have the page go on in an object that is not there, as sloppy programs write it."""
    page = page_of(writer)
    absent = IndirectObject(ABSENT, 0, writer)
    page["/Contents"] = ArrayObject([page.raw_get("/Contents"), absent])
    writer.update_container(page)


def font(**entries):
    entries = {name(f"/{key}"): value for key, value in entries.items()}
    return DictionaryObject(
        {name("/Font"): DictionaryObject({name("/F"): DictionaryObject(entries)})}
    )


def fill_in(writer):
    """Have the number that is asked about stand in a field of a form."""
    shown = StreamObject({name("/Subtype"): name("/Form")}, stream_data=b"BT (0612345678) Tj ET")
    field = {
        name("/FT"): name("/Tx"),
        name("/Subtype"): name("/Widget"),
        name("/Rect"): ArrayObject(NumberObject(one) for one in (60, 600, 260, 620)),
        name("/T"): TextStringObject("Number"),
        name("/V"): TextStringObject("0612345678"),
        name("/AP"): DictionaryObject({name("/N"): writer.add_object(shown)}),
    }
    fields = ArrayObject([writer.add_object(DictionaryObject(field))])
    page_of(writer)["/Annots"] = fields
    writer.update_container(page_of(writer))
    form = {
        name("/Fields"): fields,
        name("/DR"): writer.add_object(font(BaseFont=name("/Helvetica"))),
    }
    writer.root["/AcroForm"] = writer.add_object(DictionaryObject(form))
    writer.update_root()


@cache
def order(prepare=None):
    return with_list(sign_pdf(PDF if prepare is None else changed(PDF, prepare)))


def content():
    page = page_of(IncrementalPdfFileWriter(BytesIO(order())))
    return page.raw_get("/Contents").idnum


def draw_by(key, value):
    def change(writer):
        form = writer.root["/AcroForm"]
        form[key] = value
        writer.update_container(form)

    return change


def draw_anew_in_place(writer):
    fonts = writer.root["/AcroForm"]["/DR"]
    fonts["/Font"] = font(BaseFont=name("/Symbol"))["/Font"]
    writer.update_container(fonts)


def hide(writer):
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[name("/Ff")] = NumberObject(1 << 13)  # a password, of which nobody sees a digit
    writer.update_container(field)


DRAWN = {
    "hidden": hide,
    "anew": draw_by("/NeedAppearances", BooleanObject(True)),
    "white": draw_by("/DA", TextStringObject("/F 11 Tf 1 g")),
    "other_font": draw_by("/DR", font(BaseFont=name("/Symbol"))),
    "other_font_in_place": draw_anew_in_place,
}


def assert_changed(data):
    found = look(data, anchors=[anchor()])
    assert S.SIGNATURE_CHANGED in found
    assert not judge(load_shipped(), KNOWN | found).allows


@pytest.mark.parametrize("by", [name_in_a_field, name_in_the_proofs])
@pytest.mark.parametrize("generation", [0, 1])
def test_page_is_not_replaced_by_what_a_rule_lets_through_wherever_it_leads(by, generation):
    def change(writer):
        replace(writer, content(), generation)
        by(writer, content(), generation)

    assert_changed(changed(order(), change))


@pytest.mark.parametrize("by", [name_in_a_field, name_in_the_proofs])
def test_what_was_signed_as_absent_is_not_given_afterwards(by):
    def change(writer):
        replace(writer, ABSENT)
        by(writer, ABSENT)

    assert_changed(changed(order(lead_to_nothing), change))


OVER = [partial(lay_over, place=0), partial(lay_over, place=2), show_hidden, turn_round]


@pytest.mark.parametrize("prepare", [leave_fields, keep_apart])
@pytest.mark.parametrize("change", OVER)
def test_page_shows_nothing_else_where_a_field_is_filled(change, prepare):
    data = changed(order(prepare), partial(fill_naming_the_page, change=change))
    assert_changed(data)


@pytest.mark.parametrize("drawn", DRAWN)
def test_fields_are_not_drawn_in_another_way(drawn):
    assert_changed(changed(order(fill_in), DRAWN[drawn]))


@pytest.mark.parametrize("prepare", [None, lead_to_nothing, fill_in, leave_fields])
def test_proofs_behind_are_as_good_as_they_were(prepare):
    wanted = {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED}
    assert look(order(prepare), anchors=[anchor()]) == wanted
    assert look(with_list(order(prepare)), anchors=[anchor()]) == wanted


@pytest.mark.parametrize("prepare", [None, leave_fields, keep_apart])
@pytest.mark.parametrize("box", [None, (1, 1, 50, 50)])
def test_page_takes_another_signature(box, prepare):
    data = sign_pdf(order(prepare), serial=78, box=box)
    wanted = {S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED}
    assert look(data, anchors=[anchor()]) == look(stamp_pdf(data), anchors=[anchor()]) == wanted
