import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.annotations import FreeText

from lea_service.demonstration.order import write_order
from lea_service.legal.order_observations import WORDS, Observation
from lea_service.legal.order_reader import read_document
from lea_service.legal.order_text import OrderReader
from tests.legal.papers import (
    LINES,
    add_action,
    add_distant_action,
    add_distant_field,
    add_pages,
    bomb,
    changed,
    mail,
    with_content,
)

PLAIN = write_order(LINES)


def seen(data):
    return {str(one) for one in read_document(data).observations}


def read(data):
    return "\n".join(line for page in read_document(data).pages for line in page)


def test_lines_are_read_by_page():
    found = OrderReader().read(PLAIN)
    assert found.pages == (LINES,)
    assert found.observations == ()
    assert found.has_text


ODD = {
    "unknown_format": lambda: b"PK\x03\x04",
    "from_defective": lambda: b"X-Spam: 1\n" * 7_000 + b"Subject: x\n\n+31612345678",
    "truncated": lambda: PLAIN[:200],
    "damaged": lambda: b"%PDF-1.7\nnothing\n%%EOF",
    "bomb": bomb,
    "encrypted": lambda: changed(lambda one: one.encrypt("geheim")),
    "restricted": lambda: changed(lambda one: one.encrypt("", "eigenaar")),
    "scripted": lambda: changed(add_action("/JavaScript")),
    "launches": lambda: changed(add_action("/Launch")),
    "opens_by_itself": lambda: changed(add_action("/URI")),
    "attachments": lambda: changed(lambda one: one.add_attachment("lijst.csv", b"1")),
    "too_many_pages": lambda: changed(add_pages(250)),
    "hidden_text": lambda: with_content(b"BT /F1 11 Tf 3 Tr 60 700 Td (+31687654321) Tj ET"),
    "page_unreadable": lambda: with_content(b"BT (x) Tj" + b"[" * 5000),
    "no_text": lambda: with_content(b""),
    "too_much_text": lambda: write_order(["0612" * 80_000]),
    "too_complex": lambda: write_order(["0612" * 300]),
}


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\n"])
def test_what_begins_with_something_else_is_not_read(before):
    for data in (PLAIN, b"From: s@om.example\n\n+31612345678"):
        assert seen(before + data) == {"unknown_format"}
    assert seen(PLAIN[8:]) == {"unknown_format"}


def test_sender_far_below_or_without_a_space_is_read():
    for head in (b"X-Spam: 1\n" * 7_000 + b"From: s@om.example", b"From:s@om.example"):
        assert seen(head + b"\n\n+31612345678\n") == set()
        assert read(head + b"\n\n+31612345678\n").strip() == "+31612345678"


@pytest.mark.parametrize("expected", ODD)
def test_odd_document_is_observed(expected):
    assert expected in seen(ODD[expected]())


def test_text_beside_a_script_is_read():
    assert "+31 6 12345678" in read(changed(add_action("/JavaScript")))
    assert "+31 6 12345678" in read(changed(lambda one: one.encrypt("", "eigenaar")))


def test_note_on_a_page_is_read():
    note = FreeText(text="06 87654321", rect=(50, 50, 200, 100))
    data = changed(lambda one: one.add_annotation(0, note))
    assert "06 87654321" in read(data).splitlines()
    assert seen(data) == {"form_fields"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("/JavaScript", {"scripted", "opens_by_itself"}),
        ("/Launch", {"launches", "opens_by_itself"}),
        ("/URI", {"opens_by_itself"}),
        ("/GoTo", set()),
    ],
)
def test_action_elsewhere_in_the_file_is_observed(kind, expected):
    assert seen(changed(add_distant_action(kind))) == expected


def test_field_elsewhere_in_the_file_is_read():
    data = changed(add_distant_field("06 87654321"))
    assert "06 87654321" in read(data).splitlines()
    assert seen(data) == {"form_fields"}


@pytest.mark.parametrize(
    ("painted", "expected"),
    [
        (b"1 g BT 60 700 Td (x) Tj ET", True),
        (b"1 1 1 rg BT 60 700 Td (x) Tj ET", True),
        (b"0 0 0 0 k BT 60 700 Td [(x)] TJ ET", True),
        (b"BT 600 700 Td (x) Tj ET", True),
        (b"1 0 0 1 0 -800 cm BT 60 700 Td (x) Tj ET", True),
        (b"BT 7 Tr 60 700 Td (x) Tj ET", True),
        (b"q 1 g 0 0 50 50 re f Q BT 60 700 Td (x) Tj ET", False),
        (b"1 g 0 g BT 60 700 Td (x) Tj ET", False),
        (b"/CS0 cs 1 scn BT 60 700 Td (x) Tj ET", False),
    ],
)
def test_text_that_nobody_sees_is_observed(painted, expected):
    assert ("hidden_text" in seen(with_content(painted))) is expected


def test_mail_is_read_with_its_document():
    message = mail("Zie de bijlage.")
    message.add_attachment(PLAIN, maintype="application", subtype="pdf", filename="v.pdf")
    assert read(message.as_bytes()).splitlines() == ["Vordering", "Zie de bijlage.", *LINES]
    assert seen(message.as_bytes()) == set()


def alternatives(html, plain="Betreft: 06-12345678"):
    """Return a mail that says it in two ways, with an order between lines laid out."""
    message = mail(plain)
    message.add_alternative(html, subtype="html")
    laid_out = message.get_payload(1)
    laid_out.make_mixed()
    laid_out.add_attachment(PLAIN, maintype="application", subtype="pdf", disposition="inline")
    return message


def test_plain_text_is_preferred_at_any_depth():
    message = mail("Zie hieronder.")
    message.make_mixed()
    message.attach(alternatives("<p>Betreft: <a href='tel:06-1'>06 12345678</a></p>"))
    del message.get_payload(1)["Subject"], message.get_payload(1)["From"]
    assert read(message.as_bytes()).splitlines() == [
        "Vordering",
        "Zie hieronder.",
        "",
        "Betreft: 06-12345678",
        *LINES,
    ]
    assert seen(message.as_bytes()) == set()


def test_alternatives_that_differ_are_observed():
    assert seen(alternatives("<p>Betreft: 06 12345679</p>").as_bytes()) == {"alternatives_differ"}
    links = "Betreft: 06-12345678 <tel:0612345678> https://om.example/2026"
    assert seen(alternatives("<p>Betreft: 06 12345678</p>", links).as_bytes()) == set()
    blank = alternatives("<p>Betreft: 06 12345678</p>", " ").as_bytes()
    assert ("06 12345678" in read(blank), seen(blank)) == (True, set())


def test_parts_without_end_are_not_all_read():
    message = mail()
    for _ in range(12):
        outer = mail()
        outer.make_mixed()
        outer.attach(message)
        message = outer
    assert seen(message.as_bytes()) == {"too_complex"}


def test_mail_that_is_a_document_is_read():
    message = mail()
    message.set_content(PLAIN, maintype="application", subtype="pdf")
    assert read(message.as_bytes()).splitlines() == ["Vordering", *LINES]


def test_forged_mail_is_observed():
    disguised = mail(sender='"ovj@om.example" <x@elsewhere.example>').as_bytes()
    assert seen(disguised) == {"sender_disguised"}
    assert seen(b"From: other <o@om.example>\n" + mail().as_bytes()) == {"headers_repeated"}
    nested = mail()
    nested.add_attachment(mail())
    assert seen(nested.as_bytes()) == {"nested_mail"}
    assert "from_defective" in seen(b"From: \nSubject: x\n\n+31612345678\n")


def head(*lines):
    return "\n".join([*lines, "", "Betreft +31612345678", ""]).encode()


@pytest.mark.parametrize("name", ["From", "Sender", "Reply-To", "To"])
def test_dot_of_a_title_needs_no_quotes(name):
    sender = [] if name == "From" else ["From: ovj@om.example"]
    assert seen(head(*sender, f"{name}: mr. S. de Vries <s.devries@om.example>")) == set()


@pytest.mark.parametrize(
    "sender",
    [
        "mr. S. de Vries",
        "mr. S. de Vries <s.@om.example>",
        "mr. S. de Vries <s@om..example>",
        "ovj@om.example <x@elsewhere.example>",
        "De Vries, S. <s@om.example>",
    ],
)
def test_sender_of_a_wrong_form_is_named(sender):
    assert "from_defective" in seen(head(f"From: {sender}"))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("Reply-To: a@b@c.example", "reply_to_defective"),
        ("date: yesterday", "date_defective"),
        ("Cc: mr. S. <s.@om.example>", "headers_defective"),
    ],
)
def test_header_of_a_wrong_form_is_named(line, named):
    assert seen(head("From: ovj@om.example", line)) == {named}


def test_page_in_html_is_read_as_shown():
    message = mail()
    message.set_content("<style>p{}</style><p>Betreft</p><p>06&shy;12345678</p>", subtype="html")
    assert "0612345678" in read(message.as_bytes())
    assert "p{}" not in read(message.as_bytes())


def page(html):
    message = mail()
    message.set_content(html, subtype="html")
    return message.as_bytes()


HIDDEN = {
    "display": "<p>Betreft<p style='color:red; DISPLAY : none !important'>0699999999",
    "attribute": "<p>Betreft<p hidden>0699999999",
    "size": "<p>Betreft <span style='font-size:0'>0699999999</span>",
    "small": "<p>Betreft <span style='font-size: 1px'>0699999999</span>",
    "shorthand": "<p>Betreft <span style='font:0/0 a'>0699999999</span>",
    "white": "<p>Betreft <font color=white>0699999999</font>",
    "white ink": "<p>Betreft <b style='color:#FFFFFF'>0699999999</b>",
    "clear": "<p>Betreft <b style='color:rgba(1,2,3,0)'>0699999999</b>",
    "see-through": "<p>Betreft <b style='opacity:0.0'>0699999999</b>",
    "for one reader": "<p>Betreft<p style='mso-hide:all'>0699999999",
    "aside": "<p>Betreft<p style='text-indent:-9999px'>0699999999",
    "around": "<p>Betreft<div style='visibility:hidden'><p><b>0699999999</b></div>",
    "escaped": r"<p>Betreft<p style='d\69splay:none'>0699999999",
    "commented": "<p>Betreft<p style='display:/**/none'>0699999999",
    "folded": "<p>Betreft<details><summary>meer</summary>0699999999</details>",
    "template": "<p>Betreft<template><p>0699999999</template>",
    "comment": "<p>Betreft<!--[if mso]>0699999999<![endif]-->",
}


@pytest.mark.parametrize("way", HIDDEN)
def test_what_a_mail_hides_is_left_out_and_observed(way):
    data = page(HIDDEN[way])
    assert "Betreft" in read(data)
    assert "0699999999" not in read(data)
    assert seen(data) == {"hidden_text"}


SHOWN = (
    "<head><style>p{}</style><p>06 12345678",
    "<html><head><title>x</title><p>06 12345678",
    "<p hidden></p><p style='display:none'></p><div>06 12345678",
    "<p hidden> <p>06 12345678",
    "<td hidden><p>06 12345678",
    "<noscript>06 12345678</noscript>",
    "<table bgcolor=navy><tr><td style='color:white'>06 12345678</table>",
    "<p style='background:#036;color:#fff'>06 12345678",
    "<p style='font: 0.9em Arial; line-height:1; opacity:1; color:#ffffe0'>06 12345678",
    "<xml><o:p>06 12345678</o:p></xml>",
    "<p>06 1234<b>5678",
)


@pytest.mark.parametrize("html", SHOWN)
def test_what_a_mail_shows_is_read(html):
    assert "06 12345678" in read(page(html))
    assert seen(page(html)) == set()


def test_sheet_that_hides_is_observed():
    data = page("<style>.a{color:red;display:none}</style><p class=a>06 12345678")
    assert ("06 12345678" in read(data), seen(data)) == (True, {"hidden_text"})


def test_page_of_great_depth_and_length_is_read_in_time():
    deep = page("<div>" * 20_000 + "06 12345678")
    assert ("06 12345678" in read(deep), seen(deep)) == (True, set())
    assert "too_much_text" in seen(page("<p>06 12345678</p>" * 150_000))


def test_invisible_characters_are_left_out():
    assert "0612345678" in read(mail("0612\u200b345678").as_bytes())
    assert seen(mail("0612\u200b345678").as_bytes()) == {"invisible_characters"}


def test_reader_ends_in_time():
    found = OrderReader(seconds=0.01).read(PLAIN)
    assert found.observations == (Observation.OUT_OF_TIME,)
    assert not found.has_text


def test_reader_stays_within_its_memory():
    found = OrderReader(module="tests.legal.hungry_reader").read(PLAIN)
    assert found.observations == (Observation.OUT_OF_MEMORY,)


def test_reader_that_fails_is_observed():
    found = OrderReader(module="tests.legal.no_such_reader").read(PLAIN)
    assert found.observations == (Observation.READER_FAILED,)


def test_reader_knows_no_settings(monkeypatch, tmp_path):
    module = tmp_path / "tell_all.py"
    module.write_text(
        "import json, os; said = {'pages': [[*os.environ]], 'observations': [], 'sent_at': None}\n"
        "print(json.dumps(said))"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("LEA_DATABASE_URL", "secret")
    (names,) = OrderReader(module="tell_all").read(PLAIN).pages
    assert "PYTHONPATH" in names
    assert not any(name.startswith("LEA_") for name in names)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PLAIN) - 1), st.binary(max_size=12))
def test_spoiled_document_never_crashes(place, spoiled):
    read_document(PLAIN[:place] + spoiled + PLAIN[place + len(spoiled) :])
    message = mail().as_bytes()
    read_document(message[:place] + spoiled + message[place:])


def test_every_observation_has_words():
    assert set(WORDS) == set(Observation)
    assert all(one.nl != one.en for one in WORDS.values())
