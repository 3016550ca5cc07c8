"""The bar as a person at a terminal sees it: standard error is a real pseudo-terminal here."""

import json
import logging

import pytest

from lea_service.cli import main
from lea_service.extraction import cli as extraction_cli
from lea_service.web.output import progress
from tests.support.edge import serve
from tests.support.terminal import positions, terminal

DEMAND = "c_" + "0" * 32
EXTRACTION, SEALING = "extraction.run", "package.seal"


@pytest.fixture(autouse=True)
def quiet_server(caplog):
    """Keep what the server says of each request out of the bar."""
    caplog.set_level(logging.ERROR, "werkzeug")


def test_bar_moves_to_its_end():
    with terminal() as lines, progress("Fetching") as move:
        for done in (0, 500, 1000):
            move(done, 1000)
    (line,) = lines
    assert "Fetching" in line[-1]
    assert positions(line) == [(0, 1000), (500, 1000), (1000, 1000)]
    assert "####]" in line[-1]


def test_bar_begins_anew_when_the_work_does():
    with terminal() as lines, progress("rows") as move:
        for done, total in [(500, 1000), (1000, 1000), (0, 2000), (500, 2000), (200, 2000)]:
            move(done, total)
    first, second, third = lines
    assert positions(first)[-1] == (1000, 1000)
    assert positions(second) == [(0, 2000), (500, 2000)]
    assert positions(third) == [(0, 2000), (200, 2000)]
    assert "----]" in second[-1]


def test_bar_is_not_drawn_for_every_row():
    with terminal() as lines, progress("rows") as move:
        for done in range(100_001):
            move(done, 100_000)
    (line,) = lines
    assert len(line) < 600
    assert positions(line)[-1] == (100_000, 100_000)


def test_no_bar_where_nothing_is_told():
    with terminal() as lines, progress("rows"):
        pass
    assert lines == []


def test_watch_shows_a_bar_for_each_job(monkeypatch, capsys):
    monkeypatch.setattr(extraction_cli, "WATCH_SECONDS", 0)
    told = [
        answer("approved", EXTRACTION, None, None),
        answer("extracting", EXTRACTION, 0, 1000),
        answer("extracting", EXTRACTION, 500, 1000),
        answer("sealing", SEALING, None, None),
        answer("sealing", SEALING, 500, 1000),
        answer("sealing", SEALING, 750, 1000),
        answer("ready", SEALING, 1000, 1000),
    ]
    with terminal() as lines:
        done = watch(monkeypatch, told)
    extracting, sealing = lines
    assert "extracting, rows" in extracting[-1]
    assert positions(extracting) == [(0, 1000), (500, 1000), (1000, 1000)]
    assert "sealing, rows" in sealing[-1]
    assert positions(sealing) == [(0, 1000), (500, 1000), (750, 1000), (1000, 1000)]
    assert (done, json.loads(capsys.readouterr().out)["state"]) == (0, "ready")


def test_bar_of_work_that_halts_stays_where_it_was(monkeypatch, capsys):
    monkeypatch.setattr(extraction_cli, "WATCH_SECONDS", 0)
    told = [
        answer("extracting", EXTRACTION, 500, 1000),
        answer("halted", EXTRACTION, 500, 1000),
    ]
    with terminal() as lines:
        assert watch(monkeypatch, told) == 0
    (line,) = lines
    assert positions(line)[-1] == (500, 1000)
    assert json.loads(capsys.readouterr().out)["state"] == "halted"


def answer(state, kind, done, total):
    job = {"kind": kind, "state": "running", "done": done, "total": total, "rate": None}
    return {
        "demand": DEMAND,
        "state": state,
        "job": job,
        "halt": None,
        "says": None,
        "says_nl": None,
    }


def watch(monkeypatch, told):
    """Watch a service that answers one thing after the other; returns the exit code."""
    answers = iter(told)

    def service(_environ, start):
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(next(answers)).encode()]

    with serve(service) as url:
        monkeypatch.setenv("LEA_URL", url)
        monkeypatch.setenv("LEA_TOKEN", "lea_s_x")
        words = ["plan", "progress", DEMAND, "--watch", "--json"]
        return main.main(words, standalone_mode=False) or 0
