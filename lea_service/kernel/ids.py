"""Random identifiers that say nothing about what they name."""

from __future__ import annotations

import secrets
from typing import Protocol


class Ids(Protocol):
    """Source of identifiers; a test hands in a seeded one."""

    def new(self, prefix: str) -> str:
        """Return ``<prefix>_<32 hex digits>``: 128 random bits."""


class RandomIds:
    """Identifiers from the operating system's random source."""

    def new(self, prefix: str) -> str:
        """Return ``<prefix>_<32 hex digits>``: 128 random bits."""
        return f"{prefix}_{secrets.token_hex(16)}"
