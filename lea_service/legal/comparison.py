"""What differs between two catalogues: editions added, removed, changed field by field; tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lea_service.legal.basis import Basis, Row
from lea_service.legal.catalogue import Catalogue
from lea_service.legal.reading import REVIEWED, Words, read_edition, render

KEYS = ("id", "code", "item")
"""By what a row of a table that is a list is known, if it has any of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field of a row, or a place in a table, and what stood and stands there."""

    place: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Changed:
    """An edition that both have; ``old`` and ``new`` are it as ``show_edition`` gives it."""

    old: Row
    new: Row
    fields: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two catalogues."""

    versions: tuple[str, str]
    digests: tuple[str, str]
    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[Changed, ...]
    tables: tuple[Change, ...]

    @property
    def is_same(self) -> bool:
        """Say whether nothing differs."""
        return self.digests[0] == self.digests[1]

    def dump(self) -> dict[str, Any]:
        """Return the plain form."""
        return {
            "same": self.is_same,
            "versions": [*self.versions],
            "digests": [*self.digests],
            "added": [*self.added],
            "removed": [*self.removed],
            "changed": [_dump_changed(one) for one in self.changed],
            "tables": [_dump_change(one) for one in self.tables],
        }


def compare(a: Catalogue, b: Catalogue) -> Difference:
    """Return what differs in ``b`` from ``a``."""
    pairs = list(_pair(a, b))
    both = [(old, new) for old, new in pairs if old is not None and new is not None]
    return Difference(
        versions=(a.version, b.version),
        digests=(a.digest, b.digest),
        added=tuple(show_edition(b, new) for old, new in pairs if old is None and new is not None),
        removed=tuple(
            show_edition(a, old) for old, new in pairs if new is None and old is not None
        ),
        changed=tuple(one for old, new in both if (one := _compare(a, old, b, new)).fields),
        tables=tuple(_changes(_tables(a), _tables(b))),
    )


def show_edition(catalogue: Catalogue, basis: Basis) -> dict[str, Any]:
    """Return an edition as it is shown: its row, the digest of that, and its review."""
    review = None if basis.reviewed is None else basis.reviewed.dump()
    return {"digest": basis.digest, REVIEWED: review, "row": catalogue.get_row(basis)}


def describe_difference(found: Difference, a: Catalogue, b: Catalogue, language: str) -> str:
    """Return a difference as text, in ``nl`` or ``en``."""
    old, new = (Words(one.codes, one.sources, language) for one in (a, b))
    if found.is_same:
        return new("nothing_differs", version=found.versions[0], digest=found.digests[0])
    parts = [
        "\n".join(_describe_amounts(found, new)),
        *(f"{new('added')} {render(read_edition(one, new))}" for one in found.added),
        *(f"{new('removed')} {render(read_edition(one, old))}" for one in found.removed),
        *("\n".join(_describe_changed(one, old, new)) for one in found.changed),
    ]
    if found.tables:
        places = (_describe_place(one, new) for one in found.tables)
        parts.append("\n".join([new("tables"), *places]))
    return "\n\n".join(parts)


def _describe_amounts(found: Difference, words: Words) -> Iterator[str]:
    for name, (old, new) in (("versions", found.versions), ("digests", found.digests)):
        yield words(name, old=old, new=new)
    yield words(
        "amounts",
        added=len(found.added),
        removed=len(found.removed),
        changed=len(found.changed),
        tables=len(found.tables),
    )


def _pair(a: Catalogue, b: Catalogue) -> Iterator[tuple[Basis | None, Basis | None]]:
    """Match editions by id and first day, and what is left over of an id in their order."""
    ids = {one.id for one in (*a.bases, *b.bases)}
    for basis_id in sorted(ids):
        old = {one.valid_from: one for one in a.bases if one.id == basis_id}
        new = {one.valid_from: one for one in b.bases if one.id == basis_id}
        shared = [day for day in old if day in new]
        yield from ((old[day], new[day]) for day in shared)
        gone = [one for day, one in old.items() if day not in new]
        come = [one for day, one in new.items() if day not in old]
        if len(gone) == len(come) == 1:
            yield gone[0], come[0]
            continue
        yield from ((one, None) for one in gone)
        yield from ((None, one) for one in come)


def _compare(a: Catalogue, old: Basis, b: Catalogue, new: Basis) -> Changed:
    was, now = show_edition(a, old), show_edition(b, new)
    return Changed(was, now, tuple(_changes(_fields(was), _fields(now))))


def _fields(edition: Row) -> dict[str, Any]:
    return {**edition["row"], REVIEWED: edition[REVIEWED]}


def _changes(old: Row, new: Row) -> Iterator[Change]:
    for place in dict.fromkeys((*old, *new)):
        if old.get(place) != new.get(place):
            yield Change(place, old.get(place), new.get(place))


def _tables(catalogue: Catalogue) -> dict[str, Any]:
    """Return the head, the codes and the sources, each entry by its place."""
    found: dict[str, Any] = {f"catalogue/{name}": one for name, one in catalogue.head.items()}
    found |= {f"sources/{code}": text for code, text in catalogue.sources.items()}
    for table, rows in catalogue.codes.items():
        if isinstance(rows, Mapping):
            found |= {f"codes/{table}/{code}": one for code, one in rows.items()}
        elif isinstance(rows, list):
            found |= {f"codes/{table}/{_key(one, n)}": one for n, one in enumerate(rows)}
        else:
            found[f"codes/{table}"] = rows
    return found


def _key(row: Row, n: int) -> str:
    return next((str(row[name]) for name in KEYS if name in row), str(n))


def _describe_changed(one: Changed, old: Words, new: Words) -> Iterator[str]:
    row = one.new["row"]
    yield f"{new('changed')} {row['id']}, {new.span(row)}"
    for field in one.fields:
        yield f"  {new.label(field.place)} ({field.place})"
        was, now = old.say(field.place, field.old), new.say(field.place, field.new)
        yield from (f"    - {line}" for line in _without(was, now))
        yield from (f"    + {line}" for line in _without(now, was))


def _without(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    return [line for line in lines if line not in others]


def _describe_place(one: Change, words: Words) -> str:
    return f"  {one.place}\n    - {_plain(one.old, words)}\n    + {_plain(one.new, words)}"


def _plain(value: Any, words: Words) -> str:
    """Return what stands in a table as it stands there: the table itself is what changed."""
    if value is None:
        return words("not_there")
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_plain(one, words)}" for name, one in value.items())
    return ", ".join(_plain(one, words) for one in value) if isinstance(value, list) else str(value)


def _dump_changed(one: Changed) -> dict[str, Any]:
    spans = {
        name: {at: row["row"][at] for at in ("valid_from", "valid_to")}
        for name, row in (("old", one.old), ("new", one.new))
    }
    changes = [_dump_change(field) for field in one.fields]
    return {"id": one.new["row"]["id"], **spans, "fields": changes}


def _dump_change(one: Change) -> dict[str, Any]:
    return {"place": one.place, "old": one.old, "new": one.new}
