"""What counsel advised on a demand: who, when, and in short what; it is kept sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import post_load

from lea_service.web.schemas import Day, StrictSchema, Text


@dataclass(frozen=True, slots=True)
class Advice:
    """``counsel`` is a name; ``given_on`` the day on which the advice was given."""

    counsel: str
    given_on: date
    summary: str


class AdviceSchema(StrictSchema):
    """What counsel advised. No authority is told."""

    counsel = Text(200, required=True, metadata={"description": "Name of the lawyer."})
    given_on = Day(required=True)
    summary = Text(4000, shortest=10, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Advice:
        """Return the advice."""
        return Advice(**data)
