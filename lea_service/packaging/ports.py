"""What packaging asks of its surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lea_service.kernel.actors import Actor
    from lea_service.kernel.canonical import Json
    from lea_service.kernel.database import CaseBase
    from lea_service.kernel.transactions import Transaction
    from lea_service.packaging.contents import PackageContents


class ByteSink(Protocol):
    """Takes bytes in order; need not seek."""

    def write(self, data: bytes, /) -> object:
        """Take ``data``."""


class Spool(Protocol):
    """Canonical rows at rest, readable more than once."""

    def iter_chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to ``end``."""


class ContentsSource(Protocol):
    """Collects what a package is made of out of the slices that own it."""

    def load_contents(self, actor: Actor, demand_id: str, run_id: str) -> PackageContents:
        """Return the contents for one run. Raises NotFound, Unavailable, IntegrityFailure."""


class AdvanceDemand(Protocol):
    """Moves a demand to its next state with exactly one entry in the log."""

    def __call__(
        self,
        tx: Transaction,
        demand_id: str,
        to: str,
        event: str,
        *,
        facts: dict[str, Json],
        evidence: Sequence[CaseBase] = (),
    ) -> object:
        """Raise WrongState when the demand's state does not allow it."""


class StateOf(Protocol):
    """Reads the state of a demand."""

    def __call__(self, session: Session, demand_id: str) -> str:
        """Return the state. Raises NotFound."""
