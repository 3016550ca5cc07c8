"""Numbers of equipment and of the cards in it: their one form, and their check digits.

An IMEI is a telephone (3GPP TS 23.003 section 6.2.1), an IMSI a subscription in a network (ITU-T
E.212), an ICCID the card that holds it (ITU-T E.118), a MAC address an interface (IEEE 802). An
IMSI and a MAC address have no check digit; nobody can see a slip in them.
"""

from __future__ import annotations

import re

NO_CHECK_DIGIT = "0"
"""What networks put where an IMEI has its check digit (3GPP TS 23.003 section 6.2.1)."""

_URN = re.compile(r"""["<]*urn:gsma:imei:([^;<>"]*)(?:;[^<>"]*)?[>"]*""", re.IGNORECASE)
"""An IMEI in SIP (RFC 7254), behind which the version of the software may stand."""
_BETWEEN = re.compile(r"(?<=[0-9])[ .\-/](?=[0-9])")
_DIGITS = re.compile(r"[0-9]{10,20}", re.ASCII)
_COUNTRIES = frozenset("02345679")
"""With which digit a mobile country code begins; 0 is of test networks, 9 of no country."""
_MAC = re.compile(
    r"[0-9a-f]{12}|[0-9a-f]{2}([:\-. ])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}"
    r"|[0-9a-f]{4}([.:\-])[0-9a-f]{4}\2[0-9a-f]{4}|[0-9a-f]{6}[:\-][0-9a-f]{6}",
    re.ASCII | re.IGNORECASE,
)
_DECIMAL = re.compile(r"\s*[0-9]{12}\s*", re.ASCII)
_BETWEEN_OCTETS = re.compile(r"[:\-. ]")


def normalise_imei(text: str) -> str | None:
    """Return an IMEI as 15 digits, the last of them its check digit, or None.

    Of 14 digits the check digit is added; of the 16 of an IMEISV the last two, the version of the
    software, go. One of 15 digits whose check digit does not fit is none.
    """
    digits = _read_imei_digits(text)
    if digits is None or len(digits) not in (14, 15, 16):
        return None
    device = digits[:14]
    whole = device + check_digit(device)
    if len(digits) == 15 and digits != whole:
        return None
    return whole if device.strip("0") else None


def read_spare_imei(text: str) -> str | None:
    """Return the 15 digits of an IMEI that has 0 in the place of its check digit, or None.

    So SIP writes it (RFC 7254 section 4), and networks do that send no check digit.
    """
    digits = _read_imei_digits(text)
    if digits is None or len(digits) != 15 or digits[-1] != NO_CHECK_DIGIT:
        return None
    return digits if digits.strip("0") else None


def without_check_digit(imei: str) -> str:
    """Return an IMEI of 15 digits as networks write it that send no check digit."""
    return imei[:14] + NO_CHECK_DIGIT


def normalise_imsi(text: str) -> str | None:
    """Return an IMSI as its 14 or 15 digits, or None; it has no check digit."""
    digits = _read_digits(text)
    if digits is None or len(digits) not in (14, 15) or digits[0] not in _COUNTRIES:
        return None
    return digits if digits.strip("0") else None


def normalise_iccid(text: str) -> str | None:
    """Return the number of a SIM card as its 18 to 20 digits, the last its check digit, or None.

    An F that fills up the last octet goes.
    """
    digits = _read_digits(text.strip().removesuffix("F").removesuffix("f"))
    if digits is None or not 18 <= len(digits) <= 20 or not digits.startswith("89"):
        return None
    return digits if digits[-1] == check_digit(digits[:-1]) else None


def normalise_mac(text: str) -> str | None:
    """Return the MAC address of one interface as ``00:1a:2b:3c:4d:5e``, or None.

    Addresses of groups (and of everybody) are of no interface, and neither is one of zeros.
    """
    plain = text.strip().lower()
    if _MAC.fullmatch(plain) is None:
        return None
    octets = bytes.fromhex(_BETWEEN_OCTETS.sub("", plain))
    if octets[0] & 1 or not any(octets):
        return None
    return octets.hex(":")


def read_mac(text: str) -> str | None:
    """Return the MAC address in a text of a source, or None.

    Twelve bare decimal digits are none: where a line is dialled into, a number stands there.
    """
    return None if _DECIMAL.fullmatch(text) else normalise_mac(text)


def forms_of_card(iccid: str) -> tuple[str, ...]:
    """Return the number of a card as sources have it: whole, and without its check digit.

    One in ten numbers without it passes for a whole one by chance, also in a demand: so with the
    digit behind it as well.
    """
    return iccid, iccid[:-1], iccid + check_digit(iccid)


def check_digit(digits: str) -> str:
    """Return the check digit of a row of digits (ISO/IEC 7812-1, as Luhn has it)."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        number = int(sign) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


def _read_imei_digits(text: str) -> str | None:
    urn = _URN.fullmatch(text.strip())
    return _read_digits(text if urn is None else urn[1])


def _read_digits(text: str) -> str | None:
    plain = _BETWEEN.sub("", text.strip())
    return plain if _DIGITS.fullmatch(plain) else None
