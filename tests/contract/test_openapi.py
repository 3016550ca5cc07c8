"""The published OpenAPI document is that of this code, valid, and says what each route does."""

import json
import os
import re
import threading
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from tests.contract.routes import EVERYBODY, ROUTES
from tests.support.openapi import FILE, build_hollow, dump_document

METHODS = {"get", "put", "post", "delete", "patch"}
VARIABLE = re.compile("<(?:[a-z]+:)?([a-z_]+)>")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def document():
    return json.loads(dump_document())


def operations(document):
    """Yield (method and path, operation) of each route."""
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            yield f"{method.upper()} {path}", item[method]


def template(rule):
    """Return a rule as OpenAPI writes it."""
    return VARIABLE.sub(r"{\1}", rule)


def test_published_document_is_that_of_the_code():
    assert FILE.read_text(encoding="utf-8") == dump_document(), "run: make openapi"


def test_document_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_document_has_each_route_once(document):
    ours = [route for route in ROUTES if route.rule.startswith("/api/v1")]
    wanted = {f"{route.method} {template(route.rule)}" for route in ours}
    assert {name for name, _ in operations(document)} == wanted
    ids = [operation.get("operationId") for _, operation in operations(document)]
    assert len([one for one in ids if one]) == len({one for one in ids if one})


def test_each_operation_says_what_it_does(document):
    known = {tag["name"] for tag in document["tags"]}
    assert all(tag.get("description") for tag in document["tags"])
    for name, operation in operations(document):
        assert re.fullmatch(r"[A-Z][^\n]{8,120}\.", operation["summary"]), name
        assert len(set(operation["tags"]) & known) == 1, name


def test_each_operation_may_answer_with_a_problem(document):
    answer = document["components"]["responses"]["DEFAULT_ERROR"]
    schema = answer["content"]["application/problem+json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Problem"}
    for name, operation in operations(document):
        refusals = [status for status in operation["responses"] if status[0] in "45d"]
        assert "default" in refusals, name
        assert any(status[0] == "2" for status in operation["responses"]), name


def test_routes_of_receivers_say_that_nothing_may_be_signed_yet(document):
    """Before the first checkpoint they answer 503, where those of our own people let in."""
    waiting = {name for name, operation in operations(document) if "503" in operation["responses"]}
    of_receivers = {name for name, _ in operations(document) if " /api/v1/collect/" in name}
    assert waiting == of_receivers


def test_document_tells_what_needs_a_token(document):
    opened = {name for name, operation in operations(document) if operation.get("security") == []}
    assert opened == {
        f"{route.method} {route.rule}"
        for route in ROUTES
        if route.who is EVERYBODY and route.rule.startswith("/api/v1")
    }
    assert document["security"] == [{"bearer": []}]


def test_bodies_refuse_what_they_do_not_know(document):
    schemas, seen = document["components"]["schemas"], 0
    for name, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            reference = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert schemas[reference]["additionalProperties"] is False, name
            seen += 1
    assert seen > 20


@pytest.fixture
def address():
    server = make_server("127.0.0.1", 0, build_hollow(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
def test_page_shows_every_route_without_a_complaint(address, document):
    program = os.environ.get("LEA_CHROMIUM", "/usr/bin/chromium")
    assert Path(program).exists(), "no browser: run make install-test"
    complaints, asked = [], []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=SWITCHES)
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        response = page.goto(f"{address}/api/docs", wait_until="networkidle")
        assert "default-src 'none'" in response.headers["content-security-policy"]
        shown = page.locator("h3").all_inner_texts()
        broken = page.evaluate(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))"
            ".filter(href => !document.getElementById(decodeURIComponent(href.slice(1))))"
        )
        browser.close()
    assert {name for name, _ in operations(document)} <= set(shown)
    assert broken == []
    assert complaints == []
    assert {url for url in asked if not url.startswith(f"{address}/")} == set()
