from functools import partial

import pytest
from flask import Flask

from lea_service.delivery.letters.queries import is_form_sent
from lea_service.delivery.letters.told_queries import list_told
from lea_service.demands.api import blp as demands_blp
from lea_service.demands.service import DemandService
from lea_service.extraction.not_held_queries import check_none_holds
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.errors import NotAuthenticated
from lea_service.legal.annex.api import blp as annex_blp
from lea_service.legal.annex.service import AnnexService
from lea_service.legal.api import blp
from lea_service.legal.authenticity import approval  # noqa: F401 declares the kind of policies
from lea_service.legal.authenticity.api import blp as authenticity_blp
from lea_service.legal.authenticity.service import AuthenticityService
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.catalogue_service import CatalogueService
from lea_service.legal.clock_service import ClockService
from lea_service.legal.narrowing.service import NarrowingService
from lea_service.legal.preservation import approval as _release  # noqa: F401 declares its kind
from lea_service.legal.preservation.api import blp as preservation_blp
from lea_service.legal.preservation.queries import Preservations
from lea_service.legal.preservation.service import PreservationService
from lea_service.legal.service import LegalService
from lea_service.legal.working_days import load_working_days
from lea_service.web.application import install_web
from lea_service.web.services import Edge
from tests.demands.samples import content, demand_json
from tests.support.agency import make_register
from tests.support.call_backs import add_number, call_back
from tests.support.kept import keep
from tests.support.log import build_log
from tests.support.orders import make_orders, order_of
from tests.support.staff import make_house

AS_TYPED = object()
JUDGE = {"reference": "RC-2026/17", "given_on": "2026-11-19"}


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer" / "state.json")


@pytest.fixture
def house(log, tmp_path):
    return make_house(log, tmp_path / "root.json")


@pytest.fixture
def demands(log):
    return DemandService(
        log.transactions,
        log.looks,
        is_known_basis=load_catalogue().has_basis,
        max_order_bytes=1 << 20,
        kept_until=lambda _session, _demand: None,
    )


@pytest.fixture
def legal(log):
    return LegalService(log.transactions, log.looks, load_working_days(), make_orders())


class Authority:
    """An agency of the register with its two people, and the demands it sends."""

    def __init__(self, house, demands):
        self.house = house
        self.demands = demands
        self.register = make_register(house)
        made = keep(house.log, "authority", partial(admit, self.register))
        self.agency, self.prosecutor, self.officer, self.desk = made

    def form(self, by=None, **changes):
        """Return what a demand of the prosecutor (or of ``by``) says, right in everything."""
        parties = {
            "agency": {"ref": self.agency},
            "issuing_person": {"ref": by or self.prosecutor},
            "receivers": [self.desk],
            "judicial_authorisation": JUDGE,
        }
        return content(**{**parties, **changes})

    def paper(self, *more, **changes):
        """Return the order behind a demand, with more lines."""
        return order_of(demand_json(**{"judicial_authorisation": JUDGE, **changes}), *more)

    def send(self, order=AS_TYPED, called_back=True, **changes):
        """Record a demand with an order that says the same, and call back; returns its id."""
        if order is AS_TYPED:
            order = self.paper(**{k: v for k, v in changes.items() if k != "by"})
        handler = self.house.actor("handler1")
        demand = self.demands.record(handler, self.form(**changes), order).demand_id
        if called_back:
            call_back(self.house.log.transactions, handler, demand)
        return demand


def admit(register):
    """Record an agency with a prosecutor, an officer and a desk; returns their ids."""
    prosecution, police = ["nl.officier_van_justitie"], ["nl.opsporingsambtenaar"]
    agency = register.organisation()
    add_number(register, agency)
    prosecutor = register.person(agency, roles=prosecution)
    officer = register.person(agency, name="Piet Bakker", roles=police)
    return agency, prosecutor, officer, register.desk(agency, [prosecutor])


@pytest.fixture
def authority(house, demands):
    return Authority(house, demands)


@pytest.fixture
def handler(house):
    return house.actor("handler1")


@pytest.fixture
def clocks(log):
    return ClockService(log.transactions, log.looks, load_catalogue(), load_working_days())


@pytest.fixture
def narrowings(log):
    return NarrowingService(log.transactions, log.looks, is_form_sent, list_told, check_none_holds)


@pytest.fixture
def preservation(log):
    found = Preservations(load_catalogue(), load_working_days())
    return PreservationService(log.transactions, log.looks, found)


@pytest.fixture
def annex(log):
    return AnnexService(log.transactions, log.looks, load_working_days())


@pytest.fixture
def app(log, demands, legal, clocks, preservation, annex, clock):
    people = {name: Actor(f"s_{name}", frozenset({Role(name)})) for name in Role}

    def authenticate(token):
        if token not in people:
            raise NotAuthenticated("expected a token that is valid")
        return people[token]

    app = Flask("legal")
    limits = {"order": 12_000}
    edge = Edge(clock=clock, authenticate=authenticate, body_limits=limits)
    parts = {
        "demands": demands,
        "legal": legal,
        "catalogue": CatalogueService(legal.catalogue),
        "authenticity": AuthenticityService(log.transactions, log.looks, make_orders()),
        "clocks": clocks,
        "preservation": preservation,
        "annex": annex,
    }
    app.extensions["api"] = install_web(app, parts, edge)
    for one in (demands_blp, blp, authenticity_blp, preservation_blp, annex_blp):
        app.extensions["api"].register_blueprint(one)
    return app
