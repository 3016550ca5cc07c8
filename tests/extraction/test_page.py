"""The one page for an approver: all that a decision rests on, and nothing that decides."""

import json
import os
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest
from marshmallow import fields
from playwright.sync_api import sync_playwright
from sqlalchemy import insert, select, update

import lea_service.agencies.schemas as agencies
import lea_service.demands.phrases as demands
import lea_service.extraction.page.words as words
import lea_service.extraction.phrases as extraction
import lea_service.legal.phrases as legal
import lea_service.oversight.schemas as oversight
import lea_service.retention.schemas as retention
import lea_service.staff.phrases as staff
from lea_service.custody.models import LogEntry
from lea_service.custody.queries import list_stream
from lea_service.delivery.schemas import TokenRequest
from lea_service.demands.demand import (
    CATEGORIES,
    Channel,
    EmergencyReason,
    Form,
    TargetKind,
)
from lea_service.extraction.extra_decider import Reason
from lea_service.extraction.page.content import (
    ID,
    Page,
    Row,
    Section,
    list_ids,
    put_names,
    render_text,
)
from lea_service.extraction.printed import PlanPrinter
from lea_service.extraction.schemas import ReopeningRequest
from lea_service.kernel.printable import grouped, list_members
from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.schemas import AuthenticityPolicyRequest
from lea_service.legal.confirmations.schemas import AcceptanceRequest, AuthorisationRequest
from lea_service.legal.deadlines import Clock, Status, Whose
from lea_service.legal.preservation.schemas import ReleaseRequest
from lea_service.records.kinds import KINDS
from lea_service.records.partitions import make_room
from lea_service.records.store import PurgeLedger, SubscriberRecord
from lea_service.staff.kinds import list_kinds
from lea_service.staff.people_queries import find_name
from lea_service.staff.statement import Outcome
from tests.contract.whole import ISSUER, PHONE, admit, answer, record, settle, take_in
from tests.demands.samples import demand_json
from tests.support.application import make_application, make_environ, quiet_logs
from tests.support.edge import serve
from tests.support.extraction import WORKER
from tests.support.log import check_log
from tests.support.sources import declare_source
from tests.support.staff import WHY

POLICY_SCHEMA = "data/authenticity-policy-1.json"
CALLS, NAMES = "traffic_call_records", "subscriber_identity"
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


def read(service, approval, language="en"):
    """Return what stands under each heading of a page, and which headings warn."""
    path = f"/approvals/{approval}/page/content?language={language}"
    found = answer(service, "approver", "GET", path, 200).json["sections"]
    said = {
        one["heading"]: "\n".join(
            [*(f"{row['label']}: {row['says']}" for row in one["rows"]), *one["notes"]]
        )
        for one in found
    }
    return said, {one["heading"] for one in found if one["warns"]}


def test_page_says_when_a_number_changed_hands(service):
    """And not who held it."""
    agency, person, _ = admit(service)
    take_in(service)
    with service.log.transactions.begin(WORKER) as tx:
        declare_source(tx, "crm", "subscriber")
    row = dict.fromkeys(KINDS["subscriber"].names) | {"source": "crm", "number": PHONE, "flags": ""}
    change = datetime(2026, 6, 4, 8, 2, tzinfo=UTC)
    with service.services.records.write() as session:
        for name, start, end in (
            ("K1", datetime(2020, 1, 1, tzinfo=UTC), change),
            ("K2", change, None),
        ):
            held = {"valid_from": start, "valid_to": end, "customer_number": name, "name": "Jansen"}
            row |= {"row_id": name, "import_id": "im_1", **held}
            make_room(session, SubscriberRecord.__table__, [row])
            session.execute(insert(SubscriberRecord).values(**row))
        purge = {"id": "pu_1", "source": "crm", "kind": "subscriber", "rule": "SUB-1M", "rows": 2}
        purge |= {"cutoff": change, "reach": change, "is_done": True, "finished_at": change}
        session.execute(insert(PurgeLedger).values(**purge))
        late = SubscriberRecord.row_id == "K2"
        session.execute(update(SubscriberRecord).where(late).values(flags="not-e164"))
    demand = record(service, agency, person)
    settle(service, demand)
    plan = answer(service, "handler", "POST", f"/demands/{demand}/plan", 201, json={}).json
    counted = answer(service, "handler", "POST", f"/demands/{demand}/preview", 201).json
    (told,) = counted["counts"]["holders"]
    assert [one["holders"] for one in told["spans"]] == [[1], [2]]
    request = {"plan": plan["id"], "per_holder": True}
    approval = service.house.propose("extraction.plan", request)
    for language, heading, wanted in (
        (
            "en",
            "Open doubts",
            (
                *("was not in one hand throughout", "2026 10:02", "holder 2"),
                *("crm: not compared: 1 records", "told who held what were destroyed under rule"),
            ),
        ),
        (
            "nl",
            "Open twijfels",
            (
                *("niet steeds van een en dezelfde", "2026 10:02", "houder 2"),
                *("crm: niet vergeleken: 1 registraties", "vernietigd op grond van regel SUB-1M"),
            ),
        ),
    ):
        said, warned = read(service, approval, language)
        assert heading in warned
        assert all(one in said[heading] for one in wanted), said[heading]
        printed = PlanPrinter(language).preview(counted)
        assert re.search(r"crm +1 +1 +SUB-1M 2026-06-04", printed), printed
        assert not any("K1" in one or "Jansen" in one for one in said.values())


def test_page_doubts_a_plan_that_gives_what_a_letter_said_is_not_given(service):
    agency, person, _ = admit(service)
    take_in(service)
    ours = {"target": {"kind": "phone_number", "value": PHONE}, "categories": [CALLS, NAMES]}
    items = [{**demand_json()["items"][0], **ours}]
    demand = record(service, agency, person, items=items)
    settle(service, demand)
    path = f"/demands/{demand}"
    body = {"item": 1, "ground": "not_held", "category": NAMES, "reason": "Only calls are kept."}
    answer(service, "handler", "POST", f"{path}/narrowings", 201, json=body)
    shown = answer(service, "handler", "GET", f"{path}/letters/draft?about=narrowing", 200).json
    letter = {"about": "narrowing", "language": "nl", "digest": shown["digest"]}
    answer(service, "handler", "POST", f"{path}/letters", 201, json=letter)
    told = "something is not given which this plan gives"
    for is_left_out in (True, False):
        if not is_left_out:
            settle(service, demand)
        plan = answer(service, "handler", "POST", f"{path}/plan", 201, json={}).json
        answer(service, "handler", "POST", f"{path}/preview", 201)
        approval = service.house.propose("extraction.plan", {"plan": plan["id"]})
        assert (told in read(service, approval)[0]["Open doubts"]) is not is_left_out


def test_page_says_what_the_authority_answered(service):
    """An answer about something else is no agreement that less is given; who decides sees it."""
    agency, person, _ = admit(service)
    take_in(service)
    demand = record(service, agency, person)
    settle(service, demand)
    path = f"/demands/{demand}"
    question = {"question": "Is er haast bij?", "findings": [], "reasons": ["other"]}
    asked = answer(service, "handler", "POST", f"{path}/clarifications", 201, json=question).json
    told = {"answer": "Nee, geen haast."}
    put = {"json": told, "headers": {"If-Match": '"1"'}}
    answer(service, "handler", "PUT", f"{path}/clarifications", 200, **put)
    cut = {"item": 1, "ground": "agreed", "keep_from": "2026-06-04T00:00:00+02:00"}
    cut |= {"clarification": asked["id"], "reason": "The authority agreed."}
    answer(service, "handler", "POST", f"{path}/narrowings", 201, json=cut)
    plan = answer(service, "handler", "POST", f"{path}/plan", 201, json={}).json
    answer(service, "handler", "POST", f"{path}/preview", 201)
    said, _ = read(service, service.house.propose("extraction.plan", {"plan": plan["id"]}))
    reasons = "Reasons of those who handled it"
    assert asked["id"] in said["What would be given"]
    assert f"Question {asked['id']}" in said[reasons]
    assert "Asked: Is er haast bij? Answered: Nee, geen haast." in said[reasons]


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
    assert "Offence that the article needs: Suspicion of an offence for which" in said["Ground"]
    assert "Offence, as the order states it: not recorded" in said["Ground"]
    assert "is for the authority and the judge; not for us." in said["Ground"]
    for heading in ("What is asked", "What would be given"):
        assert f"{PHONE}, from Wednesday 3 June 2026 00:00" in said[heading]
    assert "Rows: 5" in said["How much"]
    assert re.search(r"key ([0-9a-f]{4} ){15}[0-9a-f]{4}$", said["Who receives it"])
    assert "dringend graag" in said["Reasons of those who handled it"]
    assert said["Open doubts"] == (
        "pbx: not compared: 1 lines of this source that cannot be read and are kept aside."
    )
    assert "Answer: no end, ours" in said["Clocks"]
    assert f"lea approvals decide {approval}" in said["How to decide"]
    assert "You looked at (preview): The counts of the preview." in said["How to decide"]
    assert "Reason (period): The period is not right." in said["How to decide"]
    assert warned == {"Open doubts"}
    check_named(said)

    suspended = {"subject": agency, "ground": "doubt"}
    answer(service, "handler", "POST", "/agencies/suspensions", 201, json=suspended)
    service.services.staff.suspend(
        service.house.actor("overseer1"), service.house.id("approver2"), "left"
    )
    service.work()
    said, warned = read(service, approval)
    assert "On hold: the agency is suspended." in said["Open doubts"]
    assert "Where it comes from: The agency is suspended." in said["Open doubts"]
    assert "Too few approvers can be reached since Tuesday 24 November" in said["Open doubts"]
    assert "How we know" in warned
    path = f"/api/v1/approvals/{approval}/page"
    assert service.call("engineer", "GET", path).status_code == 403
    check_log(service.log)


def test_page_is_dutch_throughout(service, proposed):
    """What stands on the English page and is a phrase of ours stands on the Dutch one in Dutch."""
    approval = proposed[-1]
    said, warned = read(service, approval, "nl")
    assert warned == {"Open twijfels"}
    assert "Instantie: Parket Oost" in said["Wie vordert"]
    assert "Treedt op als: Officier van justitie" in said["Wie vordert"]
    assert "schriftelijk, van 2026-11-20, kanaal: portaal" in said["Wie vordert"]
    assert "bevestigde deze vordering op een nummer uit het register" in said["Hoe wij dat weten"]
    for heading in ("Wat wordt gevorderd", "Wat zou worden verstrekt"):
        expected = (
            f"verkeersgegevens van gesprekken van telefoonnummer {PHONE}, van woensdag 3 juni"
        )
        assert expected in said[heading]
    assert "zonder einde, aan ons" in said["Termijnen"]
    assert "Het feit dat het artikel verlangt: Verdenking van een" in said["Grondslag"]
    assert said["Open twijfels"].startswith("pbx: niet vergeleken: 1 regels")
    assert "Reden (period): De periode klopt niet." in said["Hoe u besluit"]
    assert "U bekeek (preview): De aantallen van de proeftelling." in said["Hoe u besluit"]
    english = {phrase[1] for phrase in all_phrases() if phrase[0] != phrase[1]}
    whole = "\n".join([*said, *said.values()])
    labels = {line.partition(":")[0] for line in whole.splitlines()}
    assert not labels & english
    assert not [one for one in english if len(one.split()) > 3 and one in whole]
    path = f"/approvals/{approval}/page"
    html = answer(service, "approver", "GET", f"{path}?language=nl", 200).text
    assert '<html lang="nl">' in html
    first, other = re.findall(r'<article id="(\w\w)" lang="\1"', html)
    assert (first, other) == ("nl", "en")
    dutch, _, rest = html.partition('<article id="en"')
    assert '<a href="#en" lang="en">English</a>' in dutch
    assert "lees dit zorgvuldig" in dutch
    assert not [one for one in english if len(one.split()) > 3 and one in dutch]
    assert '<a href="#nl" lang="nl">Nederlands</a>' in rest
    assert "read with care" in rest
    answer(service, "approver", "GET", f"{path}?language=fr", 422)


def test_page_says_the_offence_as_the_order_states_it(service):
    agency, person, _ = admit(service)
    take_in(service)
    demand = record(service, agency, person, offence="diefstal met braak (311 Sr)")
    settle(service, demand)
    plan = answer(service, "handler", "POST", f"/demands/{demand}/plan", 201, json={}).json
    answer(service, "handler", "POST", f"/demands/{demand}/preview", 201)
    approval = service.house.propose("extraction.plan", {"plan": plan["id"]})
    for language, heading, label in (
        ("en", "Ground", "Offence, as the order states it"),
        ("nl", "Grondslag", "Het feit, volgens de vordering"),
    ):
        said, _ = read(service, approval, language)
        assert f"{label}: diefstal met braak (311 Sr)" in said[heading]


def test_articles_are_cited_in_the_language_of_the_page():
    law = "Regulation (EU) 2023/1543 art. 10(2)"
    assert words.Speaker("en").citation(law) == law
    assert words.Speaker("nl").citation(law) == "Verordening (EU) 2023/1543 art. 10, lid 2"


def test_who_saw_something_is_a_person_the_service_or_the_register():
    assert words.Speaker("nl").seen_by(("sys:reader",)) == "de dienst"
    assert words.Speaker("en").seen_by(("s_1", "s_2")) == "s_1, s_2"
    assert words.Speaker("en").seen_by(()) == "register"


TABLES = (
    *(words.HEADINGS, words.LABELS, words.SAYINGS, words.MEMBERS),
    *(demands.CATEGORIES, demands.TARGETS, demands.REFERENCES, demands.FORMS, demands.CHANNELS),
    *(demands.EMERGENCIES, demands.HOLDS, extraction.DOUBTS, extraction.ONE_MORE),
    *(extraction.RECORD_KINDS, legal.CLOCKS, legal.STATUSES, legal.WHOSE, legal.SURENESS),
    *(legal.IN_THE_WAY, staff.KINDS, staff.OUTCOMES),
)


def all_phrases():
    return [phrase for table in TABLES for phrase in table.values()]


def test_each_phrase_says_the_same_in_both_languages():
    for dutch, english in all_phrases():
        assert dutch
        assert english
        assert fields_of(dutch) == fields_of(english)


def fields_of(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_each_code_on_a_page_has_words():
    for table, codes in (
        (demands.CATEGORIES, CATEGORIES),
        (demands.TARGETS, TargetKind),
        (demands.FORMS, Form),
        (demands.CHANNELS, Channel),
        (demands.EMERGENCIES, EmergencyReason),
        (extraction.ONE_MORE, Reason),
        (extraction.RECORD_KINDS, KINDS),
        (legal.CLOCKS, Clock),
        (legal.STATUSES, Status),
        (legal.WHOSE, Whose),
        (legal.IN_THE_WAY, [*Sight, "not_proven"]),
        (staff.KINDS, [one.kind for one in list_kinds() if not one.kind.startswith("test.")]),
        (staff.OUTCOMES, Outcome),
    ):
        assert set(table) == set(map(str, codes))


FORMS = (
    *(agencies.OrganisationRequest, agencies.PersonRequest, agencies.DeskRequest),
    *(agencies.CertificateRequest, agencies.ContactRequest, agencies.LiftRequest),
    *(oversight.OwnIdentifiersRequest, oversight.WatchRequest, oversight.RecipientRequest),
    *(retention.RuleRequestSchema, retention.GroundRequestSchema, ReleaseRequest, TokenRequest),
    *(AuthenticityPolicyRequest, AcceptanceRequest, AuthorisationRequest, ReopeningRequest),
)


def names_in(schema):
    """Return how the members of a form are called, and those of the forms within it."""
    for name, field in schema._declared_fields.items():
        yield field.data_key or name
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from names_in(inner.schema)


def test_each_member_that_is_proposed_has_words():
    wanted = {name for form in FORMS for name in names_in(form)}
    policy = json.loads(files("lea_service.legal").joinpath(POLICY_SCHEMA).read_bytes())
    wanted |= set(policy["properties"])
    assert wanted <= set(words.MEMBERS)


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
    page = put_names(Page("T", (section,), "en", ""), {one: "Anna", other: "Politie"})
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
    dutch, _ = read(service, approval, "nl")
    proposed = dutch["Wat wordt voorgesteld"].splitlines()
    assert {"naam: <b>Politie</b>", "land: NL", "rollen: geen"} <= set(proposed)
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
    text = render_text(Page("A page", (section,), "en", "care"))
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
        assert page.locator("script, form, button").count() == 0
        links = page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert links == ["#nl", "#en"]
        assert page.get_by_role("heading", level=1).inner_text().startswith("Decision on a plan")
        page.get_by_role("link", name="Nederlands").click()
        title = page.get_by_role("heading", level=1)
        assert title.count() == 1
        assert title.inner_text().startswith("Besluit over een plan")
        assert title.evaluate("one => one.closest('[lang]').lang") == "nl"
        assert page.get_by_role("region").count() == page.get_by_role("heading", level=2).count()
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        said = page.locator("body").inner_text()
        english = [one for _, one in all_phrases() if len(one.split()) > 3 and one in said]
        assert "Hoe u besluit" in said
        assert english == []
        page.get_by_role("link", name="English").click()
        assert "How to decide" in page.locator("body").inner_text()
        assert "Hoe u besluit" not in page.locator("body").inner_text()
        page.goto(f"{url}/api/v1/approvals/{approval}/page?language=nl", wait_until="networkidle")
        assert page.locator("html").get_attribute("lang") == "nl"
        assert "Hoe u besluit" in page.locator("body").inner_text()
        assert "How to decide" not in page.locator("body").inner_text()
        browser.close()
    assert complaints == []
    asked = [one.partition("?")[0].partition("#")[0] for one in asked]
    assert [one for one in asked if not one.endswith("/page")] in ([], [f"{url}/favicon.ico"])
