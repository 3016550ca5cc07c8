"""A small application inside the real edge."""

import io
from dataclasses import dataclass, field

import pytest
from flask import Flask, request, send_file
from flask_smorest import Blueprint
from marshmallow import fields

from lea_service.kernel.actors import Actor, Permission, Role, permit
from lea_service.kernel.errors import IntegrityFailure, NotAuthenticated, Unavailable
from lea_service.web.api import ProblemApi
from lea_service.web.application import install_web
from lea_service.web.authentication import public, require_actor
from lea_service.web.bodies import takes_upload
from lea_service.web.paging import PageArgs, load_cursor, make_page, page_schema
from lea_service.web.schemas import Count, Day, Instant, StrictSchema, Text, Zone
from lea_service.web.services import Edge, part
from lea_service.web.versions import IF_MATCH, expected_version, set_version
from tests.support.clock import FixedClock

TOKEN = {"Authorization": "Bearer good"}
PACKAGE = bytes(range(256)) * 400


class TargetSchema(StrictSchema):
    value = Text(40, required=True, metadata={"description": "What is asked about."})


class ThingSchema(StrictSchema):
    """A thing somebody sends."""

    name = Text(20, required=True)
    count = Count(1, 10)
    seen_at = Instant()
    day = Day()
    zone = Zone()
    targets = fields.List(fields.Nested(TargetSchema))


class Counter:
    def __init__(self):
        self.version = 3


@dataclass
class House:
    """The application and what its hooks were told."""

    app: Flask
    api: ProblemApi
    clock: FixedClock
    denied: list = field(default_factory=list)
    strangers: list = field(default_factory=list)
    down: set = field(default_factory=set)


def build_house():
    clock, house = FixedClock(), None

    def authenticate(token):
        if token != "good":
            raise NotAuthenticated("expected a token that is valid")
        return Actor("s_1", frozenset({Role.HANDLER}))

    def ping(name):
        def act():
            if name in house.down:
                raise OSError("no route to 10.0.0.7")

        return act

    edge = Edge(
        clock=clock,
        authenticate=authenticate,
        record_denied=lambda *told: house.denied.append(told),
        record_strangers=lambda *count: house.strangers.extend(count),
        pings={"cases": ping("cases"), "records": ping("records")},
        max_body_bytes=2000,
        body_limits={"order": 5000},
        stranger_limit=3,
        version="1.2",
    )
    app = Flask("small")
    house = House(app, install_web(app, {"counter": Counter()}, edge), clock)
    house.api.register_blueprint(things())
    return house


def things():
    blp = Blueprint("things", __name__, url_prefix="/api/v1/things", description="Small things.")

    @blp.route("", methods=["POST"])
    @blp.arguments(ThingSchema)
    @blp.response(201, ThingSchema)
    def add(thing):
        """Add a thing."""
        return thing

    @blp.route("", methods=["GET"])
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, page_schema(TargetSchema))
    def find(args):
        """List the things."""
        after = load_cursor(args["cursor"], str) or ("",)
        rows = [{"value": f"v{n}"} for n in range(5) if f"v{n}" > after[0]]
        return make_page(rows[: args["limit"] + 1], args["limit"], lambda row: (row["value"],))

    @blp.route("/<name>", methods=["PUT"])
    @blp.arguments(TargetSchema)
    @blp.doc(parameters=[IF_MATCH])
    @blp.response(200, TargetSchema)
    def change(target, name):
        """Change a thing."""
        counter = part("counter", Counter)
        counter.version = expected_version() + 1
        set_version(counter.version)
        return target

    @blp.route("/order", methods=["POST"])
    @takes_upload("order", Permission.DEMAND_RECORD, "text/csv")
    @blp.response(200)
    def order():
        """Take a document."""
        return {"bytes": len(request.get_data())}

    @blp.route("/secret", methods=["POST"])
    @takes_upload("order", Permission.STAFF_DECIDE, "text/csv")
    @blp.response(200)
    def secret_document():
        """Take what a handler may not send."""
        return {"bytes": len(request.get_data())}

    @blp.route("/secret", methods=["GET"])
    @blp.response(200)
    def secret():
        """Ask for what a handler may not do."""
        permit(require_actor(), Permission.STAFF_DECIDE)

    @blp.route("/open", methods=["GET"])
    @public
    @blp.doc(security=[])
    @blp.response(200)
    def opened():
        """Answer everybody."""
        return {"open": True}

    @blp.route("/broken/<how>", methods=["GET"])
    @blp.response(200)
    def broken(how):
        """Fail in a given way."""
        raise {
            "log": IntegrityFailure("entry 7 of Jan Jansen differs"),
            "later": Unavailable("the store does not answer"),
        }.get(how, RuntimeError("Jan Jansen"))

    @blp.route("/package", methods=["GET"])
    @blp.response(200)
    def package():
        """Send a file."""
        return send_file(
            io.BytesIO(PACKAGE), "application/octet-stream", etag="pack", conditional=True
        )

    return blp


@pytest.fixture
def house():
    return build_house()


@pytest.fixture
def web(house):
    return house.app.test_client()
