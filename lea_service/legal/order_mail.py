"""The text of a mail: its subject, its body and the PDFs that came with it."""

from __future__ import annotations

import re
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from html.parser import HTMLParser

from lea_service.legal.order_lines import Reading
from lea_service.legal.order_observations import Observation
from lea_service.legal.order_pdf import read_pdf

MAX_PARTS = 100
MAX_DOCUMENTS = 5
ONCE = ("From", "Sender", "Reply-To", "Date", "Subject", "Message-ID", "To")
BROKEN = (MessageError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the standard library raises on a mail that is not as it should be."""
BLOCKS = frozenset({"br", "div", "h1", "h2", "h3", "li", "p", "table", "td", "th", "tr"})
UNSHOWN = frozenset({"head", "script", "style", "title"})
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[a-z]{2,}", re.IGNORECASE)


class _Shown(HTMLParser):
    """Gathers the text that a page in HTML shows."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unshown = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self._unshown += tag in UNSHOWN
        if tag in BLOCKS:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unshown = max(0, self._unshown - (tag in UNSHOWN))
        if tag in BLOCKS:
            self.texts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unshown:
            self.texts.append(data)


def read_mail(data: bytes, reading: Reading) -> None:
    """Add a mail to what was read; nothing that is wrong with it gets out of here."""
    try:
        mail = BytesParser(policy=policy.default).parsebytes(data)
    except BROKEN:
        reading.observe(Observation.DAMAGED)
        return
    _check_headers(mail, reading)
    _read_body(mail, reading)
    _read_attachments(mail, reading)


def _check_headers(mail: EmailMessage, reading: Reading) -> None:
    try:
        if any(len(mail.get_all(name, ())) > 1 for name in ONCE):
            reading.observe(Observation.HEADERS_REPEATED)
        if mail.defects or any(getattr(one, "defects", ()) for one in mail.values()):
            reading.observe(Observation.HEADERS_DEFECTIVE)
        name, address = parseaddr(str(mail.get("From", "")))
    except BROKEN:
        reading.observe(Observation.HEADERS_DEFECTIVE)
        return
    if not address or "@" not in address:
        reading.observe(Observation.HEADERS_DEFECTIVE)
    if any(one.lower() != address.lower() for one in _ADDRESS.findall(name)):
        reading.observe(Observation.SENDER_DISGUISED)


def _read_body(mail: EmailMessage, reading: Reading) -> None:
    try:
        body = mail.get_body(("plain", "html"))
        text = "" if body is None else str(body.get_content())
        if body is not None and body.get_content_subtype() == "html":
            text = _shown(text)
        subject = str(mail.get("Subject", ""))
    except BROKEN:
        reading.observe(Observation.PAGE_UNREADABLE)
        return
    reading.add_page(f"{subject}\n{text}")


def _read_attachments(mail: EmailMessage, reading: Reading) -> None:
    documents = 0
    try:
        for n, part in enumerate(mail.iter_attachments()):
            if part.get_content_maintype() == "message":
                reading.observe(Observation.NESTED_MAIL)
            elif n < MAX_PARTS and documents < MAX_DOCUMENTS and _is_pdf(part):
                documents += 1
                read_pdf(part.get_payload(decode=True), reading)  # type: ignore[arg-type]
            else:
                reading.observe(Observation.ATTACHMENTS)
    except BROKEN:
        reading.observe(Observation.PAGE_UNREADABLE)


def _is_pdf(part: EmailMessage) -> bool:
    content = part.get_payload(decode=True)
    return isinstance(content, bytes) and content.startswith(b"%PDF-")


def _shown(html: str) -> str:
    parser = _Shown()
    parser.feed(html)
    parser.close()
    return "".join(parser.texts)
