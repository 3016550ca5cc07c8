"""Times and places: recorded to the instant, marked, and never searched as something else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from lea_service.demands.concerned import as_typed, list_targets
from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.demands.document import dump_content, load_content
from lea_service.demands.schemas import load_demand
from lea_service.extraction.document import dump_plan, read_plan
from lea_service.extraction.outcome import Outcome, judge_items
from lea_service.extraction.plan import PlanReceiver, PlanSource, compile_plan
from lea_service.extraction.soundness import check_compiled
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.breadth import Breadth, breadths_of
from lea_service.records.identifiers import normalise_target
from lea_service.records.kinds import CATEGORIES, KINDS
from tests.demands.samples import content, demand_json, item
from tests.legal.cases import facts, wrong

PLACE, KIND = "Markt 1, Assen", TargetKind.TIME_AND_PLACE
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
PERIOD = Period(START, START + timedelta(minutes=20), "Europe/Amsterdam")
WHO = ("traffic_call_records", "subscriber_identity", "location")
CALLS = KINDS["call"].names


def source(kind="call", columns=CALLS):
    known = sorted(name for name, one in CATEGORIES.items() if one.kind == kind)
    if "cell" not in columns:
        known.remove("location") if "location" in known else None
    return PlanSource("so_" + "1" * 32, kind, kind, tuple(known), columns, True, None, None, None)


def compiled(*sources, target=None):
    """Return the plan of one item about a time and place."""
    asked = Item(1, target or Target(KIND, PLACE), PERIOD, WHO)
    return compile_plan(
        SimpleNamespace(id=f"c_{1:032x}", items=[asked]),
        demand_version=1,
        sources=sources,
        receivers=[PlanReceiver(f"p_{1:032x}", "ab" * 32)],
        compiled_at=START,
        region="NL",
    )


NO_CELL = tuple(name for name in CALLS if name != "cell")


@pytest.mark.parametrize(
    ("sources", "not_held", "not_searched", "outcome"),
    [
        ((), WHO, (), Outcome.NOT_HELD),
        ((source(columns=NO_CELL), source("subscriber", KINDS["subscriber"].names)), WHO, (),
         Outcome.NOT_HELD),
        ((source(),), ("subscriber_identity",), ("call",), Outcome.NOT_SEARCHED),
    ],
)  # fmt: skip
def test_nothing_is_searched_and_the_answer_says_why(sources, not_held, not_searched, outcome):
    plan = compiled(*sources)
    (one,) = plan.items
    assert (one.asks, one.not_held, one.not_searched) == ((), not_held, not_searched)
    assert [came.outcome for came in judge_items(plan, {}, {}, {})] == [outcome]
    check_compiled(plan)
    assert read_plan(dump_plan(plan)) == plan


def test_place_that_is_written_as_a_number_is_no_number():
    plan = compiled(source(), target=Target(KIND, "0592123456", at=START))
    assert plan.items[0].asks == ()


@pytest.mark.parametrize("at", [None, "2026-06-03T13:05:00.000001+01:00"])
def test_record_keeps_place_and_instant_as_they_are(at):
    target = {} if at is None else {"at": at}
    made = content(items=[item("time_and_place", PLACE, target=target)])
    assert load_content(dump_content(made)) == made
    (one,) = made.items
    assert (one.target.kind, one.target.value) == (KIND, PLACE)
    assert one.period.zone == "Europe/Amsterdam"
    assert one.target.at == (None if at is None else datetime.fromisoformat(at))


@pytest.mark.parametrize(
    ("value", "more", "place"),
    [
        ("Markt 1\nAssen", {}, "value"),
        (" ", {}, "value"),
        (PLACE, {"port": 5060}, "port"),
        (PLACE, {"source": "pbx"}, "source"),
        (PLACE, {"at": "2020-01-01T00:00:00Z"}, "at"),
    ],
)
def test_form_is_that_of_a_place(value, more, place):
    asked = item("time_and_place", value, target=more)
    with pytest.raises(InvalidInput) as refused:
        load_demand(demand_json(items=[asked]))
    assert [one.pointer for one in refused.value.errors] == [f"/items/0/target/{place}"]


def of_places(*kinds):
    base = facts("NL-SV-126na-2").items[0]
    return tuple(
        replace(base, n=n, target_kind=kind, breadth="place" if kind == str(KIND) else "one")
        for n, kind in enumerate(kinds, 1)
    )


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        ([str(KIND)] * 2, {"target.bulk": "ask_human"}),
        ([str(KIND)], {"target.too_few_places": "clarify"}),
        ([str(KIND), "phone_number"], {"target.too_few_places": "clarify", "target.kind": "clarify"}),
        (["phone_number"] * 2, {"target.kind": "clarify"}),
    ],
)  # fmt: skip
def test_basis_for_times_and_places_wants_two_of_them(kinds, found):
    told = wrong(facts("NL-SV-126na-2", items=of_places(*kinds)))
    assert {code: says for code, says in told.items() if code.startswith("target.")} == found


def test_other_bases_mark_it():
    assert "target.broad" in wrong(facts(items=of_places(str(KIND))))
    assert breadths_of([Target(KIND, PLACE), Target(KIND, "0592123456")], "NL") == (
        Breadth.PLACE, Breadth.PLACE,
    )  # fmt: skip


class Plain:
    """Digests nothing: says what would be digested."""

    def digest(self, _purpose, text):
        return text


def test_place_at_another_time_is_another_target():
    def found(**changes):
        made = content(items=[item("time_and_place", PLACE, **changes)])
        return list_targets(Plain(), made, as_typed)

    at = {"target": {"at": "2026-06-03T13:05:00+01:00"}}
    assert len(found() | found(**at) | found()) == 2
    assert all(one.startswith("time_and_place/") for one in found())


def test_place_has_a_form_in_which_it_is_compared():
    assert normalise_target(KIND, PLACE, "NL") == PLACE
    assert normalise_target(KIND, "a\x00b", "NL") is None
