from functools import partial
from types import SimpleNamespace

import pytest

from lea_service.demands.service import DemandService
from lea_service.oversight import approval  # noqa: F401 declares the kinds
from lea_service.oversight.changes import look_at_demand
from lea_service.oversight.inquiries import approval as _inquiry  # noqa: F401 declares the kind
from lea_service.oversight.service import OversightService
from lea_service.records.identifiers import normalise_target
from tests.demands.samples import content
from tests.support.agency import make_register
from tests.support.log import build_log
from tests.support.staff import make_house


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer.json")


@pytest.fixture
def house(log, tmp_path):
    return make_house(log, tmp_path / "root.json")


@pytest.fixture
def register(house):
    return make_register(house)


@pytest.fixture
def demands(log):
    return DemandService(
        log.transactions,
        log.looks,
        is_known_basis=lambda _basis: True,
        max_order_bytes=4096,
        kept_until=lambda _session, _demand: None,
        normalise=partial(normalise_target, region="NL"),
        watch=look_at_demand,
    )


@pytest.fixture
def oversight(log):
    return OversightService(log.transactions, log.looks)


@pytest.fixture
def world(log, house, register, demands, oversight, clock):
    return World(log, house, register, demands, oversight, clock)


class World(SimpleNamespace):
    """A house, the demands that arrive in it, and those who look on."""

    def __init__(self, log, house, register, demands, oversight, clock):
        super().__init__(log=log, house=house, register=register, demands=demands, clock=clock)
        self.oversight = oversight

    def officer(self, name="Parket Oost", **details):
        agency = self.register.organisation(name)
        return agency, self.register.person(agency, f"Officer of {name}", **details)

    def ask(self, officer, value="+31612345678", kind="phone_number", by="handler1", **changes):
        """Record a demand of an officer about somebody; returns its id."""
        agency, person = officer
        item = content_item(value, kind)
        asked = content(
            agency={"ref": agency},
            issuing_person={"ref": person},
            received_at=self.clock.now().isoformat(),
            **{"receivers": [person], "items": [item], **changes},
        )
        return self.demands.record(self.house.actor(by), asked).demand_id

    def approve(self, kind, request, by="admin1", decided_by="overseer1"):
        return self.house.approve(kind, request, by=by, decided_by=decided_by)

    def own(self, name, *values, kind="phone_number"):
        found = [{"kind": kind, "value": value} for value in values]
        request = {"account": self.house.id(name), "identifiers": found}
        return self.approve("oversight.own_identifiers", request)

    def warnings(self, is_open=None):
        overseer = self.house.actor("overseer1")
        return self.oversight.list_warnings(overseer, is_open, None, 100)

    def kinds(self):
        return sorted(str(one.kind) for one in self.warnings())

    def finds(self, name, demand):
        listed = self.demands.list(self.house.actor(name), None, None, 100)
        return demand in {one.id for one in listed}


def content_item(value, kind, **target):
    return {
        "target": {"kind": kind, "value": value, **target},
        "period": {
            "start": "2026-06-03T00:00:00+02:00",
            "end": "2026-06-06T00:00:00+02:00",
            "zone": "Europe/Amsterdam",
        },
        "categories": ["traffic_call_records"],
    }
