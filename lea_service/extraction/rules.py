"""Under which rules a plan was compiled: our tables, and those of the libraries they stand on.

Whoever reads a plan compiles its items again. Where that comes to something else, the rules tell
whether the plan is at fault or was made by a program that had others.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass

import phonenumbers

from lea_service.kernel.canonical import Json

RULES_VERSION = 7
"""Raised with each change of what asks follow from items by, or of what a row may show.

That is ``extraction.matched``, ``compile_item`` in ``extraction.plan``, the categories in
``records.kinds``, the normal forms of ``records.identifiers``, the columns in ``records.flags``.

Since 3 a number and the end of another (``0201234500-99``) make no number any more. Since
4 neither do they with a blank or a dot between, and the plans of all countries are asked.
Since 5 a row may be flagged ``leap-second``. Since 6 a time and place is a target, for which no
record is searched, telephones, cards and interfaces are targets, and records hold equipment,
addresses of signalling, lists of transfers and who pays. Since 7 sessions are asked for who had an
address by an address at an instant alone, by its place alone only a call that has one, and a card
without its check digit too.
"""


@dataclass(frozen=True, slots=True)
class Rules:
    """Our own ``version``; the numbering plans; the Unicode tables that come with each Python."""

    version: int
    phonenumbers: str
    unicode: str

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return asdict(self)

    def __str__(self) -> str:
        return f"rules {self.version}, phonenumbers {self.phonenumbers}, Unicode {self.unicode}"


OURS = Rules(RULES_VERSION, phonenumbers.__version__, unicodedata.unidata_version)
"""Those of this program."""
