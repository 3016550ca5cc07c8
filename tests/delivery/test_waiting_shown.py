"""Whoever looks at a demand whose package waits by the law sees that, why and until when."""

import json

import pytest

from lea_service.delivery.api import blp as delivery_routes
from lea_service.delivery.cli import deliveries
from lea_service.demands.api import blp as demand_routes
from lea_service.demands.cli import demands
from lea_service.extraction.api import blp as plan_routes
from lea_service.extraction.cli import plan
from lea_service.legal.moments import Enforcing
from tests.delivery.test_waiting import END, answer, european, legal, oral  # noqa: F401
from tests.support.edge import build_app, run, serve

LOOKS = ((demands, "show"), (plan, "progress"), (deliveries, "show"))


@pytest.fixture
def engine_name():
    """What is printed is the same on each engine."""
    return "sqlite"


@pytest.fixture
def look(handover, clock):
    """A function that prints what a command shows of a demand to its handler."""
    parts = {
        "delivery": handover.service,
        "demands": handover.office.demands,
        "extraction": handover.office.service,
    }
    people = {"handler1": handover.house.actor("handler1")}
    app = build_app(clock, parts, people, delivery_routes, demand_routes, plan_routes)
    with serve(app) as url:

        def show(group, command, *args):
            done = run(group, command, *args, url=url, token="handler1")
            assert done.exit_code == 0, done.output
            return done.stdout

        yield show


@pytest.mark.parametrize(("group", "command"), LOOKS)
def test_european_order_says_for_whom_and_until_when(handover, look, group, command):
    demand, _ = handover.seal(demand=european(handover))
    english = look(group, command, demand)
    assert "the order waits for the enforcing authority" in english
    assert "lea legal enforcing" in english
    assert "2026-12-04 00:00 (+01:00)" in english
    dutch = look(group, command, demand, "--language", "nl")
    assert "wacht op de tenuitvoerleggingsautoriteit" in dutch


def test_progress_says_it_to_programs_in_both_languages(handover, look):
    demand, _ = handover.seal(demand=european(handover))
    wait = json.loads(look(plan, "progress", demand, "--json"))["wait"]
    assert (wait["code"], wait["until"]) == ("enforcing_authority", "2026-12-03T23:00:00.000000Z")
    assert "waits for the enforcing authority" in wait["says"]
    assert "wacht op de tenuitvoerleggingsautoriteit" in wait["says_nl"]


def test_what_that_authority_said_ends_it(handover, legal, look):  # noqa: F811
    demand, _ = handover.seal(demand=european(handover))
    answer(legal, handover, demand, Enforcing.REFUSED)
    assert json.loads(look(plan, "progress", demand, "--json"))["wait"]["code"] == "objection"
    answer(legal, handover, demand, Enforcing.CONFIRMED)
    for group, command in LOOKS:
        assert "waits" not in look(group, command, demand)


def test_end_of_day_ten_ends_it(handover, look):
    demand, _ = handover.seal(demand=european(handover))
    clock = handover.log.transactions.clock
    clock.advance(seconds=(END - clock.now()).total_seconds())
    assert json.loads(look(plan, "progress", demand, "--json"))["wait"] is None


def test_oral_order_says_that_it_waits_for_its_writing(handover, look):
    demand, _ = handover.seal(demand=oral(handover))
    assert "waits" not in look(demands, "show", demand)
    handover.log.transactions.clock.advance(days=10)
    for group, command in LOOKS:
        shown = look(group, command, demand)
        assert "not confirmed in writing in time" in shown
        assert "not known" in shown
