import re
import threading

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from openapi_spec_validator import validate
from werkzeug.serving import make_server

from lea_service.agencies.api import blp
from lea_service.agencies.cli import agencies
from lea_service.web.output import BoundaryGroup
from tests.staff.edge import build_edge, build_staff, token
from tests.support.agency import ROLES, certificate_pem

AGENCIES = "/api/v1/agencies"


@pytest.fixture
def engine_name():
    """The edge is the same on each engine."""
    return "sqlite"


@pytest.fixture
def staff(house):
    return build_staff(house)


@pytest.fixture
def app(house, staff, register):
    app = build_edge(house, staff)
    app.extensions["lea"]["agencies"] = register.service
    app.extensions["api"].register_blueprint(blp)
    return app


@pytest.fixture
def web(app, house, staff):
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token(house, staff, 'handler1')}"
    return client


def test_agencies_are_paged(web, register):
    made = {register.organisation(f"Politie {name}") for name in ("Oost", "West", "Noord")}
    first = web.get(AGENCIES, query_string={"limit": 2}).json
    rest = web.get(AGENCIES, query_string={"limit": 2, "cursor": first["next"]}).json
    assert {one["id"] for one in first["items"] + rest["items"]} == made
    assert rest["next"] is None


def test_agency_comes_with_all_of_it(web, register):
    parket = register.organisation("Parket Oost")
    agency = register.organisation(prosecution=parket)
    person = register.person(agency)
    desk = register.desk(agency, [person])
    register.certificate(desk, "p256", "first")
    shown = web.get(f"{AGENCIES}/{agency}")
    assert shown.headers["ETag"] == '"1"'
    assert shown.json["agency"]["prosecution"] == parket
    assert [one["id"] for one in shown.json["people"]] == [person]
    assert shown.json["desks"][0]["members"] == [person]
    assert shown.json["certificates"][0]["holder"] == desk
    assert web.get(f"{AGENCIES}/a_unknown").status_code == 404


def test_suspension_and_revocation_act_at_once(web, register):
    agency = register.organisation()
    person = register.person(agency)
    register.certificate(person, "p256", "first")
    (known,) = web.get(f"{AGENCIES}/{agency}").json["certificates"]
    path = f"{AGENCIES}/certificates/{known['id']}/revocation"
    assert web.post(path, json={"ground": "Key Lost"}).status_code == 422
    assert web.post(path, json={"ground": "key_lost"}).json["revocation_ground"] == "key_lost"
    assert web.post(path, json={"ground": "key_lost"}).status_code == 409
    body = {"subject": person, "ground": "left"}
    assert web.post(f"{AGENCIES}/suspensions", json=body).status_code == 201
    assert web.get(f"{AGENCIES}/{agency}").json["people"][0]["is_suspended"]
    for wrong in ({}, body | {"subject": "s_1"}, body | {"x": 1}, {"subject": 1, "ground": "left"}):
        assert web.post(f"{AGENCIES}/suspensions", json=wrong).status_code == 422


def test_strangers_and_others_are_refused(app, house, staff):
    stranger = app.test_client()
    for path in (AGENCIES, f"{AGENCIES}/a_1"):
        assert stranger.get(path).status_code == 401
        other = {"Authorization": f"Bearer {token(house, staff, 'admin1')}"}
        assert stranger.get(path, headers=other).status_code == 403


def test_document_is_valid(app):
    validate(app.extensions["api"].document())


@pytest.fixture
def lea(app, house, staff, monkeypatch, tmp_path):
    """Runs commands as handler1 against a server on the loopback address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    key = tmp_path / "key.pem"
    key.touch(0o600)
    sealed = BestAvailableEncryption(b"a long passphrase")
    form = (Encoding.PEM, PrivateFormat.PKCS8, sealed)
    key.write_bytes(house.key("handler1").private_bytes(*form))
    monkeypatch.setenv("LEA_URL", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("LEA_TOKEN", token(house, staff, "handler1"))
    monkeypatch.setenv("LEA_KEY", str(key))
    monkeypatch.setenv("LEA_KEY_PASSPHRASE", "a long passphrase")
    root = BoundaryGroup("lea", commands={"agencies": agencies})
    yield lambda *args: CliRunner().invoke(root, ["agencies", *args])
    server.shutdown()
    thread.join()
    server.server_close()


def proposed(result):
    """Return the subject and the approval that a command printed."""
    assert result.exit_code == 0, result.output
    (line,) = re.findall("^proposed .*", result.stdout, re.MULTILINE)  # the server logs beside it
    words = line.replace(";", "").split()
    return words[1], words[-1]


def test_commands_propose_each_kind(lea, house, tmp_path):
    body = ["--name", "Politie", "--kind", "police", "--country", "NL"]
    agency, waiting = proposed(lea("propose", "organisation", *body))
    house.decide(waiting)
    role = ["--role", ROLES[1]]
    lacking = lea("propose", "person", "--agency", agency, "--name", "Anna de Vries")
    assert lacking.exit_code == 2
    for half in (["--change", agency], ["--version", "1"]):
        assert lea("propose", "organisation", *body, *half).exit_code == 2
    change = ["--change", agency, "--version", "1", "--prosecution", agency, *role]
    _, waiting = proposed(lea("propose", "organisation", *body, *change))
    house.decide(waiting)
    given = ["--agency", agency, "--name", " Anna  de Vries", "--function", "rechercheur"]
    person, waiting = proposed(
        lea("propose", "person", *given, "--email", "anna@POLITIE.example", *role)
    )
    house.decide(waiting)
    given = ["--agency", agency, "--name", "Team", "--mailbox", "team@politie.example"]
    desk, waiting = proposed(lea("propose", "desk", *given, "--member", person))
    house.decide(waiting)
    pem = tmp_path / "cert.pem"
    pem.write_text(certificate_pem("p256", "first"))
    _, waiting = proposed(lea("propose", "certificate", "--holder", desk, "--file", str(pem)))
    house.decide(waiting)
    given = ["--holder", agency, "--kind", "phone", "--value", "+31 20 1234567"]
    told = lea("propose", "contact", *given, "--found-by-way", "printed directory")
    assert "its own id: `lea agencies show AGENCY`, once it is approved (cn_…)" in told.stdout
    _, waiting = proposed(told)
    house.decide(waiting)
    shown = lea("show", agency).stdout
    for word in (person, desk, "Anna de Vries", "team@politie.example", "+31201234567"):
        assert word in shown
    assert re.search(r"^cn_[0-9a-f]{32}  a_[0-9a-f]{32} +phone +\+31201234567", shown, re.MULTILINE)
    assert lea("suspend", desk, "--ground", "left").exit_code == 0
    _, waiting = proposed(lea("propose", "lift", desk))
    house.decide(waiting)
    assert "Politie" in lea("list").stdout
