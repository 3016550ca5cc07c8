"""Puts the edge around a Flask application, in the one order that is right."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lea_service.web import documentation, health
from lea_service.web.api import ProblemApi
from lea_service.web.authentication import STRANGERS, require_known_caller
from lea_service.web.bodies import check_body, check_path
from lea_service.web.failures import register_failures
from lea_service.web.headers import add_headers
from lea_service.web.request_log import begin_request, log_request
from lea_service.web.services import EDGE, SERVICES, Edge
from lea_service.web.strangers import StrangerWindow


def install_web(app: Flask, services: object, edge: Edge) -> ProblemApi:
    """Install everything and return the API on which the slices register their blueprints.

    ``services`` is a mapping or an object with the parts by name (see ``services.part``).
    """
    app.extensions[SERVICES] = services
    app.extensions[EDGE] = edge
    app.extensions[STRANGERS] = StrangerWindow(
        edge.stranger_limit, edge.clock, edge.record_strangers
    )
    app.config.update(
        MAX_CONTENT_LENGTH=edge.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=edge.max_body_bytes,
        MAX_FORM_PARTS=50,
    )
    if edge.trusted_proxies:
        count = edge.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=0
        )
    for step in (begin_request, check_path, require_known_caller, check_body):
        app.before_request(step)
    for finish in (log_request, add_headers):
        app.after_request(finish)
    api = ProblemApi(app, edge.version)
    register_failures(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(documentation.build(api))
    return api
