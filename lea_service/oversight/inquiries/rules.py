"""What can be asked across demands, and for how long an answer may be read."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

READABLE = timedelta(hours=72)
"""An inquiry that stays open would be a watch over somebody; for another answer ask again."""


class Question(StrEnum):
    """What demands are looked for by."""

    SUBJECT = "subject"
    RETENTION_RULE = "retention_rule"
    MAPPING = "mapping"
    CATALOGUE = "catalogue"


def is_readable(agreed_at: datetime, now: datetime) -> bool:
    """Say whether the answer may still be read."""
    return now < agreed_at + READABLE
