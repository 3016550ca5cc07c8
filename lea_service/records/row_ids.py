"""Row ids: how a record is named, so that the name tells nothing a category may withhold.

A row id comes with every category. Only begin, and columns that the mapping says tell of nothing,
stand in it as they are. The rest, and the whole line, is a digest under the index key: a telephone
number can be guessed from a plain digest, and so can what a system itself made a digest of.
"""

from __future__ import annotations

from collections.abc import Sequence

from lea_service.kernel.canonical import dump_canonical
from lea_service.kernel.crypto import BlindIndex
from lea_service.records.conversion import LONG, BadLine
from lea_service.records.kinds import STRUCTURAL
from lea_service.records.mapping import Mapping
from lea_service.records.store import LONGEST_ROW_ID

NO_ROW_ID = "no-row-id"
DIGEST_SIZE = 22
"""Characters of a digest in a row id: 132 bits in base64url."""


class RowNames:
    """Names the rows of one source; the same line has the same name in every file."""

    def __init__(
        self, mapping: Mapping, source: str, columns: Sequence[str], index: BlindIndex
    ) -> None:
        named = mapping.row_id.columns
        self._places = [columns.index(name) for name in named]
        self._shown = [columns.index(name) for name in named if _is_shown(name, mapping)]
        self._missing = mapping.missing
        self._by_line = mapping.row_id.line_digest
        self._purpose = f"row_id {source}"
        self._index = index

    def name(self, values: Sequence[str], raw: bytes) -> str:
        """Return the id of a line cut into ``values``. Raises BadLine."""
        parts = [values[at] for at in self._places]
        if not self._by_line and not any(self._tells(part) for part in parts):
            raise BadLine(NO_ROW_ID, "row_id")
        told = [values[at] for at in self._shown]
        shown = "/".join(told)
        if len(shown) > LONGEST_ROW_ID // 2:
            raise BadLine(LONG, "row_id")
        if self._by_line:
            return self._join(shown, raw)
        # a part with a slash would read like two: the digest of all parts tells them apart
        is_plain = len(told) == len(parts) and not any("/" in part for part in told)
        return shown if is_plain else self._join(shown, dump_canonical(parts))

    def _tells(self, part: str) -> bool:
        """Say whether a part names anything; an empty one never does, whatever the mapping says."""
        return part not in self._missing and part.strip() != ""

    def _join(self, shown: str, hidden: bytes) -> str:
        digest = self._index.digest(self._purpose, hidden)[:DIGEST_SIZE]
        return f"{shown}:{digest}" if shown else digest


def _is_shown(column: str, mapping: Mapping) -> bool:
    fields = {rule.field for rule in mapping.fields if column in rule.columns}
    return fields <= STRUCTURAL and (bool(fields) or column in mapping.row_id.shown)


def number_row_id(name: str, occurrence: int) -> str:
    """Return the id of the n-th row with the same line in a file."""
    return name if occurrence == 1 else f"{name}-{occurrence}"
