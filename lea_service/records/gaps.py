"""Where a live source did not go on from what had been read of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant


@dataclass(frozen=True, slots=True)
class UnreadGap:
    """A source was read until one instant, and at another did not go on from there.

    What was written in between may be missing, whenever it began. It tells of no row.
    """

    read_until: datetime
    found_at: datetime

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return {
            "read_until": format_instant(self.read_until),
            "found_at": format_instant(self.found_at),
        }

    @classmethod
    def load(cls, value: Any) -> UnreadGap:
        """Read what ``dump`` returned."""
        return cls(parse_instant(value["read_until"]), parse_instant(value["found_at"]))
