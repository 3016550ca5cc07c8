"""What a letter says of items and sources is what was asked of the record store, and found there."""

from datetime import timedelta

import pytest

from lea_service.demands.demand import Item, Target, TargetKind
from lea_service.extraction.document import dump_plan
from lea_service.extraction.outcome import Outcome
from lea_service.extraction.printed import PlanPrinter
from lea_service.packaging.assembly import _coverage
from lea_service.packaging.contents import answer_item
from lea_service.packaging.letter import state_answers
from lea_service.records.kinds import CALL, USAGE
from tests.extraction.test_scope import DAY, run
from tests.extraction.worlds import NUMBERS, T0, fill, make_plan

HOUR = timedelta(hours=1)
ADDRESS = "192.0.2.1"


@pytest.fixture
def engine_name():
    """The words are the same on each engine."""
    return "sqlite"


@pytest.fixture
def store(databases, tmp_path):
    return databases.records, tmp_path


def ask(value, kind, *categories, n=1, **target):
    return Item(n, Target(kind, value, **target), DAY, categories)


def letter(store, plan, language="en"):
    """Carry a plan out; returns what came of it, and the letter on one line."""
    found, _ = run(store, plan)
    answers = [answer_item(*pair) for pair in zip(plan.items, found.items, strict=True)]
    lines = state_answers(answers, list(_coverage(plan, found)), [], language)
    return found, " ".join(" ".join(lines).split())


def session():
    row = dict.fromkeys(USAGE.names) | {"source": "radius", "row_id": "1", "flags": ""}
    span = {"started_at": T0 + HOUR, "ended_at": T0 + 2 * HOUR}
    return ("usage", row | span | {"address": ADDRESS, "port": 443})


def call(source, **more):
    row = dict.fromkeys(CALL.names) | {"source": source, "row_id": "1", "flags": ""}
    return ("call", row | {"started_at": T0 + HOUR, "caller": NUMBERS[0], "cell": "A1"} | more)


def at_moment(at, n=1, port=None):
    return ask(ADDRESS, TargetKind.IP_ADDRESS, "usage_sessions", n=n, at=at, port=port)


def test_answer_about_a_moment_names_the_moment_and_the_port(store):
    fill(store[0], [session()])
    plan = make_plan([at_moment(T0 + HOUR, port=8080)])
    found, text = letter(store, plan)
    assert found.items[0].outcome is Outcome.NOTHING_FOUND
    asked = f"IP address {ADDRESS}, port 8080 at 2026-11-01 01:00:00+00:00 (UTC)"
    assert asked in text
    assert "period" not in text


def test_opposite_answers_are_to_different_questions(store):
    fill(store[0], [session()])
    _, text = letter(store, make_plan([at_moment(T0 + HOUR), at_moment(T0 + 5 * HOUR, n=2)]))
    one, other = text.split("Item ")[1:3]
    assert "Delivered: 1 record" in one
    assert "Nothing found" in other
    assert one.split("Delivered")[0][1:] != other.split("Nothing")[0][1:]


def test_source_that_lacks_what_another_has_is_told(store):
    fill(store[0], [call("PBX-a"), call("pbx-b")])
    plan = make_plan([ask(NUMBERS[0], TargetKind.PHONE_NUMBER, "location", "traffic_call_records")])
    _, text = letter(store, plan)
    first, second = text.split("PBX-a (call)")[1].split("pbx-b (call)")
    assert "Not held in source PBX-a: location" in first
    assert "Not held" not in second


def test_what_one_exchange_lacks_is_not_said_of_all(store):
    fill(store[0], [call("PBX-a", caller_raw="200")])
    _, text = letter(
        store, make_plan([ask("200", TargetKind.PHONE_ID, "location", source="PBX-a")])
    )
    assert "Not held in source PBX-a. No other source was asked." in text
    assert "not recorded" not in text


def test_plan_that_is_shown_tells_moment_port_and_span():
    plan = make_plan([at_moment(T0 + HOUR, port=8080)])
    head = {"id": "pl", "number": 1, "is_current": True, "digest": "d"}
    shown = PlanPrinter("en").plan(head | {"document": dump_plan(plan)})
    assert f"{ADDRESS} port 8080 at 2026-11-01 02:00 (+01:00)" in shown
    assert "2026-11-01 02:00:00.000001 (+01:00)" in shown


def test_target_that_is_to_be_signed_is_shown_whole():
    address = f"sip:{'a' * 200}@huis.example"
    plan = make_plan([ask(address, TargetKind.SIP_URI, "subscriber_identity")])
    head = {"id": "pl", "number": 1, "is_current": True, "digest": "d"}
    shown = PlanPrinter("en").plan(head | {"document": dump_plan(plan)})
    assert shown.count(address) == 2  # as it was asked, and as it is compared
