import json
import re
from dataclasses import asdict, replace
from datetime import date

import httpx
import pytest
from click.testing import CliRunner

from lea_service.kernel.actors import worker_actor
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.cli import legal as group
from lea_service.legal.clock_service import ClockService
from lea_service.legal.working_days import load_working_days
from lea_service.web.client import Client
from lea_service.web.output import BoundaryGroup
from tests.demands.samples import item
from tests.legal.annex.test_form import CONFLICT
from tests.legal.papers import with_content
from tests.legal.test_catalogue import copy_data, spoil
from tests.legal.test_overlay import REVIEW, lay, own

root = BoundaryGroup(commands={"legal": group})


@pytest.fixture
def engine_name():
    """The commands are the same on each engine."""
    return "sqlite"


@pytest.fixture
def lea(app, monkeypatch):
    """Run a command as the handler against the application in this process."""
    transport = httpx.WSGITransport(app=app)

    def connect():
        return Client("http://localhost", "handler", transport=transport)

    monkeypatch.setattr(Client, "from_environment", connect)

    def run(*args, **options):
        return CliRunner().invoke(root, ["legal", *args], **options)

    return run


def data_of(done):
    """Return the JSON that a command printed, after what the service logged."""
    return json.loads(done.stdout[done.stdout.index("{\n") :])


def test_assessment_reads_in_plain_lines(lea, authority):
    demand_id = authority.send(legal_basis="NL-SV-126nd")
    text = lea("assess", demand_id).output
    assert "DEFECT  category.excluded/1/traffic_call_records" in text
    assert "article  Wetboek van Strafvordering art. 126nd lid 1" in text
    assert "cure     An order on Wetboek van Strafvordering art. 126n;" in text
    assert "1 open" in text
    assert "role.allowed" not in text
    assert "DEFECT = must be cured" in text
    assert "role.allowed" in lea("check", demand_id, "--all").output
    dutch = lea("check", demand_id, "--all", "--language", "nl").output
    assert "goed    role.allowed: De uitvaardigende rol heeft deze bevoegdheid." in dutch
    assert "GEBREK  category.excluded/1/traffic_call_records" in dutch
    assert "herstel  Een vordering op " in dutch
    assert "Toetsing 1 van" in dutch


def test_annex_is_filled_in_and_shown(lea, authority, tmp_path):
    demand_id = authority.send(legal_basis="EU-EPO-SUBSCRIBER")
    lea("assess", demand_id)
    section = tmp_path / "e.json"
    section.write_text(json.dumps({**asdict(CONFLICT), "interests": ["other"]}))
    stated = ["--explanation", "Zie deel E van dit formulier.", "--preserved", "yes"]
    reason = ["--reason", "conflict_of_laws"]
    wrong = lea("annex", "file", demand_id, *reason, *stated)
    assert (wrong.exit_code, "/statement/conflict" in wrong.output) == (2, True)
    done = lea("annex", "file", demand_id, *reason, *stated, "--objection", str(section), "--json")
    assert data_of(done)["statement"]["conflict"]["interests"] == ["other"]
    text = lea("annex", "show", demand_id).output
    assert "it waits until the authority decides whether it upholds the order" in text
    dutch = lea("annex", "show", demand_id, "--language", "nl").output
    assert re.search(r"^gevolg +zij wacht tot de autoriteit beslist", dutch, re.MULTILINE)
    assert re.search(r"^wordt bewaard +ja$", dutch, re.MULTILINE)
    assert CONFLICT.law in text
    table = lea("annex", "reasons", "--language", "nl").output
    assert "incomplete: Het certificaat is onvolledig." in table
    assert "bevel tot bewaring: Verordening (EU) 2023/1543 art. 11, lid 5\n" in table
    assert "  noem ook: wat niet wordt verstrekt, wanneer de rest kan\n" in table


def test_order_is_shown_beside_what_was_typed(lea, authority):
    order = authority.paper("+31201234567 van verdachte Jan Jansen")
    demand_id = authority.send(order=order, items=[item(value="+31612345687")])
    text = lea("order", demand_id).output
    assert "pages read: 1." in text
    assert re.search(r"NO +1 +telephone number +\+31612345687", text)
    assert re.search(r"yes +1 +period ", text)
    assert re.search(r"page 1 line 7 +name +Jan Jansen", text)
    assert "no order document" in lea("order", authority.send(order=None)).output
    scan = authority.send(order=with_content(b""))
    dutch = lea("order", scan, "--language", "nl").output
    assert "VREEMD  no_text: Het document bevat geen tekst" in dutch
    assert "In het document" in dutch


def test_wrong_digit_is_typed_again(lea, authority):
    demand_id = authority.send(order=authority.paper(), items=[item(value="+31612345687")])
    assert "order.target_differs/1" in lea("assess", demand_id).output
    words = ("accept", demand_id, "order.target_differs", "--reason", "Staat in de bijlage.")
    assert lea(*words).exit_code == 2
    refused = lea(*words, input="+31612345678\n")
    assert (refused.exit_code, "/retyped/0" in refused.output) == (2, True)
    assert "accepted by" in lea(*words, input="06 12345687\n").output


def test_each_value_is_asked_for(lea, authority, monkeypatch):
    monkeypatch.setattr("lea_service.legal.cli.is_terminal", lambda: True)
    wrong = [item(value="+31612345687"), item(value="+31612345688")]
    demand_id = authority.send(order=authority.paper(), items=wrong)
    lea("assess", demand_id)
    words = ("accept", demand_id, "order.target_differs", "--reason", "Staat in de bijlage.")
    done = lea(*words, "--item", "2", input="06 12345688\n")
    assert "order.target_differs/2, value 1 of 1: " in done.stderr
    done = lea(*words, "--json", input="06 12345687\n")
    assert "order.target_differs/1, value 1 of 1: " in done.stderr
    assert "target_differs" not in str(data_of(done)["open"])


def test_way_to_a_refusal(lea, authority):
    demand_id = authority.send(legal_basis="NL-SV-126nd")
    lea("assess", demand_id)
    refused = lea(
        "refuse", demand_id, "--ground", "category_outside_basis",
        "--finding", "category.excluded", "--explanation", "Zie artikel 126n.",
    )  # fmt: skip
    assert "category_outside_basis" not in refused.output
    assert "The data asked for are outside this basis." in refused.output
    assert lea("assess", demand_id).exit_code == 5
    dutch = lea("refusal", demand_id, "--language", "nl").output
    assert re.search(r"^geweigerd door +", dutch, re.MULTILINE), dutch
    assert re.search(r"^grond +De gevraagde gegevens vallen", dutch, re.MULTILINE), dutch
    assert "refused_by" not in dutch
    told = lea("refusal", demand_id).output
    assert "Zie artikel 126n." in told
    assert lea("refusal", authority.send()).exit_code == 5


def test_accept_ask_and_answer(lea, authority):
    demand_id = authority.send(judicial_authorisation=None)
    lea("assess", demand_id)
    why = ("--reason-code", "authorisation")
    assert "question" in lea("ask", demand_id, "Is er een machtiging?", *why).output
    assert "Ja, van gisteren." in lea("answer", demand_id, "Ja, van gisteren.").output
    dutch = lea("questions", demand_id, "--language", "nl").output
    assert re.search(r"^antwoord +Ja, van gisteren\.$", dutch, re.MULTILINE)
    assert "asked_by" not in dutch
    told = lea("questions", demand_id).output
    assert all(word in told for word in ("Is er een machtiging?", "Ja, van gisteren."))
    assert lea("questions", authority.send()).output.endswith("no question was asked\n")
    code = "judicial.missing_by_case_law"
    refused = lea("accept", demand_id, code, "--reason", "Bevestigd per brief.")
    assert f"`lea legal ask --finding {code}`" in refused.output
    other = authority.send(items=[item(categories=["usage_sessions"])])
    lea("assess", other)
    done = lea("accept", other, "category.unsettled", "--reason", "Besluit art. 2 nagezien.")
    assert "settled" in done.output


def _lines_of(text, start):
    return [line for line in text.splitlines() if line.startswith(start)]


def test_catalogue_commands(lea):
    (english,) = _lines_of(lea("list").output, "NL-SV-126n ")
    assert "Public prosecutor (Netherlands)" in english
    dutch = lea("list", "--language", "nl").output
    assert "Catalogus " in dutch
    (line,) = _lines_of(dutch, "NL-SV-126n ")
    assert "Officier van justitie" in line
    assert "Wetboek van Strafvordering art. 126n" in line
    shown = lea("show", "NL-SV-126n").output
    assert "Who may issue it alone\n  Public prosecutor (Netherlands)" in shown
    dutch = lea("show", "NL-SV-126n", "--language", "nl").output
    assert "Wie zelfstandig mag uitvaardigen\n  Officier van justitie (nl.officier" in dutch
    assert "en: Order for traffic data of a communications-service user" in shown
    assert data_of(lea("show", "NL-SV-126n", "--json"))["editions"][0]["row"]
    assert "proportionality" in lea("grounds").output
    assert "evenredigheid" in lea("grounds", "--language", "nl").output
    assert lea("show", "nl-sv-0").exit_code == 5


def test_validate_works_alone(tmp_path):
    run = CliRunner().invoke(root, ["legal", "validate", "--json"])
    assert json.loads(run.output)["bases"] == 51
    told = CliRunner().invoke(root, ["legal", "validate"]).output
    assert "\nincomplete  DE-STPO-100G, DE-STPO-100J, " in told
    assert told.endswith("\nown         -\n")
    folder = spoil(copy_data(tmp_path), lambda file: file["bases"][0].pop("sources"))
    run = CliRunner().invoke(root, ["legal", "validate", str(folder)])
    assert run.exit_code == 2
    assert "/NL-SV-126n" in run.output


def test_validate_needs_the_files(tmp_path):
    run = CliRunner().invoke(root, ["legal", "validate", str(tmp_path)])
    assert run.exit_code == 2


def test_deadlines_read_step_by_step(lea, authority):
    demand_id = authority.send(
        order=None, form="oral", order_date="2026-11-20", legal_basis="NL-SV-126na-1",
        issuing_role="nl.opsporingsambtenaar", by=authority.officer,
    )  # fmt: skip
    text = lea("deadlines", demand_id).output
    assert "confirmation (of the authority): running, at most" in text
    assert "late      2026-11-25 00:00 (+01:00)" in text  # Fri 20; Mon 23 alone -> Tue 24
    assert "Tuesday 24 November 2026. [ATW art. 2]" in text
    dutch = lea("deadlines", demand_id, "--language", "nl").output
    assert "bevestiging (aan de autoriteit): loopt, ten hoogste" in dutch
    assert "te laat   2026-11-25 00:00 (+01:00)" in dutch
    assert "Art. 13.4 Tw: onverwijld." in dutch
    assert "dinsdag 24 november 2026. [ATW art. 2]" in dutch


def test_deadlines_read_after_the_worker_counted_and_moved_them(lea, authority, clocks, log):
    demand_id = authority.send(
        order=None, form="oral", order_date="2026-11-20", legal_basis="NL-SV-126na-1",
        issuing_role="nl.opsporingsambtenaar", by=authority.officer,
    )  # fmt: skip
    days = replace(load_working_days(), decree_days=frozenset({date(2026, 11, 24)}))
    moved = ClockService(log.transactions, log.looks, load_catalogue(), days)
    for one in (clocks, moved):
        assert one.watch(lambda: log.transactions.begin(worker_actor())) == 1
    text = lea("deadlines", demand_id).output
    assert "confirmation moved from 2026-11-25 00:00 (+01:00)" in text
    dutch = lea("deadlines", demand_id, "--language", "nl").output
    assert "bevestiging verschoven van 2026-11-25 00:00 (+01:00)" in dutch
    assert "(de tabel van feestdagen is veranderd, met 2026-11-24)" in dutch
    listed = lea("deadlines", "--json").stdout
    (listed,) = json.loads(listed[listed.index("[\n") :])
    assert (listed["demand"], listed["clock"]) == (demand_id, "confirmation")


def test_deadlines_of_an_unknown_basis_are_none(lea, authority):
    demand_id = authority.send(legal_basis="NL-NO-SUCH-ARTICLE")
    assert "does not know the basis" in lea("deadlines", demand_id).output


def test_answer_of_the_enforcing_authority_is_recorded(lea, authority):
    demand_id = authority.send(legal_basis="EU-EPO-TRAFFIC")
    assert "waits_for confirmation_of_enforcing_authority" in lea("deadlines", demand_id).output
    said = lea("enforcing", demand_id, "refused", "--reason", "Called the desk back.")
    assert "halted" in said.output
    other = lea("enforcing", authority.send(), "refused", "--reason", "Read in the order.")
    assert other.exit_code == 5


def run_alone(*args):
    return CliRunner().invoke(root, ["legal", *map(str, args)])


def test_draft_is_shown_as_the_service_would_and_without_it(tmp_path, lea):
    overlay = lay(tmp_path / "own", own(id="NL-OWN-1"))
    told = run_alone("show", "NL-OWN-1", "--draft", overlay)
    assert (told.exit_code, "NL-OWN-1, " in told.output) == (0, True), told.output
    assert "the provider's own, reviewed by" in told.output
    dutch = run_alone("show", "NL-OWN-1", "--draft", overlay, "--language", "nl").output
    assert "Wie zelfstandig mag uitvaardigen\n  Officier van justitie" in dutch
    shipped = run_alone("show", "NL-SV-126n", "--draft", overlay, "--json")
    assert data_of(shipped) == data_of(lea("show", "NL-SV-126n", "--json"))
    assert run_alone("show", "NL-OWN-2", "--draft", overlay).exit_code == 5
    wrong = run_alone("show", "NL-OWN-1", "--draft", lay(tmp_path / "bad", own(status="odd")))
    assert wrong.exit_code == 2


def test_diff_ends_as_diff_does(tmp_path):
    same, overlay = copy_data(tmp_path / "same"), lay(tmp_path / "own", own(id="NL-OWN-1"))
    assert run_alone("diff", same).exit_code == 0
    found = run_alone("diff", overlay)
    assert (found.exit_code, "ADDED NL-OWN-1" in found.output) == (1, True)
    assert "REMOVED NL-OWN-1" in run_alone("diff", overlay, same).output
    assert "VERWIJDERD NL-OWN-1" in run_alone("diff", overlay, same, "--language", "nl").output
    assert "Er verschilt niets" in run_alone("diff", same, "--language", "nl").output
    assert run_alone("diff", overlay, overlay).exit_code == 0


def test_diff_is_for_programs_too(tmp_path):
    done = run_alone("diff", lay(tmp_path, own(notes=None)), "--json")
    found = json.loads(done.output)
    assert (done.exit_code, found["same"], found["added"]) == (1, False, [])
    (changed,) = found["changed"]
    assert changed["old"] == {"valid_from": "2004-09-01", "valid_to": None}
    assert changed["fields"][0]["place"] == "notes"
    assert changed["fields"][0]["new"] is None


def test_diff_refuses_what_is_no_catalogue(tmp_path):
    assert run_alone("diff", tmp_path).exit_code == 2
    assert run_alone("diff").exit_code == 2


def test_validate_knows_own_rows(tmp_path):
    done = run_alone("validate", lay(tmp_path, own(id="NL-OWN-1")), "--json")
    assert json.loads(done.output)["own"] == ["NL-OWN-1"]
    ended = run_alone("validate", lay(tmp_path, own(id="NL-OWN-1\n")))
    assert (ended.exit_code != 0, "/basis/id" in ended.output) == (True, True)
    spoilt = run_alone("validate", lay(tmp_path, own(categories=["tracks"])))
    assert spoilt.exit_code == 2
    assert "/bases-own.json/bases/0/basis/categories" in spoilt.output


def test_own_rows_are_marked_wherever_they_are_shown(lea, legal, tmp_path):
    legal.catalogue = load_catalogue(lay(tmp_path / "own", own()))
    (line,) = _lines_of(lea("list").output, "NL-SV-126n ")
    assert "2026-11-20 mr. A. Jansen" in line
    (row,) = [one for one in data_of(lea("list", "--json"))["bases"] if one["reviewed"]]
    assert row["reviewed"] == REVIEW
    assert (
        f"reviewed by mr. A. Jansen on 2026-11-20: {REVIEW['why']}"
        in lea("show", "NL-SV-126n").output
    )
