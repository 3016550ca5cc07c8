"""What was judged by the log, and for how long nobody has to judge it again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from lea_service.custody.queries import find_checkpoint
from lea_service.custody.signed import SignedLog
from lea_service.kernel.errors import IntegrityFailure, NotFound, VerificationFailed
from lea_service.kernel.logs import get_log
from lea_service.kernel.remembered import Remembered

MOST = 4096
DOUBTED = timedelta(minutes=1)
"""A doubt is not looked into again for so long: whoever causes one cannot keep us busy with it."""
Doubt = TypeVar("Doubt", bound=str)


@dataclass(frozen=True, slots=True)
class _Verdict(Generic[Doubt]):
    """What came out, by what; ``checkpoint`` where not all of that was signed by then."""

    by: Hashable
    doubt: Doubt | None
    checkpoint: int | None = None
    until: datetime | None = None


class Verdicts(Generic[Doubt]):
    """Judges the things that are asked about most, and remembers of each what came out last.

    What holds is not judged again while all that it was judged by is the same, and not before the
    next checkpoint if that was not wholly signed. A doubt stands for a minute.
    """

    def __init__(self, signed: SignedLog, part: str, unproven: Doubt, *, may_begin: bool) -> None:
        """``unproven`` is the doubt about what the log itself does not bear out.

        With ``may_begin`` something can hold before the first checkpoint, by the entries alone.
        """
        self._signed = signed
        self._unproven = unproven
        self._may_begin = may_begin
        self._known: Remembered[str, _Verdict[Doubt]] = Remembered(MOST)
        self._log = get_log(part)

    def find_doubt(
        self,
        session: Session,
        about: str,
        by: Hashable,
        now: datetime,
        judge: Callable[[], Doubt | None],
    ) -> Doubt | None:
        """Return what is doubtful; None when all holds, and the log that it goes by was signed.

        ``by`` is what it is judged by, beside the log that cannot change; ``judge`` reads in the
        session, and raises IntegrityFailure, VerificationFailed or NotFound for what is not borne
        out. Raises Unavailable before the first checkpoint, where nothing may begin without one.
        """
        known = self._known.find(about)
        if known is not None and known.by == by and self._stands(session, known, now):
            return known.doubt
        found = self._judge(session, by, now, judge)
        self._known.keep(about, found)
        return found.doubt

    def _stands(self, session: Session, known: _Verdict[Doubt], now: datetime) -> bool:
        if known.until is not None:
            return now < known.until
        return known.checkpoint is None or known.checkpoint == _checkpoint(session)

    def _judge(
        self, session: Session, by: Hashable, now: datetime, judge: Callable[[], Doubt | None]
    ) -> _Verdict[Doubt]:
        try:
            doubt = judge()
            if doubt is None:
                is_signed = self._is_covered(session)
                return _Verdict(by, None, None if is_signed else _checkpoint(session))
            self._log.critical(str(doubt))
        except (IntegrityFailure, VerificationFailed, NotFound) as err:
            doubt = self._unproven
            self._log.critical(str(doubt), exc_info=err)
        return _Verdict(by, doubt, until=now + DOUBTED)

    def _is_covered(self, session: Session) -> bool:
        """Hold what was read against what was signed; say whether that is all of it."""
        if self._may_begin and not self._signed.has_begun():
            return False
        return self._signed.is_covered(session)


def _checkpoint(session: Session) -> int:
    found = find_checkpoint(session)
    return found.size if found else 0
