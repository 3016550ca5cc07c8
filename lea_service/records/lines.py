"""Cutting a file into lines and lines into values, in constant memory; none is skipped unseen."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from lea_service.kernel.errors import InvalidInput
from lea_service.records.mapping import JSON_LINES, FileRule
from lea_service.records.members import JSON, MEMBER, NUL, BadObject, MemberReader

CHUNK = 1 << 18
LONGEST_LINE = 1 << 20
MOST_JOINED = 100
"""Lines one quoted value may run over; a quote that stays open longer was a stray one."""

ENCODING, COLUMNS, QUOTES, TOO_LONG = "encoding", "columns", "quotes", "too-long"
UNFIT = frozenset({COLUMNS, JSON, MEMBER})
"""Why a line cannot be cut that is of another system, or of another mapping."""
FEWEST = 20
"""A file of fewer lines, none of which fits, is kept aside: it may be of its source, damaged."""
NOT_TEXT = {
    b"PK\x03\x04": "a text file, not a ZIP archive",
    b"\x1f\x8b": "a text file, not one packed by gzip",
    b"\xff\xfe": "a file in the encoding of the mapping, not UTF-16",
    b"\xfe\xff": "a file in the encoding of the mapping, not UTF-16",
    b"%PDF": "a text file, not a PDF",
}
UTF8_BOM = b"\xef\xbb\xbf"

csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))


class Reading(Protocol):
    """What an import takes in: lines of a file, or rows of a table as such."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns in the order of a line's values."""

    @property
    def sha256(self) -> str:
        """Return the SHA-256 (hex) of the bytes read so far."""

    @property
    def bytes_read(self) -> int:
        """Return how many bytes were read so far."""

    def lines(self) -> Iterator[Line]:
        """Yield every line, numbered."""


class ByteStream(Protocol):
    """Where a file comes from."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, or several that a quoted value joins.

    ``values`` is None where it could not be cut, for ``reason``; of a row of a table ``column``
    says whose value has no text. ``raw`` is without the line end and holds the beginning of a line
    that is too long; ``size`` is its whole length.
    """

    number: int
    raw: bytes
    size: int
    values: list[str] | None
    reason: str | None = None
    column: str | None = None


class _Unclosed(Exception):
    """A quote is still open at the end of the line."""


class _Bad(Exception):
    """A line cannot be cut; the text says why."""


class LineReader:
    """Reads a file once, hashing the bytes as they come."""

    def __init__(self, stream: ByteStream, rule: FileRule) -> None:
        self._rule = rule
        self._source = _Physical(stream)
        self._waiting: list[_Raw] = []
        self._quote = (rule.quote or "").encode()
        is_json = rule.format == JSON_LINES
        self._members = MemberReader(rule.columns, rule.optional) if is_json else None
        self.columns = rule.columns
        self._skip_mark()
        if rule.header:
            self._read_header()

    @property
    def sha256(self) -> str:
        """Return the SHA-256 (hex) of the bytes read so far."""
        return self._source.hash.hexdigest()

    @property
    def bytes_read(self) -> int:
        """Return how many bytes were read so far."""
        return self._source.bytes_read

    def lines(self) -> Iterator[Line]:
        """Yield every line that is not blank, numbered as an editor numbers them.

        Raises InvalidInput at the end of a file of which nothing fits: it is of something else.
        """
        count, unfit = 0, True
        while (raw := self._next()) is not None:
            if raw.size > len(raw.data):
                line = Line(raw.number, raw.data, raw.size, None, TOO_LONG)
            elif raw.data.strip():
                line = self._cut(raw)
            else:
                continue
            count, unfit = count + 1, unfit and line.reason in UNFIT
            yield line
        if unfit and count >= FEWEST:
            raise InvalidInput(
                f"nothing of this file fits the mapping of the source: none of its {count} lines "
                f"has the {len(self.columns)} columns that it names. Nothing of it was kept"
            )

    def _cut(self, first: _Raw) -> Line:
        try:
            return Line(first.number, first.data, first.size, self._values(first.data))
        except _Bad as err:
            return Line(first.number, first.data, first.size, None, str(err))
        except _Unclosed:
            return self._join(first)

    def _join(self, first: _Raw) -> Line:
        """Read on until the open quote is closed; else the first line alone is bad."""
        joined, taken = first.data, list[_Raw]()
        while len(taken) < MOST_JOINED and (more := self._next()) is not None:
            taken.append(more)
            joined += b"\n" + more.data
            if more.size > len(more.data) or len(joined) > LONGEST_LINE:
                break
            if self._quote not in more.data:
                continue
            try:
                return Line(first.number, joined, len(joined), self._values(joined))
            except _Unclosed:
                continue
            except _Bad:
                break
        self._waiting[:0] = taken
        return Line(first.number, first.data, first.size, None, QUOTES)

    def _values(self, data: bytes) -> list[str]:
        try:
            text = data.decode(self._rule.encoding)
        except UnicodeDecodeError as err:
            raise _Bad(ENCODING) from err
        if "\x00" in text:
            raise _Bad(NUL)
        if self._members is not None:
            return _read_members(self._members, text)
        values = _split(text, self._rule)
        if len(values) != len(self.columns):
            raise _Bad(COLUMNS)
        return values

    def _next(self) -> _Raw | None:
        return self._waiting.pop(0) if self._waiting else self._source.next()

    def _skip_mark(self) -> None:
        head = self._source.peek(4)
        for mark, expected in NOT_TEXT.items():
            if head.startswith(mark):
                raise InvalidInput(f"expected {expected}")
        if b"\x00" in head:
            raise InvalidInput("expected a text file")
        if head.startswith(UTF8_BOM):
            if self._rule.encoding != "utf-8":
                raise InvalidInput(f"expected a file in {self._rule.encoding}, not in UTF-8")
            self._source.skip(len(UTF8_BOM))

    def _read_header(self) -> None:
        raw = self._next()
        if raw is None or raw.size > len(raw.data):
            raise InvalidInput("line 1: expected the names of the columns")
        try:
            names = _split(raw.data.decode(self._rule.encoding), self._rule)
        except (UnicodeDecodeError, _Bad, _Unclosed) as err:
            raise InvalidInput("line 1: expected the names of the columns") from err
        missing = [name for name in self._rule.columns if name not in names]
        if missing:
            raise InvalidInput(f"line 1: expected a column {missing[0]!r}, as the mapping says")
        doubled = [name for name in self._rule.columns if names.count(name) > 1]
        if doubled:
            raise InvalidInput(f"line 1: expected one column {doubled[0]!r}, not several")
        self.columns = tuple(names)


def _read_members(members: MemberReader, text: str) -> list[str]:
    try:
        return members.read(text)
    except BadObject as err:
        raise _Bad(str(err)) from err


def _split(text: str, rule: FileRule) -> list[str]:
    if rule.quote is None or rule.quote not in text:
        return text.split(rule.delimiter)
    reader = csv.reader(
        io.StringIO(text, newline="\n"),  # other characters that end lines stay in their values
        delimiter=rule.delimiter,
        quotechar=rule.quote,
        strict=True,
    )
    try:
        rows = list(reader)
    except csv.Error as err:
        if "unexpected end of data" in str(err):
            raise _Unclosed from err
        raise _Bad(QUOTES) from err
    if len(rows) != 1:
        raise _Bad(QUOTES)
    return rows[0]


@dataclass(frozen=True, slots=True)
class _Raw:
    number: int
    data: bytes
    size: int


class _Physical:
    """Lines between line feeds; of one that is too long only the beginning is kept."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._buffer = b""
        self._position = 0
        self._ended = False
        self._number = 0
        self.hash = hashlib.sha256()
        self.bytes_read = 0

    def peek(self, size: int) -> bytes:
        """Return the next bytes without taking them."""
        while len(self._buffer) - self._position < size and self._fill():
            pass
        return self._buffer[self._position : self._position + size]

    def skip(self, size: int) -> None:
        """Take bytes that belong to no line."""
        self._position += size

    def next(self) -> _Raw | None:
        """Return the next line; None at the end."""
        kept, size = b"", 0
        while (end := self._buffer.find(b"\n", self._position)) < 0:
            part = self._buffer[self._position :]
            kept += part[: LONGEST_LINE - len(kept)]
            size += len(part)
            self._buffer, self._position = b"", 0
            if not self._fill():
                return self._line(kept, size) if size else None
        part = self._buffer[self._position : end]
        self._position = end + 1
        kept += part[: LONGEST_LINE - len(kept)]
        return self._line(kept, size + len(part))

    def _line(self, kept: bytes, size: int) -> _Raw:
        self._number += 1
        if size == len(kept) and kept.endswith(b"\r"):
            return _Raw(self._number, kept[:-1], size - 1)
        return _Raw(self._number, kept, size)

    def _fill(self) -> bool:
        if self._ended:
            return False
        chunk = self._stream.read(CHUNK)
        if not chunk:
            self._ended = True
            return False
        self.hash.update(chunk)
        self.bytes_read += len(chunk)
        self._buffer = self._buffer[self._position :] + chunk
        self._position = 0
        return True
