"""Identifiers people and systems use, in the one form in which they are stored and compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import phonenumbers

from lea_service.demands.demand import TargetKind
from lea_service.kernel.errors import InvalidInput

LONGEST = 320
CACHED_NUMBERS = 50_000
REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)

_PHONE = re.compile(
    r"(?:tel:)?(\+?[ (]{0,2}[0-9][0-9 ()./\-]{2,30})(;.{0,200})?", re.ASCII | re.IGNORECASE
)
_CONTEXT = re.compile(r";phone-context=\+([0-9().\-]{1,20})", re.ASCII | re.IGNORECASE)
_BRACKETS = re.compile(r"[^<>]{0,200}<([^<>]{1,300})>")
_SIP = re.compile(
    r"(sips?):([A-Za-z0-9\-_.!~*'()&=+$,;?/%#]{1,128})(?::[^@\s]{0,128})?@"
    r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,252}[A-Za-z0-9])?)(?::([0-9]{1,5}))?"
    r"(?:[;?]\S{0,300})?",
    re.ASCII | re.IGNORECASE,
)
_EMAIL = re.compile(
    r"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-]{1,64})@([^\s@,;:<>()\[\]\\\"]{1,255})", re.ASCII
)
_LABELS = re.compile(r"(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z0-9\-]{2,63}", re.ASCII)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})", re.ASCII)
_PLUS = re.compile("^%2B", re.IGNORECASE)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()")


@lru_cache(maxsize=CACHED_NUMBERS)
def normalise_phone(text: str, region: str | None) -> str | None:
    """Return a telephone number as E.164, or None where it is not one.

    ``region`` (ISO 3166) is where a number without country code was dialled. Extensions, short
    numbers and withheld numbers are none: they mean something inside one network only.
    """
    found = _PHONE.fullmatch(text.strip())
    if found is None:
        return None
    try:
        number = phonenumbers.parse(found[1], _region_of(found[2] or "", region))
    except phonenumbers.NumberParseException:
        return None
    if not _is_plausible(found[1], number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def normalise_party(text: str, region: str | None) -> str | None:
    """Return the E.164 number in a party as signalling has it: number, tel or SIP URI, or None."""
    inner = _BRACKETS.fullmatch(text.strip())
    party = inner[1] if inner else text.strip()
    uri = _SIP.fullmatch(party)
    return normalise_phone(_PLUS.sub("+", uri[2]) if uri else party, region)


def normalise_sip(text: str) -> str | None:
    """Return a SIP URI without what does not name the party (RFC 3261 section 19.1.4), or None.

    Scheme and host are in small letters, the user part keeps its case; password, parameters and
    the port of the scheme's own choice are left out.
    """
    inner = _BRACKETS.fullmatch(text.strip())
    found = _SIP.fullmatch(inner[1] if inner else text.strip())
    if found is None:
        return None
    scheme, user, host, port = found.groups()
    scheme = scheme.lower()
    usual = {"sip": 5060, "sips": 5061}[scheme]
    tail = "" if port is None or int(port) == usual else f":{int(port)}"
    if port is not None and not 0 < int(port) < 65_536:
        return None
    return f"{scheme}:{_unescape(user)}@{host.lower()}{tail}"


def normalise_email(text: str) -> str | None:
    """Return an e-mail address in small letters, its domain in ASCII, or None."""
    found = _EMAIL.fullmatch(text.strip())
    if found is None or found[1].startswith(".") or found[1].endswith(".") or ".." in found[1]:
        return None
    try:
        domain = found[2].lower() if found[2].isascii() else found[2].encode("idna").decode()
    except UnicodeError:
        return None
    if len(domain) > 253 or not _LABELS.fullmatch(domain):
        return None
    return f"{found[1].lower()}@{domain}"


def normalise_address(text: str) -> str | None:
    """Return an IP address in its shortest form (RFC 5952); one mapped into IPv6 is IPv4."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return None
        address = address.ipv4_mapped or address
    return str(address)


def normalise_customer(text: str) -> str | None:
    """Return a customer number without spaces around it; its spelling is the provider's own."""
    plain = unicodedata.normalize("NFC", text.strip())
    return plain if _is_printable(plain) else None


def check_target(kind: TargetKind | str, value: str, region: str | None) -> None:
    """Refuse a target that is not of its kind. Raises InvalidInput, which does not repeat it."""
    found = _known(kind)
    if len(value) > LONGEST or _FORMS[found](value, region) is None:
        raise InvalidInput(f"expected {_EXPECTED[found]}")


def match_values(kind: TargetKind | str, value: str, region: str | None) -> tuple[str, ...]:
    """Return the texts that a stored value must equal for the target to be meant."""
    check_target(kind, value, region)
    form = _FORMS[_known(kind)](value, region)
    if form is None:
        raise InvalidInput("expected a target of its kind")
    if kind == TargetKind.SIP_URI:  # systems keep the account with and without its scheme
        return form, form.partition(":")[2]
    return (form,)


def _verbatim(text: str, _region: str | None) -> str | None:
    return text if _is_printable(text) else None


_FORMS: Mapping[TargetKind, Callable[[str, str | None], str | None]] = {
    TargetKind.PHONE_NUMBER: normalise_party,
    TargetKind.SIP_URI: lambda text, _region: normalise_sip(text),
    TargetKind.EMAIL: lambda text, _region: normalise_email(text),
    TargetKind.CUSTOMER_NUMBER: lambda text, _region: normalise_customer(text),
    TargetKind.IP_ADDRESS: lambda text, _region: normalise_address(text),
    TargetKind.PHONE_ID: _verbatim,
}

_EXPECTED: Mapping[TargetKind, str] = {
    TargetKind.PHONE_NUMBER: "a telephone number that has an E.164 form",
    TargetKind.SIP_URI: "a SIP URI such as sip:user@host",
    TargetKind.EMAIL: "an e-mail address",
    TargetKind.CUSTOMER_NUMBER: "a customer number",
    TargetKind.IP_ADDRESS: "an IPv4 or IPv6 address",
    TargetKind.PHONE_ID: "a telephone identifier as the source has it",
}


def _known(kind: TargetKind | str) -> TargetKind:
    try:
        return TargetKind(kind)
    except ValueError as err:
        raise InvalidInput(f"expected one of {', '.join(TargetKind)}") from err


def _region_of(parameters: str, region: str | None) -> str | None:
    """Return where a number was dialled: its own context (RFC 3966) goes before ``region``.

    A context that is longer than a country code tells no region at all.
    """
    context = _CONTEXT.search(parameters)
    if context is None:
        return region
    digits = re.sub("[^0-9]", "", context[1])
    return str(phonenumbers.region_code_for_country_code(int(digits or 0)))


def _is_plausible(text: str, number: Any) -> bool:
    """Say whether digits are a number of the plan.

    Written with a prefix its length decides, since plans grow faster than our table of them;
    without one the table must know it, or an extension would pass for a subscriber.
    """
    if not phonenumbers.is_possible_number(number):
        return False
    return text.lstrip(" (").startswith(("0", "+")) or phonenumbers.is_valid_number(number)


def _is_printable(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST and text.isprintable()


def _unescape(user: str) -> str:
    """Undo escapes of characters that need none; the others in capitals (RFC 3261 19.1.4)."""

    def one(found: re.Match[str]) -> str:
        char = chr(int(found[1], 16))
        return char if char in _UNRESERVED else found[0].upper()

    return _ESCAPE.sub(one, user)
