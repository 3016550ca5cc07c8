"""The public calls of a phone, from the file to the opened package, counted by another way."""

import json

import pytest

from lea_service.app import create_app
from lea_service.kernel.errors import WrongState
from lea_service.records.cli import sources
from tests.e2e.real_calls import MAPPING, PHONE, as_in_the_file, path_of, read_calls
from tests.support.edge import run, serve
from tests.support.retention import ground_request, rule_request
from tests.support.service import make_item

RULE = "CALL-6M"
THREE_DAYS = ("2006-06-03", "2006-06-06")
TEN_DAYS = ("2006-06-01", "2006-06-11")
GROUND = "kept_for_dispute"


@pytest.fixture
def calls_file(reference_dir):
    return path_of(reference_dir)


@pytest.fixture
def source(whole, tmp_path):
    """The source as an engineer declares it at a terminal, from a file of their own."""
    file = tmp_path / "vast2008.json"
    file.write_text(json.dumps(MAPPING))
    token = whole.services.staff.issue_token(whole.actor("engineer1"), "test").token
    with serve(create_app(whole.settings, whole.services)) as url:
        args = ["declare", "vast", "--mapping", file, "--json"]
        done = run(sources, *args, url=url, token=token)
    assert done.exit_code == 0, done.output
    return json.loads(done.output)["id"]


@pytest.fixture
def filled(whole, source, calls_file):
    taken = whole.take_in(calls_file.read_bytes(), "vast")
    assert (taken.lines, taken.added, taken.rejected) == (9834, 9834, 0)
    return whole


def ask(whole, first, end):
    """Record a demand for the phone from the day ``first`` up to the day ``end``."""
    return whole.record([make_item(PHONE, "phone_id", first, end, "+02:00", source="vast")])


def delivered_calls(members):
    return as_in_the_file(members["records/call-1.jsonl"].splitlines())


@pytest.mark.parametrize(("days", "count"), [(THREE_DAYS, 16), (TEN_DAYS, 47)])
def test_phone_gets_exactly_its_calls(filled, calls_file, days, count):
    demand = filled.delivered(ask(filled, *days))
    expected = read_calls(calls_file, *days)
    assert len(expected) == count
    members = filled.opened(demand)
    assert delivered_calls(members) == expected
    assert len(members["records/call-1.csv"].splitlines()) == count + 1
    assert f"Delivered: {count} records in this package." in letter(members)
    filled.check()


def test_same_file_again_adds_nothing(filled, calls_file):
    again = filled.take_in(calls_file.read_bytes(), "vast")
    assert (again.lines, again.added, again.known) == (9834, 0, 9834)


def test_rows_past_their_term_stop_the_plan(filled, source):
    filled.house.approve("retention.rule", rule_request(RULE, source=source))
    demand = filled.settle(ask(filled, *THREE_DAYS))
    plan, preview = filled.plan(demand)
    assert (preview.rows, preview.past_term) == (0, 16)
    with pytest.raises(WrongState, match="past their term are still held"):
        filled.propose(plan)
    filled.work()  # the purge is due: what is past its term goes
    assert filled.state(demand) == "under_review"
    assert "incident.late_purge" in filled.events("r_records")
    plan, preview = filled.plan(demand)
    assert (preview.rows, preview.past_term) == (0, 0)
    filled.house.decide(filled.propose(plan))
    filled.work()
    members = filled.opened(demand)
    manifest = json.loads(members["manifest.json"])
    assert delivered_calls(members) == []
    assert [one["rows"] for one in manifest["records"]] == [0]
    (item,) = manifest["items"]
    (lost,) = item["destroyed"]
    assert (item["outcome"], item["rows"]) == ("destroyed", 0)
    assert (lost["source"], lost["rule"]) == ("vast", RULE)
    assert f"made anonymous under rule {RULE}" in letter(members)
    filled.check()


def test_two_people_may_hand_over_what_is_past_its_term(filled, calls_file):
    filled.house.approve("retention.rule", rule_request(RULE))
    filled.house.approve("retention.ground", ground_request(GROUND))
    demand = filled.delivered(ask(filled, *THREE_DAYS), past_term=GROUND)
    members = filled.opened(demand)
    assert delivered_calls(members) == read_calls(calls_file, *THREE_DAYS)
    said = " ".join(letter(members).split())
    assert "16 records were handed over although their term had ended" in said
    words = ground_request()["says_en"]
    assert f"Two people decided so on the ground: {words} ({GROUND})." in said
    assert json.loads(members["decision.json"])
    filled.work()
    assert "incident.late_purge" in filled.events("r_records")
    filled.check()


def letter(members):
    return members["LETTER.en.txt"].decode()
