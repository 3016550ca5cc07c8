import copy
import json
from dataclasses import replace

import pytest

from lea_service.kernel.actors import Actor, Role
from lea_service.records.api import blp
from lea_service.records.cli import records, sources
from lea_service.web.services import EDGE
from tests.records.conftest import ENGINEER, SMALL
from tests.support.edge import build_app, run, serve, sign

PEOPLE = {"eve": ENGINEER, "hans": Actor("s_hans", frozenset({Role.HANDLER}))}
LINE = b"1,0612345678,+31201234567,2026-06-03 10:00:00,60\n"
LIMIT = 3_000_000


@pytest.fixture
def app(store, clock):
    parts = {"sources": store.sources, "imports": store.imports}
    built = build_app(clock, parts, PEOPLE, blp)
    built.extensions[EDGE] = replace(built.extensions[EDGE], body_limits={"import": LIMIT})
    return built


@pytest.fixture
def web(app):
    return app.test_client()


def post(web, path, json=None, data=None, who="eve"):
    kind = {"json": json} if json is not None else {"data": data, "content_type": "text/csv"}
    return web.post(f"/api/v1/sources{path}", headers=sign(who), **kind)


def get(web, path, who="eve"):
    answer = web.get(f"/api/v1/sources{path}", headers=sign(who))
    assert answer.status_code == 200, answer.json
    return answer.json


def test_from_declaration_to_coverage(web):
    declared = post(web, "", {"name": "pbx", "mapping": SMALL, "zone": "UTC"})
    assert declared.status_code == 201
    assert declared.json["zone"] == "UTC"
    assert get(web, f"/{declared.json['id']}") == declared.json == get(web, "/pbx", "hans")
    taken = post(web, "/pbx/imports", data=LINE + b"2,3\n")
    assert taken.status_code == 201
    assert (taken.json["added"], taken.json["rejected"]) == (1, 1)
    assert get(web, f"/pbx/imports/{taken.json['id']}") == taken.json
    (reject,) = get(web, f"/pbx/imports/{taken.json['id']}/rejects")["items"]
    assert reject == {"line": 2, "reason": "columns", "field": None, "size": 3, "text": "2,3"}
    assert get(web, "/pbx/coverage") == {
        "source": "pbx",
        "kind": "call",
        "rows": 1,
        "first": "2026-06-03T10:00:00.000000Z",
        "last": "2026-06-03T10:00:00.000000Z",
        "watermark": None,
        "read_at": None,
        "gaps": [],
    }


def test_lists_come_in_pages(web, clock):
    for name in ("b", "a", "c"):
        post(web, "", {"name": name, "shipped": "subscribers-csv"})
    page = get(web, "?limit=2")
    assert [one["name"] for one in page["items"]] == ["a", "b"]
    assert [one["name"] for one in get(web, f"?cursor={page['next']}")["items"]] == ["c"]
    post(web, "", {"name": "pbx", "mapping": SMALL})
    made = []
    for _ in range(3):
        made.insert(0, post(web, "/pbx/imports", data=b"1\n2\n3\n").json["id"])
        clock.advance(seconds=1)
    page = get(web, "/pbx/imports?limit=2")
    rest = get(web, f"/pbx/imports?cursor={page['next']}")
    assert [one["id"] for one in [*page["items"], *rest["items"]]] == made
    page = get(web, f"/pbx/imports/{made[0]}/rejects?limit=2")
    rest = get(web, f"/pbx/imports/{made[0]}/rejects?cursor={page['next']}")
    assert [one["line"] for one in [*page["items"], *rest["items"]]] == [1, 2, 3]


def mapping(**changes):
    return {**copy.deepcopy(SMALL), **changes}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "pbx"}, "/mapping"),
        ({"name": "pbx", "mapping": SMALL, "shipped": "freeradius-csv"}, "/mapping"),
        ({"name": "So_1", "mapping": SMALL}, "/name"),
        ({"name": "pbx", "mapping": SMALL, "zone": "Mars/Base"}, "/zone"),
        ({"name": "pbx", "mapping": SMALL, "region": "XX"}, "/mapping/region"),
        ({"name": "pbx", "mapping": SMALL, "owner": "me"}, "/owner"),
        ({"name": "pbx", "mapping": mapping(kind="content")}, "/mapping/kind"),
        ({"name": "pbx", "mapping": mapping(query="drop")}, "/mapping/query"),
        ({"name": "pbx", "mapping": "small"}, "/mapping"),
    ],
)
def test_bad_declarations_name_the_place(web, body, pointer):
    answer = post(web, "", body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert get(web, "")["items"] == []


def test_names_are_never_used_again(web):
    assert post(web, "", {"name": "pbx", "mapping": SMALL}).status_code == 201
    assert post(web, "", {"name": "pbx", "mapping": SMALL}).status_code == 409
    assert post(web, "", {"name": "x", "shipped": "none"}).status_code == 404


def test_bad_uploads_are_refused(web):
    post(web, "", {"name": "pbx", "mapping": SMALL})
    assert post(web, "/none/imports", data=LINE).status_code == 404
    assert post(web, "/pbx/imports", data=b"PK\x03\x04").status_code == 422
    assert post(web, "/pbx/imports", data=b"x" * (LIMIT + 1)).status_code == 413
    assert post(web, "/pbx/imports", data=LINE, who="hans").status_code == 403
    assert get(web, "/pbx/imports")["items"] == []
    assert web.get("/api/v1/sources").status_code == 401
    bad = web.get("/api/v1/sources/pbx/imports?cursor=WyJ4IiwieSJd", headers=sign("eve"))
    assert bad.status_code == 422


def test_commands_as_an_engineer_uses_them(app, tmp_path):
    path = tmp_path / "calls.csv"
    path.write_bytes(b"".join(LINE.replace(b"1,", b"%d," % n, 1) for n in range(20_000)) + b"x\n")
    with serve(app) as url:

        def lea(group, *args):
            done = run(group, *args, url=url, token="eve")
            assert done.exit_code == 0, done.output
            return done.output

        small = tmp_path / "small.json"
        small.write_text(json.dumps(SMALL))
        assert "freeradius-csv" in lea(sources, "mappings")
        assert "pbx" in lea(sources, "declare", "pbx", "--mapping", small, "--zone", "UTC")
        lea(sources, "declare", "crm", "--mapping", "subscribers-csv")
        report = lea(records, "import", "pbx", path)
        assert "20000" in report
        assert "Kept aside: 1 line;" in report
        run_id = report.split()[1]
        assert "columns" in lea(sources, "rejects", "pbx", run_id)
        assert ["rejected", "1"] in map(
            str.split, lea(sources, "report", "pbx", run_id).splitlines()
        )
        assert "20000" in lea(sources, "coverage", "pbx")
        assert run_id in lea(sources, "show", "pbx")
        assert "crm" in lea(sources, "list", "--json")
        failed = run(sources, "declare", "x", "--mapping", "nothing", url=url, token="eve")
        assert (failed.exit_code, "asterisk" in failed.output) == (2, True)
