import io
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from openapi_spec_validator import validate
from werkzeug.serving import make_server

from lea_service.delivery.api import blp
from lea_service.delivery.cli import collect, deliveries
from lea_service.delivery.rules import is_receiver_token
from lea_service.kernel.errors import NotAuthenticated
from lea_service.packaging.receipt import receipt_text
from lea_service.web.application import install_web
from lea_service.web.output import BoundaryGroup
from lea_service.web.services import Edge
from tests.delivery.test_handover import events
from tests.support.log import check_log

COLLECT = "/api/v1/collect"


@pytest.fixture
def engine_name():
    """The edge is the same on each engine."""
    return "sqlite"


@pytest.fixture
def app(handover, clock):
    def authenticate(token):
        if is_receiver_token(token):
            return handover.service.authenticate_receiver(token)
        if token not in handover.house.people:
            raise NotAuthenticated("expected a token that is valid")
        return handover.house.actor(token)

    edge = Edge(clock=clock, authenticate=authenticate, max_body_bytes=2000, stranger_limit=5)
    app = Flask("delivery")
    app.extensions["api"] = install_web(app, {"delivery": handover.service}, edge)
    app.extensions["api"].register_blueprint(blp)
    return app


@pytest.fixture
def made(handover, app):
    """A delivered package, its bytes, and clients of its receiver and of a handler."""
    demand, package = handover.deliver()
    token, _ = handover.sign_in()
    with handover.packaging.open_ciphertext(package) as reader:
        data = reader.read()
    return SimpleNamespace(
        demand=demand,
        package=package,
        token=token,
        data=data,
        receiver=client(app, token),
        handler=client(app, "handler1"),
    )


def client(app, token):
    made = app.test_client()
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return made


def content(made, web=None, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"{COLLECT}/packages/{made.package}/content"
    response = (web or made.receiver).get(path, headers=names)
    data = response.data
    response.close()
    return response, data


def test_whole_package_comes_with_its_tag(made):
    response, data = content(made)
    assert (response.status_code, data) == (200, made.data)
    (listed,) = made.receiver.get(f"{COLLECT}/packages").json["items"]
    assert response.headers["ETag"] == f'"{listed["sha256"]}"'
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Cache-Control"] == "no-store"
    assert int(response.headers["Content-Length"]) == listed["size"] == len(data)


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-7", -7, None)],
)
def test_range_is_answered_in_part(made, header, start, end):
    response, data = content(made, Range=header)
    assert (response.status_code, data) == (206, made.data[start:end])
    first = len(made.data) + start if start < 0 else start
    assert response.headers["Content-Range"] == (
        f"bytes {first}-{first + len(data) - 1}/{len(made.data)}"
    )


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "bytes=9-2", "lines=1-2"])
def test_other_ranges_bring_the_whole(made, header):
    response, data = content(made, Range=header)
    assert (response.status_code, data) == (200, made.data)
    assert "Content-Range" not in response.headers


def test_range_behind_the_end_is_no_fetch(made, log):
    response, _ = content(made, Range=f"bytes={len(made.data)}-")
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(made.data)}"
    assert response.mimetype == "application/problem+json"
    assert "package.fetched" not in events(log, made.demand)


def test_range_goes_on_with_the_same_file_only(made):
    tag = content(made)[0].headers["ETag"]
    same, _ = content(made, Range="bytes=5-", If_Range=tag)
    other, data = content(made, Range="bytes=5-", If_Range='"0"')
    assert (same.status_code, other.status_code, data) == (206, 200, made.data)


def test_asking_for_the_head_is_no_fetch(made, log):
    response = made.receiver.head(f"{COLLECT}/packages/{made.package}/content")
    assert (response.status_code, response.data) == (200, b"")
    assert int(response.headers["Content-Length"]) == len(made.data)
    assert "package.fetched" not in events(log, made.demand)


def test_proof_and_entry_come_as_files(made):
    for kind, name in (("proof", "tlog-proof"), ("entry", "entry.json")):
        response = made.receiver.get(f"{COLLECT}/packages/{made.package}/{kind}")
        assert response.status_code == 200
        assert f"{made.package}.{name}" in response.headers["Content-Disposition"]


def test_receipt_by_the_code_inside(made, handover, log):
    content(made)
    body = {"format": "lea.receipt/1", "package": made.package, "code": "A" * 43}
    wrong = made.receiver.post(f"{COLLECT}/receipts", json=body)
    assert (wrong.status_code, wrong.json["is_accepted"]) == (201, False)
    right = made.receiver.post(
        f"{COLLECT}/receipts", json=body | {"code": handover.code(made.data)}
    )
    assert (right.status_code, right.json["is_accepted"]) == (201, True)
    (seen,) = made.handler.get(f"/api/v1/demands/{made.demand}/deliveries").json["items"]
    assert seen["receipt"] == right.json["receipt"]
    assert len(seen["fetches"]) == 1
    check_log(log)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"format": "lea.receipt/2"}, "/format"),
        ({"package": "pk_1"}, "/package"),
        ({"code": "short"}, "/code"),
        ({"code": 7}, "/code"),
        ({"more": 1}, "/more"),
    ],
)
def test_malformed_receipt_leaves_no_trace(made, log, changes, pointer):
    before = events(log, made.demand)
    body = {"format": "lea.receipt/1", "package": made.package, "code": "A" * 43}
    response = made.receiver.post(f"{COLLECT}/receipts", json=body | changes)
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json["errors"]] == [pointer]
    assert events(log, made.demand) == before


def test_nobody_else_gets_in(made, app):
    stranger = app.test_client()
    for path in ("packages", f"packages/{made.package}", f"packages/{made.package}/content"):
        assert made.handler.get(f"{COLLECT}/{path}").status_code == 403
        assert stranger.get(f"{COLLECT}/{path}").status_code == 401
    staff = (f"/api/v1/demands/{made.demand}/deliveries", "/api/v1/deliveries/overdue")
    for path in staff:
        assert made.receiver.get(path).status_code == 403
    missing = f"{COLLECT}/packages/pk_{'0' * 32}"
    assert made.receiver.get(missing).status_code == 404


def test_tokens_are_listed_by_pages(made, handover):
    granted = [handover.grant() for _ in range(3)]
    path, seen, cursor = f"/api/v1/agencies/{handover.agency}/receiver-tokens?limit=2", [], ""
    for size in (2, 2):
        page = made.handler.get(path + cursor).json
        assert len(page["items"]) == size
        seen += [one["id"] for one in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert len(set(seen)) == 4
    assert set(granted) < set(seen)
    assert made.handler.get(f"{path}&cursor=x").status_code == 422


def test_revoked_token_ends_a_resumed_fetch(made, handover):
    content(made, Range="bytes=0-9")
    path = f"/api/v1/agencies/{handover.agency}/receiver-tokens"
    (listed,) = made.handler.get(path).json["items"]
    revoked = made.handler.post(f"/api/v1/receiver-tokens/{listed['id']}/revocation")
    assert revoked.status_code == 201
    assert content(made, Range="bytes=10-")[0].status_code == 401


def test_guessing_codes_is_slowed_down(app, handover):
    web = app.test_client()
    answers = [
        web.post(f"{COLLECT}/claim", json={"code": f"AAAAA-0000{n}"}).status_code for n in range(7)
    ]
    assert answers == [401] * 6 + [429]
    code = handover.service.tokens.issue_code(handover.house.actor("handler1"), handover.grant())
    assert web.post(f"{COLLECT}/claim", json={"code": code.code}).status_code == 429


def test_document_describes_every_route(app):
    document = app.extensions["api"].document()
    validate(document)
    content_route = document["paths"][f"{COLLECT}/packages/{{package_id}}/content"]["get"]
    assert {"200", "206", "416"} <= set(content_route["responses"])
    assert document["paths"][f"{COLLECT}/claim"]["post"]["security"] == []


@pytest.fixture
def lea(app, monkeypatch):
    """Runs commands against a server on the loopback address; returns the result."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("LEA_URL", f"http://127.0.0.1:{server.port}")
    root = BoundaryGroup("lea", commands={"collect": collect, "deliveries": deliveries})
    assert isinstance(root, click.Group)

    def run(token, *args):
        monkeypatch.setenv("LEA_TOKEN", token)
        return CliRunner().invoke(root, args)

    yield run
    server.shutdown()
    thread.join()
    server.server_close()


def test_receiver_collects_by_command(made, handover, lea, tmp_path, log):
    token_id = handover.grant()
    handed = lea("handler1", "deliveries", "code", token_id)
    code = re.search(r"^code +(\S+)$", handed.stdout, re.MULTILINE)[1]
    claimed = lea("", "collect", "claim", "--code", code)
    token = claimed.stdout.splitlines()[-1].removeprefix("export LEA_TOKEN=")
    assert made.package in lea(token, "collect", "list").stdout
    fetched = lea(token, "collect", "fetch", made.package, "--out", str(tmp_path / "in"))
    assert (fetched.exit_code, (tmp_path / "in" / f"{made.package}.p7m").read_bytes()) == (
        0,
        made.data,
    )
    assert (tmp_path / "in" / f"{made.package}.tlog-proof").exists()
    assert "openssl cms -decrypt" in fetched.stdout
    receipt = tmp_path / "RECEIPT.txt"
    receipt.write_bytes(receipt_text(made.package, handover.code(made.data)))
    given = lea(token, "collect", "receipt", "--file", str(receipt))
    assert (given.exit_code, "is_accepted  yes" in given.stdout) == (0, True)
    assert made.package in lea("handler1", "deliveries", "show", made.demand).stdout
    check_log(log)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("command", ["lea", "tail"])
def test_receipt_is_given_by_the_commands_of_the_letter(
    made, handover, lea, tmp_path, command, language
):
    if command == "tail" and shutil.which("curl") is None:
        pytest.skip("this machine has no curl")
    content(made)
    with zipfile.ZipFile(io.BytesIO(handover.open(made.data))) as container:
        container.extractall(tmp_path / made.package)
    letter = (tmp_path / made.package / f"LETTER.{language}.txt").read_text()
    printed = [
        one.strip() for one in letter.splitlines() if re.match(r"  (lea collect|tail) ", one)
    ]
    assert len(printed) == 2
    (chosen,) = [one for one in printed if one.startswith(f"{command} ")]
    assert lea(made.token, "collect", "list").exit_code == 0  # says where the service is
    folder = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", chosen],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "LEA_TOKEN": made.token},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"is_accepted(  yes|\"\s*:\s*true)", done.stdout), done.stdout
    assert "receipt.received" in events(handover.log, made.demand)


def test_interrupted_fetch_goes_on(made, lea, tmp_path):
    tag = content(made)[0].headers["ETag"]
    (tmp_path / f"{made.package}.p7m.part").write_bytes(made.data[:1000])
    (tmp_path / f"{made.package}.p7m.tag").write_text(tag)
    fetched = lea(made.token, "collect", "fetch", made.package, "--out", str(tmp_path))
    assert fetched.exit_code == 0
    assert (tmp_path / f"{made.package}.p7m").read_bytes() == made.data


def test_damaged_part_is_found_out(made, lea, tmp_path):
    tag = content(made)[0].headers["ETag"]
    (tmp_path / f"{made.package}.p7m.part").write_bytes(bytes(1000))
    (tmp_path / f"{made.package}.p7m.tag").write_text(tag)
    fetched = lea(made.token, "collect", "fetch", made.package, "--out", str(tmp_path))
    assert (fetched.exit_code, "not the package" in fetched.output) == (4, True)


def test_refused_receipt_ends_with_its_code(made, lea):
    content(made)
    given = lea(made.token, "collect", "receipt", made.package, "--code", "A" * 43)
    assert (given.exit_code, "wrong_code" in given.output) == (4, True)
    assert lea(made.token, "collect", "receipt", made.package).exit_code == 2
