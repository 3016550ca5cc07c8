"""A refusal is said in the language that the caller asks for; the error behind it stays the same."""

import click
import httpx
import pytest
from click.testing import CliRunner

from lea_service.web.client import Client
from lea_service.web.input import asked_language, language_option
from lea_service.web.output import BoundaryGroup, json_option
from tests.web.conftest import TOKEN

THINGS = "/api/v1/things"


@pytest.mark.parametrize(
    ("path", "header", "language"),
    [
        (f"{THINGS}/secret", None, "en"),
        (f"{THINGS}/secret", "nl", "nl"),
        (f"{THINGS}/secret", "nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        (f"{THINGS}/secret", "en,nl;q=0.5", "en"),
        (f"{THINGS}/secret", "fr", "en"),
        (f"{THINGS}/secret", "*", "en"),
        (f"{THINGS}/secret?language=nl", None, "nl"),
        (f"{THINGS}/secret?language=nl", "*", "nl"),
        (f"{THINGS}/secret?language=nl", "fr", "nl"),
        (f"{THINGS}/secret?language=nl", "en", "en"),
        (f"{THINGS}/secret?language=en", "nl", "nl"),
        (f"{THINGS}/secret?language=de", "nl", "nl"),
    ],
)
def test_language_of_a_refusal_is_the_one_asked_for(web, path, header, language):
    asked = TOKEN | ({"Accept-Language": header} if header else {})
    answer = web.get(path, headers=asked)
    said = {
        "en": ("Not permitted", "needs the permission staff.decide"),
        "nl": ("Niet toegestaan", "daarvoor is het recht staff.decide nodig"),
    }
    assert answer.status_code == 403
    assert (answer.json["title"], answer.json["detail"]) == said[language]
    assert answer.headers["Content-Language"] == language
    assert answer.json["type"] == "urn:lea-service:problem:not-permitted"
    assert answer.json["facts"] == {"permission": "staff.decide"}


def test_each_place_that_is_wrong_is_said_in_dutch(web):
    wrong = {"name": "a" * 21, "count": 11, "day": "x", "colour": "red", "zone": 7}
    answer = web.post(THINGS, json=wrong, headers=TOKEN | {"Accept-Language": "nl"})
    assert {one["pointer"]: one["detail"] for one in answer.json["errors"]} == {
        "/name": "Verwacht: een tekst van 1 tot 20 tekens.",
        "/count": "Verwacht: ten minste 1 en ten hoogste 10.",
        "/day": "Verwacht: een dag als JJJJ-MM-DD.",
        "/colour": "Dit veld bestaat niet.",
        "/zone": "Verwacht: een tekst.",
    }
    assert answer.json["detail"] == "verwacht: de vorm die de documentatie beschrijft"


@pytest.fixture
def run(house, monkeypatch):
    """Run a command that is refused, in this process, as it is given and with LEA_LANGUAGE."""
    transport = httpx.WSGITransport(app=house.app)

    def connect():
        return Client("http://localhost", "good", transport=transport)

    @click.command()
    @language_option
    @json_option
    def spoken(language, as_json):
        click.echo(asked_language())
        connect().get(f"{THINGS}/secret")

    @click.command()
    def silent():
        connect().get(f"{THINGS}/secret")

    @click.command()
    def broken():
        raise RuntimeError

    root = BoundaryGroup(commands={"spoken": spoken, "silent": silent, "broken": broken})

    def run(*args, **variables):
        return CliRunner(env={"LEA_LANGUAGE": None, **variables}).invoke(root, args)

    return run


DUTCH = "Fout: daarvoor is het recht staff.decide nodig\n"
ENGLISH = "Error: needs the permission staff.decide\n"


def test_command_is_refused_in_the_language_it_was_asked_to_speak(run):
    assert run("spoken").stderr == ENGLISH
    assert run("spoken", "--language", "nl").stderr == DUTCH
    assert run("spoken", LEA_LANGUAGE="nl").stderr == DUTCH
    assert run("spoken", "--language", "en", LEA_LANGUAGE="nl").stderr == ENGLISH
    assert run("silent", LEA_LANGUAGE="nl").stderr == DUTCH
    assert run("silent", LEA_LANGUAGE="xx").stderr == ENGLISH
    assert run("spoken", LEA_LANGUAGE="nl").stdout.startswith("nl\n")
    assert run("spoken", "--language", "nl").exit_code == run("spoken").exit_code == 3


def test_json_of_a_refused_command_is_in_its_language_too(run):
    told = run("spoken", "--language", "nl", "--json").stderr
    assert '"title": "Niet toegestaan"' in told
    assert "not-permitted" in told


def test_fault_of_ours_is_told_in_dutch_too(run):
    assert run("broken", LEA_LANGUAGE="nl").stderr == (
        "Fout: iets van ons ging mis; het logboek zegt waar\n"
    )
