"""Every route as a stranger and as each role: the table in ``routes`` is the whole of it."""

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import iter_entries
from lea_service.kernel.actors import Role, worker_actor
from tests.contract.answers import check_answer, count_entries, list_events
from tests.contract.routes import CASE_READING, EVERYBODY, ROLES, ROUTES
from tests.support.log import check_log
from tests.support.staff import new_key, person_form

PUBLIC = {
    "GET /health/live",
    "GET /health/ready",
    "GET /api/docs",
    "GET /api/openapi.json",
    "GET /api/static/<path:filename>",
    "POST /api/v1/session",
    "POST /api/v1/session/password",
    "POST /api/v1/collect/claim",
}
"""All that answers a caller nobody knows."""


WORKER = {"Authorization": "Bearer sys:worker"}
PREPARE = "/api/v1/approvals/preparations"


def name(route):
    return f"{route.method} {route.rule}"


def walk(service, role, routes=ROUTES):
    """Call each route as somebody; returns what was not as the table says."""
    wrong = []
    for route in routes:
        response = service.call(role, route.method, route.path, **route.options)
        expected = route.expects(role)
        if response.status_code == expected:
            check_answer(response, expected)
        else:
            wrong.append(f"{name(route)}: {response.status_code}, not {expected}: {response.text}")
    return wrong


def test_table_names_every_route(service):
    rules = service.app.url_map.iter_rules()
    found = {
        f"{method} {rule.rule}" for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {name(route) for route in ROUTES} == found
    assert {name(route) for route in ROUTES if route.who is EVERYBODY} == PUBLIC


def test_stranger_gets_nowhere(service):
    opened = [route for route in ROUTES if route.who is EVERYBODY]
    assert not (wrong := walk(service, "stranger", opened)), wrong
    before = service.count()
    closed = [route for route in ROUTES if route.who is not EVERYBODY]
    assert not (wrong := walk(service, "stranger", closed)), wrong
    for rule in {route.path for route in closed} - {route.path for route in opened}:
        for method in ("OPTIONS", "HEAD"):
            answer = service.call("stranger", method, rule)
            assert answer.status_code in ({401} if method == "OPTIONS" else {401, 405}), rule
    assert service.count() == before


def test_strangers_are_entered_as_a_count_once_a_minute(service):
    begun = count_entries(service)
    for _ in range(3):
        check_answer(service.call("stranger", "GET", "/api/v1/demands"), 401)
    assert count_entries(service) == begun
    service.clock.advance(seconds=61)
    service.call("stranger", "GET", "/health/live")
    assert list_events(service, begun) == ["access.unknown_callers"]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_the_table_says(service, role):
    service.services.custody.checkpointer.publish(worker_actor())
    service.token(role)
    begun = count_entries(service)
    assert not (wrong := walk(service, role)), wrong
    denied = [route for route in ROUTES if route.expects(role) == 403]
    assert list_events(service, begun).count("access.denied") == len(denied)
    check_log(service.log)


def test_denied_attempt_names_actor_permission_and_rule(service):
    service.token("engineer")
    begun = count_entries(service)
    check_answer(service.call("engineer", "GET", f"/api/v1/demands/c_{'1' * 32}"), 403)
    with service.log.transactions.read() as session:
        (entry,) = iter_entries(session, begun, begun + 1)
    told = load_entry(entry.data)
    assert told["by"] == service.house.id("engineer1")
    assert told["facts"] == {
        "permission": "demand.read",
        "route": "GET /api/v1/demands/<demand_id>",
    }


@pytest.mark.parametrize("role", ["engineer", "administrator", "receiver"])
def test_case_is_closed_to_those_who_do_not_work_on_it(role):
    routes = [route for route in ROUTES if route.who in CASE_READING]
    assert len(routes) > 15
    assert {route.expects(role) for route in routes} == {403}


def test_nobody_can_be_the_worker(service):
    assert all(Role.WORKER not in service.house.actor(one).roles for one in service.house.people)
    check_answer(service.call("stranger", "GET", "/api/v1/demands", headers=WORKER), 401)
    request = {**person_form("robot", new_key("robot")), "roles": ["worker"]}
    body = {"kind": "staff.account", "request": request}
    check_answer(service.call("administrator", "POST", PREPARE, json=body), 422)
