"""The published table: what each role is for, what it may do, and which one person may combine."""

from __future__ import annotations

from typing import Any

from lea_service.kernel.actors import GRANTS, Permission, Role
from lea_service.staff.rules import BOOTSTRAP_ROLES, COMBINATIONS

ABOUT = {
    Role.HANDLER: "records demands, checks them, makes and proposes plans",
    Role.APPROVER: "decides on plans that a handler proposed",
    Role.AUDITOR: "reads everything, changes nothing, exports the log",
    Role.OVERSEER: "security or privacy officer: alarms, staff, breaches; handles no demand",
    Role.ENGINEER: "connects sources, runs the service; reads no case",
    Role.ADMINISTRATOR: "proposes accounts, roles and keys; reads no case",
}
HEAD = """# Roles

Who works here has roles out of **one** of the groups below. A role counts only while the person's
screening, secrecy statement and training all hold and nobody suspended the person. Every account,
role, key and clearance takes effect by the signatures of two people, neither being the one it is
for; the first two (an {first} and an {second}) are made by `lea staff bootstrap`.

A data protection officer should be an auditor only: the GDPR wants no other tasks that conflict
with theirs (art. 38(6)), and an overseer decides. The service does not know who is one.

This page is generated from the code (`lea staff roles`), and a test compares them.

## Which roles one person may combine
"""


def describe_roles() -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "roles": {str(role): sorted(map(str, GRANTS[role])) for role in ABOUT},
        "combinations": [sorted(map(str, group)) for group in COMBINATIONS],
    }


def render_page() -> str:
    """Return the page as Markdown."""
    first, second = BOOTSTRAP_ROLES
    parts = [HEAD.format(first=first, second=second), *_groups(), "", *_meanings(), "", *_grants()]
    return "\n".join(parts) + "\n"


def _groups() -> list[str]:
    rows = [f"| {' | '.join(sorted(group))} |" for group in COMBINATIONS]
    return ["| one | and the other |", "|---|---|", *rows]


def _meanings() -> list[str]:
    rows = [f"| {role} | {about} |" for role, about in ABOUT.items()]
    return ["## What each role is for", "", "| role | what for |", "|---|---|", *rows]


def _grants() -> list[str]:
    head = ["permission", *(str(role) for role in ABOUT)]
    rows = [
        [f"`{permission}`", *("yes" if permission in GRANTS[role] else "" for role in ABOUT)]
        for permission in Permission
        if any(permission in GRANTS[role] for role in ABOUT)
    ]
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    tail = "The worker and the receivers of packages have permissions of their own, which nobody"
    return [
        "## What each role may do",
        "",
        *lines,
        "",
        f"{tail}\nof the staff can be given.",
    ]
