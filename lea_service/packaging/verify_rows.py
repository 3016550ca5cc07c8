"""Row by row: canonical form, declared columns, order, and each CSV row equal to its JSON row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, BinaryIO

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.errors import LeaError
from lea_service.kernel.printable import counted
from lea_service.packaging.renderings import MARK, RISKY
from lea_service.packaging.report import PackageReport
from lea_service.records.instants import are_instants
from lea_service.records.kinds import INSTANTS, Column, RecordLayout

MAX_LINE = 1 << 20


def read_layout(declared: Any) -> RecordLayout:
    """Read a record kind from the manifest. Raises KeyError or TypeError when it is not one."""
    columns = tuple(
        Column(one["name"], one["type"], one["nullable"]) for one in declared["columns"]
    )
    layout = RecordLayout(declared["kind"], declared["version"], columns, tuple(declared["order"]))
    if not set(layout.order) <= {column.name for column in columns}:
        raise ValueError
    return layout


def verify_rows(
    layout: RecordLayout, jsonl: BinaryIO, table: BinaryIO, declared: int, report: PackageReport
) -> None:
    """Compare both renderings of a record kind from their first row to their last."""
    names = f"{layout.stem}.jsonl", f"{layout.stem}.csv"
    check = _RowCheck(layout, names, report)
    cells = _csv_rows(table, names[1], report)
    _, header = next(cells, (1, None))
    if header != [column.name for column in layout.columns]:
        report.add(names[1], "the header is not the declared columns", 1)
    pairs = zip_longest(enumerate(_lines(jsonl), 1), cells)
    for one, other in pairs:
        if one is None:
            report.add(names[1], "a row that is not in the JSON Lines", other[0])
            continue
        row = check.read(*one)
        if other is None:
            report.add(names[0], "a row that is not in the CSV", one[0])
        elif row is not None:
            check.compare(row, *other)
    report.rows += check.rows
    if check.rows != declared:
        report.add(names[0], f"holds {counted(check.rows, 'row')}, the manifest says {declared}")


class _RowCheck:
    """Follows the rows of one kind."""

    def __init__(self, layout: RecordLayout, names: tuple[str, str], report: PackageReport) -> None:
        self._layout = layout
        self._columns = [column.name for column in layout.columns]
        self._names = names
        self._report = report
        self._last: tuple[Any, ...] | None = None
        self.rows = 0

    def read(self, number: int, line: bytes) -> dict[str, Any] | None:
        """Check one canonical line; None when it is none."""
        self.rows += 1
        try:
            row = load_strict(line)
        except LeaError:
            self._say("is not JSON of the allowed kind", number)
            return None
        if not isinstance(row, dict) or list(row) != self._columns:
            self._say("does not have the declared columns", number)
            return None
        if json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" != line:
            self._say("is not in canonical form", number)
        for column in self._layout.columns:
            value = row[column.name]
            if not _fits(value, column):
                self._say(f"{column.name} is not a {column.type}", number)
            elif column.name in INSTANTS and not are_instants([value]):
                self._say(f"{column.name} is not an instant", number)
        self._check_order(tuple(row[name] for name in self._layout.order), number)
        return row

    def compare(self, row: dict[str, Any], number: int, cells: list[str]) -> None:
        """Compare a CSV row with its canonical row."""
        if len(cells) != len(self._columns):
            self._report.add(self._names[1], "has more or fewer cells than columns", number)
            return
        for column, cell in zip(self._layout.columns, cells, strict=True):
            if cell != _expected(row[column.name], column):
                detail = f"{column.name} differs from the JSON Lines (line {self.rows})"
                self._report.add(self._names[1], detail, number)

    def _check_order(self, key: tuple[Any, ...], number: int) -> None:
        if all(isinstance(part, str) for part in key):
            if self._last is not None and key <= self._last:
                self._say("is out of order or there twice", number)
            self._last = key

    def _say(self, detail: str, number: int) -> None:
        self._report.add(self._names[0], detail, number)


def _expected(value: Any, column: Column) -> str:
    if value is None:
        return ""
    if column.type == "integer":
        return str(value)
    text = str(value)
    if not text:
        return MARK if column.nullable else ""
    return MARK + text if text[0] in RISKY else text


def _fits(value: Any, column: Column) -> bool:
    if value is None:
        return column.nullable
    wanted = int if column.type == "integer" else str
    return isinstance(value, wanted) and not isinstance(value, bool)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE):
        yield line


def _csv_rows(file: BinaryIO, name: str, report: PackageReport) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it starts at."""
    start = 1
    reader = csv.reader(_text_lines(file), strict=True)
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except (csv.Error, UnicodeDecodeError):
        report.add(name, "is not CSV as RFC 4180 has it", start)


def _text_lines(file: BinaryIO) -> Iterator[str]:
    """Yield lines with their ends, as the reader of CSV wants them; a huge one is not CSV of ours.

    Raises csv.Error, UnicodeDecodeError.
    """
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            raise csv.Error("a line is longer than any row")
        yield line.decode()
