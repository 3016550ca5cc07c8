"""Files that go from person to person: requests for approvals, made without any service."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from lea_service.kernel.canonical import Json, load_strict
from lea_service.kernel.errors import InvalidInput
from lea_service.staff.rules import STAFF_ROLES, ClearanceKind

Command = TypeVar("Command", bound=Callable[..., Any])
DAYS = "FROM:UNTIL"

out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
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
    """Give a command the three clearances with their dates."""
    for kind in reversed(ClearanceKind):
        command = click.option(
            f"--{kind}",
            metavar=DAYS,
            help=f"First and last day of the {kind}, as 2026-01-01:2026-12-31.",
        )(command)
    return command


def dump_days(given: Mapping[str, str | None]) -> list[Json]:
    """Return the clearances named by options. Raises InvalidInput."""
    found: list[Json] = []
    for kind in ClearanceKind:
        days = given.get(str(kind))
        if days is None:
            continue
        start, colon, end = days.partition(":")
        if not colon:
            raise InvalidInput.at(f"/clearances/{kind}", f"expected {DAYS}")
        found.append({"kind": str(kind), "from": start, "until": end})
    return found


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file. Raises InvalidInput."""
    value = load_strict(path.read_bytes())
    if not isinstance(value, dict):
        raise InvalidInput(f"{path}: expected a JSON object")
    return value


def write_object(value: Any, out: Path | None) -> None:
    """Write JSON to a new file, or to standard output. Raises InvalidInput."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as err:
        raise InvalidInput(f"{out} exists; it is not overwritten") from err
    click.echo(f"written: {out}", err=True)
