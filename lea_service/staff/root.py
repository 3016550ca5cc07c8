"""The pin file ``staff-root.json``: the first two people, kept outside the database.

Whatever is in the database counts only if its signatures lead back to the two keys named here. The
digest of this file stands in the two first entries of the custody log, so that changing the file
is seen as well.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lea_service.kernel.actors import Role
from lea_service.kernel.canonical import (
    Json,
    canonical_digest,
    dump_canonical,
    encode_b64url,
    load_strict,
)
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import Conflict, IntegrityFailure, InvalidInput, Unavailable
from lea_service.kernel.folders import sync_folder
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.keys import check_public_key, key_id
from lea_service.staff.rules import BOOTSTRAP_ROLES, Clearance, ClearanceKind

ROOT_FORMAT = "lea.staff-root/1"


@dataclass(frozen=True, slots=True)
class Founder:
    """One of the first two people; ``person`` is the keyed digest of who it is."""

    account: str
    role: Role
    person: str
    public_key: bytes
    clearances: tuple[Clearance, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """What every chain of signatures must end in."""

    made_at: datetime
    founders: tuple[Founder, Founder]

    @property
    def digest(self) -> str:
        """Return base64url(SHA-256) of the file's canonical form, as the log's entries hold it."""
        return canonical_digest(dump_root(self))

    def is_of_same_people(self, other: Root) -> bool:
        """Say whether both pin the same people with the same keys, roles and clearances."""
        return [replace(founder, account="") for founder in self.founders] == [
            replace(founder, account="") for founder in other.founders
        ]


def dump_clearances(clearances: Sequence[Clearance]) -> list[Json]:
    """Return clearances as they stand in facts and files."""
    ordered = sorted(clearances, key=lambda item: (item.kind, item.valid_from, item.valid_until))
    return [
        {
            "kind": str(item.kind),
            "from": item.valid_from.isoformat(),
            "until": item.valid_until.isoformat(),
        }
        for item in ordered
    ]


def load_clearances(value: Any) -> tuple[Clearance, ...]:
    """Read what ``dump_clearances`` wrote. Raises InvalidInput."""
    try:
        return tuple(
            Clearance(
                ClearanceKind(item["kind"]),
                date.fromisoformat(item["from"]),
                date.fromisoformat(item["until"]),
            )
            for item in value
        )
    except (KeyError, TypeError, ValueError) as err:
        raise InvalidInput.at("/clearances", "expected kind, from and until of each") from err


def dump_root(root: Root) -> dict[str, Json]:
    """Return the content of the pin file."""
    people: list[Json] = [
        {
            "account": founder.account,
            "role": str(founder.role),
            "person": founder.person,
            "key": key_id(founder.public_key),
            "public_key": encode_b64url(founder.public_key),
            "clearances": dump_clearances(founder.clearances),
        }
        for founder in root.founders
    ]
    return {"format": ROOT_FORMAT, "made_at": format_instant(root.made_at), "people": people}


def parse_root(value: Any) -> Root:
    """Read the content of the pin file. Raises IntegrityFailure."""
    try:
        first, second = (_founder(item) for item in value["people"])
        root = Root(parse_instant(value["made_at"]), (first, second))
    except (InvalidInput, KeyError, TypeError, ValueError) as err:
        raise IntegrityFailure("the staff root does not name two people and their keys") from err
    if dump_root(root) != value or not _are_two(first, second):
        raise IntegrityFailure("the staff root does not name two people and their keys")
    return root


def load_root(path: Path) -> Root:
    """Read the pin file. Raises Unavailable when there is none, IntegrityFailure when it is bad."""
    root = find_root(path)
    if root is None:
        raise Unavailable("there is no staff root; run: lea staff bootstrap")
    return root


def find_root(path: Path) -> Root | None:
    """Read the pin file; None when there is none. Raises IntegrityFailure when it is bad."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return parse_root(load_strict(data))
    except InvalidInput as err:
        raise IntegrityFailure("the staff root is not well-formed") from err


def write_root(path: Path, root: Root) -> None:
    """Write the pin file, whole, durable and read-only, never over another. Raises Conflict."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(dump_canonical(dump_root(root)) + b"\n")
            file.flush()
            os.fchmod(file.fileno(), 0o444)
            os.fsync(file.fileno())
        os.link(name, path)  # unlike a rename it never takes the place of another file
        sync_folder(path.parent)
    except FileExistsError as err:
        raise Conflict("a staff root exists already; the first two people are made once") from err
    finally:
        Path(name).unlink()


def _founder(item: Mapping[str, Any]) -> Founder:
    public_key = decode_b64url(item["public_key"], "/public_key")
    check_public_key(public_key)
    return Founder(
        account=item["account"],
        role=Role(item["role"]),
        person=item["person"],
        public_key=public_key,
        clearances=load_clearances(item["clearances"]),
    )


def _are_two(first: Founder, second: Founder) -> bool:
    return (
        first.account != second.account
        and first.person != second.person
        and first.public_key != second.public_key
        and (first.role, second.role) == BOOTSTRAP_ROLES
    )
