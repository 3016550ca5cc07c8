"""The catalogue of legal bases: data files, checked when loaded, one digest over them all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from lea_service.kernel.canonical import Json, canonical_digest, dump_canonical
from lea_service.kernel.errors import NotFound
from lea_service.legal.basis import Basis, Row
from lea_service.legal.editions import choose_edition, first_day, key_of
from lea_service.legal.overlay import OwnRow, is_overlay, put_over, read_json, read_overlay
from lea_service.legal.rows import Placed, check_rows, place_rows

SCHEMA = "legal-basis-1.json"
FORMATS = {
    "catalogue.json": "lea.legal-catalogue/1",
    "codes.json": "lea.legal-codes/1",
    "sources.json": "lea.legal-sources/1",
}
BASES_FORMAT = "lea.legal-bases/1"
BASES_PREFIX = "bases-"
INTELLIGENCE = "nl.intelligence"
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
    """Every edition of every legal basis with the tables its codes refer to; it never changes.

    Capitals in an id, and dots for hyphens, make no difference.
    """

    version: str
    digest: str
    bases: tuple[Basis, ...]
    grounds: Mapping[str, Ground]
    codes: Mapping[str, Any]
    sources: Mapping[str, str]
    head: Row
    _editions: Mapping[str, tuple[Basis, ...]]
    _rows: Mapping[str, str]
    _powers: Mapping[str, Power]
    _shipped: Mapping[str, tuple[Basis, ...]]

    def find_basis(self, basis_id: str, on: date) -> Basis | None:
        """Return the edition of a basis for an order dated ``on``; the nearest when none has it."""
        return choose_edition(self._editions.get(key_of(basis_id), ()), on)

    def list_readings(self, basis_id: str, on: date) -> tuple[Basis, ...]:
        """Return the edition for an order dated ``on``, and the one it was put over.

        What makes us keep something goes by both, so that no row of the provider's own ends a
        freeze.
        """
        key = key_of(basis_id)
        found = (choose_edition(one.get(key, ()), on) for one in (self._editions, self._shipped))
        return tuple({one.digest: one for one in found if one is not None}.values())

    def get_editions(self, basis_id: str) -> tuple[Basis, ...]:
        """Return every edition of a basis, the earliest first. Raises NotFound."""
        found = self._editions.get(key_of(basis_id), ())
        if not found:
            raise NotFound("no such legal basis in the catalogue")
        return found

    def has_basis(self, basis_id: str) -> bool:
        """Say whether there is any edition of a basis."""
        return key_of(basis_id) in self._editions

    def is_sealed(self, basis_id: str) -> bool:
        """Say whether orders on a basis are those of an intelligence service.

        So are those on an article that is not here, of a law that such a basis stands in.
        """
        key = key_of(basis_id)
        if key in self._editions:
            return any(one.family == INTELLIGENCE for one in self._editions[key])
        return key.startswith(tuple(key_of(one.id).rpartition("-")[0] for one in self._secret()))

    def is_sealed_role(self, role: str) -> bool:
        """Say whether only an intelligence service has a role."""
        return role in {one for basis in self._secret() for one in basis.issuing_roles or ()}

    def _secret(self) -> Iterator[Basis]:
        """Yield the bases of the intelligence services."""
        every = (one for editions in self._editions.values() for one in editions)
        return (one for one in every if one.family == INTELLIGENCE)

    def get_row(self, basis: Basis) -> dict[str, Any]:
        """Return the whole row of an edition, as its file has it."""
        row: dict[str, Any] = json.loads(self._rows[basis.digest])
        return row

    def find_power(self, basis_id: str) -> Power | None:
        """Return the power behind an id that is no basis for stored data."""
        return self._powers.get(key_of(basis_id))

    def homes_of(self, category: str, family: str, on: date) -> tuple[Basis, ...]:
        """Return the bases of a family that reach ``category``, for an order dated ``on``."""
        chosen = (choose_edition(editions, on) for editions in self._editions.values())
        return tuple(
            basis
            for basis in chosen
            if basis is not None
            and basis.family == family
            and basis.instrument in PRODUCING
            and category in (basis.categories or ())
        )

    def knows(self, table: str, code: str) -> bool:
        """Say whether a table of codes has ``code``."""
        return code in self.codes[table]


@cache
def load_catalogue(overlay: Path | None = None) -> Catalogue:
    """Return what ships with the service, under the provider's own rows. Raises InvalidInput."""
    return read_catalogue(files("lea_service.legal") / "data", overlay)


def open_catalogue(folder: Path) -> Catalogue:
    """Read a folder: a catalogue, or an overlay on the one that ships. Raises InvalidInput."""
    if is_overlay(folder):
        return read_catalogue(files("lea_service.legal") / "data", folder)
    return read_catalogue(folder)


def read_catalogue(folder: Traversable | Path, overlay: Path | None = None) -> Catalogue:
    """Read and check every file of a catalogue. Raises InvalidInput that names each bad place."""
    tables = {name: read_json(folder / name, wanted) for name, wanted in FORMATS.items()}
    schema = read_json(folder / SCHEMA)
    head, codes = tables["catalogue.json"], tables["codes.json"]
    sources = tables["sources.json"]["sources"]
    shipped = place_rows(_rows(folder))
    check_rows(shipped, schema, codes, sources)
    if overlay is None:
        return build_catalogue(head, codes, sources, shipped)
    own = read_overlay(overlay, schema, codes)
    rows = put_over(shipped, own)
    check_rows(rows, schema, codes, sources)
    return build_catalogue(head, codes, sources, rows, own, shipped)


def build_catalogue(
    head: Row,
    codes: Row,
    sources: Mapping[str, str],
    rows: Sequence[Placed],
    own: Sequence[OwnRow] = (),
    shipped: Sequence[Placed] = (),
) -> Catalogue:
    """Put checked parts together; the digest is over all of them, rows by id and first day.

    ``shipped`` are the rows that were there before ``own`` ones replaced some.
    """
    loaded = [(one.load(), one.row) for one in rows]
    loaded.sort(key=lambda pair: (pair[0].id, first_day(pair[0])))
    bases = tuple(basis for basis, _ in loaded)
    whole: dict[str, Json] = {
        "head": dict(head),
        "codes": dict(codes),
        "sources": dict(sources),
        "bases": [row for _, row in loaded],
    }
    if own:
        whole["overlay"] = sorted((one.dump() for one in own), key=dump_canonical)
    return Catalogue(
        version=head["version"],
        digest=canonical_digest(whole),
        bases=bases,
        grounds={row["code"]: _ground(row) for row in codes["grounds"]},
        codes=codes,
        sources=sources,
        head=head,
        _editions=group_editions(bases),
        _rows={basis.digest: json.dumps(row) for basis, row in loaded},
        _powers={
            key_of(one): Power(one, row["citation"], row["response"])
            for row in codes["powers"]
            for one in row["ids"]
        },
        _shipped=group_editions([one.load() for one in shipped]),
    )


def group_editions(bases: Sequence[Basis]) -> dict[str, tuple[Basis, ...]]:
    """Return the editions of each id, the earliest first."""
    found: dict[str, list[Basis]] = {}
    for basis in sorted(bases, key=first_day):
        found.setdefault(key_of(basis.id), []).append(basis)
    return {key: tuple(editions) for key, editions in sorted(found.items())}


def _rows(folder: Traversable | Path) -> Iterator[Any]:
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.startswith(BASES_PREFIX) and file.name.endswith(".json"):
            yield from read_json(file, BASES_FORMAT)["bases"]


def _ground(row: Row) -> Ground:
    return Ground(row["code"], row["text"], row["may_refuse"], row["needs_finding"])
