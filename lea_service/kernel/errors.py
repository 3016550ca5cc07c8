"""The error families of the service.

An error carries a stable ``code``, a message in plain words and facts that are safe to show. It
never carries personal data and never an HTTP number: ``web/problems.py`` maps classes to problems,
pages and exit codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

JsonPointer = str


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that was wrong: ``pointer`` (RFC 6901) and what was expected there."""

    pointer: JsonPointer
    detail: str


class LeaError(Exception):
    """Base of every error that the service raises on purpose."""

    code = "error"

    def __init__(self, detail: str, **facts: str | int | None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class InvalidInput(LeaError):
    """What was sent does not have the form that was asked for."""

    code = "invalid-input"

    def __init__(
        self, detail: str, errors: Sequence[FieldError] = (), **facts: str | int | None
    ) -> None:
        super().__init__(detail, **facts)
        self.errors = tuple(errors)

    @classmethod
    def at(cls, pointer: JsonPointer, detail: str) -> InvalidInput:
        """Build the error for a single field."""
        return cls(f"{pointer}: {detail}", [FieldError(pointer, detail)])


class TooLarge(LeaError):
    """The body or file is larger than the stated limit."""

    code = "too-large"


class NotAuthenticated(LeaError):
    """Nobody known stands behind the call."""

    code = "not-authenticated"


class TooManyAttempts(LeaError):
    """Somebody unknown tried too often; later tries are heard again."""

    code = "too-many-attempts"


class NotPermitted(LeaError):
    """A known actor asked for something the actor's roles do not allow."""

    code = "not-permitted"


class NotFound(LeaError):
    """No such thing, or not visible to this actor.

    ``was_hidden`` is for the log only: whoever asked cannot tell one from the other.
    """

    code = "not-found"
    was_hidden = False


class Conflict(LeaError):
    """The call does not fit the state that things are in."""

    code = "conflict"


class WrongState(Conflict):
    """The thing is not in a state from which this step is allowed."""

    code = "wrong-state"


class StaleVersion(Conflict):
    """Somebody changed the thing since it was read."""

    code = "stale-version"


class Duplicate(Conflict):
    """The same key was used before for something else."""

    code = "duplicate"


class VerificationFailed(LeaError):
    """Bytes or signatures handed to us do not verify."""

    code = "verification-failed"


class Unavailable(LeaError):
    """A part that is needed does not answer now; trying again later may work."""

    code = "unavailable"


class Broken(LeaError):
    """The service failed at what was asked by a fault of its own; its log says where."""

    code = "internal-server-error"


class IntegrityFailure(LeaError):
    """Our own log, key or stored data is not what it must be: stop and page someone."""

    code = "integrity-failure"
