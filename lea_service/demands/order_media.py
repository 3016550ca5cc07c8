"""What kind of document an order is, by how its bytes begin. Nothing of it is read here."""

from __future__ import annotations

import re

PDF, MAIL = "application/pdf", "message/rfc822"
ENDINGS = {PDF: "pdf", MAIL: "eml"}
HEAD_BYTES = 64 * 1024
_HEADER = re.compile(rb"\A(?:From [^\r\n]{0,998}\r?\n)?[!-9;-~]{1,76}:[ \t]")
_FROM = re.compile(rb"^From[ \t]{0,8}:", re.IGNORECASE | re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")


def find_media_type(data: bytes) -> str | None:
    """Return the media type of a PDF or a mail, None for anything else.

    A mail begins with a header, and says in its headers whom it is from.
    """
    if data.startswith(b"%PDF-"):
        return PDF
    head = data[:HEAD_BYTES]
    if _HEADER.match(head) and _FROM.search(_BLANK.split(head, 1)[0]):
        return MAIL
    return None
