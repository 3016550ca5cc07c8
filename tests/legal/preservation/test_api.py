import re

import pytest
from click.testing import CliRunner

from lea_service.cli import main
from lea_service.demands.demand import CONTENTS
from lea_service.legal.preservation import cli
from tests.support.edge import serve

REASON = "Verlenging van 1 december, getekend door de officier."
KEPT = {"legal_basis": "NL-SV-126ni", "states": [*CONTENTS]}


@pytest.fixture
def engine_name():
    """The edge is the same on each engine."""
    return "sqlite"


def test_preservation_goes_by_rest_and_by_commands(app, authority, legal, handler):
    demands = []
    for note in ("first", "second"):
        demands.append(authority.send(**KEPT, note=note, references=[reference(note)]))
        for code in {ref.partition("/")[0] for ref in legal.assess(handler, demands[-1]).open}:
            if code != "instrument.preservation":
                legal.accept_finding(handler, demands[-1], code, "read in the order")
    first, second = demands
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer handler"
    kept = client.post(f"/api/v1/demands/{first}/preservation", json={"days": 30})
    assert (kept.status_code, kept.json["state"], kept.json["days"]) == (201, "preserved", 30)
    with serve(app) as url:
        environ = {"LEA_URL": url, "LEA_TOKEN": "handler"}

        def lea(*words):
            done = CliRunner(env=environ).invoke(main, ["preservation", *words])
            return done.exit_code, done.output

        assert re.search(r"^bewaard op +", lea("keep", second, "--language", "nl")[1], re.M)
        code, said = lea("extend", first, "--days", "10", "--reason", REASON)
        assert (code, "law knows, 10 days)" in said) == (0, True), said
        assert lea("extend", first, "--by", "production_follows", "--reason", REASON)[0] == 5
        assert lea("extend", second, "--days", "91", "--reason", REASON)[0] == 2
        assert first in lea("show", first)[1]
        assert "stand" in lea("show", first, "--language", "nl")[1]
        assert "dagen over" in lea("list", "--language", "nl")[1]
        listed = lea("list")[1]
        assert listed.index(first) < listed.index(second)
    page = client.get("/api/v1/preservations?limit=1").json
    (more,) = client.get(f"/api/v1/preservations?limit=1&cursor={page['next']}").json["items"]
    assert [page["items"][0]["demand"], more["demand"]] == [first, second]
    assert page["items"][0]["extensions"][0]["by"] == "term"


def reference(value):
    return {"kind": "case_number", "value": value}


def test_release_that_is_proposed_says_who_decides(monkeypatch, tmp_path):
    made = {"id": "ap_" + "1" * 32, "needs_deciders": 1, "digest": "abcd"}
    monkeypatch.setattr(cli, "load_signing_key", lambda _: None)
    monkeypatch.setattr(cli, "propose", lambda *_: made)
    key = tmp_path / "key.pem"
    key.touch()
    runner = CliRunner(env={"LEA_URL": "http://127.0.0.1:1", "LEA_TOKEN": "handler"})
    words = ["release", "c_" + "0" * 32, "--ground", "authority", "--reason", REASON]
    done = runner.invoke(main, ["preservation", *words, "--key", str(key)])
    assert done.output == f"proposed: {made['id']}; another person decides on it\n"
    dutch = runner.invoke(main, ["preservation", *words, "--key", str(key), "--language", "nl"])
    assert dutch.output == f"voorgesteld: {made['id']}; een ander besluit erover\n"
