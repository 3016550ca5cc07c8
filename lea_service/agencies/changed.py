"""Who has to hear of it when somebody becomes reachable by other means, or reads another desk."""

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


Hear = Callable[[Transaction, Changed], None]
_HEARING: dict[str, Hear] = {}


def register_hearing(name: str, hear: Hear) -> None:
    """Declare who hears of changes; the same name again replaces it."""
    _HEARING[name] = hear


def tell_change(tx: Transaction, changed: Changed) -> None:
    """Tell what is about to change, before anything of the agency is locked.

    Demands are locked before agencies wherever both are.
    """
    for name in sorted(_HEARING):
        _HEARING[name](tx, changed)
