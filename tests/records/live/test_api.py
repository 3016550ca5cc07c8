"""Live sources over REST and by commands."""

import json

import pytest

from lea_service.kernel.actors import Actor, Role
from lea_service.records.live.api import blp
from lea_service.records.live.cli import records, sources
from lea_service.records.live.examine_service import ExamineService
from tests.records.conftest import ENGINEER
from tests.support.edge import build_app, run, serve, sign
from tests.support.engines import ANY_ENGINE

PEOPLE = {"eve": ENGINEER, "hans": Actor("s_hans", frozenset({Role.HANDLER}))}
PREFIX = "/api/v1/sources/pbx"


@pytest.fixture
def app(live, clock):
    live.provider.make_calls(3)
    live.connect()
    live.declare_live()
    examining = ExamineService(live.log.transactions, live.log.looks, live.connections)
    return build_app(clock, {"pulls": live.pulls, "examining": examining}, PEOPLE, blp)


@ANY_ENGINE
def test_pull_is_asked_for_and_followed(app, live):
    web = app.test_client()
    asked = web.post(f"{PREFIX}/pulls", json={"extent": "new"}, headers=sign("eve"))
    assert (asked.status_code, asked.json["state"], asked.json["is_whole"]) == (202, "ready", False)
    live.work()
    found = web.get(f"{PREFIX}/pulls/{asked.json['id']}", headers=sign("hans"))
    assert (found.json["state"], found.json["added"], found.json["batches"]) == ("done", 3, 1)
    assert web.get(f"{PREFIX}/pulls/j_{'0' * 32}", headers=sign("eve")).status_code == 404
    live.declare_live("other")
    elsewhere = web.get(f"/api/v1/sources/other/pulls/{found.json['id']}", headers=sign("eve"))
    assert elsewhere.status_code == 404


@ANY_ENGINE
def test_source_is_looked_at(app):
    web = app.test_client()
    found = web.post(f"{PREFIX}/examinations", headers=sign("eve")).json
    codes = [one["code"] for one in found["findings"]]
    assert (found["can_be_pulled"], codes) == (True, ["file-writable"])
    (row,) = web.post(f"{PREFIX}/samples", json={"rows": 1}, headers=sign("eve")).json["rows"]
    assert row[2] == {"column": "to", "type": "str", "length": 12, "pattern": "+31#########"}
    assert web.post(f"{PREFIX}/samples", json={"rows": 51}, headers=sign("eve")).status_code == 422
    grants = web.post(f"{PREFIX}/grants", json={"account": "a b"}, headers=sign("eve"))
    assert grants.status_code == 422
    bodies = {
        "pulls": {"extent": "new"},
        "examinations": None,
        "samples": {"rows": 1},
        "grants": {"account": "a"},
    }
    for path, body in bodies.items():
        refused = web.post(f"{PREFIX}/{path}", json=body, headers=sign("hans"))
        assert refused.status_code == 403


@ANY_ENGINE
def test_commands_do_the_same(app, live):
    with serve(app) as url:

        def lea(group, *words):
            return run(group, *words, url=url, token="eve").output

        asked = json.loads(lea(records, "pull", "pbx", "--whole", "--json"))
        live.work()
        assert "added" in lea(sources, "pulled", "pbx", asked["id"])
        assert "file-writable" in lea(sources, "test", "pbx")
        assert "+31#########" in lea(sources, "sample", "pbx", "-n", "1")
        assert "mode=ro" in lea(sources, "grants", "pbx", "--account", "reader")
        live.provider.run('ALTER TABLE "Call Records" RENAME TO gone')
        assert "no-table" in lea(sources, "test", "pbx")
