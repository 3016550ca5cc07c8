import os
import threading
from pathlib import Path

import pytest
from openapi_spec_validator import validate
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from tests.web.conftest import build_house


def test_document_is_valid_openapi_with_problems(house, web):
    document = web.get("/api/openapi.json").json
    validate(document)
    assert document["openapi"] == "3.1.0"
    answer = document["components"]["responses"]["DEFAULT_ERROR"]
    assert list(answer["content"]) == ["application/problem+json"]
    assert document["paths"]["/api/v1/things/open"]["get"]["security"] == []
    assert document == house.api.document()


def test_page_names_every_route_and_shape(web):
    page = web.get("/api/docs").text
    document = web.get("/api/openapi.json").json
    for path, item in document["paths"].items():
        assert f"<code>{path}</code>" in page
        for operation in item.values():
            assert operation.get("summary", "") in page if isinstance(operation, dict) else True
    for name in document["components"]["schemas"]:
        assert f'id="shape-{name}"' in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page


@pytest.fixture
def address():
    server = make_server("127.0.0.1", 0, build_house().app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
def test_page_shows_in_a_browser_under_the_policy(address):
    program = os.environ.get("LEA_CHROMIUM", "/usr/bin/chromium")
    assert Path(program).exists(), "no browser: run make install-test"
    complaints, asked = [], []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/api/docs", wait_until="networkidle")
        assert page.get_by_role("heading", level=1).inner_text() == "lea-service API"
        assert page.evaluate("getComputedStyle(document.querySelector('nav')).position") == "sticky"
        page.get_by_role("link", name="POST Add a thing").click()
        assert page.locator(":target h3").inner_text() == "POST /api/v1/things"
        page.locator(":target").get_by_role("link", name="Thing").first.click()
        assert page.locator(":target").locator("summary").inner_text() == "Thing"
        browser.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith(address)] == []
