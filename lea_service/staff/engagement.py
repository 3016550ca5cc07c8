"""On what footing somebody works here: of the house, or of another one with dates. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lea_service.kernel.actors import Role
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, load_instant
from lea_service.kernel.errors import InvalidInput

OUTSIDER_ROLES = frozenset({Role.APPROVER})
"""What somebody of another house may be here."""
_MAILBOX = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+[0-9][0-9 ]{5,22}")


class EngagementKind(StrEnum):
    """Of the house, its lawyer, or one of the people of a desk that several houses share."""

    EMPLOYEE = "employee"
    OUTSIDE_COUNSEL = "outside_counsel"
    SHARED_DESK = "shared_desk"


@dataclass(frozen=True, slots=True)
class Engagement:
    """The public half: the kind, and from when until just before when it lasts.

    That of an employee has no dates: roles and suspensions say when it counts.
    """

    kind: EngagementKind = EngagementKind.EMPLOYEE
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_outside(self) -> bool:
        """Say whether it is of another house."""
        return self.kind is not EngagementKind.EMPLOYEE

    def covers(self, at: datetime) -> bool:
        """Say whether it lasts at ``at``."""
        if not self.is_outside:
            return True
        return self.since is not None and self.until is not None and self.since <= at < self.until


EMPLOYED = Engagement()
"""What holds for whom nothing else was decided."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The half that rests sealed: of which house, and how somebody is reached."""

    company: str | None = None
    phone: str | None = None
    mailbox: str | None = None

    def dump(self) -> dict[str, Json]:
        """Return the fields as they are sealed."""
        return {"company": self.company, "phone": self.phone, "mailbox": self.mailbox}


def dump_engagement(engagement: Engagement) -> dict[str, Json]:
    """Return an engagement as it stands in a statement."""
    return {
        "kind": str(engagement.kind),
        "from": dump_instant(engagement.since),
        "until": dump_instant(engagement.until),
    }


def load_engagement(given: Mapping[str, Any]) -> Engagement:
    """Read an engagement. Raises InvalidInput, KeyError, ValueError."""
    kind = EngagementKind(given["kind"])
    return Engagement(kind, load_instant(given["from"]), load_instant(given["until"]))


def read_engagement(given: Mapping[str, Any]) -> tuple[Engagement, Contact]:
    """Return both halves of what a form holds. Raises InvalidInput."""
    engagement = Engagement(given["kind"], given["since"], given["until"])
    check_engagement(engagement)
    contact = read_contact(given)
    _check_reachable(engagement, contact)
    return engagement, contact


def read_contact(given: Mapping[str, Any]) -> Contact:
    """Read the half that is sealed, in its one form. Raises InvalidInput."""
    mailbox, phone = given.get("mailbox"), given.get("phone")
    if mailbox is not None and not _MAILBOX.fullmatch(mailbox):
        raise InvalidInput.at("/engagement/mailbox", "expected an e-mail address")
    if phone is not None and not _PHONE.fullmatch(phone):
        raise InvalidInput.at("/engagement/phone", "expected a phone number as +31 20 …")
    return Contact(given.get("company"), phone, mailbox)


def check_engagement(engagement: Engagement) -> None:
    """Refuse dates that do not fit the kind. Raises InvalidInput."""
    since, until = engagement.since, engagement.until
    if not engagement.is_outside:
        if since is not None or until is not None:
            raise InvalidInput.at("/engagement/until", "expected no dates for an employee")
    elif since is None or until is None or not since < until:
        raise InvalidInput.at("/engagement/until", "expected an end after the begin")


def _check_reachable(engagement: Engagement, contact: Contact) -> None:
    """Ask of whom somebody of another house is, and where they are reached. Raises InvalidInput."""
    for name, value in contact.dump().items():
        if engagement.is_outside and value is None:
            raise InvalidInput.at(f"/engagement/{name}", "expected with somebody of another house")


def may_hold(roles: Collection[Role], engagement: Engagement) -> bool:
    """Say whether somebody on this footing may have these roles."""
    return not engagement.is_outside or OUTSIDER_ROLES.issuperset(roles)


def check_engaged(roles: Collection[Role], engagement: Engagement) -> None:
    """Refuse any role but that of an approver to somebody of another house. Raises InvalidInput."""
    if not may_hold(roles, engagement):
        raise InvalidInput.at("/roles", "expected approver alone for somebody of another house")
