import io
import json
from pathlib import Path

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from lea_service.demands.api import blp
from lea_service.kernel.errors import NotAuthenticated
from lea_service.web.application import install_web
from lea_service.web.services import Edge
from tests.demands.samples import (
    APPROVER,
    ENGINEER,
    HANDLER,
    ORDER,
    demand_json,
    item,
)
from tests.support.log import check_log

PROBLEM = Path(__file__).parents[2] / "schemas" / "problem" / "1.json"
DEMANDS = "/api/v1/demands"
PEOPLE = {"handler": HANDLER, "approver": APPROVER, "engineer": ENGINEER}


def sign(name):
    return {"Authorization": f"Bearer {name}"}


@pytest.fixture
def engine_name():
    """The edge is the same on each engine."""
    return "sqlite"


@pytest.fixture
def app(service, clock):
    def authenticate(token):
        if token not in PEOPLE:
            raise NotAuthenticated("expected a token that is valid")
        return PEOPLE[token]

    edge = Edge(
        clock=clock,
        authenticate=authenticate,
        max_body_bytes=8_000,
        body_limits={"order": 12_000},
    )
    app = Flask("demands")
    app.extensions["api"] = install_web(app, {"demands": service}, edge)
    app.extensions["api"].register_blueprint(blp)
    return app


@pytest.fixture
def web(app):
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer handler"
    return client


def form(demand=None, order=ORDER, **more):
    parts = {"demand": json.dumps(demand_json() if demand is None else demand), **more}
    return parts if order is None else parts | {"order": (io.BytesIO(order), "order.pdf")}


def post_form(web, parts, **headers):
    return web.post(DEMANDS, data=parts, content_type="multipart/form-data", headers=headers)


def record(web, **changes):
    return web.post(DEMANDS, json=demand_json(**changes)).json["id"]


def pointers(response):
    return [error["pointer"] for error in response.json["errors"]]


def test_demand_is_recorded_shown_and_sent_back_the_same(web):
    recorded = web.post(DEMANDS, json=demand_json())
    assert recorded.status_code == 201
    assert recorded.json["state"] == "received"
    assert {
        "code": "agency_unknown",
        "says": "the agency is not in the register",
        "says_nl": "de instantie staat niet in het register",
        "ref": "a_" + "1" * 32,
    } in recorded.json["holds"]
    assert [one["code"] for one in recorded.json["lacks"]] == ["not_proven"]
    shown = web.get(recorded.headers["Location"])
    assert shown.headers["ETag"] == '"1"'
    again = web.put(
        recorded.headers["Location"], json=shown.json["content"], headers={"If-Match": '"1"'}
    )
    assert (again.status_code, again.json["version"]) == (200, 1)


def test_order_comes_back_byte_for_byte(web):
    recorded = post_form(web, form())
    assert recorded.status_code == 201
    sent = web.get(f"{DEMANDS}/{recorded.json['id']}/order")
    assert (sent.data, sent.mimetype) == (ORDER, "application/pdf")
    shown = web.get(f"{DEMANDS}/{recorded.json['id']}").json
    assert (shown["order"]["size"], shown["order"]["media_type"]) == (len(ORDER), sent.mimetype)


def test_mail_comes_back_as_a_mail(web):
    mail = b"From: officier@om.example\r\nSubject: vordering\r\n\r\ntekst\r\n"
    demand = post_form(web, form(order=mail)).json["id"]
    sent = web.get(f"{DEMANDS}/{demand}/order")
    assert (sent.data, sent.mimetype) == (mail, "message/rfc822")
    assert sent.headers["Content-Disposition"].endswith(f'"{demand}.eml"')


def test_demand_part_may_be_a_file(web):
    part = (io.BytesIO(json.dumps(demand_json()).encode()), "demand.json", "application/json")
    assert post_form(web, form() | {"demand": part}).status_code == 201


def test_repeats_answer_alike(web, log):
    keyed = [
        web.post(DEMANDS, json=demand_json(), headers={"Idempotency-Key": "k-1"}) for _ in range(2)
    ]
    assert [one.status_code for one in keyed] == [201, 201]
    assert keyed[0].json == keyed[1].json
    replay = web.post(DEMANDS, json=demand_json())
    assert (replay.status_code, replay.json["is_replay"]) == (200, True)
    assert replay.json["id"] == keyed[0].json["id"]
    other = web.post(DEMANDS, json=demand_json(note="other"), headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json["type"].rpartition(":")[2]) == (409, "duplicate")
    check_log(log)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"colour": "red"}, "/colour"),
        ({"agency": None}, "/agency"),
        ({"agency": {"ref": "p_" + "1" * 32}}, "/agency/ref"),
        ({"agency": {"function": "prosecutor"}}, "/agency"),
        ({"receivers": ["B. Klerk"]}, "/receivers/0"),
        ({"receivers": [{"ref": "a_" + "3" * 32}]}, "/receivers/0/ref"),
        ({"receivers": [{"function": "administratie"}]}, "/receivers/0"),
        ({"receivers": ["d_" + "3" * 32, {"ref": "d_" + "3" * 32}]}, "/receivers/1"),
        ({"receivers": ["d_" + "3" * 32] * 2}, "/receivers/1"),
        ({"legal_basis": "art. 126n Sv"}, "/legal_basis"),
        ({"order_date": "2026-02-30"}, "/order_date"),
        ({"received_at": "2026-11-24T08:00:00"}, "/received_at"),
        ({"received_at": "2026-11-25T08:00:00Z"}, "/received_at"),
        ({"items": [item("sip_uri", "jan@example.org")]}, "/items/0/target/value"),
        ({"items": [item(), item()]}, "/items/1"),
        ({"items": [item(categories=["everything"])]}, "/items/0/categories/0"),
    ],
)
def test_wrong_place_is_named_and_nothing_is_kept(web, log, changes, pointer):
    answer = web.post(DEMANDS, json=demand_json(**changes))
    assert answer.status_code == 422
    assert pointers(answer) == [pointer]
    Draft202012Validator(json.loads(PROBLEM.read_text())).validate(answer.json)
    assert web.get(DEMANDS).json["items"] == []
    assert all(value not in answer.text for value in ("Uylenburgh", "31612345678", "example.org"))


def test_malformed_bodies_are_refused_whole(web):
    broken = json.dumps(demand_json())[:-1].encode()
    twice = b'{"note": "a", "note": "b"}'
    for text in (broken, twice, b"[]", b'{"items": 1.5}'):
        assert post_form(web, form() | {"demand": text}).status_code == 422
        answer = web.post(DEMANDS, data=text, content_type="application/json")
        assert answer.status_code == 422
    note = json.dumps(demand_json(note="@")).encode().replace(b"@", b"\xff")
    for field in (note, (io.BytesIO(note), "demand.json")):
        assert post_form(web, form() | {"demand": field}).status_code == 422
    for parts in (form(note="x"), {"order": (io.BytesIO(ORDER), "o.pdf")}):
        assert post_form(web, parts).status_code == 422
    answer = post_form(web, form(order=b""))
    assert (answer.status_code, pointers(answer)) == (422, ["/order"])
    assert web.get(DEMANDS).json["items"] == []


def test_form_without_boundary_and_other_types_are_refused(web):
    for kind, status in (("multipart/form-data", 422), ("text/csv", 415)):
        assert web.post(DEMANDS, data=b"x", content_type=kind).status_code == status


def test_whatever_came_as_the_order_is_kept_and_sent_as_it_is(web):
    order = b"PK\x03\x04<script>"
    place = post_form(web, form(order=order)).headers["Location"]
    sent = web.get(f"{place}/order")
    assert (sent.data, sent.mimetype) == (order, "application/octet-stream")
    assert sent.headers["Content-Disposition"].endswith('.bin"')
    assert sent.headers["X-Content-Type-Options"] == "nosniff"


def test_too_large_is_refused_before_it_is_read(web):
    class Unread(io.BytesIO):
        def read(self, *_):
            raise AssertionError("the body was read")

        readline = readinto = read

    answer = web.post(
        DEMANDS,
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "12001", "wsgi.input": Unread()},
    )
    assert answer.status_code == 413
    assert post_form(web, form(order=ORDER + b"%%EOF" * 1000)).status_code == 413
    large = json.dumps(demand_json(note="x" * 9_000))
    for field in (large, (io.BytesIO(large.encode()), "demand.json")):
        assert post_form(web, form() | {"demand": field}).status_code == 413


def test_correction_needs_the_version_that_was_read(web):
    place = f"{DEMANDS}/{record(web)}"
    changed = demand_json(note="nader bericht")
    assert web.put(place, json=changed).status_code == 428
    assert web.put(place, json=changed, headers={"If-Match": '"7"'}).status_code == 412
    done = web.put(place, json=changed, headers={"If-Match": '"1"'})
    assert (done.status_code, done.headers["ETag"]) == (200, '"2"')
    assert web.get(place).json["content"]["note"] == "nader bericht"


def test_list_is_paged_and_names_nobody(web, clock):
    made = []
    for n in range(5):
        clock.advance(seconds=n % 2)
        made.append(record(web, note=f"n{n}"))
    web.post(
        f"{DEMANDS}/{made[0]}/withdrawal",
        json={"by": "griffie", "channel": "phone", "reason": "mistake"},
    )
    seen, cursor = [], None
    while True:
        page = web.get(DEMANDS, query_string={"limit": 2, **({"cursor": cursor} if cursor else {})})
        seen += page.json["items"]
        cursor = page.json["next"]
        if cursor is None:
            break
    assert sorted(one["id"] for one in seen) == sorted(made)
    assert "Uylenburgh" not in page.text
    found = web.get(DEMANDS, query_string={"state": "withdrawn"}).json["items"]
    assert [one["id"] for one in found] == [made[0]]
    for wrong in ({"state": "lost"}, {"cursor": "e30"}, {"colour": "red"}):
        assert web.get(DEMANDS, query_string=wrong).status_code == 422


def test_withdrawn_demand_is_closed_and_nothing_after(web):
    place = f"{DEMANDS}/{record(web)}"
    assert web.post(f"{place}/closing").status_code == 409
    told = {"by": "de griffie", "channel": "phone", "reason": "other"}
    for wrong in ({"reason": None}, {"reason": "whim"}, {}, {"note": "short"}):
        assert web.post(f"{place}/withdrawal", json=told | wrong).status_code == 422
    told["note"] = "The case was dropped."
    withdrawn = web.post(f"{place}/withdrawal", json=told)
    assert (withdrawn.status_code, withdrawn.json["state"]) == (200, "withdrawn")
    assert web.post(f"{place}/closing").json["state"] == "closed"
    assert web.post(f"{place}/closing").status_code == 409


def test_routes_ask_for_the_right_role(web):
    demand = record(web)
    body = {"by": "de griffie", "channel": "phone", "reason": "not_said"}
    calls = [
        ("GET", "", None, {"handler", "approver"}),
        ("POST", "", demand_json(note="x"), {"handler"}),
        ("GET", f"/{demand}", None, {"handler", "approver"}),
        ("GET", f"/{demand}/holds", None, {"handler", "approver"}),
        ("PUT", f"/{demand}", demand_json(), {"handler"}),
        ("POST", f"/{demand}/withdrawal", body, {"handler"}),
        ("POST", f"/{demand}/closing", None, {"handler"}),
    ]
    for method, path, json_body, allowed in calls:
        for name in PEOPLE:
            headers = sign(name) | {"If-Match": '"1"'}
            answer = web.open(DEMANDS + path, method=method, json=json_body, headers=headers)
            assert (answer.status_code == 403) == (name not in allowed), (method, path, name)
        stranger = web.open(DEMANDS + path, method=method, headers={"Authorization": "Bearer x"})
        assert stranger.status_code == 401


def test_unknown_demand_is_not_found_and_not_looked_at(web, log):
    record(web)
    before = check_log(log).entries
    unknown = f"{DEMANDS}/c_{'0' * 32}"
    for path in ("", "/order", "/holds"):
        assert web.get(unknown + path).status_code == 404
    assert web.post(f"{unknown}/closing").status_code == 404
    assert check_log(log).entries == before


def test_document_describes_the_routes(app):
    document = app.extensions["api"].document()
    validate(document)
    body = document["paths"][DEMANDS]["post"]["requestBody"]["content"]
    name = body["application/json"]["schema"]["$ref"].rpartition("/")[2]
    members = document["components"]["schemas"][name]["properties"]
    assert {"items", "legal_basis", "receivers"} <= set(members)
