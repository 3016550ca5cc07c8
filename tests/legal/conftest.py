import shutil
from dataclasses import replace

import pytest
from flask import Flask

from lea_service.demands.api import blp as demands_blp
from lea_service.demands.service import DemandService
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.database import Database
from lea_service.kernel.errors import NotAuthenticated
from lea_service.legal.api import blp
from lea_service.legal.catalogue import is_known_basis, load_catalogue
from lea_service.legal.service import LegalService
from lea_service.legal.working_days import load_working_days
from lea_service.staff.approval_service import ApprovalService
from lea_service.web.application import install_web
from lea_service.web.services import Edge
from tests.demands.samples import ORDER, content
from tests.support.agency import make_register
from tests.support.clock import FixedClock
from tests.support.ids import SeededIds
from tests.support.log import build_log
from tests.support.staff import make_house

JUDGE = {"reference": "RC-2026/17", "given_on": "2026-11-19"}


class Office:
    """A provider's people and an authority, made once per engine; each test gets a copy."""

    def __init__(self, folder, database, clock):
        log = build_log(database, clock, SeededIds("office"), folder / "office-signer.json")
        self.house = make_house(log, folder / "office-root.json")
        register = make_register(self.house)
        both = ["nl.officier_van_justitie", "nl.opsporingsambtenaar"]
        self.agency = register.organisation()
        self.prosecutor = register.person(self.agency, roles=both[:1])
        self.officer = register.person(self.agency, name="Piet Bakker", roles=both[1:])
        self.desk = register.desk(self.agency, [self.prosecutor])

    def house_on(self, log):
        """Return the same people on another copy of their database."""
        approvals = ApprovalService(log.transactions, log.looks, self.house.load_root)
        return replace(self.house, log=log, approvals=approvals)


@pytest.fixture
def office(engine_name, templates, copy_database, request):
    """Build the office on a database that later tests copy by the name ``office``."""
    key = (engine_name, "office")
    if key not in templates:
        copy_database("cases")
        made = templates[(engine_name, "cases")]
        if engine_name == "sqlite":
            templates[key] = shutil.copy(made, templates["folder"] / "office.db")
            url = f"sqlite:///{templates[key]}"
        else:
            url = templates[key] = request.getfixturevalue("postgres").create_database(made)
        database = Database(url)
        templates[(engine_name, "people")] = Office(templates["folder"], database, FixedClock())
        database.dispose()  # a template must have no connection
    return templates[(engine_name, "people")]


@pytest.fixture
def log(office, copy_database, clock, ids, tmp_path):
    database = Database(copy_database("office"))
    yield build_log(database, clock, ids, tmp_path / "signer" / "state.json")
    database.dispose()


@pytest.fixture
def demands(log):
    return DemandService(
        log.transactions,
        log.looks,
        is_known_basis=is_known_basis,
        max_order_bytes=1 << 20,
        pickup_days=14,
    )


@pytest.fixture
def legal(log):
    return LegalService(log.transactions, log.looks, load_catalogue(), load_working_days())


class Authority:
    """An agency of the register with its two people, and the demands it sends."""

    def __init__(self, office, house, demands):
        self.house = house
        self.demands = demands
        self.register = make_register(house)
        self.agency, self.prosecutor = office.agency, office.prosecutor
        self.officer, self.desk = office.officer, office.desk

    def form(self, by=None, **changes):
        """Return what a demand of the prosecutor (or of ``by``) says, right in everything."""
        parties = {
            "agency": {"ref": self.agency},
            "issuing_person": {"ref": by or self.prosecutor},
            "receivers": [self.desk],
            "judicial_authorisation": JUDGE,
        }
        return content(**{**parties, **changes})

    def send(self, order=ORDER, **changes):
        """Record a demand; returns its id."""
        handler = self.house.actor("handler1")
        return self.demands.record(handler, self.form(**changes), order).demand_id


@pytest.fixture
def house(office, log):
    return office.house_on(log)


@pytest.fixture
def authority(office, house, demands):
    return Authority(office, house, demands)


@pytest.fixture
def handler(house):
    return house.actor("handler1")


@pytest.fixture
def app(demands, legal, clock):
    people = {name: Actor(f"s_{name}", frozenset({Role(name)})) for name in Role}

    def authenticate(token):
        if token not in people:
            raise NotAuthenticated("expected a token that is valid")
        return people[token]

    app = Flask("legal")
    limits = {"order": 12_000}
    edge = Edge(clock=clock, authenticate=authenticate, body_limits=limits)
    app.extensions["api"] = install_web(app, {"demands": demands, "legal": legal}, edge)
    for one in (demands_blp, blp):
        app.extensions["api"].register_blueprint(one)
    return app
