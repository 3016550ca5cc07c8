"""Turns errors into answers: registered once for the application, never for ``Exception``."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, request
from marshmallow import ValidationError
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException

from lea_service.kernel.errors import (
    IntegrityFailure,
    InvalidInput,
    LeaError,
    NotFound,
    NotPermitted,
)
from lea_service.kernel.logs import get_log
from lea_service.kernel.phrases import DUTCH, ENGLISH, LANGUAGES
from lea_service.web.authentication import note_denied
from lea_service.web.problems import (
    MEDIA_TYPE,
    describe,
    describe_status,
    flatten_messages,
    problem_of,
)
from lea_service.web.schemas import NOT_VALID
from lea_service.web.services import edge

KEPT_HEADERS = frozenset({"allow", "retry-after", "content-range"})
log = get_log("web")


def register_failures(app: Flask) -> None:
    """Answer every error of ours, of marshmallow and of the framework as a problem."""
    app.register_error_handler(LeaError, answer_error)
    app.register_error_handler(ValidationError, answer_validation)
    app.register_error_handler(HTTPException, answer_refusal)


def answer_error(error: LeaError) -> Response:
    """Answer an error the service raised on purpose."""
    if isinstance(error, NotPermitted) or (isinstance(error, NotFound) and error.was_hidden):
        note_denied(error)
    if isinstance(error, IntegrityFailure):
        log.critical("integrity failure", code=error.code, exc_info=error)
    problem = problem_of(error)
    response = _respond(describe(error), problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer_validation(error: ValidationError) -> Response:
    """Answer a body that a schema refused, outside of flask-smorest's own parsing."""
    return answer_error(InvalidInput(NOT_VALID, list(flatten_messages(error.messages))))


def answer_refusal(error: HTTPException) -> Response:
    """Answer what the framework refused, an unforeseen fault included (without its text)."""
    if error.response is not None and error.code is None:
        return Response(status=500)
    status = error.code or 500
    data: dict[str, Any] = getattr(error, "data", None) or {}
    if "messages" in data:
        return answer_error(_from_parser(data["messages"]))
    detail = None if status >= 500 else error.description
    response = _respond(describe_status(status, detail), status)
    for name, value in error.get_headers():
        if name.lower() in KEPT_HEADERS:
            response.headers[name] = value
    return response


def _from_parser(messages: dict[str, Any]) -> InvalidInput:
    """Unpack: webargs puts the place in the request (json, query, files …) around the messages."""
    found = [error for place in messages.values() for error in flatten_messages(place)]
    return InvalidInput(NOT_VALID, found)


def _respond(body: dict[str, Any], status: int) -> Response:
    language = _asked_language()
    said = edge().refusals.say_problem(body, language)
    response = Response(json.dumps(said), status=status, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = language
    return response


def _asked_language() -> str:
    """Return in which language the caller wants to be refused: by the header, else `language`.

    Of some routes `language` is that of a letter, whatever the caller reads.
    """
    named = [(one, quality) for one, quality in request.accept_languages if one != "*"]
    preferred = LanguageAccept(named).best_match((ENGLISH, DUTCH))
    asked = request.args.get("language", "")
    return preferred or (asked if asked in LANGUAGES else ENGLISH)
