"""What the authority was told is not given, held against what is not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from lea_service.demands.narrowing import Cut, LeftOut


@dataclass(frozen=True, slots=True)
class Told:
    """When a letter about what is not given went out, and what it says is not."""

    sent_at: datetime
    cuts: tuple[Cut, ...]

    def is_contradicted_by(self, cuts: Collection[Cut]) -> bool:
        """Say whether something is given, or on another ground not, of what it says is not."""
        left_out = {(LeftOut.of(one), one.ground) for one in cuts}
        return any((LeftOut.of(one), one.ground) not in left_out for one in self.cuts)
