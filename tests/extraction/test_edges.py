"""Plans over REST and by command: the same use cases, the same refusals."""

import json

import pytest

from lea_service.extraction.api import blp
from lea_service.extraction.cli import plan as group
from lea_service.kernel.actors import Actor, Role
from lea_service.retention import approval as _rules  # noqa: F401 declares the kind of grounds
from tests.support.edge import build_app, run, serve, sign
from tests.support.extraction import START, WORKER, make_item
from tests.support.retention import ground_request

AUDITOR = Actor(f"s_{7:032x}", frozenset({Role.AUDITOR}))
ENGINEER = Actor(f"s_{8:032x}", frozenset({Role.ENGINEER}))
NOBODY = f"c_{9:032x}"


@pytest.fixture
def filled(office):
    office.source()
    office.calls(*[START] * 3)
    return office


@pytest.fixture
def app(filled, clock):
    people = {name: filled.actor(name) for name in ("handler1", "approver1")}
    people |= {"auditor1": AUDITOR, "engineer1": ENGINEER, "worker": WORKER}
    return build_app(clock, {"extraction": filled.service}, people, blp)


@pytest.fixture
def web(app):
    return app.test_client()


def route(demand, name):
    return f"/api/v1/demands/{demand}/{name}"


def test_plan_is_compiled_shown_and_counted(filled, web):
    demand = filled.new_demand()
    made = web.post(route(demand, "plan"), json={}, headers=sign("handler1"))
    assert (made.status_code, made.json["number"]) == (201, 1)
    shown = web.get(route(demand, "plan"), headers=sign("auditor1"))
    assert shown.json == made.json
    assert "plan.viewed" in filled.events(demand)
    counted = web.post(route(demand, "preview"), headers=sign("approver1"))
    assert (counted.status_code, counted.json["rows"]) == (201, 3)
    assert web.get(route(demand, "preview"), headers=sign("auditor1")).json == counted.json
    progress = web.get(route(demand, "progress"), headers=sign("auditor1"))
    assert (progress.json["state"], progress.json["job"]) == ("under_review", None)


def test_ground_for_late_rows_is_part_of_the_plan(filled, web):
    demand = filled.new_demand()
    body = {"past_term": {"ground": "kept_for_dispute"}}
    refused = web.post(route(demand, "plan"), json=body, headers=sign("handler1"))
    assert refused.status_code == 409
    filled.house.approve("retention.ground", ground_request())
    made = web.post(route(demand, "plan"), json=body, headers=sign("handler1"))
    assert made.json["document"]["past_term"] == body["past_term"]


@pytest.mark.parametrize(
    "body",
    [{"past_term": {"ground": "Because I say so"}}, {"past_term": "x"}, {"rows": 3}, [1]],
)
def test_wrong_body_is_refused(filled, web, body):
    demand = filled.new_demand()
    answer = web.post(route(demand, "plan"), json=body, headers=sign("handler1"))
    assert answer.status_code == 422
    assert filled.events(demand)[-1] == "demand.assessed"


@pytest.mark.parametrize(
    ("method", "name", "allowed"),
    [
        ("post", "plan", {"handler1"}),
        ("get", "plan", {"handler1", "approver1", "auditor1"}),
        ("post", "preview", {"handler1", "approver1"}),
        ("get", "preview", {"handler1", "approver1", "auditor1"}),
        ("get", "progress", {"handler1", "approver1", "auditor1"}),
        ("post", "resumption", {"handler1"}),
    ],
)
def test_each_role_gets_what_is_its_own(web, method, name, allowed):
    for person in ("handler1", "approver1", "auditor1", "engineer1", "worker"):
        answer = getattr(web, method)(route(NOBODY, name), headers=sign(person))
        assert answer.status_code == (404 if person in allowed else 403), person
    assert getattr(web, method)(route(NOBODY, name)).status_code == 401


def test_source_of_an_identifier_is_shown(filled, app):
    demand = filled.new_demand([make_item("200", "phone_id", source="pbx1"), make_item()])
    with serve(app) as url:
        shown = run(group, "compile", demand, url=url, token="handler1").stdout
    assert "200 of pbx1" in shown
    assert shown.count(" of pbx1") == 1


def test_commands_make_and_follow_a_plan(filled, app):
    demand = filled.new_demand()
    with serve(app) as url:
        made = run(group, "compile", demand, "--json", url=url, token="handler1")
        counted = run(group, "preview", demand, url=url, token="handler1")
        again = run(group, "preview", demand, "--last", url=url, token="auditor1")
        assert again.stdout.endswith(counted.stdout[counted.stdout.index("rows  ") :])
        shown = run(group, "show", demand, url=url, token="handler1")
        progress = run(group, "progress", demand, "--watch", "--json", url=url, token="handler1")
        resumed = run(group, "resume", demand, url=url, token="handler1")
        refused = run(group, "compile", demand, url=url, token="auditor1")
    assert json.loads(made.stdout)["number"] == 1
    assert "rows                         3" in counted.stdout
    assert "+31612345678" in shown.stdout
    assert json.loads(progress.stdout)["state"] == "under_review"
    assert (resumed.exit_code, refused.exit_code) == (5, 3)
