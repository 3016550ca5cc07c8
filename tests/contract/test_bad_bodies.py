"""What is sent wrongly is refused by a clear problem, and nothing of it is kept."""

import re

import pytest

from lea_service.demands.order_media import ENDINGS
from lea_service.web.paging import dump_cursor
from tests.contract.answers import check_answer
from tests.contract.routes import JSON_ROUTES, ROUTES
from tests.support.engines import ANY_ENGINE

WRITING = tuple(route for route in ROUTES if route.method in {"POST", "PUT"})
CHUNK = 1 << 16
JSON, FORM, CSV = "application/json", "multipart/form-data", "text/csv"
KINDS = (JSON, FORM, CSV, "application/octet-stream")
NUL_CURSORS = ["cursor=" + dump_cursor(("\x00",) * count) for count in (1, 2)]
DEEP = b'{"a":' * 200 + b"1" + b"}" * 200
FORMS = (
    b'{"a": ',
    b"\xff\xfe",
    b"hello",
    b'{"a": 1, "a": 2}',
    b'{"a": 1.5}',
    b'{"a": NaN}',
    b'{"a": "\\ud800"}',
    b'{"a": 123456789012345678901}',
    b'{"a": [{"b": "\\u0000"}]}',
    DEEP,
)


def send(service, route, data, kind=JSON, **options):
    headers = {**route.headers, "Content-Type": kind}
    return service.call(
        route.caller, route.method, route.path, data=data, headers=headers, **options
    )


def send_json(service, route, body):
    return service.call(route.caller, route.method, route.path, json=body, headers=route.headers)


@pytest.fixture
def unchanged(service):
    """The service; afterwards no row may have come or gone in either database."""
    for route in WRITING:
        service.token(route.caller)
    before = service.count()
    yield service
    assert service.count() == before


def pointers(response):
    return {error["pointer"] for error in response.json.get("errors", [])}


@ANY_ENGINE
def test_unknown_field_is_named(unchanged):
    for route in JSON_ROUTES:
        response = send_json(unchanged, route, {**route.body, "colour/~": "red"})
        check_answer(response, 422)
        assert "/colour~1~0" in pointers(response), route.rule


@ANY_ENGINE
def test_each_field_of_a_wrong_type_is_named(unchanged):
    for route in JSON_ROUTES:
        for name in route.body:
            wrong = 7 if isinstance(route.body[name], str | list) else "seven"
            for value in (wrong, [wrong], True):
                response = send_json(unchanged, route, {**route.body, name: value})
                check_answer(response, 422)
                found = pointers(response)
                assert found, (route.rule, name, value)
                assert all(one.startswith(f"/{name}") for one in found), (route.rule, found)


@ANY_ENGINE
def test_each_missing_field_is_named(unchanged):
    for route in JSON_ROUTES:
        needed = {name for name, value in route.body.items() if value is not None}
        if not needed:
            continue
        response = send_json(unchanged, route, {})
        check_answer(response, 422)
        assert pointers(response) <= {f"/{name}" for name in needed}
        assert pointers(response), route.rule


@ANY_ENGINE
def test_json_of_a_wrong_form_is_refused(unchanged):
    for route in WRITING:
        if route.media != JSON:
            continue
        for data in FORMS:
            check_answer(send(unchanged, route, data), 422)


@ANY_ENGINE
def test_json_that_is_no_object_is_refused(unchanged):
    for route in JSON_ROUTES:
        for data in (b"[]", b'"x"', b"7", b"null", b"true"):
            check_answer(send(unchanged, route, data), 422)


@ANY_ENGINE
def test_no_body_is_refused_where_one_is_needed(unchanged):
    for route in JSON_ROUTES:
        if any(value is not None for value in route.body.values()):
            check_answer(send(unchanged, route, b""), 422)


@ANY_ENGINE
def test_other_media_types_are_refused(unchanged):
    for route in WRITING:
        for kind in ("text/xml", "application/x-www-form-urlencoded", "application/cbor", ""):
            check_answer(send(unchanged, route, b"<a/>", kind), 415)


class Counting:
    """A body that has no end and knows how much of it was read."""

    def __init__(self):
        self.taken = 0

    def read(self, size=-1):
        size = CHUNK if size is None or size < 0 else size
        self.taken += size
        return b"x" * size

    readline = read

    def readinto(self, buffer):
        buffer[:] = self.read(len(buffer))
        return len(buffer)


def limits_of(service, route):
    """Return how many bytes of each media type a route takes."""
    settings = service.services.settings
    if route.media == CSV:
        return {CSV: settings.max_import_bytes}
    whole = settings.max_body_bytes + settings.max_order_bytes
    if route.media in ENDINGS:
        return dict.fromkeys(ENDINGS, whole)
    takes_form = (route.method, route.rule) in {
        ("POST", "/api/v1/demands"),
        ("PUT", "/api/v1/demands/<demand_id>"),
    }
    return {JSON: settings.max_body_bytes, **({FORM: whole} if takes_form else {})}


def declare(service, route, kind, size, caller=None):
    """Announce a body of a size; returns the answer and how much of it was read."""
    body = Counting()
    headers = {**route.headers, "Content-Type": kind + ("; boundary=x" if kind == FORM else "")}
    environ = {"wsgi.input": body, "CONTENT_LENGTH": str(size)}
    answer = service.call(
        caller or route.caller,
        route.method,
        route.path,
        headers=headers,
        environ_overrides=environ,
    )
    return answer, body.taken


@ANY_ENGINE
def test_large_body_is_refused_unread(unchanged):
    for route in WRITING:
        for kind, limit in limits_of(unchanged, route).items():
            response, taken = declare(unchanged, route, kind, limit + 1)
            check_answer(response, 413)
            assert taken == 0, (route.rule, kind)


@ANY_ENGINE
def test_json_is_small_whatever_else_a_route_takes(unchanged):
    limit = unchanged.services.settings.max_body_bytes
    for route in WRITING:
        response, taken = declare(unchanged, route, JSON, limit + 1)
        check_answer(response, 413 if JSON in limits_of(unchanged, route) else 415)
        assert taken == 0, route.rule


@ANY_ENGINE
def test_type_a_route_does_not_take_is_unread(unchanged):
    for route in WRITING:
        for kind in set(KINDS) - set(limits_of(unchanged, route)):
            response, taken = declare(unchanged, route, kind, 1000)
            check_answer(response, 415)
            assert taken == 0, (route.rule, kind)


@pytest.mark.parametrize("caller", ["stranger", "receiver"])
def test_upload_of_an_outsider_is_unread(service, caller):
    uploads = [route for route in WRITING if set(limits_of(service, route)) != {JSON}]
    assert len(uploads) == 4
    for route in uploads:
        for kind in limits_of(service, route):
            response, taken = declare(service, route, kind, 500_000, caller)
            check_answer(response, 401 if caller == "stranger" else 403)
            assert taken == 0, (route.rule, kind)


@ANY_ENGINE
def test_body_of_unstated_length_is_refused(unchanged):
    body = Counting()
    environ = {"wsgi.input": body, "wsgi.input_terminated": True}
    chunked = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    for route in WRITING:
        headers = {**route.headers, **chunked}
        response = unchanged.call(
            route.caller, route.method, route.path, headers=headers, environ_overrides=environ
        )
        check_answer(response, 411)
    assert body.taken == 0


def test_queries_of_a_wrong_form_are_refused(service):
    for route in ROUTES:
        service.token(route.caller)
    before = service.count()
    lists = [route for route in ROUTES if route.method == "GET" and route.status == 200]
    for route in lists:
        if route.path.startswith("/api/v1/") and '"next"' in get(service, route).text:
            for query in (
                "limit=0",
                "limit=9999",
                "limit=x",
                "cursor=%00",
                "cursor=W10",
                "a=1",
                *NUL_CURSORS,
            ):
                check_answer(get(service, route, "?" + query), 422)
    after = service.count()
    grown = {name for name in after if after[name] != before[name]}
    assert grown <= {"log_entries", "looks"}


def get(service, route, query=""):
    return service.call(route.caller, "GET", route.path + query)


def test_strange_ids_are_just_not_there(service):
    for value in ("%00", "..%2f..%2fetc%2fpasswd", "%F0%9F%98%80", "a" * 3000):
        for route in ROUTES:
            if "<" not in route.rule or route.rule.startswith("/api/static"):
                continue
            path = re.sub("<[^>]+>", value, route.rule)
            response = service.call(route.caller, route.method, path, **route.options)
            assert response.status_code in {403, 404, 422}, (route.rule, response.text)


@ANY_ENGINE
def test_versions_of_a_wrong_form_are_refused(unchanged):
    for route in ROUTES:
        if "If-Match" not in route.headers:
            continue
        for version in ("", "1", "*", 'W/"1"', '"x"', '"1", "2"', '"-1"'):
            options = {**route.options, "headers": {"If-Match": version}}
            check_answer(unchanged.call(route.caller, route.method, route.path, **options), 422)
        options = {**route.options, "headers": {}}
        check_answer(unchanged.call(route.caller, route.method, route.path, **options), 428)


def test_numbers_that_nothing_has_are_refused(service):
    huge = "9" * 30
    calls = {
        f"/custody/entries/{huge}/proof": {404, 422},
        f"/custody/consistency?old={huge}&new={huge}9": {404, 422},
        f"/custody/consistency?old=2&new={2**53 - 1}": {404, 422},
        f"/custody/tile/0/{'x999/' * 9}999": {404, 422},
        f"/custody/tile/{huge}/000": {404, 422},
    }
    for path, expected in calls.items():
        response = service.call("auditor", "GET", f"/api/v1{path}")
        assert response.status_code in expected, (path, response.text)
    body = {"name": "pbx", "shipped": "asterisk-master-csv"}
    source = service.call("engineer", "POST", "/api/v1/sources", json=body).json["id"]
    path = f"/api/v1/sources/{source}/imports"
    taken = service.call("engineer", "POST", path, data=b"x\n", content_type="text/csv").json["id"]
    late = f"{path}/{taken}/rejects?cursor={dump_cursor((2**53 - 1,))}"
    check_answer(service.call("engineer", "GET", late), 200)
