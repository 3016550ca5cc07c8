"""What holds for agencies, their people and desks; no session, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lea_service.kernel.coded import Coded
from lea_service.kernel.errors import InvalidInput, StaleVersion, WrongState

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")

INTELLIGENCE = "intelligence"
"""The kind of an agency of which nobody without a clearance may know that it asks."""
KINDS = (
    Coded("police", "Politie", "Police"),
    Coded("military_police", "Koninklijke Marechaussee, militaire politie", "Military police"),
    Coded("investigation_service", "Bijzondere opsporingsdienst", "Special investigation service"),
    Coded("prosecution", "Openbaar ministerie", "Prosecution office"),
    Coded("court", "Gerecht, rechter-commissaris", "Court, examining magistrate"),
    Coded(INTELLIGENCE, "Inlichtingen- en veiligheidsdienst", "Intelligence service"),
    Coded("supervisor", "Toezichthouder", "Supervisory authority"),
    Coded("tax", "Belastingdienst", "Tax administration"),
    Coded("ministry", "Ministerie", "Ministry"),
    Coded("emergency_service", "Hulpdienst, meldkamer", "Emergency service, dispatch centre"),
    Coded("other", "Een andere instantie met een bevoegdheid", "Another authority with a power"),
)
"""What an agency is, as the register has it; a list of ours. What it may demand its roles say."""
SUSPENDED = (
    Coded("impersonation", "Iemand doet zich ervoor uit.", "Somebody poses as it."),
    Coded(
        "mailbox_taken",
        "Iemand anders kan de postbus lezen.",
        "Somebody else may read the mailbox.",
    ),
    Coded("stolen_device", "Een apparaat is gestolen.", "A device was stolen."),
    Coded("left", "Werkt er niet meer.", "No longer works there."),
    Coded("ended", "De instantie bestaat niet meer.", "The agency does not exist any more."),
    Coded("misuse", "Vorderde wat niet mag.", "Demanded what it may not."),
    Coded("doubt", "Er is twijfel, die wordt uitgezocht.", "There is a doubt that is looked into."),
)
"""Why an agency, person or desk is stopped at once."""
REVOKED = (
    Coded("key_lost", "De sleutel is kwijt.", "The key is lost."),
    Coded("key_stolen", "Iemand anders kan de sleutel hebben.", "Somebody else may have the key."),
    Coded("replaced", "Een ander certificaat komt ervoor.", "Another certificate takes its place."),
    Coded("wrong_holder", "Het is van iemand anders.", "It is somebody else's."),
    Coded("left", "De houder werkt er niet meer.", "The holder no longer works there."),
    Coded("doubt", "Er is twijfel, die wordt uitgezocht.", "There is a doubt that is looked into."),
)
"""Why a certificate is not trusted any more."""


def check_roles(roles: Iterable[str], allowed: Iterable[str]) -> None:
    """Refuse an issuing role that the agency itself may not hold. Raises InvalidInput."""
    held = sorted(set(allowed))
    if not set(roles) <= set(held):
        those = ", ".join(held) or "none; propose a change of the agency first"
        raise InvalidInput.at("/roles", f"expected issuing roles that the agency may hold: {those}")


def check_known_roles(roles: Iterable[str], known: Iterable[str]) -> None:
    """Refuse an issuing role that the legal catalogue has not. Raises InvalidInput, naming all."""
    there = sorted(set(known))
    if not set(roles) <= set(there):
        those = ", ".join(there)
        raise InvalidInput.at("/roles", f"expected issuing roles of the legal catalogue: {those}")


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
