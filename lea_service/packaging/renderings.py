"""Renderings of canonical rows: each is made from the rows and read back before it is sealed.

CSV is RFC 4180 in UTF-8 with inert cells. A text that a spreadsheet could take for a formula, or
that starts with blank space, gets one backslash in front; so does a text that starts with a
backslash. Undoing it is: take one leading backslash away. An empty cell means no value (null); in
a column that always has a value it means an empty text, and elsewhere a lone backslash does.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lea_service.kernel.errors import IntegrityFailure
from lea_service.records.kinds import Column, RecordLayout

BLOCK = 256 * 1024
MARK = "\\"
END = "\r\n"
RISKY = frozenset("=+-@|%\t\r\n \u00a0\ufeff\uff1d\uff0b\uff0d\uff20\\")
"""First characters that a spreadsheet may act on or trim; the backslash marks them."""

Value = str | int | None
_READ_LINES = json.JSONDecoder()


def line_blocks(chunks: Iterable[bytes], size: int = BLOCK) -> Iterator[bytes]:
    """Regroup bytes into blocks of about ``size`` that each end at the end of a line.

    Raises IntegrityFailure when the last line has no end.
    """
    held: list[bytes] = []
    length = 0
    for chunk in chunks:
        held.append(chunk)
        length += len(chunk)
        if length < size:
            continue
        block, newline, rest = b"".join(held).rpartition(b"\n")
        held, length = [rest], len(rest)
        if newline:
            yield block + newline
    last = b"".join(held)
    if last and not last.endswith(b"\n"):
        raise IntegrityFailure("the last row is cut short")
    if last:
        yield last


def parse_columns(block: bytes, layout: RecordLayout) -> list[list[Value]]:
    """Read canonical rows of ``layout`` into one list of values for each column.

    Raises IntegrityFailure when a line is not an object with exactly the declared columns.
    """
    names = [column.name for column in layout.columns]
    try:
        rows = _READ_LINES.decode(f"[{block[:-1].decode().replace(chr(10), ',')}]")
        fits = all(list(row) == names for row in rows)
        values = [list(column) for column in zip(*map(dict.values, rows), strict=True)]
    except (ValueError, TypeError) as err:
        raise IntegrityFailure(f"a {layout.kind} row is not an object of canonical JSON") from err
    if not fits or len(rows) != block.count(b"\n"):
        raise IntegrityFailure(f"a {layout.kind} row does not have the declared columns")
    return values


def csv_blocks(blocks: Iterable[bytes], layout: RecordLayout) -> Iterator[bytes]:
    """Render blocks of canonical rows as CSV, header first; each block is read back and compared.

    Raises IntegrityFailure when what was written does not read back as the very same values.
    """
    yield _write([[column.name for column in layout.columns]])
    for block in blocks:
        values = parse_columns(block, layout)
        cells = map(_encode, values, layout.columns)
        written = _write(zip(*cells, strict=True))
        if read_csv_columns(written, layout.columns) != values:
            raise IntegrityFailure(f"the {layout.kind} rows read back differently from their CSV")
        yield written


def read_csv_columns(data: bytes, columns: Sequence[Column]) -> list[list[Value]]:
    """Read CSV without its header back into one list of typed values for each column.

    Raises IntegrityFailure.
    """
    try:
        cells = list(zip(*_read(data.decode()), strict=True))
        if len(cells) != len(columns):
            raise IntegrityFailure("a CSV row has more or fewer cells than columns")
        return list(map(_decode, cells, columns))
    except (ValueError, csv.Error) as err:
        raise IntegrityFailure("the CSV is malformed") from err


def _encode(values: Sequence[Value], column: Column) -> list[str]:
    """Turn a column of values into cells: one pass for each costs a third of one for each cell."""
    if column.nullable and values.count(None) == len(values):  # most columns of most kinds
        return [""] * len(values)
    _check_types(values, column)
    if column.type == "integer":
        return ["" if value is None else str(value) for value in values]
    marked = RISKY | {""} if column.nullable else RISKY
    texts: Sequence[Any] = values
    return ["" if text is None else MARK + text if text[:1] in marked else text for text in texts]


def _check_types(values: Sequence[Value], column: Column) -> None:
    expected: set[type] = {int if column.type == "integer" else str}
    if column.nullable:
        expected.add(type(None))
    if not expected.issuperset(map(type, values)):
        raise IntegrityFailure(f"the column {column.name} holds a value of another type")


def _decode(cells: Sequence[str], column: Column) -> list[Value]:
    empty = None if column.nullable else ""
    if cells.count("") == len(cells):
        return [empty] * len(cells)
    if column.type == "integer":
        return [int(cell) if cell else None for cell in cells]
    return [cell.removeprefix(MARK) if cell else empty for cell in cells]


def _write(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows of two cells or more; those that need no quotes at a fifth of the cost."""
    cells = list(rows)
    plain = "".join([f"{row}{END}" for row in map(",".join, cells)])
    if _is_plain(plain, len(cells)) and plain.count(",") == sum(len(row) - 1 for row in cells):
        return plain.encode()
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=END).writerows(cells)
    return text.getvalue().encode()


def _read(text: str) -> Iterable[list[str]]:
    ends = text.count(END)
    if text.endswith(END) and _is_plain(text, ends):
        return [line.split(",") for line in text.split(END)[:-1]]
    return csv.reader(io.StringIO(text, newline=""), strict=True)


def _is_plain(text: str, lines: int) -> bool:
    """Say whether nothing in CSV of so many lines is quoted or has to be, commas aside.

    Then each line is a row, and each comma stands between two cells (RFC 4180 section 2).
    """
    return '"' not in text and text.count("\r") == text.count("\n") == lines
