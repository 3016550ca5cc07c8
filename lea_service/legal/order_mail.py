"""The text of a mail: its subject, its body and the PDFs that came with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parseaddr
from itertools import chain

from lea_service.legal.order_dates import YEARS
from lea_service.legal.order_html import read_shown
from lea_service.legal.order_lines import Reading, plain_line
from lea_service.legal.order_observations import Observation
from lea_service.legal.order_pdf import read_pdf

MAX_PARTS = 100
MAX_DEPTH = 10
MAX_DOCUMENTS = 5
ONCE = ("From", "Sender", "Reply-To", "Date", "Subject", "Message-ID", "To")
UNQUOTED_DOT = "period in 'phrase'"
"""How the standard library calls a dot in a name without quotes (RFC 5322 section 4.1).

Everybody whose title has one writes it: ``From: mr. S. de Vries <s@om.example>``. Whatever else is
wrong with such a header is called something else, and observed.
"""
BROKEN = (
    MessageError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the standard library raises on a mail that is not as it should be."""
_LINK = re.compile(r"<(?:cid|https?|mailto|tel):[^>]*>|https?://\S+|www\.\S+", re.IGNORECASE)
"""Where a link leads, which plain text writes out beside what is shown of it."""
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[a-z]{2,}", re.IGNORECASE)


def read_mail(data: bytes, reading: Reading) -> None:
    """Add a mail to what was read; nothing that is wrong with it gets out of here."""
    try:
        mail = BytesParser(policy=policy.default).parsebytes(data)
    except BROKEN:
        reading.observe(Observation.DAMAGED)
        return
    _check_headers(mail, reading)
    reading.sent_at = _find_sent(mail)
    parts = _Parts(reading)
    texts = [one.text for one in parts.read(mail)]
    reading.add_page("\n".join([_subject(mail), *texts]))
    for document in parts.documents:
        read_pdf(document, reading)


def _check_headers(mail: EmailMessage, reading: Reading) -> None:
    try:
        if any(len(mail.get_all(name, ())) > 1 for name in ONCE):
            reading.observe(Observation.HEADERS_REPEATED)
        if mail.defects:
            reading.observe(Observation.HEADERS_DEFECTIVE)
        for header, value in mail.items():
            if any(str(one) != UNQUOTED_DOT for one in getattr(value, "defects", ())):
                reading.observe(_defective(header))
        name, address = parseaddr(str(mail.get("From", "")))
    except BROKEN:
        reading.observe(Observation.HEADERS_DEFECTIVE)
        return
    if not address or "@" not in address:
        reading.observe(Observation.FROM_DEFECTIVE)
    if any(one.lower() != address.lower() for one in _ADDRESS.findall(name)):
        reading.observe(Observation.SENDER_DISGUISED)


def _find_sent(mail: EmailMessage) -> datetime | None:
    """Return when a mail says that it was sent; None where it says so in no way that counts."""
    try:
        sent: datetime = mail["Date"].datetime
        return sent.astimezone(UTC) if sent.tzinfo and sent.year in YEARS else None
    except BROKEN:
        return None


def _defective(header: str) -> Observation:
    """Return what is observed of a header that is not of the right form: by name if we know it."""
    if header.title() not in map(str.title, ONCE):
        return Observation.HEADERS_DEFECTIVE
    return Observation(f"{header.lower().replace('-', '_')}_defective")


def _subject(mail: EmailMessage) -> str:
    try:
        return str(mail.get("Subject", ""))
    except BROKEN:
        return ""


@dataclass(frozen=True, slots=True)
class _Text:
    """What a part says, and whether it says so in plain text."""

    text: str
    is_plain: bool


class _Parts:
    """Reads the parts of a mail in their order, as many and as deep as there is room for."""

    def __init__(self, reading: Reading) -> None:
        self.documents: list[bytes] = []
        self._reading = reading
        self._count = 0

    def read(self, part: MIMEPart, depth: int = 0) -> list[_Text]:
        """Return the texts of a part and of those in it; PDFs go to ``documents``."""
        self._count += 1
        if self._count > MAX_PARTS or depth > MAX_DEPTH:
            self._reading.observe(Observation.TOO_COMPLEX)
            return []
        try:
            return self._read(part, depth)
        except BROKEN:
            self._reading.observe(Observation.PAGE_UNREADABLE)
            return []

    def _read(self, part: MIMEPart, depth: int) -> list[_Text]:
        kind = part.get_content_type()
        if part.get_content_maintype() == "message":
            self._reading.observe(Observation.NESTED_MAIL)
        elif part.is_multipart():
            each = [self.read(one, depth + 1) for one in part.iter_parts()]
            return self._choose(each) if kind == "multipart/alternative" else [*chain(*each)]
        elif kind in {"text/plain", "text/html"} and not part.is_attachment():
            text = str(part.get_content())
            is_plain = kind == "text/plain"
            return [_Text(text if is_plain else self._read_page(text), is_plain)]
        elif len(self.documents) < MAX_DOCUMENTS and _is_pdf(part):
            self.documents.append(part.get_payload(decode=True))  # type: ignore[arg-type]
        else:
            self._reading.observe(Observation.ATTACHMENTS)
        return []

    def _read_page(self, html: str) -> str:
        shown = read_shown(html)
        if shown.has_more:
            self._reading.observe(Observation.HIDDEN_TEXT)
        if shown.is_cut:
            self._reading.observe(Observation.TOO_MUCH_TEXT)
        return shown.text

    def _choose(self, branches: Sequence[list[_Text]]) -> list[_Text]:
        """Return the branch in plain text, or the first that says anything."""
        said = [one for one in branches if any(text.text.strip() for text in one)]
        if len({_digits(one) for one in said}) > 1:
            self._reading.observe(Observation.ALTERNATIVES_DIFFER)
        plain = [one for one in said if all(text.is_plain for text in one)]
        return next(iter((*plain, *said)), [])


def _digits(texts: Sequence[_Text]) -> str:
    """Return the digits of texts in their order, those of links aside."""
    shown = plain_line(_LINK.sub(" ", "\n".join(one.text for one in texts)))
    return "".join(sign for sign in shown if sign.isdigit())


def _is_pdf(part: MIMEPart) -> bool:
    content = part.get_payload(decode=True)
    return isinstance(content, bytes) and content.startswith(b"%PDF-")
