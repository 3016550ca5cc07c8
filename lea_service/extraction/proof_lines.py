"""Canonical lines as the second pass reads and writes them, in a way of its own.

Rows go by as columns: most columns of most rows are empty, and what a step costs for a whole column
is a fraction of what the same step costs for each row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from lea_service.extraction.halts import ScopeViolation
from lea_service.records.instants import are_instants
from lea_service.records.kinds import INSTANTS, INTEGER, Column, RecordLayout
from lea_service.records.rows import Columns, Value


class ProofLines:
    """Canonical lines of one record kind, read and written many at a time."""

    def __init__(self, layout: RecordLayout) -> None:
        self._types = [(column.name, _types_of(column)) for column in layout.columns]
        self._instants = [(at, one) for at, one in enumerate(layout.names) if one in INSTANTS]
        begins = ["{", *[","] * (len(layout.names) - 1)]
        pairs = zip(begins, map(json.dumps, layout.names), strict=True)
        self._names = [f"{begin}{name}:" for begin, name in pairs]

    def read(self, lines: bytes) -> Columns:
        """Return the columns of canonical lines. Raises ScopeViolation for any other bytes.

        Canonical is what ``write`` makes of the values: their names, order and spelling with it.
        """
        try:
            values = json.loads(b"[" + lines[:-1].replace(b"\n", b",") + b"]")
            columns: Columns = list(zip(*map(dict.values, values), strict=True))
            self._check_types(columns)
            again = self.write(columns)
        except (ValueError, TypeError) as err:
            raise ScopeViolation("a row is not an object with the columns of its kind") from err
        if again != lines:
            raise ScopeViolation("a row is not in canonical form")
        self._check_instants(columns)
        return columns

    def _check_instants(self, columns: Columns) -> None:
        for at, name in self._instants:
            values: Any = columns[at]
            if not are_instants(values):
                raise ScopeViolation(f"a row has no instant in its column {name}")

    def write(self, columns: Columns) -> bytes:
        """Return rows as canonical lines.

        What is the same in each row, up to the next value that is not, is one piece of text.
        """
        rows, text = len(columns[0]), ""
        pieces: list[Sequence[str]] = []
        for name, column in zip(self._names, columns, strict=True):
            text += name
            if is_empty(column):
                text += "null"
                continue
            quote, cells = _dump_cells(column)
            pieces += [[text + quote] * rows, cells]
            text = quote
        pieces.append([text + "}\n"] * rows)
        return "".join(chain.from_iterable(zip(*pieces, strict=True))).encode()

    def _check_types(self, columns: Columns) -> None:
        """Raise ScopeViolation for a value of another type, ValueError for rows of other widths."""
        for (name, types), values in zip(self._types, columns, strict=True):
            if not types.issuperset(map(type, values)):
                raise ScopeViolation(f"the column {name} holds a value of another type")


def _dump_cells(column: Sequence[Value]) -> tuple[str, Sequence[str]]:
    """Return the values of a column as JSON, the quotes apart where it has nothing but texts.

    A control character is never bare inside JSON, so it can stand between the values.
    """
    texts: Any = column
    with suppress(TypeError):  # there are numbers in it, or rows without a value
        whole = "".join(texts)
        if whole.isprintable() and '"' not in whole and "\\" not in whole:
            return '"', texts
    cells = json.dumps(column, ensure_ascii=False, separators=("\x1f", ":"))
    return "", cells[1:-1].split("\x1f")


def _types_of(column: Column) -> set[type]:
    wanted: type = int if column.type == INTEGER else str
    return {wanted, type(None)} if column.nullable else {wanted}


def is_empty(column: Sequence[Value]) -> bool:
    """Say whether a column has no value in any row, as most columns of most rows."""
    return column[0] is None and column.count(None) == len(column)


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Regroup bytes so that each part ends with a line. Raises ScopeViolation if the last has none.

    No part is larger than a chunk and a line.
    """
    held = b""
    for chunk in chunks:
        lines, end, held = (held + chunk).rpartition(b"\n")
        if end:
            yield lines + end
    if held:
        raise ScopeViolation("the last row is cut short")
