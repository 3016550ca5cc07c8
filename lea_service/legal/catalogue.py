"""The catalogue of legal bases: data files, checked when loaded, one digest over them all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from lea_service.kernel.canonical import dump_canonical, encode_b64url, load_strict, sha256
from lea_service.kernel.errors import FieldError, InvalidInput, NotFound
from lea_service.legal.basis import Basis, Row, load_basis

SCHEMA = "legal-basis-1.json"
FORMATS = {
    "catalogue.json": "lea.legal-catalogue/1",
    "codes.json": "lea.legal-codes/1",
    "sources.json": "lea.legal-sources/1",
}
BASES_FORMAT = "lea.legal-bases/1"
BASES_PREFIX = "bases-"
NOT_AS_SCHEMA = "expected what the schema says"
PRODUCING = frozenset({"production_order", "forward_production_order", "european_production_order"})


@dataclass(frozen=True, slots=True)
class Ground:
    """On what a person may refuse, or why that is none of the provider's business."""

    code: str
    text: Mapping[str, str]
    may_refuse: bool
    needs_finding: bool


@dataclass(frozen=True, slots=True)
class Power:
    """Something the law knows that is no demand for stored data."""

    id: str
    citation: str
    response: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every legal basis with the tables its codes refer to. Nothing in it changes."""

    version: str
    digest: str
    bases: tuple[Basis, ...]
    grounds: Mapping[str, Ground]
    codes: Mapping[str, Any]
    sources: Mapping[str, str]
    _by_id: Mapping[str, Basis]
    _rows: Mapping[str, str]
    _powers: Mapping[str, Power]

    def find_basis(self, basis_id: str) -> Basis | None:
        """Return a basis by its id; capitals, and dots for hyphens, make no difference."""
        return self._by_id.get(_key(basis_id))

    def get_basis(self, basis_id: str) -> Basis:
        """Return a basis by its id. Raises NotFound."""
        basis = self.find_basis(basis_id)
        if basis is None:
            raise NotFound("no such legal basis in the catalogue")
        return basis

    def get_row(self, basis_id: str) -> dict[str, Any]:
        """Return the whole row of a basis, as its file has it. Raises NotFound."""
        row: dict[str, Any] = json.loads(self._rows[self.get_basis(basis_id).id])
        return row

    def find_power(self, basis_id: str) -> Power | None:
        """Return the power behind an id that is no basis for stored data."""
        return self._powers.get(_key(basis_id))

    def homes_of(self, category: str, family: str) -> tuple[Basis, ...]:
        """Return the bases of a family that reach ``category``."""
        return tuple(
            basis
            for basis in self.bases
            if basis.family == family
            and basis.instrument in PRODUCING
            and category in (basis.categories or ())
        )

    def knows(self, table: str, code: str) -> bool:
        """Say whether a table of codes has ``code``."""
        return code in self.codes[table]


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue that ships with the service. Raises InvalidInput."""
    return read_catalogue(files("lea_service.legal") / "data")


def is_known_basis(basis_id: str) -> bool:
    """Say whether the catalogue that ships with the service has this basis."""
    return load_catalogue().find_basis(basis_id) is not None


def read_catalogue(folder: Traversable | Path) -> Catalogue:
    """Read and check every file of a catalogue. Raises InvalidInput that names each bad place."""
    tables = {name: _read(folder / name, wanted) for name, wanted in FORMATS.items()}
    schema = load_strict((folder / SCHEMA).read_bytes())
    rows = list(_rows(folder))
    head, codes = tables["catalogue.json"], tables["codes.json"]
    sources = tables["sources.json"]["sources"]
    _check_rows(rows, schema)
    _check_codes(rows, codes, sources)
    return build_catalogue(head, codes, sources, rows)


def build_catalogue(
    head: Row, codes: Row, sources: Mapping[str, str], rows: list[dict[str, Any]]
) -> Catalogue:
    """Put checked parts together; the digest is over all of them, rows by id."""
    rows = sorted(rows, key=lambda row: str(row["id"]))
    bases = tuple(load_basis(row) for row in rows)
    whole = {"head": head, "codes": codes, "sources": sources, "bases": rows}
    return Catalogue(
        version=head["version"],
        digest=encode_b64url(sha256(dump_canonical(whole))),
        bases=bases,
        grounds={row["code"]: _ground(row) for row in codes["grounds"]},
        codes=codes,
        sources=sources,
        _by_id={_key(basis.id): basis for basis in bases},
        _rows={row["id"]: json.dumps(row) for row in rows},
        _powers={
            _key(one): Power(one, row["citation"], row["response"])
            for row in codes["powers"]
            for one in row["ids"]
        },
    )


def _read(file: Traversable, wanted: str) -> dict[str, Any]:
    value = load_strict(file.read_bytes())
    if not isinstance(value, dict) or value.get("format") != wanted:
        raise InvalidInput(f"{file.name}: expected a file of the format {wanted}")
    return value


def _rows(folder: Traversable | Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.startswith(BASES_PREFIX) and file.name.endswith(".json"):
            yield from _read(file, BASES_FORMAT)["bases"]


def _check_rows(rows: list[dict[str, Any]], schema: Row) -> None:
    validator = Draft202012Validator(schema)
    errors = [
        FieldError(f"/{_name(row, n)}{_pointer(error.absolute_path)}", NOT_AS_SCHEMA)
        for n, row in enumerate(rows)
        for error in validator.iter_errors(row)
    ]
    if errors:
        raise InvalidInput("a legal basis does not fit its schema", errors)
    ids = [row["id"] for row in rows]
    if len(set(ids)) != len(ids):
        raise InvalidInput("a legal basis is there twice")


def _check_codes(rows: list[dict[str, Any]], codes: Row, sources: Mapping[str, str]) -> None:
    errors = [
        FieldError(f"/{row['id']}/{field}", f"expected codes of the table {table}")
        for row in rows
        for field, table, used in _codes_used(row)
        if not set(used) <= set(sources if table == "sources" else codes[table])
    ]
    if errors:
        raise InvalidInput("a legal basis uses a code that no table explains", errors)


def _codes_used(row: Row) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (field, table, codes) of everything in a row that a table explains."""
    judicial = row["judicial_authorisation"] or {}
    for field, table in (
        ("issuing_roles", "roles"),
        ("roles_if_validated", "roles"),
        ("categories", "categories"),
        ("excluded_categories", "categories"),
        ("unsettled_categories", "categories"),
        ("targets", "targets"),
        ("contents", "contents"),
        ("sources", "sources"),
    ):
        yield field, table, row[field] or []
    for field, table in (
        ("family", "families"),
        ("instrument", "instruments"),
        ("route", "routes"),
        ("secrecy", "secrecy"),
        ("notification", "notification"),
        ("reimbursement", "reimbursement"),
    ):
        yield field, table, [row[field]] if row[field] else []
    yield "judicial_authorisation", "judges", [judicial["by"]] if judicial.get("by") else []
    for condition in judicial.get("conditions") or ():
        yield "judicial_authorisation", "conditions", [condition["kind"]]
        yield "judicial_authorisation", "categories", condition.get("categories", [])
    for field in ("oral", "response", "emergency_response", "preservation"):
        term = row[field] or {}
        term = term.get("confirmation") or {} if field == "oral" else term
        yield field, "time_rules", [term["counting"]] if "counting" in term else []


def _key(basis_id: str) -> str:
    return basis_id.lower().replace(".", "-")


def _ground(row: Row) -> Ground:
    return Ground(row["code"], row["text"], row["may_refuse"], row["needs_finding"])


def _name(row: Any, n: int) -> str:
    found = row.get("id") if isinstance(row, dict) else None
    return found if isinstance(found, str) else str(n)


def _pointer(path: Any) -> str:
    return "".join(f"/{step}" for step in path)
