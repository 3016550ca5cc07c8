"""How far the clock of a source was from ours, as it was measured, or that it was not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant

NOT_MEASURED, SERVER_ASKED = "not-measured", "server-asked"
"""How a deviation was measured: not at all, as of files; or by asking the server of the database
between two readings of our own clock, with each pull."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """How many milliseconds a clock was ahead of ours at an instant, to half of how long it took.

    Negative where it was behind.
    """

    ms: int
    to_ms: int
    at: datetime

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return {"ms": self.ms, "to_ms": self.to_ms, "at": format_instant(self.at)}

    @classmethod
    def load(cls, value: Any) -> Deviation:
        """Read what ``dump`` returned."""
        return cls(value["ms"], value["to_ms"], parse_instant(value["at"]))


@dataclass(frozen=True, slots=True)
class SourceClock:
    """How the clock of a source was measured; the latest and the largest deviation, where it was.

    It is the clock of the database's server. What wrote the rows may have had another.
    """

    how: str = NOT_MEASURED
    latest: Deviation | None = None
    largest: Deviation | None = None

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return {
            "how": self.how,
            "latest": None if self.latest is None else self.latest.dump(),
            "largest": None if self.largest is None else self.largest.dump(),
        }

    @classmethod
    def load(cls, value: Any) -> SourceClock:
        """Read what ``dump`` returned."""
        found = (value[name] for name in ("latest", "largest"))
        return cls(value["how"], *(one and Deviation.load(one) for one in found))

    def after(self, found: Deviation) -> SourceClock:
        """Return what is known once a deviation was measured."""
        return SourceClock(SERVER_ASKED, found, max(self.largest or found, found, key=_size))


UNKNOWN_CLOCK = SourceClock()


def load_clock(text: str) -> SourceClock:
    """Read what was written as JSON."""
    return SourceClock.load(json.loads(text))


def _size(one: Deviation) -> int:
    return abs(one.ms) + one.to_ms
