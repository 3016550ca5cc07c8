"""What a target looks like, by its kind: form only, nothing is normalised here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address

import phonenumbers

from lea_service.demands.demand import DemandContent, TargetKind
from lea_service.demands.devices import (
    normalise_iccid,
    normalise_imei,
    normalise_imsi,
    normalise_mac,
)
from lea_service.kernel.errors import FieldError, InvalidInput

LONGEST = 254
SOURCE_NAME = r"[a-z][a-z0-9-]{0,39}\Z"
"""What the name of a source of records looks like."""
_PHONE = re.compile(r"\+?\(?[0-9](?:[ ()./-]{0,2}[0-9]){2,14}", re.ASCII)
_SIP = re.compile(r"sips?:[^\s@:<>\"]+(?::[^\s@<>\"]*)?@[^\s@<>\"/?]+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\",;:]{1,64}@[^\s@<>\",;:.]+(?:\.[^\s@<>\",;:.]+)*")
_NAME = re.compile(r"[^\s](?:[^\t\r\n]*[^\s])?")


_BETWEEN = re.compile(r"[ )]*(?:\.\.|[-/. ])[ (]*", re.ASCII)
HOME_REGION = "NL"
"""Where a number without country code was dialled, while nobody says otherwise."""


def check_whole_numbers(content: DemandContent, region: str) -> None:
    """Refuse telephone numbers that mean a range. Raises InvalidInput that names each place."""
    wrong = [
        FieldError(f"/items/{n}/target/value", f"Expected {expected_form(item.target.kind)}.")
        for n, item in enumerate(content.items)
        if item.target.kind is TargetKind.PHONE_NUMBER
        and has_further_end(item.target.value, region)
    ]
    if wrong:
        raise InvalidInput("the demand asks about a range of numbers as if it were one", wrong)


def has_further_end(value: str, region: str | None) -> bool:
    """Say whether a whole telephone number is followed by the last digits of another.

    ``0201234500-99`` and ``0201234500 99`` mean a hundred numbers, or one and an extension: in no
    case the one number that all their digits would make. Where all of them are one, as often with
    a German direct line, that is meant. ``region`` (ISO 3166) is where it was dialled.
    """
    ends = [sign.start() for sign in _BETWEEN.finditer(value)]
    if not ends or _is_number(value, region):
        return False
    return any(_is_number(value[:end], region) for end in ends)


def _is_number(text: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def is_well_formed(kind: TargetKind, value: str) -> bool:
    """Say whether ``value`` can name a target of ``kind`` at all."""
    return 0 < len(value) <= LONGEST and _FORMS[kind](value)


def expected_form(kind: TargetKind) -> str:
    """Say in words what a target of ``kind`` looks like."""
    return _WORDS[kind]


def _is_address(value: str) -> bool:
    try:
        address = ip_address(value)
    except ValueError:
        return False
    return getattr(address, "scope_id", None) is None


def _matches(pattern: re.Pattern[str], longest: int = LONGEST) -> Callable[[str], bool]:
    return lambda value: len(value) <= longest and pattern.fullmatch(value) is not None


_FORMS: Mapping[TargetKind, Callable[[str], bool]] = {
    TargetKind.PHONE_NUMBER: _matches(_PHONE, 40),
    TargetKind.SIP_URI: _matches(_SIP),
    TargetKind.EMAIL: _matches(_EMAIL),
    TargetKind.CUSTOMER_NUMBER: _matches(_NAME, 64),
    TargetKind.IP_ADDRESS: _is_address,
    TargetKind.PHONE_ID: _matches(_NAME, 64),
    TargetKind.TIME_AND_PLACE: _matches(_NAME),
    TargetKind.IMEI: lambda value: normalise_imei(value) is not None,
    TargetKind.IMSI: lambda value: normalise_imsi(value) is not None,
    TargetKind.ICCID: lambda value: normalise_iccid(value) is not None,
    TargetKind.MAC_ADDRESS: lambda value: normalise_mac(value) is not None,
}
RANGE = (
    "a range is none: ask for each number as an item, or for the whole by an order for a data set"
)
_WORDS: Mapping[TargetKind, str] = {
    TargetKind.PHONE_NUMBER: "a telephone number: 3 to 15 digits, with + when international; "
    + RANGE,
    TargetKind.SIP_URI: "a SIP address such as sip:user@host",
    TargetKind.EMAIL: "an e-mail address",
    TargetKind.CUSTOMER_NUMBER: "a customer number of at most 64 characters",
    TargetKind.IP_ADDRESS: f"an IPv4 or IPv6 address; {RANGE.replace('number', 'address')}",
    TargetKind.PHONE_ID: "a phone identifier of at most 64 characters",
    TargetKind.TIME_AND_PLACE: f"a place in words of at most {LONGEST} characters, on one line",
    TargetKind.IMEI: "an IMEI: 15 digits of which the last, the check digit, fits the others, or "
    "14 without it, or the 16 of an IMEISV",
    TargetKind.IMSI: "an IMSI: 14 or 15 digits that begin with a mobile country code",
    TargetKind.ICCID: "the number of a SIM card: 18 to 20 digits that begin with 89, of which the "
    "last, the check digit, fits the others",
    TargetKind.MAC_ADDRESS: "a MAC address of one interface, such as 00:1a:2b:3c:4d:5e",
}
