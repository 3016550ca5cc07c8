"""The list of staff for paper: who, in which role, cleared until when, what lapses next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from lea_service.kernel.clock import say_wall
from lea_service.kernel.phrases import ENGLISH, Phrases, phrase
from lea_service.staff.people_queries import EngagementView, PersonView
from lea_service.staff.phrases import ENGAGEMENTS, ROLES
from lea_service.staff.rules import REQUIRED, ClearanceKind

SAYINGS: Phrases = {
    "title": ("Mensen met toegang tot lea-service", "People with access to lea-service"),
    "head": (
        "Op {at}; {count} mensen, de rollen van {counting} tellen.",
        "At {at}; {count} people, the roles of {counting} count.",
    ),
    "next": ("Verloopt als eerste: {on} ({who})", "Next to lapse: {on} ({who})"),
    "idle": (" (tellen nu niet)", " (do not count now)"),
    "none": ("geen", "none"),
    "since": ("sinds {at}", "since {at}"),
    "missing": ("een vereiste ontbreekt", "a clearance is missing"),
    "engagement": (
        "{kind} van {company}, vanaf {since} tot {until}",
        "{kind} of {company}, from {since} until {until}",
    ),
    "never": ("nooit", "never"),
    "span": ("{since} tot en met {until}", "{since} to {until}"),
}
NAMES: Phrases = {
    "account": ("account", "account"),
    "roles": ("rollen", "roles"),
    "key": ("sleutel", "key"),
    "engaged": ("werkt als", "engaged"),
    "phone": ("telefoon", "phone"),
    "mailbox": ("postbus", "mailbox"),
    "suspended": ("geschorst", "suspended"),
    "screening": ("screening", "screening"),
    "secrecy": ("geheimhouding", "secrecy"),
    "training": ("opleiding", "training"),
    "sealed": ("verzegeld", "sealed"),
    "cleared until": ("vereisten t/m", "cleared until"),
}
WIDTH = 10


def print_people(people: Sequence[PersonView], now: datetime, language: str = ENGLISH) -> str:
    """Return the whole list as plain text, in ``language`` (``nl`` or ``en``)."""
    return _Paper(language).print(people, now)


class _Paper:
    def __init__(self, language: str) -> None:
        self._language = language

    def print(self, people: Sequence[PersonView], now: datetime) -> str:
        counting = sum(view.counts for view in people)
        head = self._say("head", at=say_wall(now), count=len(people), counting=counting)
        lines = [self._say("title"), head, "", *self._next_lapses(people)]
        return "\n".join([*lines, *("\n".join(self._person(view)) for view in people)])

    def _next_lapses(self, people: Iterable[PersonView]) -> list[str]:
        ends = [view.cleared_until for view in people if view.counts and view.cleared_until]
        if not ends:
            return []
        first = min(ends)
        names = [view.name for view in people if view.counts and view.cleared_until == first]
        return [self._say("next", on=first.isoformat(), who=", ".join(names)), ""]

    def _person(self, view: PersonView) -> Iterator[str]:
        none, until = self._say("none"), view.cleared_until
        roles = ", ".join(self._code(ROLES, one) for one in view.roles) or none
        yield f"{view.name} ({view.login}, {view.personnel_number})"
        yield self._line("account", view.account)
        yield self._line("roles", roles + ("" if view.counts else self._say("idle")))
        yield self._line("key", view.key or none)
        yield from self._engagement(view.engagement)
        if view.suspended_at is not None:
            yield self._line("suspended", self._say("since", at=say_wall(view.suspended_at)))
        held = {item.kind for item in view.clearances}
        for kind in ClearanceKind:
            if kind in held.union(REQUIRED):
                yield self._line(kind, self._last(view, kind))
        yield self._line("cleared until", until.isoformat() if until else self._say("missing"))
        yield ""

    def _engagement(self, engagement: EngagementView) -> Iterator[str]:
        """Yield the footing of somebody of another house, and how anybody is reached."""
        if engagement.since is not None and engagement.until is not None:
            said = self._say(
                "engagement",
                kind=self._code(ENGAGEMENTS, engagement.kind),
                company=engagement.company,
                since=say_wall(engagement.since),
                until=say_wall(engagement.until),
            )
            yield self._line("engaged", said)
        for name in ("phone", "mailbox"):
            if (value := getattr(engagement, name)) is not None:
                yield self._line(name, value)

    def _last(self, view: PersonView, kind: ClearanceKind) -> str:
        spans = [item for item in view.clearances if item.kind is kind]
        if not spans:
            return self._say("never")
        last = max(spans, key=lambda item: item.valid_until)
        since, until = last.valid_from.isoformat(), last.valid_until.isoformat()
        return self._say("span", since=since, until=until)

    def _line(self, name: str, value: str) -> str:
        called = f"{self._code(NAMES, name)} "
        return f"  {called:<{WIDTH}} {value}"

    def _say(self, key: str, /, **values: object) -> str:
        return phrase(SAYINGS, key, self._language, **values)

    def _code(self, codes: Phrases, code: str) -> str:
        return phrase(codes, code, self._language)
