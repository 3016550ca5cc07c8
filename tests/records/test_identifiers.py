import unicodedata
from ipaddress import IPv6Address

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.demands.demand import TargetKind
from lea_service.demands.targets import has_further_end
from lea_service.kernel.errors import InvalidInput
from lea_service.records.identifiers import (
    PREFIX_LENGTHS,
    Near,
    check_target,
    match_values,
    normalise_address,
    normalise_email,
    normalise_party,
    normalise_phone,
    normalise_prefix,
    normalise_sip,
    normalise_target,
    on_any_port,
)

MOBILE = "+31612345678"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0612345678", MOBILE),
        ("0031612345678", MOBILE),
        ("+31 6 1234-5678", MOBILE),
        ("+31 (0)6 12345678", MOBILE),
        (" 31612345678 ", MOBILE),
        ("tel:+31612345678;phone-context=example", MOBILE),
        ("(085) 200-1013", "+31852001013"),
        ("0900-1234", "+319001234"),
        ("+1 650 253 0000", "+16502530000"),
        ("112", None),
        ("0201234500-99", None),
        ("020-1234500-99", None),
        ("+31201234500/9", None),
        ("0201234500 99", None),
        ("020 123 45 00 99", None),
        ("0201234500.99", None),
        ("+31 20 1234500 9 9", None),
        ("+44 20 7946 0000 99", None),
        ("+1 212 555 0100-99", None),
        ("+49 30 1234567-89", "+4930123456789"),
        ("+32 2 555 12 12", "+3225551212"),
        ("0970 12345678", "+3197012345678"),
        ("06-12345678", MOBILE),
        ("+31-6-1234-5678", MOBILE),
        ("201", None),
        ("anonymous", None),
        ("", None),
        ("+999123456789", None),
        ("06１2345678", None),
        ("0" * 40, None),
    ],
)
def test_phone_numbers_become_e164(text, expected):
    assert normalise_phone(text, "NL") == expected


WRITTEN = ("0201234567", "0612345678", "0887001234", "+3225551212", "+442079460018")


@given(
    st.sampled_from(WRITTEN),
    st.lists(st.tuples(st.integers(3, 11), st.sampled_from(" -./")), max_size=4),
)
def test_number_is_the_same_with_any_signs_between(number, signs):
    text = number
    for place, sign in signs:
        if text[place - 1 : place].isdigit() and text[place : place + 1].isdigit():
            text = text[:place] + sign + text[place:]
    assert normalise_phone(text, "NL") == normalise_phone(number, "NL")


@given(
    st.sampled_from(WRITTEN),
    st.sampled_from((" ", "-", ".", "/", "..", " - ", " / ")),
    st.integers(1, 4).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size)),
)
def test_number_and_further_digits_are_never_that_of_all(number, sign, end):
    """Whatever the plan does not know as one number is none."""
    found = normalise_phone(f"{number}{sign}{end}", "NL")
    assert found is None or phonenumbers.is_valid_number(phonenumbers.parse(found))
    assert has_further_end(f"{number}{sign}{end}", "NL") or found


def test_number_without_region_needs_its_country():
    assert normalise_phone("+31612345678", None) == MOBILE
    assert normalise_phone("0612345678", None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sip:0612345678@trunk.example", MOBILE),
        ('"Bob" <sip:+31612345678@x;user=phone>', MOBILE),
        ("sip:+31612345678;npdi=yes@host", MOBILE),
        ('"Bob" <sip:+31612345678@host;user=phone>;tag=88', MOBILE),
        ("+31612345678@host", MOBILE),
        ("Local/0612345678@internal", None),
        ('"0612345678" <0612345678>', MOBILE),
        ("sip:alice@example.com", None),
        ("sip:%2B31612345678@host", MOBILE),
        ("sip:%2b31612345678@host;user=phone", MOBILE),
        ("sip:0301234567;phone-context=+49@host;user=phone", "+49301234567"),
        ("tel:612345678;phone-context=+31", MOBILE),
        ("tel:0612345678;phone-context=ims.example", MOBILE),
        ("tel:0612345678;phone-context=+1-914-555", None),
        ("tel:0612345678;phone-context=+999", None),
        ("tel:+31612345678;phone-context=+49", MOBILE),
        ("tel:+31612345678;ext=101", MOBILE),
        ("sip:+31612345678;ext=101@pbx.example", MOBILE),
        (f"sip:+31612345678;isub={'1' * 300}@pbx.example", MOBILE),
    ],
)
def test_party_gives_its_number(text, expected):
    assert normalise_party(text, "NL") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SIP:Alice@EXAMPLE.com:5060;transport=udp", "sip:Alice@example.com"),
        ("sips:a@[2001:DB8::1]:5062", "sips:a@[2001:db8::1]:5062"),
        ("<sip:%61lice:secret@h>", "sip:alice@h"),
        ('"Bob <b>, \\"B\\"" <sip:bob@h;lr?Subject=x>;tag=88', "sip:bob@h"),
        ('"Bob" the "B" <sip:bob@h>', "sip:bob@h"),
        ("Bob <SIPS:bob@h:5061;transport=tls>", "sips:bob@h"),
        ("sip:bob@h.:05061;transport=tls", "sip:bob@h"),
        (" bob@H.example;x=1 ", "sip:bob@h.example"),
        ("sip:b%6F%2b%23#%c3%BC@h", "sip:bo+%23%23%C3%BC@h"),
        ("sip:u\u0308@m\u00fcnchen.example", "sip:%C3%BC@xn--mnchen-3ya.example"),
        ("sip:a%40b@h", "sip:a%40b@h"),
        ("sip:+31-6-(1234)5678;npdi;rn=+3197@h;user=phone", f"sip:{MOBILE}@h"),
        ("sip:%2B31612345678@h", f"sip:{MOBILE}@h"),
        ("sip:200;cic=1;Phone-Context=PBX.example@h", "sip:200;phone-context=pbx.example@h"),
        ("sip:200;phone-context=+1-914@h", "sip:200;phone-context=+1914@h"),
        ("sip:+3161;npdi;ISUB=B-1;EXT=(1)0-1@h", "sip:+3161;ext=101;isub=b-1@h"),
        ("sip:200;phone-context=h;ext=5;cic=1@h", "sip:200;ext=5;phone-context=h@h"),
        ("sip:200;ext=5;ext=6;extra=1@h", "sip:200;ext=5;ext=6@h"),
        ("sip:200;ext@h", "sip:200;ext@h"),
        ("sip:e\u0301ric@h", "sip:%C3%A9ric@h"),
        ("sip:e%CC%81ric@h", "sip:%C3%A9ric@h"),
        ("sip:%65%cc%81ric@h", "sip:%C3%A9ric@h"),
        ("sip:a%C3%@h", "sip:a%C3%25@h"),
        ("sip:a%E9%80@h", "sip:a%E9%80@h"),
        ("sip:a;b@h", "sip:a;b@h"),
        ("sip:a@[2001:DB8:0::1]:5060", "sip:a@[2001:db8::1]"),
        ("sip:a@pbx_1", "sip:a@pbx_1"),
        ("SIP/200-0000001a", None),
        ("PJSIP/a@voice.example-0000001a", None),
        ("Local/200@internal-1;2", None),
        (MOBILE, None),
        (f"tel:{MOBILE}", None),
        ("<sip:a@h> <sip:b@h>", None),
        ("sip:a@h,sip:b@h", None),
        ("sip:a@[::zz]", None),
        ("a b@h", None),
        ("h323:a@h", None),
        ("sip:" + "a" * 500 + "@h", None),
        ("sip:" + "\u00fc" * 100 + "@h", None),
        ("sip:a@h:0", None),
        ("sip:a@h:70000", None),
        ("sip:host", None),
        ("mailto:a@h", None),
    ],
)
def test_sip_uris_lose_what_names_nobody(text, expected):
    assert normalise_sip(text) == expected


NUMBERS = st.sampled_from(["1234", "+31201234567", "*21%23", "0201234567;phone-context=pbx"])
DIGITS = st.text("0123456789", min_size=1, max_size=5)
ODD_MARKS = st.sampled_from(["", "-", ".", "(", ")"])
NAMES = st.sampled_from(["ext", "EXT", "Ext", "e%78t"])
BESIDE = st.sampled_from(["", ";npdi", ";rn=+3197", ";cic=1"])


@st.composite
def extensions(draw, number, digits):
    """Return a number with an extension, or without one, as some system writes it."""
    if digits is None:
        return f"sip:{number}{draw(BESIDE)}@pbx.example"
    written = "".join(digit + draw(ODD_MARKS) for digit in digits)
    parameters = [f"{draw(BESIDE)};{draw(NAMES)}={written}", draw(BESIDE)]
    return f"sip:{number}{''.join(draw(st.permutations(parameters)))}@pbx.example"


@given(st.data(), NUMBERS, DIGITS, DIGITS | st.none())
def test_extensions_match_their_own_spellings_only(data, number, one, other):
    first, again = (normalise_sip(data.draw(extensions(number, one))) for _ in range(2))
    assert first is not None
    assert first == again
    assert (first == normalise_sip(data.draw(extensions(number, other)))) == (one == other)


@given(st.text(max_size=8).map("x{}".format))
def test_user_is_one_however_it_is_composed(user):
    forms = [unicodedata.normalize(form, user) for form in ("NFC", "NFD")]
    first, second = ("".join(f"%{byte:02x}" for byte in form.encode()) for form in forms)
    assert normalise_sip(f"sip:{first}@h") == normalise_sip(f"sip:{second}@h")


def test_ports_come_off_and_nothing_else():
    for port in ("", ":5080"):
        assert list(on_any_port(f"sip:a@h{port}")) == [Near("sip:a@h", "@h")]
        (near,) = on_any_port(f"sip:a@[2001:db8::1]{port}")
        assert near == Near("sip:a@[2001:db8::1]", "@[2001:db8::1]")


def test_emails_in_small_letters():
    assert normalise_email(" A.B@EXAMPLE.nl ") == "a.b@example.nl"
    assert normalise_email("x@münchen.de") == "x@xn--mnchen-3ya.de"
    for bad in ("a..b@x.nl", ".a@x.nl", "a@b", "a b@x.nl", "a@x.nl,b@x.nl", "@x.nl"):
        assert normalise_email(bad) is None


@pytest.mark.parametrize("mark", ["\u00df", "\u1e9e", "\u03c2", "\u200c", "\u200d"])
def test_domain_that_may_be_another_is_none(mark):
    for kind, text in (("email", f"jan@a{mark}b.de"), ("sip_uri", f"sip:jan@a{mark}b.de")):
        assert normalise_target(kind, text, None) is None
        with pytest.raises(InvalidInput, match="xn--"):
            match_values(kind, text, None)
    assert normalise_email("jan@xn--strae-oqa.de") == "jan@xn--strae-oqa.de"
    assert normalise_sip(f"sip:a{mark}b@h") is not None


def test_addresses_in_their_shortest_form():
    assert normalise_address("2001:DB8:0:0:0:0:0:1") == "2001:db8::1"
    assert normalise_address("::ffff:198.51.100.7") == "198.51.100.7"
    for bad in ("010.1.1.1", "1.2.3", "fe80::1%eth0", "1.2.3.4/24", "host"):
        assert normalise_address(bad) is None


@given(st.integers(0, 2**128 - 1))
def test_every_ipv6_address_is_stable(number):
    text = ":".join(f"{number >> shift & 0xFFFF:04X}" for shift in range(112, -1, -16))
    once = normalise_address(text)
    assert normalise_address(once) == once


@given(st.integers(10_000_000, 59_999_999), st.sampled_from(["0", "+31", "0031", "+31 (0)"]))
def test_every_spelling_is_one_number(digits, prefix):
    assert normalise_phone(f"{prefix}6{digits}", "NL") == f"+316{digits}"


@given(st.text(max_size=60))
def test_no_text_breaks_a_normaliser(text):
    for normalise in (
        lambda value: normalise_party(value, "NL"),
        normalise_sip,
        normalise_email,
        normalise_address,
        normalise_prefix,
    ):
        once = normalise(text)
        assert once is None or normalise(once) == once


def test_targets_are_checked_without_being_repeated():
    bad = [
        (TargetKind.PHONE_NUMBER, "112"),
        (TargetKind.SIP_URI, "sip://nowhere"),
        (TargetKind.EMAIL, "nobody"),
        (TargetKind.IP_ADDRESS, "300.1.1.1"),
        (TargetKind.CUSTOMER_NUMBER, " "),
        (TargetKind.PHONE_ID, "a\x00b"),
        (TargetKind.PHONE_ID, "9" * 400),
    ]
    for kind, value in bad:
        with pytest.raises(InvalidInput) as caught:
            check_target(kind, value, "NL")
        assert value not in caught.value.detail or value == " "
    with pytest.raises(InvalidInput, match="phone_number"):
        check_target("shoe_size", "42", None)


def test_targets_give_what_rows_hold():
    assert match_values("phone_number", "06 12345678", "NL") == (MOBILE,)
    assert match_values("sip_uri", "sip:A@Voice.example", None) == (
        "sip:A@voice.example",
        "sips:A@voice.example",
    )
    assert match_values("phone_id", "200", None) == ("200",)
    assert match_values("ip_address", "::ffff:192.0.2.1", None) == ("192.0.2.1",)
    address, whole, line, *wider = match_values("ip_address", "2001:DB8:1:2::1", None)
    assert (address, whole, line) == ("2001:db8:1:2::1", "2001:db8:1:2::1/128", "2001:db8:1:2::/64")
    assert (wider[0], wider[-1], len(wider)) == ("2001:db8:1:2::/63", "2001:db8::/32", 32)


@given(st.integers(0, 2**128 - 1), st.sampled_from(PREFIX_LENGTHS), st.integers(0, 2**128 - 1))
def test_address_names_each_prefix_it_lies_in(number, length, other):
    rest = (1 << 128 - length) - 1
    values = match_values("ip_address", str(IPv6Address(number)), None)
    prefix = normalise_prefix(f"{IPv6Address(number & ~rest | other & rest)}/{length}")
    assert prefix in values or "." in values[0]
    apart = normalise_prefix(f"{IPv6Address(other)}/{length}")
    assert (apart in values) == (number | rest == other | rest) or "." in values[0]


def test_prefixes_without_what_is_behind_them():
    assert normalise_prefix(" 2001:DB8:0:5::9/56 ") == "2001:db8::/56"
    assert normalise_prefix("2001:db8::1") == "2001:db8::1/128"
    for bad in ("2001:db8::/31", "2001:db8::/65", "192.0.2.0/24", "fe80::%1/64", "x", "::/"):
        assert normalise_prefix(bad) is None


@pytest.mark.parametrize(
    "less",
    [
        "+31201234567;ext=101",
        "tel:+31201234567;EXT=101",
        "tel:+31201234567; isub=12",
        "sip:+31201234567@pbx.nl",
        "+31201234567;ext=101@pbx.nl",
    ],
)
def test_number_of_less_than_a_line_is_no_target_for_the_whole(less):
    """Whoever asks for an extension is not given the calls of the whole line."""
    with pytest.raises(InvalidInput, match="whole line"):
        match_values(TargetKind.PHONE_NUMBER, less, "NL")
    assert match_values(TargetKind.PHONE_NUMBER, "tel:+31201234567", "NL") == ("+31201234567",)
