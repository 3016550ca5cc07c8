"""The real edge around some parts, as an application and as a server for commands."""

import io
import threading
from contextlib import contextmanager

import structlog
from click.testing import CliRunner
from flask import Flask
from werkzeug.serving import make_server

from lea_service.kernel.errors import NotAuthenticated
from lea_service.web.application import install_web
from lea_service.web.output import BoundaryGroup
from lea_service.web.services import Edge

SECONDS = 0.01
"""How often a server looks whether it is to end."""


def build_app(clock, parts, people, *blueprints):
    """Return an application in which the name of a person is that person's token."""

    def authenticate(token):
        if token not in people:
            raise NotAuthenticated("expected a token that is valid")
        return people[token]

    app = Flask("lea-test")
    app.extensions["api"] = install_web(app, parts, Edge(clock=clock, authenticate=authenticate))
    for blueprint in blueprints:
        app.extensions["api"].register_blueprint(blueprint)
    return app


def sign(name):
    """Return the header of a person."""
    return {"Authorization": f"Bearer {name}"}


@contextmanager
def serve(app):
    """Serve an application on this machine; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(SECONDS,))
    saved = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(io.StringIO()))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        structlog.configure(**saved)
        server.shutdown()
        thread.join()
        server.server_close()


def run(group, *args, url="", token="", **options):
    """Run a command of ``group`` as a person would at a terminal."""
    root = BoundaryGroup("lea", commands=[group])
    return CliRunner(env={"LEA_URL": url, "LEA_TOKEN": token}).invoke(
        root, [group.name, *map(str, args)], **options
    )
