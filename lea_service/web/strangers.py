"""Callers nobody knows: heard so often a minute per address, and counted, not listed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from lea_service.kernel.clock import Clock
from lea_service.kernel.errors import TooManyAttempts

MINUTE = timedelta(minutes=1)
ADDRESSES = 10_000
OTHERS = "others"


class StrangerWindow:
    """Counts attempts of the present minute in this process; keeps no address longer.

    ``report`` gets the count of a minute that ended, at the next call after its end.
    """

    def __init__(self, limit: int, clock: Clock, report: Callable[[int], None]) -> None:
        self._limit = limit
        self._clock = clock
        self._report = report
        self._lock = threading.Lock()
        self._began: datetime | None = None
        self._attempts: Counter[str] = Counter()

    def note(self, address: str) -> None:
        """Count one failed attempt."""
        self.end_minute()
        with self._lock:
            if self._began is None:
                self._began = self._clock.now()
            self._attempts[self._bucket(address)] += 1

    def check(self, address: str) -> None:
        """Raise TooManyAttempts when the address has used up its attempts of this minute."""
        self.end_minute()
        with self._lock:
            if self._attempts[self._bucket(address)] > self._limit:
                raise TooManyAttempts(f"expected at most {self._limit} attempts a minute")

    def end_minute(self) -> None:
        """Report and forget a minute that is over."""
        with self._lock:
            if self._began is None or self._clock.now() - self._began < MINUTE:
                return
            count, self._began = self._attempts.total(), None
            self._attempts.clear()
        self._report(count)

    def _bucket(self, address: str) -> str:
        known = address in self._attempts or len(self._attempts) < ADDRESSES
        return address if known else OTHERS
