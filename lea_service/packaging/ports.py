"""What packaging asks of its surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class ByteSink(Protocol):
    """Takes bytes in order; need not seek."""

    def write(self, data: bytes, /) -> object:
        """Take ``data``."""


class Spool(Protocol):
    """Canonical rows at rest, readable more than once."""

    def iter_chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to ``end``."""
