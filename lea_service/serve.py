"""The processes of the service: gunicorn, whose workers build the application, and the worker."""

from __future__ import annotations

import json
import os
import socket
from http import HTTPStatus
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from lea_service.app import create_app
from lea_service.databases import check_upgraded
from lea_service.kernel.errors import Unavailable
from lea_service.kernel.logs import get_log
from lea_service.kernel.printable import counted
from lea_service.legal.catalogue import load_catalogue
from lea_service.services import Services
from lea_service.settings import Settings, load_settings
from lea_service.web.output import json_option, show
from lea_service.web.problems import MEDIA_TYPE, describe_status
from lea_service.wiring import build, build_worker, open_logs

TIMEOUT_SECONDS = 120
FAULT = HTTPStatus.INTERNAL_SERVER_ERROR
REFUSED: dict[type[Exception], HTTPStatus] = {
    errors.InvalidResponseHeader: FAULT,
    errors.InvalidResponseHeaderName: FAULT,
    errors.ConfigurationProblem: FAULT,
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ParseException: HTTPStatus.BAD_REQUEST,
}
"""What is refused before the application sees it, the first that fits; all else is our fault."""
log = get_log("serve")


class ServerLog(Logger):  # type: ignore[misc]
    """Leaves what gunicorn logs to our own handler: no text of its own, no line for a request."""

    def setup(self, cfg: Any) -> None:
        """Take no handlers."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True


class RequestWorker(ThreadWorker):  # type: ignore[misc]
    """Answers what never becomes a request as a problem, and repeats nothing of it."""

    def handle_error(
        self, _req: object, client: socket.socket, _addr: object, exc: Exception
    ) -> None:
        """Log the kind of fault without its text, which holds what was sent, and answer."""
        found = (status for kind, status in REFUSED.items() if isinstance(exc, kind))
        status = next(found, FAULT)
        if status is FAULT:
            log.error("fault below the application", status=status, exc_info=exc)
        else:
            log.warning("refused below the application", status=status, code=type(exc).__name__)
        body = json.dumps(describe_status(status)).encode()
        head = (
            f"HTTP/1.1 {status} {status.phrase}\r\nConnection: close\r\n"
            f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            write_nonblock(client, head.encode() + body)
        except OSError:
            log.info("whoever asked is gone", status=status)


class Server(BaseApplication):  # type: ignore[misc]
    """The gunicorn master; nothing of ours is open in it, so nothing is shared by a fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's own defaults."""
        values: dict[str, Any] = {
            "bind": self._settings.bind,
            "workers": self._settings.workers,
            "worker_class": RequestWorker,
            "logger_class": ServerLog,
            "threads": 4,
            "timeout": TIMEOUT_SECONDS,
            "preload_app": False,
            "accesslog": None,  # its lines hold paths; our own request log holds route rules
            "control_socket_disable": True,
            "proc_name": "lea-service",
            "worker_tmp_dir": None,
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application, in the worker."""
        return create_app(self._settings)

    def run(self) -> None:
        """Serve until stopped. Raises Unavailable where it cannot listen or its workers end."""
        master = os.getpid()
        try:
            super().run()
        except SystemExit as end:
            if os.getpid() == master and end.code:
                where = self._settings.bind
                raise Unavailable(
                    f"cannot serve at {where}: it is in use or no address of this machine, "
                    "or the processes that answer do not start; the log says which"
                ) from end
            raise


def open_application() -> Flask:
    """Build the application with its logs for any WSGI server, on upgraded databases.

    Raises InvalidInput for settings and Unavailable for databases that are not as they must be.
    """
    settings = load_settings()
    open_logs(settings)
    check_upgraded(settings)
    return create_app(settings)


def open_service() -> Services:
    """Build the service from the settings, for a command that runs on the server."""
    return build(load_settings())


@click.command("serve")
def serve() -> None:
    """Serve the API under gunicorn; `LEA_BIND` and `LEA_WORKERS` say where and how wide.

    Nothing is started on databases that are not upgraded, or with a wrong row of the provider's own
    (`LEA_LEGAL_OVERLAY`).
    """
    settings = load_settings()
    open_logs(settings)
    check_upgraded(settings)
    load_catalogue(settings.legal_overlay)  # each worker reads it, and could only end by a fault
    Server(settings).run()


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@json_option
def worker(once: bool, as_json: bool) -> None:
    """Work through jobs: extraction, sealing, hand-over, checkpoints, purge, notices.

    Any number may run beside each other; a job whose worker died is taken over by another.
    """
    settings = load_settings()
    open_logs(settings)
    check_upgraded(settings)
    services = build(settings)
    try:
        work = build_worker(services)
        if once:
            count = work.run_once()
            show(as_json, {"jobs": count}, f"did what was due: {counted(count, 'job')}")
            return
        work.stop_on_signals()
        work.run()
    finally:
        services.dispose()
