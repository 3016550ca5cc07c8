"""One table: error class -> HTTP status, title, type and exit code. RFC 9457 bodies from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from lea_service.kernel import errors, jobs
from lea_service.kernel.errors import FieldError, InvalidInput, LeaError

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:lea-service:problem:"
EXIT_UNKNOWN = 70
RETRY_SECONDS = 5
FAULT = "the service failed at this by a fault of its own; its log says where"


@dataclass(frozen=True, slots=True)
class Problem:
    """How a family of errors looks from outside."""

    status: int
    title: str
    exit_code: int
    has_detail: bool = True
    retry_after: int | None = None


PROBLEMS: dict[type[LeaError], Problem] = {
    errors.InvalidInput: Problem(422, "What was sent is not valid", 2),
    errors.TooLarge: Problem(413, "What was sent is too large", 2),
    errors.NotAuthenticated: Problem(401, "Not signed in", 3),
    errors.TooManyAttempts: Problem(429, "Too many attempts", 3, retry_after=60),
    errors.NotPermitted: Problem(403, "Not permitted", 3),
    errors.NotFound: Problem(404, "Not found", 5),
    errors.Conflict: Problem(409, "Does not fit the present state", 5),
    errors.WrongState: Problem(409, "Not in this state", 5),
    errors.StaleVersion: Problem(412, "Changed by somebody else", 5),
    errors.Duplicate: Problem(409, "Used before for something else", 5),
    errors.VerificationFailed: Problem(422, "Does not verify", 4),
    errors.Unavailable: Problem(503, "Not available now", 6, retry_after=RETRY_SECONDS),
    errors.IntegrityFailure: Problem(500, "Stopped: our own data is not as it must be", 70, False),
    errors.Broken: Problem(500, "Internal Server Error", EXIT_UNKNOWN, False),
    jobs.LeaseLost: Problem(409, "Another worker holds this job", 5),
    jobs.Postponed: Problem(503, "Not yet", 6, retry_after=RETRY_SECONDS),
}

CLASSES: dict[str, type[LeaError]] = {family.code: family for family in PROBLEMS}
"""Error class by its stable code, for the client that reads a problem back."""

BY_STATUS: dict[int, type[LeaError]] = {
    404: errors.NotFound,
    413: errors.TooLarge,
    422: errors.InvalidInput,
}
"""What the framework refuses by status alone and what we call the same by name."""


def problem_of(error: LeaError) -> Problem:
    """Return the row of the error's class; every class has one, a test walks them all."""
    return PROBLEMS[type(error)]


def describe(error: LeaError) -> dict[str, Any]:
    """Return the RFC 9457 members of an error: nothing but what is safe to show."""
    problem = problem_of(error)
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + error.code,
        "title": problem.title,
        "status": problem.status,
    }
    if not problem.has_detail:
        return body
    body["detail"] = error.detail
    if isinstance(error, InvalidInput) and error.errors:
        body["errors"] = describe_fields(error.errors)
    if error.facts:
        body["facts"] = error.facts
    return body


def describe_status(status: int, detail: str | None = None) -> dict[str, Any]:
    """Return the members for a refusal of the framework, of which only the status is known."""
    family = BY_STATUS.get(status)
    if family is not None:
        body = {"type": TYPE_PREFIX + family.code, "title": PROBLEMS[family].title}
    else:
        phrase = HTTPStatus(status).phrase
        body = {"type": TYPE_PREFIX + phrase.lower().replace(" ", "-"), "title": phrase}
    return {**body, "status": status, **({"detail": detail} if detail else {})}


def describe_fields(found: Sequence[FieldError]) -> list[dict[str, str]]:
    """Return the ``errors`` member: JSON pointer (RFC 6901) and what was expected there."""
    return [{"pointer": error.pointer, "detail": error.detail} for error in found]


def flatten_messages(messages: Any, pointer: str = "") -> Iterator[FieldError]:
    """Turn marshmallow's nested messages into one error per place."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            step = "" if key == "_schema" else "/" + escape_pointer(str(key))
            yield from flatten_messages(inner, pointer + step)
    elif isinstance(messages, list | tuple):
        for message in messages:
            yield from flatten_messages(message, pointer)
    else:
        yield FieldError(pointer, str(messages))


def escape_pointer(step: str) -> str:
    """Escape one reference token of a JSON pointer (RFC 6901 section 3)."""
    return step.replace("~", "~0").replace("/", "~1")


def revive(body: Mapping[str, Any], status: int) -> LeaError:
    """Build the error that a problem was made of, on the side of the client."""
    code = str(body.get("type", "")).removeprefix(TYPE_PREFIX)
    detail = str(body.get("detail") or body.get("title") or HTTPStatus(status).phrase)
    family = CLASSES.get(code)
    if family is InvalidInput:
        fields = [
            FieldError(str(error.get("pointer", "")), str(error.get("detail", "")))
            for error in body.get("errors", [])
        ]
        return InvalidInput(detail, fields)
    if status == 500 and family is not errors.IntegrityFailure:
        return errors.Broken(FAULT)
    if family is not None and family.__module__ == errors.__name__:
        return family(detail, **_facts_of(body))
    if status in {400, 405, 406, 411, 415, 428}:
        return InvalidInput(detail)
    return errors.Unavailable(detail) if status >= 500 else errors.Conflict(detail)


def _facts_of(body: Mapping[str, Any]) -> dict[str, str | int | None]:
    """Return the facts of a problem; whatever else stands there is left out."""
    found = body.get("facts")
    given = found if isinstance(found, dict) else {}
    fit = {name: one for name, one in given.items() if isinstance(one, str | int | None)}
    return {name: one for name, one in fit.items() if name not in ("self", "detail")}
