"""What the real server writes and answers before anything becomes a request of the application."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from lea_service.demonstration.processes import free_port, wait_until

TOP = Path(__file__).parents[2]
SECRET = "lea_s_SECRETTOKEN"
LEA = [sys.executable, "-m", "lea_service.cli"]
LONG = b"x" * 9_000
REFUSED = {
    400: [
        b"GET / HTTP/1.1\r\nAuthorization Bearer " + SECRET.encode() + b"\r\n\r\n",
        SECRET.encode() + b"\r\n\r\n",
    ],
    414: [b"GET /" + SECRET.encode() + LONG + b" HTTP/1.1\r\n\r\n"],
    417: [b"GET / HTTP/1.1\r\nExpect: " + SECRET.encode() + b"\r\n\r\n"],
    431: [b"GET / HTTP/1.1\r\nX: " + SECRET.encode() + LONG + b"\r\n\r\n"],
    501: [b"POST / HTTP/1.1\r\nTransfer-Encoding: " + SECRET.encode() + b"\r\n\r\n"],
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The surroundings of a service whose keys and databases are made."""
    folder = tmp_path_factory.mktemp("served")
    own = {"LEA_HOME": str(folder / "home"), "LEA_KEYS_DIR": str(folder / "keys")}
    environ = {**os.environ, **own, "LEA_WORKERS": "1"}
    for words in (("keys", "generate"), ("db", "upgrade")):
        subprocess.run([*LEA, *words], env=environ, check=True, capture_output=True)
    return environ


@pytest.fixture
def ready(prepared):
    """The same, at an address that is free."""
    return prepared | {"LEA_BIND": f"127.0.0.1:{free_port()}"}


@contextmanager
def running(command, environ, log):
    """Run a server; yields its address once it answers."""
    url = f"http://{environ['LEA_BIND']}"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environ, cwd=TOP, stdout=out, stderr=out)
        try:
            wait_until(lambda: is_live(url), "the service did not start", 60)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def is_live(url):
    try:
        return httpx.get(f"{url}/health/live", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def send(environ, data):
    """Send bytes as they are; returns head and body of the answer."""
    host, port = environ["LEA_BIND"].split(":")
    with socket.create_connection((host, int(port)), timeout=30) as wire:
        wire.sendall(data)
        answer = b""
        while part := wire.recv(65_536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.decode(), body.decode()


def test_what_is_no_request_is_answered_and_logged_without_a_word_of_it(ready, tmp_path):
    log = tmp_path / "serve.log"
    with running([*LEA, "serve"], ready, log) as url:
        for status, requests in REFUSED.items():
            for data in requests:
                head, body = send(ready, data)
                assert head.split()[1] == str(status)
                assert "application/problem+json" in head
                assert json.loads(body)["status"] == status
                assert SECRET not in head + body
        assert httpx.get(f"{url}/nowhere/{SECRET}", trust_env=False).status_code == 404
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert SECRET not in log.read_text()
    refused = [one["status"] for one in lines if one["event"] == "refused below the application"]
    assert sorted(refused) == sorted(code for code, sent in REFUSED.items() for _ in sent)
    assert {"gunicorn.error", "serve", "web"} == {one["log"] for one in lines}


def test_any_server_of_wsgi_writes_our_logs(ready, tmp_path):
    log = tmp_path / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", "--bind", ready["LEA_BIND"], "wsgi:application"]
    with running(command, ready, log) as url:
        assert httpx.get(f"{url}/nowhere/{SECRET}", trust_env=False).status_code == 404
        send(ready, REFUSED[400][0])
    own = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert {"gunicorn.error", "web"} == {one["log"] for one in own}
    assert SECRET not in log.read_text()


def test_no_server_starts_on_databases_that_are_not_upgraded(ready, tmp_path):
    environ = ready | {"LEA_HOME": str(tmp_path)}
    command = [sys.executable, "-c", "import wsgi"]
    done = subprocess.run(
        command, env=environ, cwd=TOP, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "run: lea db upgrade" in done.stderr


def test_wrong_row_of_an_overlay_is_said_before_anything_starts(ready, tmp_path):
    wrong = {"format": "lea.legal-overlay/1", "bases": [{"basis": {"id": "NL-OWN-1"}}]}
    (tmp_path / "bases-own.json").write_text(json.dumps(wrong))
    environ = ready | {"LEA_LEGAL_OVERLAY": str(tmp_path)}
    done = subprocess.run([*LEA, "serve"], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "a row of the provider's own does not fit its schema" in done.stderr
    assert "/bases-own.json/bases/0/basis" in done.stderr
    assert "Traceback" not in done.stderr
    assert "cannot serve" not in done.stderr


def test_address_that_is_taken_is_said(ready):
    host, port = ready["LEA_BIND"].split(":")
    with socket.create_server((host, int(port))):
        done = subprocess.run(
            [*LEA, "serve"], env=ready, capture_output=True, text=True, check=False
        )
    assert done.returncode == 6
    assert done.stderr.splitlines()[-1].startswith(f"Error: cannot serve at {host}:{port}")
