"""What holds for the hand-over: tokens, terms, attempts and ranges of bytes; no session."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lea_service.demands.states import State
from lea_service.kernel.canonical import encode_b64url, sha256

TOKEN_PREFIX = "lear_"  # noqa: S105 a prefix is no secret
TOKEN_BYTES = 32
CODE_LIFETIME = timedelta(days=7)
FREE_FAILURES = 5
WAIT = timedelta(minutes=15)
_RANGE = re.compile(r"bytes=[ \t]*(\d{0,40})-(\d{0,40})[ \t]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from ``start`` up to ``end``."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        """Return the Content-Range that names the span in a file of ``size`` bytes."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


class Unsatisfiable(ValueError):
    """The range asked for begins behind the last byte."""


def new_token() -> str:
    """Return a receiver's token: a prefix and 256 random bits."""
    return TOKEN_PREFIX + encode_b64url(secrets.token_bytes(TOKEN_BYTES))


def is_receiver_token(token: str) -> bool:
    """Say whether a token has the form of a receiver's."""
    return token.startswith(TOKEN_PREFIX)


def digest_token(token: str) -> bytes:
    """Return what is kept of a token."""
    return sha256(token.encode())


def must_wait(failures: int, last_at: datetime, now: datetime) -> bool:
    """Say whether further codes are not heard yet after so many wrong ones."""
    return failures >= FREE_FAILURES and now < last_at + WAIT


def count_failure(failures: int, last_at: datetime, now: datetime) -> int:
    """Return the number of wrong codes with this one; after a pause it begins anew."""
    return 1 if now >= last_at + WAIT else failures + 1


def parse_range(header: str | None, size: int) -> Span | None:
    """Return the one span that a Range header asks for (RFC 9110 section 14); None: the whole.

    Several ranges, another unit and malformed ones are answered with the whole, as the standard
    allows. Raises Unsatisfiable.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        if length == 0:
            raise Unsatisfiable
        return Span(size - length, size)
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Span(start, min(int(found[2]) + 1, size) if found[2] else size)


def is_same_content(if_range: str | None, etag: str) -> bool:
    """Say whether a range may be taken: If-Range is absent or names exactly this content.

    Weak tags and dates never do (RFC 9110 section 13.1.5).
    """
    return if_range is None or if_range.strip() == f'"{etag}"'


class Standing(StrEnum):
    """Where a demand stands, as far as it concerns who made it."""

    IN_PROGRESS = "in_progress"
    QUESTION = "question"
    REFUSED = "refused"
    REPLIED = "replied"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"
    KEPT_NO_LONGER = "kept_no_longer"
    AVAILABLE = "available"
    CONTINUING = "continuing"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


STANDINGS: Mapping[State, Standing] = {
    State.CLARIFICATION: Standing.QUESTION,
    State.REFUSED: Standing.REFUSED,
    State.REPLIED: Standing.REPLIED,
    State.WITHDRAWN: Standing.WITHDRAWN,
    State.PRESERVED: Standing.KEPT,
    State.EXTENDED: Standing.KEPT,
    State.RELEASED: Standing.KEPT_NO_LONGER,
    State.PRODUCED: Standing.KEPT_NO_LONGER,
    State.CONTINUING: Standing.CONTINUING,
    State.DELIVERED: Standing.AVAILABLE,
    State.ACKNOWLEDGED: Standing.ACKNOWLEDGED,
    State.CLOSED: Standing.CLOSED,
    State.ERASED: Standing.CLOSED,
}
"""States that mean something to an authority; what else there is, is work in progress."""
