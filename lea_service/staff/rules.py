"""Who may hold which roles, when a clearance ends them, and what a password must be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from lea_service.kernel.actors import Role
from lea_service.kernel.clock import day_of
from lea_service.kernel.errors import InvalidInput

GROUND = re.compile(r"[a-z][a-z0-9_.-]{1,39}\Z")
"""The code of a ground: why something was returned, refused, suspended or handed over."""

COMBINATIONS: tuple[frozenset[Role], ...] = (
    frozenset({Role.HANDLER, Role.APPROVER}),
    frozenset({Role.AUDITOR, Role.OVERSEER}),
    frozenset({Role.ENGINEER, Role.ADMINISTRATOR}),
)
"""One person holds roles out of one of these groups only."""

STAFF_ROLES: frozenset[Role] = frozenset[Role]().union(*COMBINATIONS)
BOOTSTRAP_ROLES = (Role.ADMINISTRATOR, Role.OVERSEER)

LENT = Role.APPROVER
"""The one role that somebody who holds it may lend to a colleague."""
LONGEST_DELEGATION = timedelta(days=92)

PASSWORD_MIN = 15
PASSWORD_MAX = 128
PASSWORD_DIFFERENT = 6
LOGIN = re.compile(r"[a-z][a-z0-9.-]{2,39}")
PERSONNEL_NUMBER = re.compile(r"[A-Z0-9-]{1,20}")
LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")

FREE_ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


class ClearanceKind(StrEnum):
    """What a person was given, each with dates; ``sealed`` opens the sealed lane of demands."""

    SCREENING = "screening"
    SECRECY = "secrecy"
    TRAINING = "training"
    SEALED = "sealed"


REQUIRED = (ClearanceKind.SCREENING, ClearanceKind.SECRECY, ClearanceKind.TRAINING)
"""What a person must have before any role counts."""


@dataclass(frozen=True, slots=True)
class Clearance:
    """One clearance; both days are included and begin where the law counts them."""

    kind: ClearanceKind
    valid_from: date
    valid_until: date

    def covers(self, day: date) -> bool:
        """Say whether the clearance holds on ``day``."""
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True)
class Delegation:
    """The role of an approver, lent by whoever holds it; ``until`` itself is not included."""

    of: str
    since: datetime
    until: datetime

    def covers(self, at: datetime) -> bool:
        """Say whether the role is lent at ``at``."""
        return self.since <= at < self.until


def may_combine(roles: Collection[Role]) -> bool:
    """Say whether one person may hold these roles."""
    return any(group.issuperset(roles) for group in COMBINATIONS)


def with_lent(
    own: frozenset[Role],
    delegations: Iterable[Delegation],
    at: datetime,
    own_roles: Callable[[str], frozenset[Role]],
) -> frozenset[Role]:
    """Return the roles somebody has at ``at`` with what is lent to them.

    ``own_roles`` gives the roles of a lender that count then, without what is lent to the lender:
    so what is lent ends with the lender's own role, and nobody lends on.
    """
    both = own | {LENT}
    if not may_combine(both):
        return own
    is_lent = any(one.covers(at) and LENT in own_roles(one.of) for one in delegations)
    return both if is_lent else own


def check_delegation(delegation: Delegation, account: str) -> None:
    """Refuse a delegation to oneself, and one that never ends. Raises InvalidInput."""
    if delegation.of == account:
        raise InvalidInput.at("/delegation/of", "expected somebody else than whom it is for")
    if not delegation.since < delegation.until <= delegation.since + LONGEST_DELEGATION:
        raise InvalidInput.at("/delegation/until", "expected an end within 92 days after the begin")


def check_roles(roles: Collection[Role]) -> None:
    """Refuse roles that one person may not combine. Raises InvalidInput."""
    if len(set(roles)) != len(roles):
        raise InvalidInput.at("/roles", "expected each role once")
    if not may_combine(roles):
        raise InvalidInput.at(
            "/roles",
            "expected roles out of one group: handler and approver, auditor and overseer, "
            "or engineer and administrator",
        )


def check_clearance(clearance: Clearance) -> None:
    """Refuse a clearance that ends before it begins. Raises InvalidInput."""
    if clearance.valid_until < clearance.valid_from:
        raise InvalidInput.at(
            f"/clearances/{clearance.kind}/until", "expected a date not before the first day"
        )


def is_cleared(clearances: Iterable[Clearance], at: datetime) -> bool:
    """Say whether screening, secrecy statement and training all hold at ``at``."""
    day = day_of(at)
    return {item.kind for item in clearances if item.covers(day)} >= set(REQUIRED)


def cleared_until(clearances: Collection[Clearance], at: datetime) -> date | None:
    """Return the last day before a clearance lapses; None when one is missing already."""
    today = day_of(at)
    ends = []
    for kind in REQUIRED:
        spans = sorted(
            (item.valid_from, item.valid_until) for item in clearances if item.kind is kind
        )
        end = today - timedelta(days=1)
        for first, last in spans:
            if first <= end + timedelta(days=1):
                end = max(end, last)
        ends.append(end)
    return min(ends) if min(ends) >= today else None


PASSWORD_RULE = (
    f"{PASSWORD_MIN} tot {PASSWORD_MAX} tekens, ten minste {PASSWORD_DIFFERENT} verschillende, "
    "zonder uw inlognaam; een zin mag, en geen soort teken is verplicht",
    f"{PASSWORD_MIN} to {PASSWORD_MAX} characters, at least {PASSWORD_DIFFERENT} of them "
    "different, without your login; a sentence is fine, and no kind of sign is wanted",
)
"""What a password has to be, told to who chooses one, Dutch and English."""


def check_password(password: str, login: str) -> None:
    """Refuse a weak password: length rules, no composition rules. Raises InvalidInput."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise InvalidInput.at("/password", f"expected {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    if len(set(password)) < PASSWORD_DIFFERENT:
        raise InvalidInput.at(
            "/password", f"expected at least {PASSWORD_DIFFERENT} different characters"
        )
    if login.casefold() in password.casefold():
        raise InvalidInput.at("/password", "expected a password that does not hold the login")


def check_login(login: str) -> None:
    """Refuse a login that is not a plain handle. Raises InvalidInput."""
    if not LOGIN.fullmatch(login):
        raise InvalidInput.at(
            "/login", "expected 3 to 40 of a-z, 0-9, dot and hyphen, beginning with a letter"
        )


def normal_personnel_number(number: str) -> str:
    """Return the one form of the number by which a person is known. Raises InvalidInput."""
    normal = unicodedata.normalize("NFKC", number).strip().upper()
    if not PERSONNEL_NUMBER.fullmatch(normal):
        raise InvalidInput.at("/personnel_number", "expected 1 to 20 of A-Z, 0-9 and hyphen")
    return normal


def normal_name(name: str) -> str:
    """Return a person's name in NFC without doubled spaces. Raises InvalidInput."""
    normal = " ".join(unicodedata.normalize("NFC", name).split())
    if not 2 <= len(normal) <= 200 or any(unicodedata.category(char)[0] == "C" for char in normal):
        raise InvalidInput.at("/name", "expected 2 to 200 printable characters")
    return normal


def check_label(label: str) -> None:
    """Refuse a token label that is not a short plain word. Raises InvalidInput."""
    if not LABEL.fullmatch(label):
        raise InvalidInput.at("/label", "expected 1 to 40 letters, digits, spaces, dots, hyphens")


def wait_after(failures: int) -> timedelta:
    """Return how long a login stays closed after so many failures in a row."""
    if failures < FREE_ATTEMPTS:
        return timedelta(0)
    doublings = min(failures - FREE_ATTEMPTS, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
