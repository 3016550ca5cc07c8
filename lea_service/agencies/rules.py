"""What holds for agencies, their people and desks; no session, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lea_service.kernel.errors import InvalidInput, StaleVersion, WrongState
from lea_service.staff.rules import GROUND

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def check_ground(ground: str) -> None:
    """Ask for a coded ground. Raises InvalidInput."""
    if not GROUND.fullmatch(ground):
        raise InvalidInput.at("/ground", "expected a coded ground: a-z, 0-9, dot, hyphen, 2 to 40")


def check_roles(roles: Iterable[str], allowed: Iterable[str]) -> None:
    """Refuse an issuing role that the agency itself may not hold. Raises InvalidInput."""
    if not set(roles) <= set(allowed):
        raise InvalidInput.at("/roles", "expected issuing roles that the agency may hold")


def check_version(found: int | None, expected: int) -> None:
    """Compare what is there (None: nothing) with the version a change starts from.

    Version 0 opens something new. Raises StaleVersion.
    """
    if (found or 0) != expected:
        raise StaleVersion("it was changed since it was read", version=found or 0)


def check_not_suspended(is_suspended: bool, what: str) -> None:
    """Let nothing be added to what is suspended. Raises WrongState."""
    if is_suspended:
        raise WrongState(f"the {what} is suspended; lift that first")


def normal_contact(kind: str, value: str) -> str:
    """Return a contact value in its one form. Raises InvalidInput."""
    if kind == "phone":
        number = re.sub(r"[ ()./-]", "", value)
        if not PHONE.fullmatch(number):
            raise InvalidInput.at("/value", "expected a phone number as +31…")
        return number
    if kind == "email":
        return normal_email(value, "/value")
    return " ".join(value.split())


def normal_email(value: str, pointer: str) -> str:
    """Return an e-mail address with its domain in lower case. Raises InvalidInput."""
    address = value.strip()
    if len(address) > 254 or not EMAIL.fullmatch(address):
        raise InvalidInput.at(pointer, "expected an e-mail address")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"
