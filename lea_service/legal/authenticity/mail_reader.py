"""The headers of a mail as far as they say who sent it; runs where strangers' bytes are read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses

import authres
import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

MAX_SIGNATURES = 5
MAX_RESULTS = 20
MAX_SAID = 50
"""So many results of one header are kept."""
MAX_DOMAINS = 10
"""So many domains one header may name: each is held against every agency of the register."""
LONGEST = 65_536
"""So many signs may all headers of a name have together: longer ones are told of and not read, as
those who take them apart go over some of them again and again."""
MAX_PARTS = 200
MAX_DOCUMENTS = 5
LONGEST_DOMAIN = 253
READ = ("From", "Reply-To", "Return-Path", "Authentication-Results")
ONCE = ("From", "Sender", "Reply-To", "Return-Path", "Date", "Subject", "Message-ID", "To")
HEAD = ("subject", "date", "content-type", "content-transfer-encoding")
HEAD_OPEN = "head_open"
"""The reason of a signature that says nothing of some header of ``HEAD``."""
TOO_MANY = "too_many"
"""The reason of every signature of a mail that has more than ``MAX_SIGNATURES``."""
RESULTS, RECEIVED = "authentication-results", "received"
PASSED, FAILED, UNKNOWN = "passed", "failed", "unknown"
_END = re.compile(rb"(?:^|\n)\r?\n")
_MISREAD = re.compile(rb"\r(?!\n)|\0")
"""What ends a line, or a value, for one reader of a head and not for another."""
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")

Records = Mapping[str, str | None]
"""By name its text record: empty where there is none, None where nobody could tell."""


@dataclass(frozen=True, slots=True)
class DkimFacts:
    """One DKIM signature: whose, where its key is, and whether it verifies."""

    domain: str
    lookup: str
    verdict: str = UNKNOWN
    reason: str = "not_looked_up"


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """What one Authentication-Results header says, and how many Received stand above it.

    ``said`` has by method (dkim, spf, dmarc) result and domain, in the order of the header.
    """

    server: str
    below: int
    said: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class MailFacts:
    """What the headers of a mail say, with the PDFs and mails that it carries."""

    senders: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    returns: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    results: list[ResultFacts] = field(default_factory=list)
    dkim: list[DkimFacts] = field(default_factory=list)
    nested: int = 0


def read_headers(data: bytes, records: Records | None) -> tuple[MailFacts, list[bytes]]:
    """Return what the headers say, and the PDFs among the parts."""
    mail = message_from_bytes(data, policy=compat32)
    long = [one for one in READ if sum(len(str(said)) for said in mail.get_all(one, ())) > LONGEST]
    for one in long:
        del mail[one]
    named = {name: _domains(mail, name) for name in ("From", "Reply-To", "Return-Path")}
    crowded = {name for name, found in named.items() if len(set(found)) > MAX_DOMAINS}
    kept = {name: [*dict.fromkeys(found)][:MAX_DOMAINS] for name, found in named.items()}
    facts = MailFacts(
        senders=kept["From"],
        replies=kept["Reply-To"],
        returns=kept["Return-Path"],
        repeated=[*_odd(mail, crowded), *long],
        results=list(_results(mail)),
        dkim=list(_signatures(data, mail, records)),
    )
    if len(mail.get_all("From", ())) != 1 or len(named["From"]) != 1:
        facts.repeated = sorted({"From", *facts.repeated})
    return facts, list(_documents(mail, facts))


def _odd(mail: Message, crowded: Collection[str]) -> Iterator[str]:
    """Yield the headers that belong there once and stand there more often, or name a crowd."""
    yield from (one for one in ONCE if one in crowded or len(mail.get_all(one, ())) > 1)


def _domains(mail: Message, name: str) -> list[str]:
    """Return the domains of the addresses in every header of a name."""
    values = [str(one) for one in mail.get_all(name, ())]
    found = getaddresses(values)
    domains = [_decode(address).rpartition("@")[2].strip().rstrip(".") for _, address in found]
    return [one[:LONGEST_DOMAIN] for one in domains if one]


def _decode(address: str) -> str:
    """Return an address as it is shown: letters beyond ASCII may be written as encoded words."""
    if "=?" not in address:
        return address.lower()
    try:
        return str(make_header(decode_header(address))).lower()
    except (HeaderParseError, LookupError, ValueError):
        return f"{address.lower()}\ufffd"


def _results(mail: Message) -> Iterator[ResultFacts]:
    """Yield the Authentication-Results headers, the topmost first."""
    below = count = 0
    for name, value in mail.items():
        below += name.lower() == RECEIVED
        if name.lower() == RESULTS and count < MAX_RESULTS:
            count += 1
            yield _result(f"Authentication-Results: {value}", below)


def _result(header: str, below: int) -> ResultFacts:
    plain = re.sub(r"\r?\n[ \t]*", " ", header)
    try:
        read = authres.AuthenticationResultsHeader.parse(plain)
    except (authres.core.AuthResError, ValueError, TypeError, AttributeError, IndexError):
        return ResultFacts("", below)
    results = (read.results or ())[:MAX_SAID]
    said = [[str(one.method), str(one.result), _property_domain(one)] for one in results]
    return ResultFacts(str(read.authserv_id).lower(), below, said)


def _property_domain(result: authres.core.AuthenticationResult) -> str:
    wanted = {"dkim": ("d",), "spf": ("mailfrom",), "dmarc": ("from",)}.get(result.method, ())
    for one in result.properties or ():
        if one.name in wanted:
            return str(one.value).rpartition("@")[2].lower()
    return ""


def _signatures(data: bytes, mail: Message, records: Records | None) -> Iterator[DkimFacts]:
    values = mail.get_all("DKIM-Signature", ())
    count = min(len(values), MAX_SIGNATURES)
    if _is_misread(data):  # what is signed and what is shown may differ, and none be seen
        yield from [DkimFacts("", "", FAILED, "malformed")] * max(1, count)
        return
    if len(values) > MAX_SIGNATURES:
        yield from [DkimFacts("", "", UNKNOWN, TOO_MANY)] * count
        return
    for n, value in enumerate(values):
        try:
            tags = parse_tag_value(str(value).encode("ascii"))
            domain = tags[b"d"].decode("ascii").lower()
            lookup = f"{tags[b's'].decode('ascii').lower()}._domainkey.{domain}"
        except (InvalidTagValueList, KeyError, ValueError):
            yield DkimFacts("", "", FAILED, "malformed")
            continue
        if not _NAME.fullmatch(lookup) or len(lookup) > LONGEST_DOMAIN:
            yield DkimFacts(domain[:LONGEST_DOMAIN], "", FAILED, "malformed")
        elif b"l" in tags:
            yield DkimFacts(domain, lookup, FAILED, "part_only")
        elif not _is_head_signed(mail, tags.get(b"h", b"")):
            yield DkimFacts(domain, lookup, UNKNOWN, HEAD_OPEN)
        else:
            yield DkimFacts(domain, lookup, *_verify(data, n, lookup, records))


def _is_misread(data: bytes) -> bool:
    """Say whether readers may differ on where a header, or the head, ends.

    For us a bare CR ends a line, for who verifies a signature it does not (RFC 5322, section 2.3).
    """
    end = _END.search(data)
    return _MISREAD.search(data, 0, end.end() if end else len(data)) is not None


def _is_head_signed(mail: Message, names: bytes) -> bool:
    """Say whether a signature is over each header that says what the mail is and what it shows.

    It counts a header from the last one up (RFC 6376, section 5.4.2), and says nothing of those it
    does not count; whoever holds a genuine mail can write them as they like (section 8.15).
    """
    signed = [one.strip().lower() for one in names.decode("ascii", "replace").split(":")]
    return all(signed.count(name) >= len(mail.get_all(name, ())) for name in HEAD)


def _verify(data: bytes, n: int, lookup: str, records: Records | None) -> tuple[str, str]:
    key = None if records is None else records.get(lookup)
    if key is None:
        return UNKNOWN, "not_looked_up" if records is None else "no_answer"
    if not key:
        return FAILED, "no_key"

    def find(_name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001
        return key.encode()

    try:
        is_right = dkim.DKIM(data, minkey=1024).verify(n, dnsfunc=find)
    except dkim.ValidationError as err:
        expired = "x= value is past" in str(err)
        return (UNKNOWN, "expired") if expired else (FAILED, "does_not_verify")
    except (dkim.DKIMException, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return FAILED, "malformed"
    return (PASSED, "verified") if is_right else (FAILED, "does_not_verify")


def _documents(mail: Message, facts: MailFacts) -> Iterator[bytes]:
    """Yield the PDFs of a mail; a mail within it is counted and not opened."""
    waiting: list[Message] = [mail]
    seen = found = 0
    while waiting and seen < MAX_PARTS:
        part = waiting.pop(0)
        seen += 1
        if part is not mail and part.get_content_maintype() == "message":
            facts.nested += 1
        elif isinstance(part.get_payload(), list):
            waiting += [one for one in part.get_payload() if isinstance(one, Message)]
        elif found < MAX_DOCUMENTS:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content.startswith(b"%PDF-"):
                found += 1
                yield content
