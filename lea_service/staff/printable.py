"""The list of staff for paper: who, in which role, cleared until when, what lapses next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from lea_service.kernel.clock import say_wall
from lea_service.staff.people_queries import EngagementView, PersonView
from lea_service.staff.rules import REQUIRED, ClearanceKind


def print_people(people: Sequence[PersonView], now: datetime) -> str:
    """Return the whole list as plain text."""
    counting = sum(view.counts for view in people)
    head = [
        "People with access to lea-service",
        f"At {say_wall(now)}; {len(people)} people, the roles of {counting} count.",
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
    lines += _engagement(view.engagement)
    if view.suspended_at is not None:
        lines.append(f"  suspended  since {say_wall(view.suspended_at)}")
    held = {item.kind for item in view.clearances}
    kinds = [kind for kind in ClearanceKind if kind in held.union(REQUIRED)]
    lines += [f"  {kind:<10} {_last(view, kind)}" for kind in kinds]
    until = view.cleared_until.isoformat() if view.cleared_until else "a clearance is missing"
    return "\n".join([*lines, f"  cleared until  {until}", ""])


def _engagement(engagement: EngagementView) -> Iterator[str]:
    """Yield the footing of somebody of another house, and how anybody is reached."""
    if engagement.since is not None and engagement.until is not None:
        since, until = say_wall(engagement.since), say_wall(engagement.until)
        kind = engagement.kind.replace("_", " ")
        yield f"  engaged    {kind} of {engagement.company}, from {since} until {until}"
    for name in ("phone", "mailbox"):
        if (value := getattr(engagement, name)) is not None:
            yield f"  {name:<10} {value}"


def _last(view: PersonView, kind: ClearanceKind) -> str:
    spans = [item for item in view.clearances if item.kind is kind]
    if not spans:
        return "never"
    last = max(spans, key=lambda item: item.valid_until)
    return f"{last.valid_from.isoformat()} to {last.valid_until.isoformat()}"
