"""Canonical rows as bytes: JSON Lines in the declared column order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from json import dumps
from json.encoder import encode_basestring

from lea_service.records.kinds import RecordLayout

Value = str | int | None
Row = Mapping[str, Value]
Columns = Sequence[Sequence[Value]]
"""Rows turned round: for each column its value in each of them."""

_dumpers: dict[int, tuple[RecordLayout, Callable[[Row], bytes]]] = {}
"""By identity, since to hash a layout takes longer than to dump a row; the layout is kept alive."""


def row_dumper(layout: RecordLayout) -> Callable[[Row], bytes]:
    """Return ``dump_row`` for one layout, for loops: three times as fast as ``json.dumps``."""
    names = layout.names
    template = "{" + ",".join(f"{dumps(name)}:%s" for name in names) + "}\n"

    def dump(row: Row) -> bytes:
        return (template % tuple(_dump_value(row.get(name)) for name in names)).encode()

    return dump


def dump_row(layout: RecordLayout, row: Row) -> bytes:
    """Return one row as a line: every column of the layout, null where the row has none."""
    known = _dumpers.get(id(layout))
    if known is None:
        known = _dumpers[id(layout)] = (layout, row_dumper(layout))
    return known[1](row)


def _dump_value(value: Value) -> str:
    if value is None:
        return "null"
    return encode_basestring(value) if isinstance(value, str) else str(int(value))
