"""Less than was asked: the plan has both scopes, searches for the smaller, and says so."""

import copy
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from lea_service.demands.demand import TargetKind
from lea_service.demands.narrowing import Cut, CutGround
from lea_service.extraction.document import dump_plan, load_plan, read_plan
from lea_service.extraction.plan import Narrowed
from lea_service.extraction.printed import PlanPrinter
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.legal.narrowing.queries import list_cuts
from lea_service.legal.narrowing.service import _keep
from lea_service.legal.queries import find_assessment
from tests.extraction.test_document import item
from tests.extraction.worlds import NUMBERS, T0, make_plan
from tests.support.extraction import OTHER, START, make_item
from tests.support.log import check_log

HOUR = timedelta(hours=1)
LOCATION = Cut(1, CutGround.CATEGORY, category="location")
LATER = Cut(1, CutGround.PERIOD, keep_from=T0 + HOUR)


def asked(n=1):
    both = ("location", "traffic_call_records")
    return replace(item(NUMBERS[n - 1], TargetKind.PHONE_NUMBER, *both), n=n)


def plan_of(*cuts, items=None):
    return make_plan(items or [asked()], cuts=cuts)


def test_plan_searches_for_what_is_left():
    plan = plan_of(LOCATION, LATER)
    (one,) = plan.items
    assert (one.categories, one.start) == (("traffic_call_records",), T0 + HOUR)
    assert all("cell" not in ask.columns and ask.start == T0 + HOUR for ask in one.asks)
    assert plan.narrowed == Narrowed((asked(),), (LOCATION, LATER))
    assert load_plan(dump_plan(plan)) == plan
    assert "narrowed" not in dump_plan(plan_of())


def test_item_that_is_not_given_asks_no_source():
    radius = item("192.0.2.1", TargetKind.IP_ADDRESS, "usage_sessions")
    items = [asked(), replace(radius, n=2)]
    plan = plan_of(Cut(2, CutGround.NOT_OURS), items=items)
    assert [one.n for one in plan.items] == [1]
    assert {source.kind for source in plan.sources} == {"call"}
    assert [one.n for one in plan.narrowed.asked] == [1, 2]


TAMPERED = {
    "a cut less": lambda doc: doc["narrowed"]["cuts"].pop(),
    "a cut twice": lambda doc: doc["narrowed"]["cuts"].append(doc["narrowed"]["cuts"][0]),
    "another category": lambda doc: doc["narrowed"]["cuts"][0].update(
        category="traffic_call_records"
    ),
    "another day": lambda doc: doc["narrowed"]["cuts"][1].update(
        keep_from="2026-11-01T02:00:00.000000Z"
    ),
    "no longer asked": lambda doc: doc["narrowed"]["asked"][0].update(
        categories=["traffic_call_records"]
    ),
    "another number": lambda doc: doc["narrowed"]["asked"][0]["target"].update(value=NUMBERS[1]),
    "not said": lambda doc: doc["narrowed"].update(cuts=[]),
    "on no ground": lambda doc: doc["narrowed"]["cuts"][0].update(ground="proportionality"),
    "asked in vain": lambda doc: doc["narrowed"]["asked"].append(
        {**doc["narrowed"]["asked"][0], "n": 2}
    ),
    "given all the same": lambda doc: doc["items"][0]["categories"].append("location"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_plan_whose_scopes_do_not_fit_is_none(name):
    document = copy.deepcopy(dump_plan(plan_of(LOCATION, LATER)))
    read_plan(document)
    TAMPERED[name](document)
    with pytest.raises(InvalidInput):
        read_plan(document)


def test_plan_that_is_shown_tells_both_scopes():
    head = {"id": "pl", "number": 1, "is_current": True, "digest": "d"}
    shown = PlanPrinter("en").plan(head | {"document": dump_plan(plan_of(LOCATION, LATER))})
    assert "Less is given than was asked." in shown
    assert "The basis of the demand does not reach these data." in shown
    assert "before 2026-11-01 02:00 (+01:00)" in shown
    dutch = PlanPrinter("nl").plan(head | {"document": dump_plan(plan_of(LOCATION, LATER))})
    assert "\nEr wordt minder verstrekt dan is gevraagd. Gevraagd:\n" in dutch.replace("\n\n", "\n")
    assert "\n\nWat elke bron wordt gevraagd:\n" in dutch
    assert "verkeersgegevens van gesprekken" in dutch
    assert "traffic_call_records" not in dutch
    assert "Niet verstrekt:" in dutch
    assert dutch.startswith("plan ")
    assert "\ngemaakt onder " in dutch
    assert "until just before" not in dutch
    assert "Less is given" not in PlanPrinter("en").plan(head | {"document": dump_plan(plan_of())})


def cut(office, demand, *cuts):
    """Leave something out, as the legal check does when its findings bear it out."""
    with office.transactions.begin(office.actor("handler1")) as tx:
        assessed = find_assessment(tx.session, demand)
        for one in cuts:
            _keep(tx, assessed, one, [], [], "Buiten het artikel.")


def test_run_gives_what_is_left_and_nothing_else(log, office):
    office.source()
    office.calls(START, START + 2 * HOUR)
    office.calls(START, caller=OTHER, callee="+31301234567")
    demand = office.new_demand([make_item(), make_item(OTHER)])
    cut(
        office,
        demand,
        Cut(1, CutGround.PERIOD, keep_from=START + HOUR),
        Cut(2, CutGround.NOT_OURS),
    )
    _, run = office.decided(demand)
    assert office.work(run) == "done"
    assert [one.n for one in office.result(run).items] == [1]
    assert [line.split('"row_id":"')[1][:6] for line in office.lines(run)["call"]] == ["r00002"]
    check_log(log)


def test_plan_counts_no_longer_when_less_is_given(log, office):
    office.source(categories=["location", "traffic_call_records"])
    demand = office.new_demand([make_item(categories=["location", "traffic_call_records"])])
    plan = office.planned(demand)
    approval = office.propose(plan)
    cut(office, demand, LOCATION)
    with pytest.raises(WrongState, match="decided on anew"):
        office.house.decide(approval)
    with office.transactions.read() as session:
        assert list_cuts(session, demand) == (LOCATION,)
    cut(office, demand, replace(LOCATION, category="traffic_call_records"))
    with pytest.raises(InvalidInput):  # nothing is left: that would be a refusal
        office.plan(demand)
    check_log(log)


def test_run_stops_when_less_is_given_than_was_decided(log, office):
    office.source(categories=["location", "traffic_call_records"])
    office.calls(START)
    demand = office.new_demand([make_item(categories=["location", "traffic_call_records"])])
    _, run = office.decided(demand)
    office.begin(run)
    cut(office, demand, LOCATION)
    found = office.service.execute(worker_actor(), run)
    assert found == {"outcome": "halted", "code": "rules_changed"}
    check_log(log)


def test_source_that_was_declared_after_the_decision_stops_no_run(office):
    office.source(categories=["traffic_call_records"])
    demand = office.new_demand([make_item(categories=["location", "traffic_call_records"])])
    cut(office, demand, Cut(1, CutGround.NOT_HELD, category="location"))
    _, run = office.decided(demand)
    office.source("pbx2", categories=["location"])
    assert office.work(run) == "done"


def test_what_a_source_holds_is_not_said_not_to_be_held(office):
    office.source()
    demand = office.new_demand([make_item(categories=["content_stored", "traffic_call_records"])])
    cut(office, demand, Cut(1, CutGround.NOT_HELD, category="content_stored"))
    assert office.plan(demand).document["narrowed"]["cuts"][0]["ground"] == "not_held"
    cut(office, demand, Cut(1, CutGround.NOT_HELD, category="traffic_call_records"))
    told = "item 1: traffic_call_records is said not to be recorded, and the source pbx1 .*assess"
    with pytest.raises(WrongState, match=told):
        office.plan(demand)


def test_who_called_whom_does_not_come_as_location(office):
    office.source(categories=["location", "traffic_call_records"])
    office.calls(START)
    office.calls(START + 24 * HOUR, cell="A1")
    demand = office.new_demand([make_item(categories=["location", "traffic_call_records"])])
    cut(office, demand, replace(LOCATION, category="traffic_call_records"))
    _, run = office.decided(demand)
    assert office.work(run) == "done"
    (row,) = [json.loads(line) for line in office.lines(run)["call"]]
    assert (row["row_id"], row["cell"]) == ("r00002", "A1")
