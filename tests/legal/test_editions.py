"""Editions of one basis: no day has two, and the day of the order says which one applies."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.custody.replay import read_stream
from lea_service.demands.queries import get_demand
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.basis import load_basis
from lea_service.legal.catalogue import load_catalogue, read_catalogue
from lea_service.legal.editions import choose_edition, find_conflicts, first_day
from lea_service.legal.service import LegalService
from lea_service.legal.times import find_wait
from lea_service.legal.working_days import load_working_days
from tests.legal.cases import GOOD, ITEM, basis_of, check
from tests.legal.test_catalogue import copy_data, spoil
from tests.legal.test_service import entries
from tests.support.log import check_log
from tests.support.orders import make_orders

CATALOGUE = load_catalogue()
ROW = CATALOGUE.get_row(basis_of("NL-SV-126n"))
START = date(2020, 1, 1)
DAYS = st.integers(0, 60).map(lambda n: START + timedelta(days=n))
SPANS = st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), max_size=5)


def edition(first, last, **changes):
    days = {"valid_from": first, "valid_to": last}
    return load_basis(
        {**ROW, **{at: day and day.isoformat() for at, day in days.items()}, **changes}
    )


def is_in_force(basis, day):
    """Say whether a day lies in the span of an edition; a span without an end has none."""
    begun = basis.valid_from is None or basis.valid_from <= day
    return begun and (basis.valid_to is None or day <= basis.valid_to)


@given(SPANS)
def test_no_two_editions_share_a_day(spans):
    editions = [edition(*span) for span in spans]
    if not list(find_conflicts(editions)):
        ordered = sorted(editions, key=first_day)
        for n in range(-5, 70):
            day = START + timedelta(days=n)
            in_force = [one for one in editions if is_in_force(one, day)]
            assert len(in_force) <= 1
            if in_force:
                assert choose_edition(ordered, day) is in_force[0]


@given(SPANS)
def test_conflict_is_a_day_with_two_editions(spans):
    """What is refused gives some day two editions, or ends before it begins."""
    editions = [edition(*span) for span in spans]
    fields = {field for _, _, field, _ in find_conflicts(editions)}
    days = [START + timedelta(days=n) for n in range(-1, 62)]
    shared = any(sum(is_in_force(one, day) for one in editions) > 1 for day in days)
    if shared:
        assert "valid_from" in fields
    if fields == {"valid_from"}:
        assert shared


def in_two(folder, *, first="2004-09-01", last="2026-11-19", again="2026-11-20"):
    """Write a catalogue in which art. 126n has an old edition, of officers, and a new one."""

    def change(file):
        new = file["bases"][0]
        old = {**new, "valid_from": first, "valid_to": last, "citation": "Art. 126n (old)"}
        old |= {"issuing_roles": ["nl.opsporingsambtenaar"], "response": {"rule": "none_in_law"}}
        file["bases"][0] = {**new, "valid_from": again}
        file["bases"].append(old)

    return read_catalogue(spoil(copy_data(folder), change))


def dated(day):
    item = replace(ITEM, starts_on=date(2003, 1, 1), last_on=date(2003, 1, 2))
    return replace(GOOD, order_date=day, items=(item,))


def codes(demand, catalogue):
    return {one.code: one for one in check(demand, catalogue)}


def test_order_is_judged_by_the_edition_of_its_day(tmp_path):
    catalogue = in_two(tmp_path)
    old = codes(dated(date(2026, 11, 19)), catalogue)
    assert "role.not_allowed" in old
    assert "basis.in_force" in old
    assert old["role.not_allowed"].article == "Art. 126n (old)"
    new = codes(dated(date(2026, 11, 20)), catalogue)
    assert {"role.allowed", "basis.in_force"} <= set(new)


@pytest.mark.parametrize("day", [date(2004, 8, 31), date(2020, 6, 1)])
def test_order_of_no_edition_is_a_defect(tmp_path, day):
    catalogue = in_two(tmp_path, last="2019-12-31")
    found = codes(dated(day), catalogue)["basis.not_in_force"]
    assert found.outcome == "defect"
    assert found.article == "Art. 126n (old)"


def test_unknown_first_day_asks_a_person(tmp_path):
    catalogue = in_two(tmp_path, first=None)
    assert (
        codes(dated(date(1999, 1, 1)), catalogue)["basis.in_force_unknown"].outcome == "ask_human"
    )
    assert "basis.in_force" in codes(dated(date(2026, 11, 20)), catalogue)


@pytest.mark.parametrize(
    ("status", "code"), [("repealed", "in_force"), ("planned", "in_force_unknown")]
)
def test_repealed_edition_was_law_until_its_last_day(status, code):
    past = edition(date(2004, 9, 1), date(2026, 11, 30), status=status)
    catalogue = replace(CATALOGUE, _editions={"nl-sv-126n": (past,)})
    assert f"basis.{code}" in codes(GOOD, catalogue)
    open_ended = replace(catalogue, _editions={"nl-sv-126n": (replace(past, valid_to=None),)})
    assert "basis.in_force_unknown" in codes(GOOD, open_ended)


def test_edition_may_be_law_for_one_day():
    day = date(2026, 11, 20)
    assert list(find_conflicts([edition(day, day)])) == []
    assert len(list(find_conflicts([edition(day, date(2026, 11, 19))]))) == 1


@pytest.mark.parametrize(
    ("spans", "field"),
    [
        ({"last": None}, "valid_from"),
        ({"last": "2026-11-20"}, "valid_from"),
        ({"again": None}, "valid_from"),
        ({"last": "2004-08-31"}, "valid_to"),
        ({"last": "2026-02-30"}, "valid_to"),
    ],
)
def test_catalogue_with_overlapping_spans_is_refused(tmp_path, spans, field):
    with pytest.raises(InvalidInput) as caught:
        in_two(tmp_path, **spans)
    assert {error.pointer for error in caught.value.errors} == {f"/NL-SV-126n/{field}"}


def test_editions_of_an_id_are_spelt_alike(tmp_path):
    def change(file):
        file["bases"].append({**file["bases"][0], "id": "NL-SV.126n", "valid_from": "2099-01-01"})
        file["bases"][0]["valid_to"] = "2098-12-31"

    with pytest.raises(InvalidInput) as caught:
        read_catalogue(spoil(copy_data(tmp_path), change))
    assert [error.pointer for error in caught.value.errors] == ["/NL-SV.126n/id"]


def test_category_belongs_where_it_did_on_the_day(tmp_path):
    catalogue = in_two(tmp_path)
    (home,) = catalogue.homes_of("traffic_call_records", "nl.classic", date(2026, 11, 19))
    assert home.citation == "Art. 126n (old)"


def with_old_edition(catalogue):
    """Return the catalogue with art. 126n as it is from the day after the demand's order on."""
    (now,) = catalogue.get_editions("NL-SV-126n")
    old = replace(
        now, valid_to=date(2026, 11, 22), digest="o" * 43, response=None, jurisdiction="EU"
    )
    new = replace(now, valid_from=date(2026, 11, 23))
    return replace(catalogue, _editions={**catalogue._editions, "nl-sv-126n": (old, new)})


@pytest.mark.parametrize(("day", "is_old"), [("2026-11-20", True), ("2026-11-23", False)])
def test_every_use_case_takes_the_edition_of_the_order(log, authority, handler, day, is_old):
    catalogue = with_old_edition(load_catalogue())
    legal = LegalService(log.transactions, log.looks, load_working_days(), make_orders(catalogue))
    demand_id = authority.send(order_date=day)
    digest = "o" * 43 if is_old else catalogue.find_basis("NL-SV-126n", date(2027, 1, 1)).digest
    assert legal.assess(handler, demand_id).basis_digest == digest
    assert entries(log, demand_id)[-1]["facts"]["row"] == digest
    (answer,) = legal.get_deadlines(handler, demand_id).deadlines
    assert answer.rule == ("unknown" if is_old else "without_delay")
    with log.transactions.read() as session:
        demand, stream = get_demand(session, log.keys, demand_id), read_stream(session, demand_id)
    now = log.transactions.clock.now()
    found = find_wait(demand, stream, catalogue, load_working_days(), now)
    assert (found is not None) == is_old
    check_log(log)
