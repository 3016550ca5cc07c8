"""The published table: what each role is for, what it may do, and which one person may combine."""

from __future__ import annotations

from typing import Any

from lea_service.kernel.actors import GRANTS, Permission, Role
from lea_service.kernel.phrases import DUTCH, ENGLISH, VALUES, Phrases, phrase
from lea_service.staff.phrases import ROLES
from lea_service.staff.rules import BOOTSTRAP_ROLES, COMBINATIONS

ABOUT: Phrases = {
    Role.HANDLER: (
        "legt vorderingen vast, toetst ze, maakt plannen en stelt ze voor",
        "records demands, checks them, makes and proposes plans",
    ),
    Role.APPROVER: (
        "besluit over plannen die een behandelaar voorstelde",
        "decides on plans that a handler proposed",
    ),
    Role.AUDITOR: (
        "leest alles, verandert niets, haalt het logboek op",
        "reads everything, changes nothing, exports the log",
    ),
    Role.OVERSEER: (
        "beveiliging of privacy: alarmen, medewerkers, inbreuken; behandelt geen vordering",
        "security or privacy officer: alarms, staff, breaches; handles no demand",
    ),
    Role.ENGINEER: (
        "sluit bronnen aan, houdt de dienst in bedrijf; leest geen zaak",
        "connects sources, runs the service; reads no case",
    ),
    Role.ADMINISTRATOR: (
        "stelt accounts, rollen en sleutels voor; leest geen zaak",
        "proposes accounts, roles and keys; reads no case",
    ),
}
HEADS = {
    ENGLISH: """# Roles

Who works here has roles out of **one** of the groups below. A role counts only while the person's
screening, secrecy statement and training all hold and nobody suspended the person. Every account,
role, key and clearance takes effect by the signatures of two people, neither being the one it is
for; the first two (an {first} and an {second}) are made by `lea staff bootstrap`.

A data protection officer should be an auditor only: the GDPR wants no other tasks that conflict
with theirs (art. 38(6)), and an overseer decides. The service does not know who is one.

This page is generated from the code (`lea staff roles`), and a test compares them.

## Which roles one person may combine
""",
    DUTCH: """# Rollen

Wie hier werkt heeft rollen uit **een** van de groepen hieronder. Een rol telt alleen zolang
screening, verklaring van geheimhouding en opleiding alle drie gelden en niemand de persoon
schorste. Elk account, elke rol, sleutel en vereiste gaat in door de handtekeningen van twee mensen,
geen van beiden degene voor wie het is; de eerste twee ({first} en {second}) maakt
`lea staff bootstrap`.

Een functionaris voor gegevensbescherming hoort alleen auditor te zijn: de AVG wil geen andere taken
die met de zijne botsen (art. 38 lid 6), en een intern toezichthouder besluit. Wie het is weet de
dienst niet.

## Welke rollen een persoon mag verenigen
""",
}
SAYINGS: Phrases = {
    "one": ("een", "one"),
    "other": ("en de andere", "and the other"),
    "meanings": ("Waar elke rol voor is", "What each role is for"),
    "role": ("rol", "role"),
    "for": ("waarvoor", "what for"),
    "grants": ("Wat elke rol mag", "What each role may do"),
    "permission": ("recht", "permission"),
    "tail": (
        "De worker en de ontvangers van pakketten hebben eigen rechten, die niemand van de\n"
        "medewerkers kan krijgen.",
        "The worker and the receivers of packages have permissions of their own, which nobody\n"
        "of the staff can be given.",
    ),
}


def describe_roles() -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "roles": {str(role): sorted(map(str, GRANTS[Role(role)])) for role in ABOUT},
        "combinations": [sorted(map(str, group)) for group in COMBINATIONS],
    }


def render_page(language: str = ENGLISH) -> str:
    """Return the page as Markdown, in ``language`` (``nl`` or ``en``); rights stay codes."""
    return _Page(language).render()


class _Page:
    def __init__(self, language: str) -> None:
        self._language = language

    def render(self) -> str:
        first, second = map(self._role, BOOTSTRAP_ROLES)
        head = HEADS[self._language].format(first=first, second=second)
        parts = [head, *self._groups(), "", *self._meanings(), "", *self._grants()]
        return "\n".join(parts) + "\n"

    def _groups(self) -> list[str]:
        rows = [" | ".join(map(self._role, sorted(group))) for group in COMBINATIONS]
        head = f"| {self._say('one')} | {self._say('other')} |"
        return [head, "|---|---|", *(f"| {row} |" for row in rows)]

    def _meanings(self) -> list[str]:
        head = f"| {self._say('role')} | {self._say('for')} |"
        rows = [f"| {self._coded(one)} | {phrase(ABOUT, one, self._language)} |" for one in ABOUT]
        return [f"## {self._say('meanings')}", "", head, "|---|---|", *rows]

    def _grants(self) -> list[str]:
        yes, held = phrase(VALUES, "True", self._language), [GRANTS[Role(one)] for one in ABOUT]
        head = [self._say("permission"), *map(self._role, ABOUT)]
        rows = [
            [f"`{one}`", *(yes if one in rights else "" for rights in held)]
            for one in Permission
            if any(one in rights for rights in held)
        ]
        lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
        return [f"## {self._say('grants')}", "", *lines, "", self._say("tail")]

    def _coded(self, role: str) -> str:
        """Return what a role is called, and its code where that is another word."""
        called = self._role(role)
        return called if called == role else f"{called} (`{role}`)"

    def _role(self, role: str) -> str:
        return phrase(ROLES, role, self._language)

    def _say(self, key: str) -> str:
        return phrase(SAYINGS, key, self._language)
