"""What kind of document an order is, by how its bytes begin. Nothing of it is read here."""

from __future__ import annotations

import re

PDF, MAIL, OPAQUE = "application/pdf", "message/rfc822", "application/octet-stream"
ENDINGS = {PDF: "pdf", MAIL: "eml", OPAQUE: "bin"}
_HEADER = re.compile(
    rb"(?:From [^\r\n]{0,998}\r?\n)?(?:[!-9;-~]{1,76}:[ \t]|[A-Za-z0-9-]{1,76}:(?!//))"
)


def find_media_type(data: bytes) -> str:
    """Return the media type of a PDF, of a mail, which begins with a header, or of mere bytes.

    Whatever the bytes are, an order came; that nobody can read it is found when it is read.
    """
    if data.startswith(b"%PDF-"):
        return PDF
    return MAIL if _HEADER.match(data) else OPAQUE
