"""A provider's own rows, each reviewed by a person, over the catalogue that ships."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from lea_service.kernel.canonical import Json, load_strict
from lea_service.kernel.errors import FieldError, InvalidInput
from lea_service.kernel.patterns import make_validator
from lea_service.legal.basis import Review, Row
from lea_service.legal.editions import key_of
from lea_service.legal.rows import NO_DAY, Placed, find_misfits, is_day, refuse

FORMAT = "lea.legal-overlay/1"
SCHEMA = "legal-overlay-1.json"
CATALOGUE = "catalogue.json"
NAMED = "bases-*.json"
NO_FILE = f"expected a folder with files {NAMED}"
NO_SUCH_EDITION = "expected the span of an edition that ships"
OTHER_FAMILY = "expected the family that rows of this id have"
OTHER_LAW = "expected the jurisdiction that rows of this family have"
OTHER_WAIT = "expected what rows of this id, or for these categories, that ship wait for"
NO_BASIS = "expected another id: this power is no demand for stored data"

Span = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row of the provider's own; ``replaces`` is the span of the edition it stands in for."""

    place: str
    row: dict[str, Any]
    reviewed: Review
    replaces: Span
    is_named: bool

    def dump(self) -> dict[str, Json]:
        """Return what the digest of the catalogue covers."""
        return {"basis": self.row, "reviewed": self.reviewed.dump()}


def is_overlay(folder: Path) -> bool:
    """Say whether a folder holds rows to lay over the catalogue, not a catalogue of its own."""
    return not (folder / CATALOGUE).exists() and any(_is_meant(one) for one in folder.iterdir())


def read_overlay(folder: Path, schema: Row, codes: Row) -> list[OwnRow]:
    """Read every row of an overlay. Raises InvalidInput that names the file and the place."""
    own: list[OwnRow] = []
    for file in _list_files(folder):
        value = read_json(file, FORMAT)
        _check_form(file.name, value, schema)
        own += [_load(file.name, n, one) for n, one in enumerate(value["bases"])]
    powers = {key_of(one) for row in codes["powers"] for one in row["ids"]}
    errors = [FieldError(f"{one.place}/id", NO_BASIS) for one in own if _key(one.row) in powers]
    refuse("a row of the provider's own is about no basis", errors)
    return own


def put_over(shipped: Sequence[Placed], own: Sequence[OwnRow]) -> list[Placed]:
    """Return the rows that count: own ones, and those that ship and none of them replaces.

    Raises InvalidInput where ``replaces`` names no edition that ships, where a row is of another
    family or jurisdiction than those of its id (a sealed order or a European one is one in any
    row), and where its answer does not wait for the enforcing authority as theirs does, or that of
    others for the same categories.
    """
    there = {(_key(one.row), _span(one.row)) for one in shipped}
    gone = {(_key(one.row), one.replaces) for one in own}
    errors = [
        FieldError(f"{one.place.removesuffix('/basis')}/replaces", NO_SUCH_EDITION)
        for one in own
        if one.is_named and (_key(one.row), one.replaces) not in there
    ]
    refuse("a row of the provider's own replaces nothing", errors)
    refuse("a row of the provider's own is of another law", _find_other_law(shipped, own))
    refuse("a row of the provider's own lets an answer go early", _find_early(shipped, own))
    kept = [one for one in shipped if (_key(one.row), _span(one.row)) not in gone]
    return kept + [Placed(one.place, one.row, one.reviewed) for one in own]


def _find_other_law(shipped: Sequence[Placed], own: Sequence[OwnRow]) -> list[FieldError]:
    """Return what would make a row one of another law: of those of its id, or of its family."""
    families = {_key(one.row): one.row["family"] for one in shipped}
    laws: dict[str, set[str]] = {}
    for placed in shipped:
        laws.setdefault(placed.row["family"], set()).add(placed.row["jurisdiction"])
    errors = []
    for one in own:
        family, law = one.row["family"], one.row["jurisdiction"]
        if family != families.get(_key(one.row), family):
            errors.append(FieldError(f"{one.place}/family", OTHER_FAMILY))
        elif law not in laws.get(family, {law}):
            errors.append(FieldError(f"{one.place}/jurisdiction", OTHER_LAW))
    return errors


def _find_early(shipped: Sequence[Placed], own: Sequence[OwnRow]) -> list[FieldError]:
    """Return the rows that let an answer go before those that ship do.

    Before those of their id, or of their jurisdiction that reach the same category; but where one
    that ships, of the same instrument, gives that category without a wait.
    """
    waits = {_key(one.row): wait for one in shipped if (wait := _wait_of(one.row)) is not None}
    reached = {
        (one.row["jurisdiction"], category): wait
        for one in shipped
        if (wait := _wait_of(one.row)) is not None
        for category in _reach_of(one.row)
    }
    free = {
        (one.row["jurisdiction"], one.row["instrument"], category)
        for one in shipped
        if _wait_of(one.row) is None
        for category in _reach_of(one.row)
    }
    return [
        FieldError(f"{one.place}/response/not_before", OTHER_WAIT)
        for one in own
        if _wait_of(one.row) != waits.get(_key(one.row), _wait_of(one.row))
        or (_is_answered_at_once(one.row) and _has_to_wait(one.row, reached, free))
    ]


def _is_answered_at_once(row: Row) -> bool:
    """Say whether the answer waits for nobody; without a term at all it waits for a person."""
    return row["response"] is not None and _wait_of(row) is None


def _has_to_wait(row: Row, reached: Mapping[Any, Any], free: Collection[Any]) -> bool:
    law, instrument = row["jurisdiction"], row["instrument"]
    known = None not in (row["categories"], row["unsettled_categories"])
    asked = _reach_of(row) if known else {category for of, category in reached if of == law}
    return any(
        (law, category) in reached and (law, instrument, category) not in free for category in asked
    )


def _reach_of(row: Row) -> set[str]:
    """Return the categories that a row gives, or may give."""
    return {*(row["categories"] or ()), *(row["unsettled_categories"] or ())}


def _wait_of(row: Row) -> Any:
    return (row["response"] or {}).get("not_before")


def read_json(file: Traversable | Path, wanted: str | None = None) -> dict[str, Any]:
    """Read an object from a file, of the format ``wanted``. Raises InvalidInput that names it."""
    try:
        value = load_strict(file.read_bytes())
    except OSError as err:
        raise InvalidInput(f"{file.name}: expected a file that can be read") from err
    except InvalidInput as err:
        raise InvalidInput(f"{file.name}: {err.detail}", err.errors) from err
    if not isinstance(value, dict) or (wanted and value.get("format") != wanted):
        raise InvalidInput(f"{file.name}: expected a file of the format {wanted or 'JSON object'}")
    return value


def _list_files(folder: Path) -> list[Path]:
    """Return the files of an overlay; what would be passed over is an error, save dot-files."""
    try:
        found = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    except OSError as err:
        raise InvalidInput(f"{folder}: {NO_FILE}") from err
    for one in found:
        if not one.match(NAMED):
            raise InvalidInput(f"{one}: expected a file named {NAMED}")
    if not found:
        raise InvalidInput(f"{folder}: {NO_FILE}")
    return found


def _is_meant(file: Path) -> bool:
    """Say whether a file is one of an overlay, or was to be: in another case it is an error."""
    return file.name.lower().startswith(NAMED.partition("*")[0])


def _check_form(name: str, value: Row, schema: Row) -> None:
    refuse("a row of the provider's own does not fit its schema", _as_schema(name, value, schema))
    errors = [
        FieldError(f"/{name}/bases/{n}/reviewed/on", NO_DAY)
        for n, one in enumerate(value["bases"])
        if not is_day(one["reviewed"]["on"])
    ]
    refuse("a review names a day that does not exist", errors)


def _as_schema(name: str, value: Row, schema: Row) -> Iterator[FieldError]:
    own = _schema()
    whole = {**own, "$defs": {**own["$defs"], "basis": dict(schema)}}  # found by its $id
    yield from find_misfits(f"/{name}", value, make_validator(whole))


@cache
def _schema() -> Any:
    return load_strict((files("lea_service.legal") / "data" / SCHEMA).read_bytes())


def _load(name: str, n: int, value: Row) -> OwnRow:
    row, given = dict(value["basis"]), value["reviewed"]
    named = value.get("replaces")
    return OwnRow(
        place=f"/{name}/bases/{n}/basis",
        row=row,
        reviewed=Review(given["by"], date.fromisoformat(given["on"]), given["why"]),
        replaces=_span(named or row),
        is_named=named is not None,
    )


def _key(row: Row) -> str:
    return key_of(row["id"])


def _span(row: Row) -> Span:
    return row["valid_from"], row["valid_to"]
