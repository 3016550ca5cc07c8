"""Identifiers people and systems use, in the one form in which they are stored and compared.

A change of that form raises ``RULES_VERSION`` of the plans.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from itertools import combinations
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

import phonenumbers

from lea_service.demands.demand import OF_EQUIPMENT, TargetKind
from lea_service.demands.devices import (
    forms_of_card,
    normalise_iccid,
    normalise_imei,
    normalise_imsi,
    normalise_mac,
    without_check_digit,
)
from lea_service.demands.targets import expected_form, has_further_end
from lea_service.kernel.errors import InvalidInput

LONGEST = 320
LONGEST_PARTY = 500
"""No longer text is kept of a party."""
CACHED_NUMBERS = 50_000
PREFIX_LENGTHS = (128, *range(64, 31, -1))
"""The lengths of IPv6 prefixes that sessions get. A demand for an address names them all."""

REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)

_PHONE = re.compile(
    r"(?:tel:)?(\+?[ (]{0,2}[0-9][0-9 ()./\-]{2,30})(;.*)?", re.ASCII | re.IGNORECASE
)
_CONTEXT = re.compile(r";phone-context=\+([0-9().\-]{1,20})", re.ASCII | re.IGNORECASE)
_NAMED = re.compile(r'(?:"(?:[^"\\]|\\.)*"\s*|[^<>]*)<([^<>]*)>\s*(?:;.*)?', re.DOTALL)
_SIP = re.compile(
    r"(?:(?P<scheme>sips?):)?(?P<user>[^\s@:<>\"\x00-\x1f\x7f]+)(?(scheme)(?::[^\s@]*)?)"
    r"@(?P<host>\[[^\s@\[\]]+\]|[^\s@:;?/,<>\"\[\]\x00-\x1f\x7f]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[;?].*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_SCHEME = re.compile(r"\bsips?:", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._\-]{0,252}[a-z0-9_])?", re.ASCII)
_DIALLED = re.compile(r"(\+?)((?:[0-9*().\-]|%23)+)(;.*)?", re.ASCII)
_SEPARATORS = re.compile(r"[().\-]")
_OF_A_NUMBER = frozenset({"ext", "isub"})
_PORT = re.compile(r":[0-9]{1,5}\Z", re.ASCII)
_SIP_PORTS = frozenset({5060, 5061})
_EMAIL = re.compile(
    r"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-]{1,64})@([^\s@,;:<>()\[\]\\\"]{1,255})", re.ASCII
)
_LABELS = re.compile(r"(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z0-9\-]{2,63}", re.ASCII)
_UNSURE = frozenset("\u00df\u1e9e\u03c2\u200c\u200d")
"""Sharp s, final sigma, joiners: by IDNA 2003 and 2008 a domain with one is not the same domain."""
_PLAIN_IN_USER = "-_.!~*'()&=+$,;?/"


@dataclass(frozen=True, slots=True)
class Near:
    """SIP addresses that begin and end so, their port aside, and do not hold ``lacks``."""

    begin: str
    end: str
    lacks: str = ""


@lru_cache(maxsize=CACHED_NUMBERS)
def normalise_phone(text: str, region: str | None) -> str | None:
    """Return a telephone number as E.164, or None where it is not one.

    ``region`` (ISO 3166) is where a number without country code was dialled. Extensions, short
    numbers and withheld numbers are none: they mean something inside one network only. With an
    extension (``;ext=``) a number is that of the line it is reached by.
    """
    found = _PHONE.fullmatch(text.strip())
    if found is None:
        return None
    home = _region_of(found[2] or "", region)
    try:
        number = phonenumbers.parse(found[1], home)
    except phonenumbers.NumberParseException:
        return None
    if not _is_plausible(found[1], number) or has_further_end(found[1], home):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def normalise_party(text: str, region: str | None) -> str | None:
    """Return the E.164 number in a party as signalling has it: number, tel or SIP URI, or None."""
    party = _party(text)
    if "@" not in party:
        return normalise_phone(party, region)
    uri = _read_sip(party)
    return None if uri is None else normalise_phone(uri.user, region)


def normalise_sip(text: str) -> str | None:
    """Return the SIP address of a party in the one form in which it is compared, or None.

    It may come with a display name, in brackets, without scheme (then it is ``sip:``). What tells
    how to reach a party and not who it is goes: password, parameters, headers, SIP's own ports.
    Extension and subaddress of a telephone number stay: they tell who it is. The host is in small
    letters; the user part keeps its case (RFC 3261 section 19.1.4).
    """
    uri = _read_sip(_party(text))
    if uri is None:
        return None
    found = f"{uri.scheme}:{uri.user}@{uri.host}{uri.port}"
    return found if len(found) <= LONGEST_PARTY else None


def on_any_port(uri: str) -> Iterator[Near]:
    """Yield what a stored address must be to be this one, on whatever port."""
    plain = _PORT.sub("", uri)
    yield Near(plain, plain[plain.index("@") :])


def with_other_extension(uri: str) -> Iterator[Near]:
    """Yield what a stored address must be to say more or less of the number of this one.

    Of extension and subaddress it has all that this one has and more, or a part of it. One that has
    another extension is somebody else; a user that is no number has none.
    """
    address, at, host = _PORT.sub("", uri).partition("@")
    scheme, colon, user = address.partition(":")
    dialled = _DIALLED.fullmatch(user)
    if dialled is None:
        return
    plus, number, parameters = dialled.groups(default="")
    own = {one.partition("=")[0]: f";{one}" for one in parameters.split(";")[1:]}
    if len(own) < parameters.count(";"):
        return  # what names two extensions names none
    begin, end = f"{scheme}{colon}{plus}{number}", f"{own.pop('phone-context', '')}{at}{host}"
    for count in range(len(own)):
        for part in combinations(own.values(), count):
            yield Near("".join((begin, *part, end)), f"{at}{host}")
    for name in sorted(_OF_A_NUMBER - own.keys()):
        before, after = (
            "".join(text for one, text in own.items() if (one < name) is is_before)
            for is_before in (True, False)
        )
        lacks = "" if end.startswith(";") else ";phone-context"
        yield Near(f"{begin}{before};{name}", f"{after}{end}", lacks)


def looks_like_sip(text: str) -> bool:
    """Say whether a party was meant as a SIP address, readable or not; a channel was not."""
    return _SCHEME.search(text) is not None or ("@" in text and "/" not in text)


def normalise_email(text: str) -> str | None:
    """Return an e-mail address in small letters, its domain in ASCII, or None."""
    found = _EMAIL.fullmatch(text.strip())
    if found is None or found[1].startswith(".") or found[1].endswith(".") or ".." in found[1]:
        return None
    domain = _in_ascii(found[2])
    if domain is None or len(domain) > 253 or not _LABELS.fullmatch(domain):
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


def normalise_prefix(text: str) -> str | None:
    """Return an IPv6 prefix without the bits behind it, or None where it has no length we find."""
    try:
        prefix = IPv6Network(text.strip(), strict=False)
    except ValueError:
        return None
    is_found = prefix.prefixlen in PREFIX_LENGTHS and prefix.network_address.scope_id is None
    return str(prefix) if is_found else None


def normalise_customer(text: str) -> str | None:
    """Return a customer number without spaces around it; its spelling is the provider's own."""
    plain = unicodedata.normalize("NFC", text.strip())
    return plain if _is_printable(plain) else None


def check_target(kind: TargetKind | str, value: str, region: str | None) -> None:
    """Refuse a target that is not of its kind. Raises InvalidInput, which does not repeat it."""
    found = _known(kind)
    if len(value) > LONGEST or _FORMS[found](value, region) is None:
        raise InvalidInput(f"expected {_EXPECTED[found]}")


def normalise_target(kind: TargetKind | str, value: str, region: str | None) -> str | None:
    """Return the one form in which targets of a kind are compared, or None for no such target."""
    form = _FORMS[_known(kind)](value, region) if len(value) <= LONGEST else None
    if form is not None and kind == TargetKind.SIP_URI:
        return f"sip:{form.partition(':')[2]}"
    return form


def match_values(kind: TargetKind | str, value: str, region: str | None) -> tuple[str, ...]:
    """Return the texts that a stored value must equal for the target to be meant."""
    check_target(kind, value, region)
    form = _FORMS[_known(kind)](value, region)
    if form is None:
        raise InvalidInput("expected a target of its kind")
    if kind == TargetKind.SIP_URI:  # the scheme tells how to reach a party, not who it is
        address = form.partition(":")[2]
        return f"sip:{address}", f"sips:{address}"
    if kind == TargetKind.IP_ADDRESS and ":" in form:
        number = int(IPv6Address(form))
        prefixes = (IPv6Network((number, length), strict=False) for length in PREFIX_LENGTHS)
        return form, *map(str, prefixes)
    if kind == TargetKind.IMEI:  # a source whose network sends no check digit has the other form
        return tuple(dict.fromkeys((form, without_check_digit(form))))
    if kind == TargetKind.ICCID:
        return forms_of_card(form)
    return (form,)


_LESS = re.compile(r";\s*(ext|isub)\s*=", re.IGNORECASE)
"""What makes a number that of an extension or a subaddress."""


def _line(text: str, region: str | None) -> str | None:
    """Return the number of a whole line; what names less than that is asked for as what it is."""
    party = _party(text)
    return None if "@" in party or _LESS.search(party) else normalise_phone(party, region)


def _verbatim(text: str, _region: str | None) -> str | None:
    return text if _is_printable(text) else None


_FORMS: Mapping[TargetKind, Callable[[str, str | None], str | None]] = {
    TargetKind.PHONE_NUMBER: _line,
    TargetKind.SIP_URI: lambda text, _region: normalise_sip(text),
    TargetKind.EMAIL: lambda text, _region: normalise_email(text),
    TargetKind.CUSTOMER_NUMBER: lambda text, _region: normalise_customer(text),
    TargetKind.IP_ADDRESS: lambda text, _region: normalise_address(text),
    TargetKind.PHONE_ID: _verbatim,
    TargetKind.TIME_AND_PLACE: _verbatim,
    TargetKind.IMEI: lambda text, _region: normalise_imei(text),
    TargetKind.IMSI: lambda text, _region: normalise_imsi(text),
    TargetKind.ICCID: lambda text, _region: normalise_iccid(text),
    TargetKind.MAC_ADDRESS: lambda text, _region: normalise_mac(text),
}

_SURE = "with a domain that holds \u00df, \u03c2 or a joiner written as xn--"
_EXPECTED: Mapping[TargetKind, str] = {
    TargetKind.PHONE_NUMBER: "the number of a whole line that has an E.164 form",
    TargetKind.SIP_URI: f"a SIP URI such as sip:user@host, {_SURE}",
    TargetKind.EMAIL: f"an e-mail address, {_SURE}",
    TargetKind.CUSTOMER_NUMBER: "a customer number",
    TargetKind.IP_ADDRESS: "an IPv4 or IPv6 address",
    TargetKind.PHONE_ID: "a telephone identifier as the source has it",
    TargetKind.TIME_AND_PLACE: "a place in words",
    **{kind: expected_form(kind) for kind in OF_EQUIPMENT},
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


@dataclass(frozen=True, slots=True)
class _Uri:
    scheme: str
    user: str
    host: str
    port: str


def _party(text: str) -> str:
    """Return what stands between the brackets where there are any, without the name before."""
    plain = text.strip()
    if len(plain) > LONGEST_PARTY:
        return ""
    named = _NAMED.fullmatch(plain) if "<" in plain else None
    return plain if named is None else named[1].strip()


@lru_cache(maxsize=CACHED_NUMBERS)
def _read_sip(text: str) -> _Uri | None:
    found = _SIP.fullmatch(text) if "@" in text else None
    if found is None or (found["scheme"] is None and "/" in found["user"]):
        return None  # a channel such as Local/200@context is no address
    host, port = _normalise_host(found["host"]), int(found["port"] or 5060)
    if host is None or not 0 < port < 65_536:
        return None
    tail = "" if port in _SIP_PORTS else f":{port}"
    return _Uri((found["scheme"] or "sip").lower(), _normalise_user(found["user"]), host, tail)


def _normalise_host(text: str) -> str | None:
    if text.startswith("["):
        address = normalise_address(text[1:-1])
        return f"[{address}]" if address and ":" in address else address
    name = (_in_ascii(text) or "").removesuffix(".")
    return name if _HOST.fullmatch(name) else None


def _in_ascii(domain: str) -> str | None:
    """Return a domain in small ASCII letters, or None where it may be either of two."""
    if not _UNSURE.isdisjoint(domain):
        return None
    try:
        return (domain if domain.isascii() else domain.encode("idna").decode()).lower()
    except UnicodeError:
        return None


def _normalise_user(text: str) -> str:
    """Return a user part with each character written in one way.

    RFC 3261 leaves a reserved character apart from its escape; servers do not, so nor do we. Of a
    telephone number only what belongs to it stays (RFC 3966): no separators, few parameters.
    """
    whole = unquote_to_bytes(text.encode("utf-8", "surrogatepass"))
    composed = unicodedata.normalize("NFC", whole.decode("utf-8", "surrogateescape"))
    user = quote_from_bytes(composed.encode("utf-8", "surrogateescape"), _PLAIN_IN_USER)
    dialled = _DIALLED.fullmatch(user)
    if dialled is None:
        return user
    plus, number, parameters = dialled.groups(default="")
    if plus:
        return plus + _SEPARATORS.sub("", number) + _identity(parameters, _OF_A_NUMBER)
    return number + _identity(parameters, _OF_A_NUMBER | {"phone-context"})


def _identity(parameters: str, names: frozenset[str]) -> str:
    """Return the parameters that tell one telephone from another, in one order and spelling."""
    kept = set()
    for parameter in parameters.lower().split(";"):
        name, equals, value = parameter.partition("=")
        if name == "ext" or (name == "phone-context" and value.startswith("+")):
            value = _SEPARATORS.sub("", value)
        if name in names:
            kept.add(f";{name}{equals}{value}")
    return "".join(sorted(kept))
