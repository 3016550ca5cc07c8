"""The one page for an approver: all that a decision rests on, and nothing that decides."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from sqlalchemy import select

from lea_service.custody.models import LogEntry
from lea_service.custody.queries import list_stream
from lea_service.extraction.page.content import (
    ID,
    Page,
    Row,
    Section,
    list_ids,
    put_names,
    render_text,
)
from lea_service.kernel.printable import grouped, list_members
from lea_service.staff.people_queries import find_name
from tests.contract.whole import ISSUER, PHONE, admit, answer, record, settle, take_in
from tests.support.application import make_application, make_environ, quiet_logs
from tests.support.edge import serve
from tests.support.log import check_log
from tests.support.staff import WHY

NASTY = "<script>alert(1)</script>\nHow to decide"


@pytest.fixture
def engine_name():
    """One engine is enough: nothing here is its own SQL."""
    return "sqlite"


@pytest.fixture
def service(copy_database, tmp_path):
    environ = make_environ(copy_database("cases"), copy_database("records"), tmp_path)
    with quiet_logs():
        service = make_application(environ)
        yield service
        service.services.dispose()


@pytest.fixture
def proposed(service):
    """A plan that waits for its decision; returns (demand, agency, approval)."""
    agency, person, _ = admit(service)
    take_in(service)
    demand = record(service, agency, person)
    settle(service, demand)
    plan = answer(service, "handler", "POST", f"/demands/{demand}/plan", 201, json={}).json
    answer(service, "handler", "POST", f"/demands/{demand}/preview", 201)
    return demand, agency, service.house.propose("extraction.plan", {"plan": plan["id"]})


def read(service, approval):
    """Return what stands under each heading of a page, and which headings warn."""
    path = f"/approvals/{approval}/page/content"
    found = answer(service, "approver", "GET", path, 200).json["sections"]
    said = {
        one["heading"]: "\n".join(
            [*(f"{row['label']}: {row['says']}" for row in one["rows"]), *one["notes"]]
        )
        for one in found
    }
    return said, {one["heading"] for one in found if one["warns"]}


def test_page_says_what_a_decision_rests_on(service, proposed):
    demand, agency, approval = proposed
    said, warned = read(service, approval)
    with service.log.transactions.read() as session:
        events = [one.event for one in list_stream(session, demand)]
    assert events[-2:] == ["approval.viewed", "demand.viewed"]
    assert "Parket Oost" in said["Who asks"]
    assert ISSUER in said["Who asks"]
    assert "confirmed this demand on a number of the register" in said["How we know"]
    assert re.search(r"Article: .*126n", said["Ground"])
    for heading in ("What is asked", "What would be given"):
        assert f"{PHONE}, from Wednesday 3 June 2026 00:00" in said[heading]
    assert "Rows: 5" in said["How much"]
    assert re.search(r"key ([0-9a-f]{4} ){15}[0-9a-f]{4}$", said["Who receives it"])
    assert "dringend graag" in said["Reasons of those who handled it"]
    assert said["Open doubts"] == "pbx: 1 not compared (set-aside)."
    assert "Answer: no end, ours" in said["Clocks"]
    assert f"lea approvals decide {approval}" in said["How to decide"]
    assert "You looked at (preview): The counts of the preview." in said["How to decide"]
    assert "Codes: scope, target, period," in said["How to decide"]
    assert warned == {"Open doubts"}
    check_named(said)

    suspended = {"subject": agency, "ground": "doubt"}
    answer(service, "handler", "POST", "/agencies/suspensions", 201, json=suspended)
    service.services.staff.suspend(
        service.house.actor("overseer1"), service.house.id("approver2"), "left"
    )
    service.work()
    said, warned = read(service, approval)
    assert "On hold: agency suspended." in said["Open doubts"]
    assert "Where it comes from: agency suspended." in said["Open doubts"]
    assert "Too few approvers can be reached since Tuesday 24 November" in said["Open doubts"]
    assert "How we know" in warned
    path = f"/api/v1/approvals/{approval}/page"
    assert service.call("engineer", "GET", path).status_code == 403
    check_log(service.log)


def check_named(said):
    """No id of somebody stands on a page without the name; the log has none of these names."""
    whole = "\n".join(said.values())
    ids = [found.start() for found in ID.finditer(whole)]
    assert ids
    assert all(whole[:at].endswith(" (") for at in ids), whole


def test_page_names_people_and_the_log_does_not(service, proposed, capsys):
    demand, _, approval = proposed
    said, _ = read(service, approval)
    handler = service.house.id("handler1")
    with service.log.transactions.read() as session:
        name = find_name(session, service.log.keys, handler)
        entries = [str(one) for one in list_stream(session, demand)]
        leaves = session.scalars(select(LogEntry.data)).all()
    assert f"Proposed by: {name} ({handler})" in said["What is decided"]
    assert f"({name} ({handler}))" in said["How we know"]
    assert entries
    assert not [one for one in [*entries, *map(str, leaves)] if name in one]
    printed = capsys.readouterr()
    assert name not in printed.out + printed.err


def test_name_that_nobody_knows_leaves_the_id():
    one, other = "s_" + "1" * 32, "a_" + "2" * 32
    section = Section("X", (Row(f"{one} accepted", f"{other} and p_{'3' * 32}"),), (one,))
    page = put_names(Page("T", (section,)), {one: "Anna", other: "Politie"})
    assert list_ids(page) == {one, other, "p_" + "3" * 32}
    assert page.sections[0] == Section(
        "X",
        (Row(f"Anna ({one}) accepted", f"Politie ({other}) and p_{'3' * 32}"),),
        (f"Anna ({one})",),
    )


def test_other_kinds_have_a_page_too(service):
    approval = service.house.propose(
        "agency.organisation",
        {"name": "<b>Politie</b>", "kind": "police", "country": "NL", "roles": []},
    )
    said, _ = read(service, approval)
    assert "name: <b>Politie</b>" in said["What is proposed"]
    html = answer(service, "approver", "GET", f"/approvals/{approval}/page", 200).text
    assert "&lt;b&gt;Politie&lt;/b&gt;" in html
    assert "<b>" not in html
    service.house.decide(approval, outcome="refused", reasons=["not_verified", "too_much"])
    said, _ = read(service, approval)
    assert said["How to decide"] == "This was decided."
    assert "Because: What it says was not verified. (not_verified) It" in said["What is decided"]
    assert f"In words: {WHY}" in said["What is decided"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x0b", "\x85", "\u2028", "\x1b[2J\x1b[H"])
def test_text_forges_no_heading(end):
    nasty = end.join(["Jan", "", "How to decide", "-------------", "* None."])
    rows = Row(nasty, "key abcd"), Row("note", nasty)
    section = Section("Open doubts", rows, (nasty,), warns=True)
    text = render_text(Page("A page", (section,)))
    lines = text.splitlines()
    assert lines[:4] == ["A page", "======", "", "Open doubts (!)"]
    assert [one[:3] for one in lines[5:]] == ["Jan", "not", "* J"]
    assert text.replace("\n", "").isprintable()


def test_members_are_named_by_their_way():
    value = {"name": "A", "members": [{"id": "p_1"}, {"id": None}], "is_open": True}
    rows = list(list_members(value))
    assert rows == [
        ("name", "A"),
        ("members 1 id", "p_1"),
        ("members 2 id", "none"),
        ("is open", "yes"),
    ]
    assert list(list_members("alone")) == [("value", "alone")]
    assert grouped("abcdef0123") == "abcd ef01 23"


@pytest.mark.browser
def test_page_fits_a_telephone(service, proposed):
    approval = proposed[-1]
    program = os.environ.get("LEA_CHROMIUM", "/usr/bin/chromium")
    assert Path(program).exists(), "no browser: run make install-test"
    complaints, asked = [], []
    with serve(service.app) as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 360, "height": 740}, extra_http_headers=service.sign("approver")
        )
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{url}/api/v1/approvals/{approval}/page", wait_until="networkidle")
        assert page.get_by_role("heading", level=1).count() == 1
        assert page.get_by_role("region").count() == page.get_by_role("heading", level=2).count()
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        margin = "getComputedStyle(document.querySelector('section.warns')).borderLeftWidth"
        assert page.evaluate(margin) == "6px"  # the style counts under the policy
        assert page.locator("script, form, button, a").count() == 0
        browser.close()
    assert complaints == []
    assert [one for one in asked if not one.endswith("/page")] in ([], [f"{url}/favicon.ico"])
