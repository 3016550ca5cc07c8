import pytest

from lea_service.kernel.errors import (
    InvalidInput,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooManyAttempts,
    VerificationFailed,
    WrongState,
)
from lea_service.staff import signing
from lea_service.web.client import Client
from tests.staff.edge import PASSWORD, token
from tests.support.log import check_log
from tests.support.staff import WHY, new_key, person_form

STAFF_ROLES = ("admin1", "overseer1", "handler1", "approver1", "auditor1", "engineer1")
SUSPENDERS = {"admin1", "overseer1"}


@pytest.fixture
def web(app):
    return app.test_client()


def header(house, staff, name):
    return {"Authorization": f"Bearer {token(house, staff, name)}"}


def test_sign_in_use_and_sign_out(house, staff, web, log):
    code = staff.issue_code(house.actor("admin1"), house.id("handler1"))
    body = {"login": "handler1", "code": code, "password": PASSWORD}
    body["proof"] = signing.sign_statement(
        house.key("handler1"), signing.password_message("handler1", code)
    )
    assert web.post("/api/v1/session/password", json=body).status_code == 204
    answer = web.post("/api/v1/session", json={"login": "handler1", "password": PASSWORD})
    assert answer.status_code == 201
    headers = {"Authorization": f"Bearer {answer.json['token']}"}
    me = web.get("/api/v1/staff/me", headers=headers).json
    assert (me["login"], me["roles"], me["counts"]) == ("handler1", ["handler"], True)
    assert web.delete("/api/v1/session", headers=headers).status_code == 204
    assert web.get("/api/v1/staff/me", headers=headers).status_code == 401
    check_log(log)


def test_wrong_password_answers_as_unknown_login(house, staff, web):
    answers = [
        web.post("/api/v1/session", json={"login": login, "password": "wrong"})
        for login in ("handler1", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json == answers[1].json
    assert answers[0].json["detail"] == "the login or the password is wrong"


def test_closed_login_answers_429(house, web):
    for _ in range(5):
        web.post("/api/v1/session", json={"login": "nobody", "password": "wrong"})
    answer = web.post("/api/v1/session", json={"login": "nobody", "password": "wrong"})
    assert (answer.status_code, answer.json["type"][-17:]) == (429, "too-many-attempts")


def test_two_people_let_a_third_in(house, connect, log):
    key = new_key("newcomer")
    request = person_form("newcomer", key, roles=["handler"])
    proposed = signing.propose(connect("admin1"), house.key("admin1"), "staff.account", request)
    pending = list(connect("overseer1").pages("/api/v1/approvals"))
    assert [view["id"] for view in pending] == [proposed["id"]]
    decided = signing.decide(
        connect("overseer1"), house.key("overseer1"), proposed["id"], "approved"
    )
    assert decided["outcome"] == "approved"
    people = {view["login"]: view for view in connect("auditor1").pages("/api/v1/staff", limit=2)}
    assert people["newcomer"]["counts"]
    assert len(people) == 9
    check_log(log)


def test_refusal_is_a_result(house, connect, log):
    request = {"account": house.id("handler1"), "roles": []}
    proposed = signing.propose(connect("admin1"), house.key("admin1"), "staff.roles", request)
    client, key = connect("overseer1"), house.key("overseer1")
    with pytest.raises(InvalidInput):
        signing.decide(client, key, proposed["id"], "refused")
    view = signing.decide(client, key, proposed["id"], "refused", reasons=["other"], text=WHY)
    assert (view["outcome"], view["reasons"]) == ("refused", ["other"])
    opened = signing.open_approval(client, proposed["id"])
    assert (opened["text"], opened["approval"]["looked_at"]) == (WHY, [])
    assert {"not_needed", "other"} < {one["code"] for one in opened["states"]["reasons"]}
    with pytest.raises(WrongState):
        signing.decide(client, key, proposed["id"], "approved")
    assert house.actor("handler1").roles == {"handler"}
    check_log(log)


def test_suspended_at_once_lifted_by_two(house, connect, log):
    client = connect("handler1")
    path = f"/api/v1/staff/{house.id('handler1')}/suspension"
    suspension = connect("overseer1").post(path, {"ground": "key_lost"})
    with pytest.raises(NotAuthenticated):
        client.get("/api/v1/staff/me")
    house.log.transactions.clock.advance(seconds=5)
    request = {"account": house.id("handler1")}
    proposed = signing.propose(connect("admin1"), house.key("admin1"), "staff.lift", request)
    opened = signing.open_approval(connect("overseer1"), proposed["id"])
    assert opened["payload"] == {"suspension": suspension["id"]}
    signing.decide(connect("overseer1"), house.key("overseer1"), proposed["id"], "approved")
    assert house.actor("handler1").roles == {"handler"}
    check_log(log)


@pytest.mark.parametrize("name", STAFF_ROLES)
def test_role_decides_what_is_open(house, staff, web, name):
    headers = header(house, staff, name)
    other = house.id("handler2")
    may = name in SUSPENDERS
    calls = {
        ("GET", "/api/v1/staff"): 200,
        ("GET", "/api/v1/staff/printable"): 200,
        ("GET", "/api/v1/tokens"): 200,
        ("GET", "/api/v1/approvals"): 200,
        ("GET", f"/api/v1/staff/{other}/tokens"): 200 if may else 403,
        ("POST", f"/api/v1/staff/{other}/code"): 201 if may else 403,
    }
    found = {call: web.open(call[1], method=call[0], headers=headers).status_code for call in calls}
    assert found == calls
    request = {"kind": "staff.roles", "request": {"account": other, "roles": []}}
    answer = web.post("/api/v1/approvals/preparations", json=request, headers=headers)
    assert answer.status_code == (200 if may else 403)
    answer = web.post(
        f"/api/v1/staff/{other}/suspension", json={"ground": "doubt"}, headers=headers
    )
    assert answer.status_code == (201 if may else 403)


def test_tokens_come_in_pages(house, staff, connect):
    actor, client = house.actor("handler1"), connect("handler1")
    for number in range(5):
        staff.issue_token(actor, f"t{number}")
    house.log.transactions.clock.advance(seconds=1)
    staff.revoke_token(actor, staff.issue_token(actor, "ended").id)
    whole = client.get("/api/v1/tokens")
    assert (whole["next"], len(whole["items"])) == (None, 7)
    assert whole["items"][0]["label"] == "ended"
    path = f"/api/v1/staff/{house.id('handler1')}/tokens"
    for reader, place in ((client, "/api/v1/tokens"), (connect("overseer1"), path)):
        for limit in (1, 2):
            assert list(reader.pages(place, limit=limit)) == whole["items"]


def test_strangers_meet_a_closed_door(web, app):
    is_open = {("POST", "/api/v1/session"), ("POST", "/api/v1/session/password")}
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            if not rule.rule.startswith("/api/v1") or (method, rule.rule) in is_open:
                continue
            path = rule.rule.replace("<", "").replace(">", "")
            assert web.open(path, method=method).status_code == 401, rule


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"extra": 1}, "/request/extra"),
        ({"roles": []}, "/request/roles"),
        ({"roles": ["receiver"]}, "/request/roles/0"),
        ({"roles": ["worker"]}, "/request/roles/0"),
        ({"roles": ["handler", "auditor"]}, "/request/roles"),
        ({"roles": ["handler", "handler"]}, "/request/roles"),
        ({"login": "Handler One"}, "/request/login"),
        ({"name": "x"}, "/request/name"),
        ({"personnel_number": "a b c"}, "/request/personnel_number"),
        ({"key": {}}, "/request/key/format"),
        ({"clearances": []}, "/request/clearances"),
        ({"account": "s_1"}, "/request/account"),
    ],
    ids=str,
)
def test_unsound_account_request_is_refused(house, staff, web, change, pointer):
    request = person_form("newcomer", new_key("newcomer"), roles=["handler"]) | change
    answer = web.post(
        "/api/v1/approvals/preparations",
        json={"kind": "staff.account", "request": request},
        headers=header(house, staff, "admin1"),
    )
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_dates_of_clearances_are_checked(house, staff, web):
    turned = {"kind": "training", "from": "2026-02-02", "until": "2026-02-01"}
    for clearance in (turned, turned | {"from": "2026-02-30"}, turned | {"kind": "driving"}):
        request = {"account": house.id("handler1"), "clearances": [clearance]}
        answer = web.post(
            "/api/v1/approvals/preparations",
            json={"kind": "staff.clearance", "request": request},
            headers=header(house, staff, "admin1"),
        )
        assert answer.status_code == 422


def test_unknown_kind_and_person_are_404(house, connect):
    client, key = connect("admin1"), house.key("admin1")
    with pytest.raises(NotFound):
        signing.propose(client, key, "staff.nothing", {})
    with pytest.raises(NotFound):
        signing.propose(client, key, "staff.roles", {"account": "s_" + "0" * 32, "roles": []})
    with pytest.raises(NotFound):
        signing.decide(client, key, "ap_" + "0" * 32, "approved")


def test_foreign_key_does_not_sign(house, connect):
    request = {"account": house.id("handler1"), "roles": []}
    with pytest.raises(InvalidInput, match="not the key that is enrolled"):
        signing.propose(connect("admin1"), new_key("other"), "staff.roles", request)


def test_denied_look_at_an_approval(house, connect, app):
    request = {"account": house.id("handler1"), "roles": []}
    proposed = signing.propose(connect("admin1"), house.key("admin1"), "staff.roles", request)
    with pytest.raises(NotPermitted):
        connect("handler1").get(f"/api/v1/approvals/{proposed['id']}")
    assert app.extensions["denied"][-1][1] == "staff.decide"
    assert list(connect("handler1").pages("/api/v1/approvals", all="true")) == []


class Liar:
    """A client behind which the service answers something else than it should."""

    def __init__(self, client, change):
        self._client, self._change = client, change

    def get(self, path, **params):
        return self._change("GET", path, self._client.get(path, **params))

    def post(self, path, json=None):
        answer = self._client.post(path, json)
        return self._change("POST", path, answer)


def test_nothing_else_is_signed_than_asked(house, connect):
    """A service that prepares another proposal than was asked gets no signature."""
    admin, key = connect("admin1"), house.key("admin1")
    asked = {"account": house.id("handler1"), "roles": ["approver"]}

    def swap(**other):
        def change(method, path, answer):
            if not path.endswith("/preparations"):
                return answer
            kind, request = other.get("kind", "staff.roles"), other.get("request", asked)
            said = admin.post(path, {"kind": kind, "request": request})
            return answer | {name: said[name] for name in other.get("take", ["statement"])}

        return Liar(admin, change)

    every = ["statement", "payload", "salt", "request"]
    more = {"account": house.id("handler1"), "roles": ["approver", "handler"]}
    else_ = {"account": house.id("handler2"), "roles": ["approver"]}
    other_request = [swap(request=more), swap(request=more, take=every)]
    other_person = [swap(request=else_, take=every), swap(request=else_, take=every[:3])]
    disguised = [swap(request=more, take=every[:3]), swap(take=["salt"])]
    for client in (*other_request, *other_person, *disguised):
        with pytest.raises(VerificationFailed):
            signing.propose(client, key, "staff.roles", asked)
    assert list(admin.pages("/api/v1/approvals", all="true")) == []


def test_decision_is_on_what_was_shown(house, connect):
    """A service that shows another payload, or prepares another outcome, gets no signature."""
    request = {"account": house.id("handler1"), "roles": []}
    proposed = signing.propose(connect("admin1"), house.key("admin1"), "staff.roles", request)
    overseer, key = connect("overseer1"), house.key("overseer1")
    path = f"/api/v1/approvals/{proposed['id']}"

    def shows(**other):
        return Liar(overseer, lambda m, at, answer: answer | other if at == path else answer)

    def prepares(outcome, *reasons):
        said = overseer.post(f"{path}/preparations", {"outcome": outcome, "reasons": reasons})
        return Liar(overseer, lambda m, at, answer: said if at.endswith("preparations") else answer)

    with pytest.raises(VerificationFailed):
        signing.decide(shows(payload={"roles": ["handler"]}), key, proposed["id"], "approved")
    with pytest.raises(VerificationFailed):
        signing.open_approval(shows(payload={"roles": ["handler"]}), proposed["id"])
    with pytest.raises(VerificationFailed):
        signing.decide(shows(facts={}), key, proposed["id"], "approved")
    needless, liars = {"reasons": ["not_needed"]}, [prepares("approved")]
    liars += [prepares("refused", "incorrect"), prepares("refused", "not_needed", "too_much")]
    for liar in liars:
        with pytest.raises(VerificationFailed):
            signing.decide(liar, key, proposed["id"], "refused", **needless)
    with pytest.raises(VerificationFailed, match="another text"):
        signing.decide(
            prepares("refused", "not_needed"), key, proposed["id"], "refused", text=WHY, **needless
        )
    assert signing.decide(overseer, key, proposed["id"], "approved")["outcome"] == "approved"


def test_sign_in_by_client_is_throttled(house, address):
    with Client(address) as client:
        for _ in range(5):
            with pytest.raises(NotAuthenticated):
                client.post("/api/v1/session", {"login": "admin1", "password": "wrong"})
        with pytest.raises(TooManyAttempts):
            client.post("/api/v1/session", {"login": "admin1", "password": PASSWORD})
