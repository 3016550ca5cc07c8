"""Structured logs, one JSON object a line, that cannot carry personal data by accident.

Only the field names of a closed list are written, the text of an exception never is, and of a
library's own log lines only the template: where there is none, only the place. What happened to
whom is in the custody log, under keys.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from lea_service.kernel.clock import Clock, SystemClock, format_instant

# fmt: off
SAFE_FIELDS = frozenset({
    "actor", "agency", "approval", "attempt", "bytes", "checkpoint", "code", "count", "demand",
    "error", "event", "failed", "index", "job", "kind", "level", "limit", "log", "method",
    "milliseconds", "package", "part", "parts", "permission", "plan", "port", "progress",
    "request", "rows", "rule", "run", "seconds", "signal", "size", "source", "state", "status",
    "step", "total", "version", "where", "workers",
})
# fmt: on
"""Fields that may be logged: ids, codes, counts and durations. None holds a name or a number."""

TEXT_LIMIT = 200
PLAIN_LOGGERS = ("gunicorn.error",)
"""Loggers whose informational lines name processes and sockets, nothing else."""

Fields = MutableMapping[str, Any]


def configure_logging(
    *, clock: Clock | None = None, stream: TextIO | None = None, readable: bool = False
) -> None:
    """Send our own and the libraries' log lines to ``stream`` (standard error)."""
    out = stream or sys.stderr
    stamp = _Stamp(clock or SystemClock())
    render = _render_readable if readable else _render_json
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, _describe_exception, _only_safe, stamp, render],
        logger_factory=structlog.WriteLoggerFactory(out),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    handler = _LibraryHandler()
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in PLAIN_LOGGERS:
        library = logging.getLogger(name)
        library.handlers[:] = []
        library.propagate = True
        library.setLevel(logging.INFO)


def get_log(name: str) -> Any:
    """Return the log of a module; fields outside ``SAFE_FIELDS`` are dropped, and named."""
    return structlog.get_logger(log=name)


def places(error: BaseException) -> list[str]:
    """Say where an exception came through: ``module.py:line function``, outermost first."""
    return [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]


class _Stamp:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, _logger: Any, _method: str, fields: Fields) -> Fields:
        return {"at": format_instant(self._clock.now()), **fields}


class _LibraryHandler(logging.Handler):
    """Writes what a library logs: its template, without the values put into it."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"log": record.name}
        if record.exc_info and record.exc_info[1]:
            fields["exc_info"] = record.exc_info
            text = "exception"  # the text around it is made of the request
        elif record.name in PLAIN_LOGGERS and record.levelno == logging.INFO:
            text = record.getMessage()
        elif record.args:
            text = str(record.msg)
        else:  # what was put into a text beforehand cannot be told from the text
            text = "message"
            fields["where"] = [f"{record.filename}:{record.lineno} {record.funcName}"]
        structlog.get_logger().log(record.levelno, text, **fields)


def _describe_exception(_logger: Any, _method: str, fields: Fields) -> Fields:
    info = fields.pop("exc_info", None)
    error = _exception_of(info)
    if error is not None:
        fields["error"] = type(error).__name__
        fields["where"] = places(error)
    return fields


def _exception_of(info: Any) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    return sys.exc_info()[1] if info else None


def _only_safe(_logger: Any, _method: str, fields: Fields) -> Fields:
    kept = {name: _short(value) for name, value in fields.items() if name in SAFE_FIELDS}
    dropped = sorted(set(fields) - SAFE_FIELDS)
    if dropped:
        kept["dropped"] = dropped
    return kept


def _short(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_short(part) for part in value]
    return str(value)[:TEXT_LIMIT]


def _render_json(_logger: Any, _method: str, fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _render_readable(_logger: Any, _method: str, fields: Mapping[str, Any]) -> str:
    head = f"{fields['at'][11:19]} {fields['level']:8} {fields['event']}"
    rest = " ".join(
        f"{name}={value}"
        for name, value in fields.items()
        if name not in {"at", "level", "event", "log"}
    )
    return f"{head}  {rest}".rstrip()
