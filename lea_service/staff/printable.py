"""The list of staff for paper: who, in which role, cleared until when, what lapses next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from lea_service.kernel.clock import format_instant
from lea_service.staff.queries import PersonView
from lea_service.staff.rules import REQUIRED, ClearanceKind


def print_people(people: Sequence[PersonView], now: datetime) -> str:
    """Return the whole list as plain text."""
    counting = sum(view.counts for view in people)
    head = [
        "People with access to lea-service",
        f"At {format_instant(now)}; {len(people)} people, the roles of {counting} count.",
        "",
    ]
    return "\n".join([*head, *_next_lapses(people), *(_person(view) for view in people)])


def _next_lapses(people: Iterable[PersonView]) -> list[str]:
    ends = [view.cleared_until for view in people if view.counts and view.cleared_until]
    if not ends:
        return []
    first = min(ends)
    names = [view.name for view in people if view.counts and view.cleared_until == first]
    return [f"Next to lapse: {first.isoformat()} ({', '.join(names)})", ""]


def _person(view: PersonView) -> str:
    roles = ", ".join(view.roles) or "none"
    lines = [
        f"{view.name} ({view.login}, {view.personnel_number})",
        f"  account    {view.account}",
        f"  roles      {roles}{'' if view.counts else ' (do not count now)'}",
        f"  key        {view.key or 'none'}",
    ]
    if view.suspended_at is not None:
        lines.append(f"  suspended  since {format_instant(view.suspended_at)}")
    held = {item.kind for item in view.clearances}
    kinds = [kind for kind in ClearanceKind if kind in held.union(REQUIRED)]
    lines += [f"  {kind:<10} {_last(view, kind)}" for kind in kinds]
    until = view.cleared_until.isoformat() if view.cleared_until else "a clearance is missing"
    return "\n".join([*lines, f"  cleared until  {until}", ""])


def _last(view: PersonView, kind: ClearanceKind) -> str:
    spans = [item for item in view.clearances if item.kind is kind]
    if not spans:
        return "never"
    last = max(spans, key=lambda item: item.valid_until)
    return f"{last.valid_from.isoformat()} to {last.valid_until.isoformat()}"
