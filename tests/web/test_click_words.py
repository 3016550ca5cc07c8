"""What Click itself says is Dutch where Dutch is asked for, and English else on any machine."""

import gettext
import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lea_service.cli import main
from lea_service.web.click_words import language_of
from tests.support.words import SOURCE, compile_words, read_words

NONE = "c_" + "0" * 32
SAID = {
    "Gebruik: ": ["demands", "show", "--help"],
    "Opties:": ["demands", "show", "--help"],
    "Opdrachten:": ["demands", "--help"],
    "Fout: Er ontbreekt een argument: 'DEMAND'.": ["demands", "show"],
    "Fout: Er ontbreekt een optie: '--ground'.": ["legal", "refuse", NONE],
    "Fout: Zo'n optie is er niet: '--colour'.": ["demands", "show", "--colour"],
    "Fout: Zo'n opdracht is er niet: 'demand'.": ["demand"],
    "verwacht: een id: c_ en 32 van de cijfers": ["demands", "show", "c_1"],
    "verwacht: een van impersonation": ["agencies", "suspend", "a_" + "0" * 32, "--ground", "x"],
}


def run(*words, **environ):
    return CliRunner(env={"LEA_TOKEN": "t", "LEA_LANGUAGE": None, **environ}).invoke(main, words)


@pytest.mark.parametrize("said", SAID)
def test_dutch_is_said_where_it_is_asked_for(said):
    words = SAID[said]
    assert said in run(*words, LEA_LANGUAGE="nl").output
    is_one = words[:2] != ["demands", "--help"] and words != ["demand"]
    assert not is_one or "--help" in words or said in run(*words, "--language", "nl").output


def test_english_is_said_else_whatever_the_machine_speaks():
    told = run("demands", "show", LANG="nl_NL.UTF-8", LANGUAGE="nl").output
    assert "Error: Missing argument 'DEMAND'." in told
    assert "Usage: " in told


def test_nothing_of_it_stays_behind(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")
    run("demands", "show", LEA_LANGUAGE="nl")
    assert os.environ["LANGUAGE"] == "en"
    monkeypatch.delenv("LANGUAGE")
    run("demands", "show", LEA_LANGUAGE="nl")
    assert "LANGUAGE" not in os.environ


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ([], "en"),
        (["--language", "nl"], "nl"),
        (["--language=nl", "x"], "nl"),
        (["--language"], "en"),
        (["--language", "de"], "en"),
    ],
)
def test_language_is_read_from_the_words_of_the_command(words, language, monkeypatch):
    monkeypatch.delenv("LEA_LANGUAGE", raising=False)
    assert language_of(words) == language


def test_compiled_words_are_those_of_the_source():
    text = SOURCE.read_text(encoding="utf-8")
    assert SOURCE.with_suffix(".mo").read_bytes() == compile_words(text)
    with SOURCE.with_suffix(".mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert read.gettext("Usage:") == "Gebruik:"
    assert read.ngettext("Got unexpected extra argument ({args})", "", 2).startswith("Er zijn")


def test_each_message_is_one_that_click_has():
    source = "".join(one.read_text() for one in Path(click.__file__).parent.glob("*.py"))
    told = {part for one in read_words(SOURCE.read_text()) for part in one.split("\0")} - {""}
    written = {repr(one)[1:-1].replace("\\'", "'") for one in told}
    assert [one for one in written if one not in source] == []
