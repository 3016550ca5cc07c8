"""Numbers of equipment: one form for every spelling, and no slip that a check digit shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.demands.demand import OF_EQUIPMENT, TargetKind
from lea_service.demands.devices import (
    check_digit,
    normalise_iccid,
    normalise_imei,
    normalise_imsi,
    normalise_mac,
    read_mac,
    read_spare_imei,
    without_check_digit,
)
from lea_service.demands.targets import expected_form, is_well_formed
from lea_service.kernel.errors import InvalidInput
from lea_service.records.identifiers import check_target, match_values, normalise_target

SIGNS = st.sampled_from(("", " ", "-", "."))
DEVICES = st.integers(1, 10**14 - 1).map("{:014d}".format)
CARDS = st.integers(0, 10**16 - 1).map("89{:016d}".format)
INTERFACES = st.binary(min_size=6, max_size=6).filter(lambda one: not one[0] & 1 and any(one))


def with_signs(digits, signs):
    return "".join(f"{sign}{digit}" for sign, digit in zip(["", *signs], digits, strict=True))


@given(DEVICES, st.integers(0, 99), st.data())
def test_imei_is_one_in_every_spelling(device, version, data):
    whole = device + check_digit(device)
    signs = data.draw(st.lists(SIGNS, min_size=14, max_size=14))
    for text in (whole, device, f"{device}{version:02d}", f" urn:gsma:imei:{whole}"):
        assert normalise_imei(text) == whole
    assert normalise_imei(with_signs(whole, signs)) == whole
    assert normalise_imei(whole) == normalise_imei(normalise_imei(whole))


@given(DEVICES, st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_makes_an_imei_none(device, place, more):
    whole = device + check_digit(device)
    wrong = whole[:place] + str((int(whole[place]) + more) % 10) + whole[place + 1 :]
    assert normalise_imei(wrong) is None
    assert not is_well_formed(TargetKind.IMEI, wrong)


@given(CARDS, st.integers(2, 18), st.integers(1, 9))
def test_card_is_one_with_its_check_digit_alone(card, place, more):
    whole = card + check_digit(card)
    assert normalise_iccid(f"{whole}F") == normalise_iccid(whole) == whole
    wrong = whole[:place] + str((int(whole[place]) + more) % 10) + whole[place + 1 :]
    assert normalise_iccid(wrong) is None


@pytest.mark.parametrize("size", [17, 18, 19, 20, 21])
def test_card_has_eighteen_to_twenty_digits(size):
    for issuer, is_card in (("89", 18 <= size <= 20), ("88", False)):
        card = issuer + "1" * (size - 3)
        whole = card + check_digit(card)
        found = whole if is_card else None
        assert [normalise_iccid(whole + end) for end in ("", "F", "f")] == [found] * 3
    assert normalise_iccid("kaart") is None


@pytest.mark.parametrize("size", [13, 14, 15, 16])
def test_subscription_has_fourteen_or_fifteen_digits(size):
    digits = "204081234567890123"[:size]
    assert normalise_imsi(digits) == (digits if size in (14, 15) else None)


@given(CARDS)
def test_card_is_found_where_a_source_has_no_check_digit(card):
    whole = card + check_digit(card)
    assert set(match_values(TargetKind.ICCID, whole, "NL")) >= {whole, card}
    short = whole + check_digit(whole)  # of which the first digits pass for a card by chance
    assert short in match_values(TargetKind.ICCID, whole, "NL")


@given(INTERFACES)
def test_mac_address_is_one_in_every_spelling(octets):
    plain = octets.hex(":")
    digits = octets.hex().upper()
    dotted = ".".join(digits[place : place + 4] for place in (0, 4, 8))
    for text in (plain, plain.upper(), octets.hex("-"), octets.hex(" "), digits, dotted):
        assert normalise_mac(text) == plain


@given(INTERFACES)
def test_number_that_was_dialled_is_no_mac_address(octets):
    bare = octets.hex()
    assert read_mac(octets.hex("-")) == octets.hex(":")
    assert read_mac(f" {bare}") == (None if bare.isdecimal() else octets.hex(":"))


@pytest.mark.parametrize("text", ["447700900123", "001122334455", " 310201234567 "])
def test_twelve_decimal_digits_are_a_mac_address_only_where_one_is_asked_for(text):
    assert read_mac(text) is None
    assert normalise_mac("00-11-22-33-44-55") == normalise_mac("001122334455") is not None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("imei", "356938035643808"),
        ("imei", "356938035643800"),
        ("imei", "000000000000000"),
        ("imei", "3569380356438"),
        ("imei", "35693803564380901"),
        ("imei", "35693803564380９"),
        ("imsi", "2040812345678"),
        ("imsi", "104081234567890"),
        ("imsi", "000000000000000"),
        ("imsi", "20408123456789x"),
        ("iccid", "8931080012345678907"),
        ("iccid", "1231080012345678904"),
        ("iccid", "89310800123456789"),
        ("mac_address", "00:00:00:00:00:00"),
        ("mac_address", "ff:ff:ff:ff:ff:ff"),
        ("mac_address", "01:00:5e:00:00:01"),
        ("mac_address", "00:1a-2b:3c:4d:5e"),
        ("mac_address", "00:1a:2b:3c:4d"),
        ("mac_address", "00:1a:2b:3c:4d:5e:office"),
        ("mac_address", "0612345678"),
    ],
)
def test_what_is_no_number_of_equipment(kind, text):
    assert normalise_target(kind, text, "NL") is None
    assert not is_well_formed(TargetKind(kind), text)


def test_error_says_that_the_check_digit_is_wrong():
    with pytest.raises(InvalidInput, match="check digit, fits the others") as raised:
        check_target("imei", "356938035643808", "NL")
    assert "35693803564380" not in str(raised.value)
    assert {kind for kind in TargetKind if "check digit" in expected_form(kind)} == {
        TargetKind.IMEI,
        TargetKind.ICCID,
    }


def test_imei_is_looked_for_with_and_without_its_check_digit():
    assert match_values("imei", "35-693803-564380-9", "NL") == (
        "356938035643809",
        "356938035643800",
    )
    assert match_values("imei", "49015420323751", "NL") == ("490154203237518", "490154203237510")
    assert without_check_digit("356938035643809") == "356938035643800"


SPARE = "904201560257630"
"""As RFC 7254 writes the telephone 904201560257637: 0 stands where its check digit would."""


@pytest.mark.parametrize(
    "text",
    [
        "urn:gsma:imei:90420156-025763-0",
        "urn:gsma:imei:90420156-025763-0;vers=0",
        "URN:GSMA:IMEI:90420156-025763-0;svn=42;vers=1",
        "<urn:gsma:imei:90420156-025763-0;svn=42>",
        '"<urn:gsma:imei:90420156-025763-0>"',
        " 90-420156-025763-0 ",
        SPARE,
    ],
)
def test_imei_without_its_check_digit_is_one_that_is_looked_for(text):
    assert normalise_imei(text) is None
    assert read_spare_imei(text) == SPARE
    assert SPARE in match_values("imei", "urn:gsma:imei:90420156-025763-7;vers=0", "NL")


@pytest.mark.parametrize(
    "text",
    [
        "904201560257631",
        "000000000000000",
        "90420156025763",
        "9042015602576300",
        "904201560257630;svn=42",
        "urn:gsma:imei:90420156-025763-0 and more",
        "urn:gsma:imei:90420156--025763-0",
        "urn:gsma:imei:",
        "x",
        "",
    ],
)
def test_other_text_is_no_imei_without_its_check_digit(text):
    assert read_spare_imei(text) is None


@given(DEVICES)
def test_urn_with_its_software_is_the_imei(device):
    whole = device + check_digit(device)
    urn = f"urn:gsma:imei:{whole[:8]}-{whole[8:14]}-{whole[14]};svn=01;vers=0"
    assert normalise_imei(urn) == whole


def test_others_are_looked_for_as_one_text():
    for kind, text in (
        ("imsi", "204 08 1234567890"),
        ("mac_address", "001A.2B3C.4D5E"),
    ):
        assert match_values(kind, text, "NL") == (normalise_target(kind, text, "NL"),)
    assert {"imei", "imsi", "iccid", "mac_address"} == {str(kind) for kind in OF_EQUIPMENT}
