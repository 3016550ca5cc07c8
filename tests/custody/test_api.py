import io
import json
import logging
import zipfile
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from lea_service.custody.api import blueprints
from lea_service.custody.cli import custody
from lea_service.custody.merkle import verify_consistency
from lea_service.custody.note import decode_base64, parse_head, parse_note
from lea_service.custody.proofs import LogProof
from lea_service.custody.queries import find_head, has_stream
from lea_service.custody.tiles import load_bundle
from lea_service.custody.verify import GOOD, verify_bundle
from lea_service.kernel.actors import Actor, Role, worker_actor
from tests.support.edge import build_app, run, serve, sign
from tests.support.log import check_log
from tests.support.terminal import positions, terminal

PEOPLE = {
    role: Actor(f"s_{role}", frozenset({Role(role)}))
    for role in ("handler", "auditor", "engineer", "overseer", "administrator")
}
CUSTODY = "/api/v1/custody"


@pytest.fixture
def demand(log):
    with log.transactions.begin(PEOPLE["handler"]) as tx:
        demand = tx.new_stream("c")
        tx.record(
            "demand.recorded", demand, facts={"channel": "post"}, disclose={"case": "05/1234"}
        )
        return demand


@pytest.fixture
def app(log, clock):
    return build_app(clock, {"custody": log.service}, PEOPLE, *blueprints)


@pytest.fixture
def web(app):
    return app.test_client()


def test_entries_come_with_what_they_disclose(web, log, demand):
    answer = web.get(f"/api/v1/demands/{demand}/custody", headers=sign("handler")).json
    first, look = answer["items"]
    assert (first["index"], first["n"], answer["next"]) == (0, 0, None)
    assert first["facts"] == {"channel": "post"}
    assert first["disclosures"] == {"case": "05/1234"}
    assert (look["event"], look["by"], look["facts"]) == (
        "custody.viewed",
        "s_handler",
        {"view": "custody"},
    )
    check_log(log)


def test_entries_come_by_pages_of_one_look(web, log, demand):
    with log.transactions.begin(PEOPLE["handler"]) as tx:
        for _ in range(4):
            tx.record("demand.listed", demand)
    path, seen, cursor = f"/api/v1/demands/{demand}/custody?limit=2", [], ""
    for size in (2, 2, 2):
        page = web.get(path + cursor, headers=sign("handler")).json
        assert len(page["items"]) == size
        seen += [one["n"] for one in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert (seen, page["next"]) == ([0, 1, 2, 3, 4, 5], None)
    assert web.get(f"{path}&cursor=x", headers=sign("handler")).status_code == 422


def test_erased_names_are_null(web, log, demand, clock):
    with log.transactions.database.write() as session:
        log.keys.destroy(session, demand, "file", clock.now())
    answer = web.get(f"/api/v1/demands/{demand}/custody", headers=sign("auditor")).json
    assert answer["items"][0]["disclosures"] is None


def test_unknown_demand_leaves_no_stream_behind(web, log, demand):
    stranger = f"c_{'0' * 32}"
    assert (
        web.get(f"/api/v1/demands/{stranger}/custody", headers=sign("auditor")).status_code == 404
    )
    body = {"demand": stranger}
    assert web.post(f"{CUSTODY}/bundles", json=body, headers=sign("auditor")).status_code == 404
    with log.transactions.read() as session:
        assert not has_stream(session, stranger)


def test_checkpoint_tile_proof_and_consistency_fit(web, log, demand):
    old = log.checkpointer.publish(worker_actor()).size
    with log.transactions.read() as session:
        old_root = find_head(session).root
    web.get(f"{CUSTODY}/checkpoint", headers=sign("auditor"))
    log.checkpointer.publish(worker_actor())
    checkpoint = web.get(f"{CUSTODY}/checkpoint", headers=sign("auditor"))
    assert checkpoint.mimetype == "text/plain"
    note = parse_note(checkpoint.data)
    log.service.policy.verify(note)
    head = parse_head(note.text)
    tile = web.get(f"{CUSTODY}/tile/entries/000.p/{head.size}", headers=sign("auditor"))
    assert tile.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    entry = load_bundle(tile.data, head.size)[0]
    proof = web.get(f"{CUSTODY}/entries/0/proof", headers=sign("auditor"))
    assert LogProof.parse(proof.data).verify(entry, log.service.policy).size >= head.size
    answer = web.get(
        f"{CUSTODY}/consistency?old={old}&new={head.size}", headers=sign("auditor")
    ).json
    hashes = [decode_base64(one) for one in answer["proof"]]
    verify_consistency(old, head.size, old_root, head.root, hashes)
    check_log(log)


def test_bundles_verify_offline(web, log, demand):
    for body, entries in (({"demand": demand}, 1), ({}, 2)):
        log.checkpointer.publish(worker_actor())
        answer = web.post(f"{CUSTODY}/bundles", json=body, headers=sign("auditor"))
        assert answer.mimetype == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        report = verify_bundle(files, log.service.policy)
        assert (report.verdict, report.entries) == (GOOD, entries), report.problems
        assert (b"05/1234" in b"".join(files.values())) is False
        answer.close()
    assert web.post(f"{CUSTODY}/bundles", json={"x": 1}, headers=sign("auditor")).status_code == 422


PATHS = ["checkpoint", "tile/0/000.p/1", "entries/0/proof", "consistency?old=1&new=1"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["engineer", "administrator", None])
def test_log_is_closed_to_others(web, log, demand, path, who):
    log.checkpointer.publish(worker_actor())
    headers = sign(who) if who else {}
    assert web.get(f"{CUSTODY}/{path}", headers=headers).status_code == (403 if who else 401)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("tile/0/1", 422),
        ("tile/0/x1/000", 422),
        ("tile/0/009", 404),
        ("tile/entries/000.p/200", 404),
        ("entries/99/proof", 404),
        ("entries/-1/proof", 404),
        ("consistency?old=0&new=1", 422),
        ("consistency?old=2&new=1", 422),
        ("consistency?old=1&new=99", 404),
        ("consistency?old=1", 422),
    ],
)
def test_bad_requests_are_clear(web, log, demand, path, status):
    answer = web.get(f"{CUSTODY}/{path}", headers=sign("auditor"))
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def write_policy(log, tmp_path):
    path = tmp_path / "policy"
    path.write_text(log.service.policy.format())
    return path


def test_commands_read_and_verify(app, log, demand, tmp_path):
    log.checkpointer.publish(worker_actor())
    policy, out = write_policy(log, tmp_path), tmp_path / "bundle.zip"
    with serve(app) as url:
        auditor = {"url": url, "token": "auditor"}
        listed = run(custody, "entries", demand, **auditor)
        assert "demand.recorded" in listed.output
        assert run(custody, "checkpoint", **auditor).output.startswith(log.service.origin)
        assert run(custody, "proof", 0, **auditor).output.startswith("c2sp.org/tlog-proof@v1\n")
        assert run(custody, "bundle", "--demand", demand, "--out", out, **auditor).exit_code == 0
        refused = run(custody, "bundle", "--out", out, url=url, token="handler")
        assert (refused.exit_code, "custody.export" in refused.output) == (3, True)
    good = run(custody, "verify", out, "--policy", policy)
    assert (good.exit_code, good.output.startswith("good: the first 1 entries")) == (0, True)
    assert "  open: whether the provider shows everybody this same log" in good.output


def test_damaged_bundle_ends_with_one(log, demand, tmp_path):
    folder = tmp_path / "bundle"
    for name, data in log.service.excerpt(worker_actor(), demand, until="demand.recorded"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.replace(b"post", b"mail"))
    policy = write_policy(log, tmp_path)
    damaged = run(custody, "verify", folder, "--policy", policy, "--json")
    assert damaged.exit_code == 1
    assert json.loads(damaged.output)["verdict"] == "damaged"
    (folder / "entries" / "000000.json").unlink()
    (folder / "entries" / "000000.tlog-proof").unlink()
    assert run(custody, "verify", folder, "--policy", policy).exit_code == 2


def test_verification_without_a_policy_is_refused(tmp_path):
    assert run(custody, "verify", tmp_path).exit_code == 2
    assert run(custody, "verify").exit_code == 2
    assert run(custody, "verify", tmp_path, "--database").exit_code == 2


def parts_of(log, staff=()):
    return SimpleNamespace(
        transactions=log.transactions,
        keys=log.keys,
        custody=log.service,
        signer=log.signer,
        check_tables=lambda: [*staff],
    )


def test_live_database_is_checked(log, demand):
    parts = parts_of(log)
    good = run(custody, "verify", "--database", obj=lambda: parts)
    assert (good.exit_code, good.output.startswith("good: 1 entry")) == (0, True)
    with log.transactions.database.write() as session:
        session.execute(text("UPDATE log_head SET size = 2, edge = edge"))
    bad = run(custody, "verify", "--database", "--json", obj=lambda: parts)
    assert (bad.exit_code, json.loads(bad.output)["verdict"]) == (1, "damaged")


def test_empty_log_cannot_be_told(log):
    assert run(custody, "verify", "--database", obj=lambda: parts_of(log)).exit_code == 2


def test_staff_that_nobody_signed_for_is_damage(log, demand):
    parts = parts_of(log, ["roles of s_1: not approved"])
    bad = run(custody, "verify", "--database", obj=lambda: parts)
    assert (bad.exit_code, "roles of s_1" in bad.output) == (1, True)


def test_bars_are_there_for_who_exports_and_verifies(app, log, demand, tmp_path, caplog):
    caplog.set_level(logging.ERROR, "werkzeug")
    size = log.checkpointer.publish(worker_actor()).size
    policy, file = write_policy(log, tmp_path), tmp_path / "log.zip"
    with serve(app) as url, terminal() as exported, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEA_URL", url)
        patch.setenv("LEA_TOKEN", "auditor")
        custody.main(["bundle", "--out", str(file)], standalone_mode=False)
    assert positions(exported[0])[-1] == (file.stat().st_size,) * 2
    with terminal() as offline:
        words = ["verify", str(file), "--policy", str(policy)]
        assert custody.main(words, standalone_mode=False) == GOOD
    assert positions(offline[0])[-1] == (size, size)
    with terminal() as live:
        words, parts = ["verify", "--database"], parts_of(log)
        assert custody.main(words, standalone_mode=False, obj=lambda: parts) == GOOD
    assert positions(live[0])[-1][0] == positions(live[0])[-1][1] >= size
