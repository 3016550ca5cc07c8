"""Row ids: how a record is named, so that the name tells nothing a category may withhold.

A row id comes with every category. What in it stands for the whole line, or for a column that is
mapped to a field which some category does not show, is a digest under the index key: of a telephone
number a plain digest can be guessed.
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
        withheld = {rule.column for rule in mapping.fields if rule.field not in STRUCTURAL}
        named = mapping.row_id.columns
        self._places = [columns.index(name) for name in named]
        self._shown = [columns.index(name) for name in named if name not in withheld]
        self._missing = mapping.missing
        self._by_line = mapping.row_id.line_digest
        self._purpose = f"row_id {source}"
        self._index = index

    def name(self, values: Sequence[str], raw: bytes) -> str:
        """Return the id of a line cut into ``values``. Raises BadLine."""
        parts = [values[at] for at in self._places]
        if not self._by_line and all(part in self._missing for part in parts):
            raise BadLine(NO_ROW_ID, "row_id")
        shown = "/".join(values[at] for at in self._shown)
        if len(shown) > LONGEST_ROW_ID // 2:
            raise BadLine(LONG, "row_id")
        if self._by_line:
            return self._join(shown, raw)
        return shown if len(self._shown) == len(parts) else self._join(shown, dump_canonical(parts))

    def _join(self, shown: str, hidden: bytes) -> str:
        digest = self._index.digest(self._purpose, hidden)[:DIGEST_SIZE]
        return f"{shown}:{digest}" if shown else digest


def number_row_id(name: str, occurrence: int) -> str:
    """Return the id of the n-th row with the same line in a file."""
    return name if occurrence == 1 else f"{name}-{occurrence}"
