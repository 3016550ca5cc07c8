"""Who has to hear of it when somebody of an agency, or the agency itself, becomes another."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from lea_service.kernel.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Changed:
    """A person of an agency as they will be: desks they come to read, and what is theirs.

    ``contacts`` are (kind, value) of verified contacts and mailboxes.
    """

    person: str
    desks: Collection[str] = ()
    contacts: Collection[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class BecomesService:
    """An agency that will be one of the intelligence services."""

    agency: str


Change = Changed | BecomesService
Hear = Callable[[Transaction, Change], None]
_HEARING: dict[str, Hear] = {}


def register_hearing(name: str, hear: Hear) -> None:
    """Declare who hears of changes; the same name again replaces it."""
    _HEARING[name] = hear


def tell_change(tx: Transaction, changed: Change) -> None:
    """Tell what is about to change, before anything of the agency is locked.

    Demands are locked before agencies wherever both are.
    """
    for name in sorted(_HEARING):
        _HEARING[name](tx, changed)
