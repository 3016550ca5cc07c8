"""A whole demand leaves no name in the logs, and shows itself to nobody who does not work on it."""

import io
import json
import re

import pytest

from lea_service.kernel.logs import SAFE_FIELDS, configure_logging
from tests.contract.routes import CASE_READING, PLACES, ROUTES
from tests.contract.whole import NAMES, PHONE, run_demand
from tests.support.log import check_log
from tests.support.staff import TEAM


@pytest.fixture
def lines(service):
    """What the service logs, as it does in production."""
    stream = io.StringIO()
    configure_logging(clock=service.clock, stream=stream)
    return stream


def test_logs_of_a_whole_demand_name_nobody(service, lines, tmp_path):
    ids = run_demand(service, tmp_path)
    for path in (f"/demands/{PHONE}", f"/sources/{NAMES[0]}", f"/agencies?cursor={PHONE}"):
        service.call("handler", "GET", f"/api/v1{path}")
    service.call("handler", "POST", "/api/v1/demands", json={"note": NAMES[0], "x": PHONE})
    service.call("auditor", "POST", "/api/v1/custody/bundles", json={"demand": ids.demand_id})
    shown = service.call("handler", "GET", f"/api/v1/demands/{ids.demand_id}").text
    assert NAMES[0] in shown
    assert PHONE in shown
    written = lines.getvalue()
    people = [f"Person {name}" for name in TEAM]
    assert [one for one in (*NAMES, *people, *ids.secrets) if one in written] == []
    rows = [json.loads(line) for line in written.splitlines()]
    assert all(row.keys() <= SAFE_FIELDS | {"at", "level", "event", "log"} for row in rows)
    assert {"POST", "GET"} <= {row.get("method") for row in rows}
    assert service.house.id("handler1") in {row.get("actor") for row in rows}
    check_log(service.log)


@pytest.mark.parametrize("role", ["engineer", "administrator", "overseer"])
def test_who_works_on_no_case_sees_nothing_of_it(service, tmp_path, role):
    ids = run_demand(service, tmp_path)
    places = {**PLACES, **vars(ids)}
    seen = 0
    for route in ROUTES:
        if route.method != "GET":
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: places[found[1]], route.rule)
        response = service.call(role, "GET", path + route.query)
        if route.who in CASE_READING:
            assert response.status_code == 403, path
        if is_about_agencies_or_rejects(route, role):
            continue
        seen += response.status_code == 200
        assert [one for one in NAMES if one in response.text] == [], path
    assert seen > 5


def is_about_agencies_or_rejects(route, role):
    """Say whether a route shows what this role is there for: agencies, or lines of one's files."""
    own = {"overseer": "/agencies", "engineer": "/rejects"}
    return own.get(role, "-") in route.rule
