import pytest

from lea_service.web.services import part
from tests.web.conftest import TOKEN

THINGS = "/api/v1/things"


def problem(response, status, code):
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == status
    assert response.json["type"] == f"urn:lea-service:problem:{code}"
    return response.json


def test_stranger_is_refused_before_the_body_is_looked_at(web):
    response = web.post(THINGS, data=b"{", content_type="application/json")
    problem(response, 401, "not-authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_open_route_answers_everybody(web):
    assert web.get(f"{THINGS}/open").json == {"open": True}


def test_stranger_who_insists_is_slowed_and_counted_once_a_minute(web, house):
    for _ in range(3):
        problem(web.get(THINGS), 401, "not-authenticated")
    response = web.get(THINGS, headers={"Authorization": "Bearer bad"})
    problem(response, 429, "too-many-attempts")
    assert response.headers["Retry-After"] == "60"
    assert web.get(THINGS, headers=TOKEN).status_code == 200
    assert house.strangers == []
    house.clock.advance(seconds=61)
    problem(web.get(THINGS), 401, "not-authenticated")
    assert house.strangers == [4]


def test_denied_attempt_of_a_known_actor_is_entered(web, house):
    body = problem(web.get(f"{THINGS}/secret", headers=TOKEN), 403, "not-permitted")
    assert body["facts"] == {"permission": "staff.decide"}
    ((actor, permission, rule),) = house.denied
    assert (actor.id, permission, rule) == ("s_1", "staff.decide", "GET /api/v1/things/secret")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "a", "colour": "red"}, "/colour"),
        ({}, "/name"),
        ({"name": 7}, "/name"),
        ({"name": " "}, "/name"),
        ({"name": "a\x00"}, "/name"),
        ({"name": "a" * 21}, "/name"),
        ({"name": "a", "count": "3"}, "/count"),
        ({"name": "a", "count": True}, "/count"),
        ({"name": "a", "count": 11}, "/count"),
        ({"name": "a", "seen_at": "2026-11-24T09:00:00"}, "/seen_at"),
        ({"name": "a", "seen_at": "2026-02-30T09:00:00Z"}, "/seen_at"),
        ({"name": "a", "seen_at": "0001-01-01T00:00:00+05:00"}, "/seen_at"),
        ({"name": "a", "seen_at": 1764000000}, "/seen_at"),
        ({"name": "a", "day": "2026-13-01"}, "/day"),
        ({"name": "a", "day": "20261124"}, "/day"),
        ({"name": "a", "zone": "Europe/Atlantis"}, "/zone"),
        ({"name": "a", "targets": [{"value": "x"}, {"value": None}]}, "/targets/1/value"),
        ({"name": "a", "targets": [{"a/b~c": 1, "value": "x"}]}, "/targets/0/a~1b~0c"),
    ],
)
def test_wrong_field_is_named_by_pointer(web, body, pointer):
    answer = problem(web.post(THINGS, json=body, headers=TOKEN), 422, "invalid-input")
    assert [error["pointer"] for error in answer["errors"]] == [pointer]


def test_values_come_back_in_one_form(web):
    body = {"name": "a", "seen_at": "2026-11-24t10:00:00+01:00", "zone": "Europe/Amsterdam"}
    answer = web.post(THINGS, json=body, headers=TOKEN)
    assert answer.status_code == 201
    assert answer.json["seen_at"] == "2026-11-24T09:00:00.000000Z"


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "a", "name": "b"}',
        b'{"name": "a", "count": 1.5}',
        b'{"name": "a", "count": NaN}',
        b'{"name": "\\ud800"}',
        b"[" * 1900,
        b'{"name": ',
        b"\xff",
    ],
)
def test_json_that_two_readers_read_differently_is_refused(web, body):
    response = web.post(THINGS, data=body, content_type="application/json", headers=TOKEN)
    problem(response, 422, "invalid-input")


def test_other_media_type_is_refused(web):
    response = web.post(THINGS, data=b"<a/>", content_type="text/xml", headers=TOKEN)
    problem(response, 415, "unsupported-media-type")


class Untouched:
    """A body that must not be read."""

    def read(self, *_):
        raise AssertionError("the body was read")

    readline = readlines = read


def test_large_body_is_refused_unread(web):
    response = web.post(
        THINGS,
        headers={**TOKEN, "Content-Type": "application/json"},
        environ_overrides={"wsgi.input": Untouched(), "CONTENT_LENGTH": "2001"},
    )
    problem(response, 413, "too-large")


def test_body_of_somebody_who_may_not_send_it_is_unread(web, house):
    headers = {**TOKEN, "Content-Type": "text/csv"}
    unread = {"wsgi.input": Untouched(), "CONTENT_LENGTH": "4000"}
    response = web.post(f"{THINGS}/secret", headers=headers, environ_overrides=unread)
    problem(response, 403, "not-permitted")
    ((_, permission, rule),) = house.denied
    assert (permission, rule) == ("staff.decide", "POST /api/v1/things/secret")


def test_body_of_unstated_length_is_refused(web):
    response = web.post(
        f"{THINGS}/order",
        headers={**TOKEN, "Transfer-Encoding": "chunked", "Content-Type": "text/csv"},
        environ_overrides={"wsgi.input": Untouched(), "wsgi.input_terminated": True},
    )
    problem(response, 411, "length-required")


def test_route_may_have_a_limit_of_its_own(web):
    def send(size):
        return web.post(f"{THINGS}/order", data=b"a" * size, content_type="text/csv", headers=TOKEN)

    assert send(5000).json == {"bytes": 5000}
    problem(send(5001), 413, "too-large")


def test_list_is_paged_by_cursor(web):
    values, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = web.get(THINGS, query_string=query, headers=TOKEN).json
        values += [item["value"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert values == ["v0", "v1", "v2", "v3", "v4"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=201", "/limit"),
        ("limit=0", "/limit"),
        ("cursor=x", "/cursor"),
        ("cursor=WzFd", "/cursor"),
        ("cursor=%00", "/cursor"),
        ("offset=3", "/offset"),
    ],
)
def test_bad_page_is_refused(web, query, pointer):
    answer = problem(web.get(f"{THINGS}?{query}", headers=TOKEN), 422, "invalid-input")
    assert answer["errors"][0]["pointer"] == pointer


def test_version_travels_as_etag_and_if_match(web):
    def put(**headers):
        return web.put(f"{THINGS}/a", json={"value": "x"}, headers={**TOKEN, **headers})

    assert put(**{"If-Match": '"3"'}).headers["ETag"] == '"4"'
    problem(put(), 428, "precondition-required")
    problem(put(**{"If-Match": "*"}), 422, "invalid-input")
    problem(put(**{"If-Match": 'W/"3"'}), 422, "invalid-input")


def test_unknown_address_and_method_are_problems(web):
    problem(web.get("/api/v1/nothing"), 404, "not-found")
    response = web.patch(f"{THINGS}/open", headers=TOKEN)
    problem(response, 405, "method-not-allowed")
    assert "GET" in response.headers["Allow"]


def test_our_own_fault_is_told_without_its_text(web, house):
    answer = problem(web.get(f"{THINGS}/broken/log", headers=TOKEN), 500, "integrity-failure")
    assert "detail" not in answer
    house.app.config["PROPAGATE_EXCEPTIONS"] = False
    unforeseen = web.get(f"{THINGS}/broken/bug", headers=TOKEN)
    problem(unforeseen, 500, "internal-server-error")
    assert "Jansen" not in unforeseen.text


def test_part_that_is_down_says_when_to_come_back(web):
    response = web.get(f"{THINGS}/broken/later", headers=TOKEN)
    problem(response, 503, "unavailable")
    assert response.headers["Retry-After"] == "5"


def test_every_answer_has_the_headers(web):
    for response in (web.get("/health/live"), web.get("/nowhere"), web.get("/api/docs")):
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in response.headers
    secure = web.get("/health/live", base_url="https://lea.example")
    assert "max-age" in secure.headers["Strict-Transport-Security"]


def test_ready_asks_each_part(web, house):
    assert web.get("/health/ready").json == {
        "status": "ready",
        "parts": {"cases": "ok", "records": "ok"},
    }
    house.down.add("records")
    response = web.get("/health/ready")
    assert response.status_code == 503
    assert response.json["parts"] == {"cases": "ok", "records": "down"}
    assert "10.0.0.7" not in response.text


def test_wrong_wiring_shows_at_once(house):
    with house.app.app_context(), pytest.raises(TypeError, match="counter"):
        part("counter", str)
