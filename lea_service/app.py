"""The application: the edge around the routes of every slice, and nothing else."""

from __future__ import annotations

from flask import Flask

from lea_service import __version__
from lea_service.agencies.api import blp as agencies
from lea_service.custody.api import blueprints as custody
from lea_service.delivery.api import blp as delivery
from lea_service.delivery.letters.api import blp as letters
from lea_service.demands.api import blp as demands
from lea_service.extraction.api import blp as extraction
from lea_service.extraction.page.api import blp as approval_page
from lea_service.legal.annex.api import blp as annex
from lea_service.legal.api import blp as legal
from lea_service.legal.authenticity.api import blp as authenticity
from lea_service.legal.confirmations.api import blp as confirmations
from lea_service.legal.narrowing.api import blp as narrowings
from lea_service.legal.preservation.api import blp as preservation
from lea_service.legal.referral.api import blp as referrals
from lea_service.oversight.api import blp as oversight
from lea_service.oversight.inquiries.api import blp as inquiries
from lea_service.packaging.api import blp as packaging
from lea_service.records.api import blp as records
from lea_service.records.live.api import blp as live_sources
from lea_service.reporting.api import blp as codelists
from lea_service.reporting.said import list_said
from lea_service.retention.api import blp as retention
from lea_service.retention.processing.api import blp as processing
from lea_service.services import Services
from lea_service.settings import Settings
from lea_service.staff.api import blueprints as staff
from lea_service.staff.reach.api import blp as reachability
from lea_service.web.api import ProblemApi
from lea_service.web.application import install_web
from lea_service.web.refusals import Refusals
from lea_service.web.services import Edge
from lea_service.wiring import build

BLUEPRINTS = (
    *staff,
    reachability,
    agencies,
    demands,
    legal,
    authenticity,
    confirmations,
    preservation,
    narrowings,
    annex,
    referrals,
    extraction,
    approval_page,
    packaging,
    delivery,
    letters,
    *custody,
    records,
    live_sources,
    retention,
    processing,
    oversight,
    inquiries,
    codelists,
)
API = "lea.api"


def create_app(settings: Settings, services: Services | None = None) -> Flask:
    """Build the application; ``services`` stand in for the ones the settings describe."""
    services = services or build(settings)
    app = Flask("lea_service", static_folder=None)
    api = install_web(app, services, _edge(services))
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.extensions[API] = api
    return app


def api_of(app: Flask) -> ProblemApi:
    """Return the API of an application, which knows the OpenAPI document."""
    api: ProblemApi = app.extensions[API]
    return api


def _edge(services: Services) -> Edge:
    settings = services.settings
    return Edge(
        clock=services.transactions.clock,
        authenticate=services.authenticate,
        record_denied=services.access.record_denied,
        record_strangers=services.access.record_strangers,
        pings=services.pings,
        max_body_bytes=settings.max_body_bytes,
        body_limits={
            "order": settings.max_order_bytes + settings.max_body_bytes,
            "import": settings.max_import_bytes,
        },
        stranger_limit=settings.stranger_limit,
        trusted_proxies=settings.trusted_proxies,
        version=__version__,
        refusals=Refusals(*list_said()),
    )
