"""Files that go from person to person: requests for approvals, made without any service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.kernel.printable import printable_json
from lea_service.staff.engagement import EngagementKind, dump_engagement, read_engagement
from lea_service.staff.keys import load_request
from lea_service.staff.phrases import CLEARANCES
from lea_service.staff.rules import STAFF_ROLES, ClearanceKind
from lea_service.staff.schemas import EngagementSchema
from lea_service.web.input import Form, read_object
from lea_service.web.output import OutFile, show
from lea_service.web.schemas import load_form, within

Command = TypeVar("Command", bound=Callable[..., Any])
DAYS = "FROM:UNTIL"
INSTANT = Form(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)",
    "an instant as 2026-11-24T09:30:00+01:00",
)

out_option = click.option(
    "--out",
    type=OutFile(),
    help="Write to this file, which must not exist; else to standard output.",
)
key_request_option = click.option(
    "--key-request",
    "key_request",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The file that the person's `lea staff key new --request` wrote.",
)
role_option = click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(sorted(str(role) for role in STAFF_ROLES)),
    help="Repeat for several; `lea staff roles` shows which one person may combine.",
)


def person_options(command: Command) -> Command:
    """Give a command what tells one person from another."""
    options = (
        click.option("--name", required=True, help="Full name, as on the printed list."),
        click.option("--login", required=True, help="Handle to sign in with: a-z, 0-9, . and -"),
        click.option("--personnel-number", required=True, help="By which a person is known."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def clearance_options(command: Command) -> Command:
    """Give a command the clearances with their dates."""
    for kind in reversed(ClearanceKind):
        command = click.option(
            f"--{kind}",
            metavar=DAYS,
            help=f"First and last day, as 2026-01-01:2026-12-31, of: {CLEARANCES[kind][1]}.",
        )(command)
    return command


def engagement_options(command: Command) -> Command:
    """Give a command the footing on which somebody works here, and how they are reached."""
    kinds = click.Choice([str(kind) for kind in EngagementKind])
    outside = "with somebody of another house"
    options = (
        click.option("--engagement", type=kinds, help="Of the house, or of another one."),
        click.option("--company", help=f"Name of the other house, {outside}."),
        click.option("--from", "since", type=INSTANT, help=f"Begin, {outside}."),
        click.option("--until", type=INSTANT, help=f"End, {outside}; not included."),
        click.option("--phone", help="Telephone, as +31 20 …"),
        click.option("--mailbox", help="Mailbox; notices to this person go there."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def dump_engaged(given: Mapping[str, str | None]) -> dict[str, Json] | None:
    """Return the engagement named by options; None where none is. Raises InvalidInput."""
    names = {"kind": "engagement", "from": "since"}
    asked: dict[str, Json] = {
        name: given.get(names.get(name, name))
        for name in ("kind", "from", "until", "company", "phone", "mailbox")
    }
    if all(value is None for value in asked.values()):
        return None
    asked["kind"] = asked["kind"] or str(EngagementKind.EMPLOYEE)
    with within("/engagement"):
        form = load_form(EngagementSchema, asked)
    engagement, contact = read_engagement(form)
    return dump_engagement(engagement) | contact.dump()


def dump_days(given: Mapping[str, str | None]) -> list[Json]:
    """Return the clearances named by options. Raises InvalidInput."""
    return [
        _dump_clearance(kind, days)
        for kind in ClearanceKind
        if (days := given.get(str(kind))) is not None
    ]


def _dump_clearance(kind: ClearanceKind, days: str) -> Json:
    start, _, end = days.partition(":")
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError as err:
        raise InvalidInput(f"--{kind}: expected {DAYS}, two days as 2026-01-01") from err
    if last < first:
        raise InvalidInput(f"--{kind}: expected a last day that is not before the first")
    return {"kind": str(kind), "from": f"{first}", "until": f"{last}"}


def read_key_request(path: Path) -> dict[str, Any]:
    """Read a request to enrol a key, which its maker holds. Raises InvalidInput."""
    value = read_object(path)
    try:
        load_request(value)
    except (InvalidInput, VerificationFailed) as err:
        raise InvalidInput(f"{path}: {err.detail}") from err
    return value


def write_object(value: Any, out: Path | None, *, as_json: bool = False) -> None:
    """Write JSON to a new file, or to standard output. Raises InvalidInput.

    ``as_json``: where it went to a file, say so as JSON too.
    """
    text = printable_json(value, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as err:
        raise InvalidInput(f"{out} exists; it is not overwritten") from err
    if as_json:
        show(as_json, {"file": str(out)}, "")
    else:
        click.echo(f"written: {out}", err=True)
