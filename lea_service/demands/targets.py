"""What a target looks like, by its kind: form only, nothing is normalised here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address

from lea_service.demands.demand import TargetKind

LONGEST = 254
SOURCE_NAME = r"[a-z][a-z0-9-]{0,39}\Z"
"""What the name of a source of records looks like."""
_PHONE = re.compile(r"\+?\(?[0-9](?:[ ()./-]{0,2}[0-9]){2,14}", re.ASCII)
_SIP = re.compile(r"sips?:[^\s@:<>\"]+(?::[^\s@<>\"]*)?@[^\s@<>\"/?]+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\",;:]{1,64}@[^\s@<>\",;:.]+(?:\.[^\s@<>\",;:.]+)*")
_NAME = re.compile(r"[^\s](?:[^\t\r\n]*[^\s])?")


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
}
_WORDS: Mapping[TargetKind, str] = {
    TargetKind.PHONE_NUMBER: "a telephone number: 3 to 15 digits, with + when international",
    TargetKind.SIP_URI: "a SIP address such as sip:user@host",
    TargetKind.EMAIL: "an e-mail address",
    TargetKind.CUSTOMER_NUMBER: "a customer number of at most 64 characters",
    TargetKind.IP_ADDRESS: "an IPv4 or IPv6 address",
    TargetKind.PHONE_ID: "a phone identifier of at most 64 characters",
}
