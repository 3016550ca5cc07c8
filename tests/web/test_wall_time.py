"""Instants are printed by the clock on the wall, to the second; programs get them in UTC."""

import json
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner

from lea_service.staff.described import describe
from lea_service.web.output import exact_time, facts, json_option, show, table, wall_time


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-10-31T23:00:00.000000Z", "2026-11-01 00:00 (+01:00)"),
        ("2026-06-30T22:00:00Z", "2026-07-01 00:00 (+02:00)"),
        ("2026-10-25T00:30:00.000000Z", "2026-10-25 02:30 (+02:00)"),  # the hour that comes twice
        ("2026-10-25T01:30:00.000000Z", "2026-10-25 02:30 (+01:00)"),
        ("2026-11-07T22:59:59.999999Z", "2026-11-07 23:59:59 (+01:00)"),
        ("2026-11-07T22:59:59.000000Z", "2026-11-07 23:59:59 (+01:00)"),
    ],
)
def test_instant_is_told_to_the_second_by_the_clock_on_the_wall(text, shown):
    assert wall_time(text) == shown
    assert facts({"at": text}) == f"at  {shown}"
    assert table([{"at": text}], ["at"]).splitlines()[-1] == shown


def test_end_of_a_period_is_told_exactly_and_in_its_own_zone():
    shown = exact_time("2026-10-31T23:00:00.000000Z", ZoneInfo("Europe/London"))
    assert shown == "2026-10-31 23:00 (+00:00)"
    told = exact_time("2026-11-07T22:59:59.999999Z")
    assert told == "2026-11-07 23:59:59.999999 (+01:00)"
    assert facts({"until": told}) == f"until  {told}"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-01",
        "seen at 2026-10-31T23:00:00Z",
        "2026-13-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-11-01T00:00:00+01:00",
    ],
)
def test_what_is_no_instant_of_ours_stays(text):
    assert facts({"at": text}) == f"at  {text}"


def test_programs_get_it_in_utc():
    found = {"at": "2026-10-31T23:00:00.000000Z"}

    @click.command()
    @json_option
    def look(as_json):
        show(as_json, found, lambda: facts(found))

    assert json.loads(CliRunner().invoke(look, ["--json"]).stdout) == found
    assert CliRunner().invoke(look).stdout == "at  2026-11-01 00:00 (+01:00)\n"


def test_what_is_signed_stands_as_it_is_signed_with_the_local_time_beside_it():
    signed = {"start": "2026-10-31T23:00:00.000000Z"}
    opened = {
        "approval": {"outcome": "approved", "looked_at": [], "reasons": []},
        "facts": {},
        "payload": signed,
        "states": {},
        "text": None,
    }
    shown = describe({**opened, "states": {"looked_at": [], "reasons": []}})
    assert "2026-10-31T23:00:00.000000Z, here 2026-11-01 00:00 (+01:00)" in shown
