import json

import pytest

from lea_service.kernel.actors import worker_actor
from lea_service.retention.api import blp
from lea_service.retention.cli import retention
from lea_service.web.client import Client
from lea_service.web.paging import dump_cursor
from tests.support.edge import build_app, run, serve, sign
from tests.support.log import check_log
from tests.support.retention import ground_request

ROUTE = "/api/v1/retention"

RULE = [
    "propose", "--code", "X", "--kind", "call", "--purpose", "a", "--legal-ground", "b",
    "--article", "policy",
]  # fmt: skip


@pytest.fixture
def engine_name():
    """The edge is the same on each engine."""
    return "sqlite"


@pytest.fixture
def app(kept, clock):
    people = {name: kept.house.actor(name) for name in ("handler1", "engineer1", "admin1")}
    return build_app(clock, {"retention": kept.service}, people, blp)


@pytest.fixture
def web(app):
    return app.test_client()


def test_register_names_systems_without_a_rule(kept, web):
    kept.source()
    kept.source("nas", "usage")
    kept.rule()
    nas, pbx = web.get(f"{ROUTE}/register", headers=sign("engineer1")).json["items"]
    assert (nas["name"], nas["rule"], nas["last_purge"]) == ("nas", None, None)
    assert (pbx["name"], pbx["rule"]["code"], pbx["rule"]["is_current"]) == (
        "pbx1",
        "CALL-6M",
        True,
    )


def test_rules_are_listed_and_shown(kept, web):
    kept.rule()
    (rule,) = web.get(f"{ROUTE}/rules", headers=sign("handler1")).json["items"]
    assert rule["set_at"] == "2026-11-24T09:00:00.000000Z"
    assert web.get(f"{ROUTE}/rules/CALL-6M", headers=sign("handler1")).json == rule
    assert web.get(f"{ROUTE}/rules/NONE", headers=sign("handler1")).status_code == 404


def test_purges_come_page_by_page(kept, web, clock):
    kept.source()
    kept.rule()
    for _ in range(5):
        kept.add("pbx1", "call", 400)
        kept.service.purge(worker_actor())
        clock.advance(seconds=1)
    seen, cursor = [], ""
    while cursor is not None:
        page = web.get(f"{ROUTE}/purges?limit=2{cursor}", headers=sign("engineer1")).json
        seen += page["items"]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert len(seen) == len({one["id"] for one in seen}) == 5
    assert [one["begun_at"] for one in seen] == sorted(one["begun_at"] for one in seen)[::-1]
    assert web.get(f"{ROUTE}/purges?cursor=x", headers=sign("engineer1")).status_code == 422


def test_register_rules_and_grounds_come_page_by_page(kept, web, app):
    for number in range(3):
        kept.source(f"pbx{number}")
        kept.rule(f"CALL-{number}")
        kept.rule(f"USE-{number}", kind="usage")
        kept.house.approve("retention.ground", ground_request(code=f"dispute{number}"))
    for path in ("register", "rules", "grounds"):
        whole = web.get(f"{ROUTE}/{path}", headers=sign("engineer1")).json
        assert whole["next"] is None
        with serve(app) as url, Client(url, "engineer1") as client:
            for limit in (1, 2):
                assert list(client.pages(f"{ROUTE}/{path}", limit=limit)) == whole["items"]
        wrong = f"{ROUTE}/{path}?cursor={dump_cursor(('x', 'y', 'z'))}"
        assert web.get(wrong, headers=sign("engineer1")).status_code == 422


def test_only_an_engineer_starts_a_purge(kept, web):
    assert web.post(f"{ROUTE}/purges", headers=sign("handler1")).status_code == 403
    answer = web.post(f"{ROUTE}/purges", headers=sign("engineer1"))
    assert (answer.status_code, answer.json["job"][:2]) == (202, "j_")
    assert web.get(f"{ROUTE}/register", headers=sign("admin1")).status_code == 403
    check_log(kept.log)


def test_commands_show_what_is_kept(kept, app):
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()
    kept.service.purge(worker_actor())
    with serve(app) as url:
        engineer = {"url": url, "token": "engineer1"}
        register = run(retention, "register", **engineer).output
        assert "6 months, then destroy" in register
        assert "(Tw 11.5)" in register
        assert "all sources" in run(retention, "rules", **engineer).output
        assert "Tw 11.5" in run(retention, "rule", "CALL-6M", **engineer).output
        assert run(retention, "rule", "CALL-7M", **engineer).exit_code == 5
        words = [*RULE, "--action", "anonymise", "--months", "6", "--key", "none"]
        assert run(retention, *words, **engineer).exit_code == 5  # no key file
        (purge,) = json.loads(run(retention, "purges", "--json", **engineer).output)
        assert (purge["rule"], purge["rows"]) == ("CALL-6M", 1)
        assert "queued as j_" in run(retention, "purge", **engineer).output
        assert run(retention, "purge", url=url, token="handler1").exit_code == 3


def test_term_is_given_once():
    for term in ([], ["--months", "6", "--days", "180"]):
        outcome = run(retention, *RULE, *term)
        assert (outcome.exit_code, "--months or --days" in outcome.output) == (2, True)
