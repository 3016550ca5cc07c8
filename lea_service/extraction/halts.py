"""Why a run stops. Whoever catches one of the two exceptions halts the demand instead."""

from __future__ import annotations

from enum import StrEnum


class HaltCode(StrEnum):
    """Why a run stops."""

    CERTIFICATE_CHANGED = "certificate_changed"
    DECISION_INVALID = "decision_invalid"
    FAILED = "failed"
    HOLDER_CHANGED = "holder_changed"
    ON_HOLD = "on_hold"
    OVER_BOUNDS = "over_bounds"
    PACKAGE_DAMAGED = "package_damaged"
    PAST_TERM_HELD = "past_term_held"
    PLAN_SUPERSEDED = "plan_superseded"
    RULES_CHANGED = "rules_changed"
    SCOPE_VIOLATION = "scope_violation"
    SHORTENED = "shortened"
    SOURCE_BEHIND = "source_behind"
    SOURCES_CHANGED = "sources_changed"
    STOPPED = "stopped"


NEEDS_DECISION = frozenset(
    {
        HaltCode.CERTIFICATE_CHANGED,
        HaltCode.DECISION_INVALID,
        HaltCode.HOLDER_CHANGED,
        HaltCode.OVER_BOUNDS,
        HaltCode.PLAN_SUPERSEDED,
        HaltCode.RULES_CHANGED,
        HaltCode.SHORTENED,
        HaltCode.SOURCES_CHANGED,
        HaltCode.STOPPED,
    }
)
"""Halts that no repetition ends: two people decide anew. They may after any other halt too."""


class MustHalt(Exception):
    """The run may not go on, for the reason ``halt``."""

    def __init__(self, halt: HaltCode, detail: str) -> None:
        super().__init__(detail)
        self.halt = halt


class ScopeViolation(MustHalt):
    """What was spooled is not exactly what the plan asks for."""

    def __init__(self, detail: str) -> None:
        super().__init__(HaltCode.SCOPE_VIOLATION, detail)
