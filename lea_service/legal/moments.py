"""When what of a demand happened, as far as its clocks go by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lea_service.legal.counting import Pause


class Enforcing(StrEnum):
    """What is known of the enforcing authority of a European order (Regulation (EU) 2023/1543).

    It confirmed that it raises no ground (art. 10(2)); it was not notified (art. 8(2)); it is an
    emergency, which waits for nobody (art. 8(4)); it raised a ground, so nothing goes (art. 12(2)).
    """

    CONFIRMED = "confirmed"
    NOT_NOTIFIED = "not_notified"
    EMERGENCY = "emergency"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long data are kept: ``days`` where the order states fewer than the law allows.

    ``more_days`` is by how much it was extended; where production follows there is no end.
    """

    days: int | None = None
    more_days: int = 0
    production_follows: bool = False


@dataclass(frozen=True, slots=True)
class Validating:
    """An emergency that came without a validation: who issued it, and when one was recorded."""

    role: str
    validated_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuthorisedOrally:
    """When a judge authorised orally, and when that was written down or word of it came."""

    given_at: datetime
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class AwaitedInstalment:
    """The instalment that is handed over next, by ``due`` at the latest."""

    number: int
    due: datetime


@dataclass(frozen=True, slots=True)
class DemandTimes:
    """When things happened.

    ``ordered_on`` is the first day that a record of it stated as that of the order, and
    ``ordered_last`` the last: None is the first. ``ordered_at`` is when it was given by what is
    known, and ``ordered_last_at`` by that last day; ``confirmed_at`` when an oral one was on file
    in writing, ``wanted_by`` by when the authority wants the answer. ``received_at`` is the first
    receipt that a record of it stated and ``received_last`` the last, ``recorded_at`` when it was
    first recorded: None is the first receipt. ``validating`` is there where an emergency came
    without a validation.
    ``is_emergency``: somebody claims one, be it right or not. ``authorised`` is there where a judge
    authorised orally, ``awaited`` while an instalment of an order for data to come is.
    """

    form: str
    ordered_on: date
    ordered_at: datetime
    received_at: datetime
    confirmed_at: datetime | None
    wanted_by: datetime | None
    pauses: tuple[Pause, ...]
    is_answered: bool
    enforcing: Enforcing | None = None
    keeping: Keeping = Keeping()
    is_kept_no_longer: bool = False
    validating: Validating | None = None
    is_emergency: bool = False
    authorised: AuthorisedOrally | None = None
    awaited: AwaitedInstalment | None = None
    received_last: datetime | None = None
    recorded_at: datetime | None = None
    ordered_last: date | None = None
    ordered_last_at: datetime | None = None

    @property
    def waits_from(self) -> datetime:
        """Return from when an answer waits for another authority: the last receipt stated."""
        return self.received_last or self.received_at

    @property
    def kept_from(self) -> datetime:
        """Return from when data are kept by the widest reading: it did not come later than that."""
        return max(self.waits_from, self.recorded_at or self.received_at)

    @property
    def has_emergency_term(self) -> bool:
        """Say whether the shorter term of an emergency counts.

        That somebody claims one is enough to be reminded in time, and so is that we recorded it as
        one. What lets an answer go before day 10 is another question: that we recorded it.
        """
        return self.is_emergency or self.enforcing is Enforcing.EMERGENCY
