"""The table of decree days: what ships, what a provider puts in its place, what is refused."""

import json
from datetime import date
from pathlib import Path

import pytest

from lea_service.kernel.errors import InvalidInput, Unavailable
from lea_service.legal import working_days
from lea_service.legal.working_days import load_working_days, read_working_days

TOP = Path(__file__).resolve().parents[2]
DATA = Path(working_days.__file__).parent / "data"
SHIPPED = json.loads((DATA / "dutch-holidays.json").read_text())


def table(**changes):
    return {**SHIPPED, **changes}


def decree(*days):
    return {"title": "Besluit", "days": list(days), "sources": ["Stcrt."], "confidence": "high"}


EXAMPLES = TOP / "schemas/examples/public-holidays"


def test_schema_and_example_are_the_published_ones():
    published = TOP / "schemas/public-holidays/1.json"
    assert (DATA / "public-holidays-1.json").read_bytes() == published.read_bytes()
    assert json.loads((EXAMPLES / "valid-netherlands.json").read_text()) == SHIPPED


@pytest.mark.parametrize("example", sorted(EXAMPLES.iterdir()), ids=lambda path: path.stem)
def test_examples_do_as_their_name_says(example):
    table = json.loads(example.read_text())
    if example.name.startswith("valid-"):
        assert read_working_days(table).decree_days
        return
    with pytest.raises(InvalidInput):
        read_working_days(table)


def test_decree_days_are_no_working_days():
    shipped = load_working_days()
    assert shipped.find_reason(date(2026, 5, 15)) == "decree_day"
    assert shipped.narrowest().is_working(date(2026, 5, 15))
    assert shipped.narrowest().find_reason(date(2026, 4, 6)) == "easter_monday"
    assert shipped.narrowest().is_working(date(2026, 4, 3))  # Good Friday


def test_holiday_on_a_weekend_stays_free_in_the_narrowest_reading():
    own = read_working_days(table(decrees=[decree("2026-06-20")]))  # a Saturday
    assert own.find_reason(date(2026, 6, 20)) == "decree_day"
    assert own.narrowest().find_reason(date(2026, 6, 20)) == "saturday"


def test_table_of_a_provider_takes_the_place(tmp_path):
    own = tmp_path / "holidays.json"
    own.write_text(json.dumps(table(until="2031-12-31", decrees=[decree("2031-05-23")])))
    found = load_working_days(own)
    assert found.last == date(2031, 12, 31)
    assert not found.is_working(date(2031, 5, 23))
    assert found.digest != load_working_days().digest


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"until": "2028-13-31"}, "/until"),
        ({"until": "2020-01-01"}, "/until"),
        ({"until": 7}, "/until"),
        ({"decrees": [decree("2030-01-02")]}, "/until"),
        ({"decrees": [decree("2027-02-30")]}, "/decrees/0/days/0"),
        ({"decrees": [decree()]}, "/decrees/0/days"),
        ({"country": "BE"}, "/country"),
        ({"more": 1}, ""),
    ],
)
def test_bad_table_is_refused_at_its_place(changes, pointer):
    with pytest.raises(InvalidInput) as caught:
        read_working_days(table(**changes))
    assert pointer in {error.pointer for error in caught.value.errors}


def test_table_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(Unavailable):
        load_working_days(tmp_path / "none.json")
