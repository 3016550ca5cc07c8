"""The processes of the service: gunicorn, whose workers build the application, and the worker."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from lea_service.app import create_app
from lea_service.databases import check_upgraded
from lea_service.settings import Settings, load_settings
from lea_service.web.output import counted, json_option, show
from lea_service.wiring import Services, build, build_worker, open_logs

TIMEOUT_SECONDS = 120


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
            "worker_class": "gthread",
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


def open_service() -> Services:
    """Build the service from the settings, for a command that runs on the server."""
    return build(load_settings())


@click.command("serve")
def serve() -> None:
    """Serve the API under gunicorn; `LEA_BIND` and `LEA_WORKERS` say where and how wide."""
    settings = load_settings()
    open_logs(settings)
    check_upgraded(settings)
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
