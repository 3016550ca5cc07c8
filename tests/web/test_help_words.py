"""The help of each command is Dutch where Dutch is asked for."""

import re

import click
import pytest
from click.testing import CliRunner

from lea_service.agencies.rules import REVOKED
from lea_service.agencies.rules import SUSPENDED as AGENCY_SUSPENDED
from lea_service.cli import main
from lea_service.demands.withdrawal import WORDS as WITHDRAWN
from lea_service.extraction.reasons import REOPENING, STOPPING
from lea_service.legal.confirmations.differences import DIFFERENCE_GROUNDS
from lea_service.staff.reasons import SUSPENDED
from lea_service.web.help_words import load_help, paragraphs, tell

KEPT = re.compile(
    r"`[^`]+`|--[a-z-]+|[\w./-]+\.(?:json|md|txt|asice|p7m|eml|pem)\b|[a-z]+_[a-z_]+|\bLEA_[A-Z_]+"
    r"|\b[A-Z][A-Z_]{3,}\b|\d(?:[\d:T+-]*\d)?"
)
"""Commands, options, files, codes, words of a usage line and figures: the same in any language."""
CODED = {
    "agencies suspend": AGENCY_SUSPENDED,
    "agencies revoke-certificate": REVOKED,
    "staff suspend": SUSPENDED,
    "plan stop": STOPPING,
    "plan reopen": REOPENING,
    "confirmations propose": DIFFERENCE_GROUNDS,
}
LISTED = {
    (): "  demands        Leg een vordering vast, zoek haar op, verbeter haar, trek haar in",
    ("legal",): "  refuse          Weiger DEMAND op een gecodeerde grond",
    ("staff", "request"): "  account     Vraag een nieuwe collega aan",
}


def each_command(command=main, context=None, words=()):
    context = context or click.Context(main)
    yield words, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from each_command(command.get_command(context, name), context, (*words, name))


def texts(command):
    options = [one.help for one in command.params if isinstance(one, click.Option)]
    return [one for one in (command.help, command.short_help, command.epilog, *options) if one]


@pytest.fixture(scope="module")
def english():
    """Return each paragraph of help that there is, with the command that has it."""
    return {
        part: " ".join(words)
        for words, command in each_command()
        for text in texts(command)
        for part in paragraphs(text)
    }


def helped(*words, **environ):
    environ = {"LEA_LANGUAGE": None, "LEA_TOKEN": None, "COLUMNS": "100", **environ}
    done = CliRunner(env=environ).invoke(main, [*words, "--help"], terminal_width=100)
    assert done.exit_code == 0, done.output
    return done.output


def test_every_help_text_has_its_dutch_and_no_other_has(english):
    missing = {text: where for text, where in english.items() if text not in load_help()}
    assert missing == {}
    assert [text for text in load_help() if text not in english] == []


def test_each_paragraph_is_one_paragraph_in_dutch_too():
    wrong = [one for pair in load_help().items() for one in pair if paragraphs(one) != [one]]
    assert wrong == []
    assert [en for en, nl in load_help().items() if en == nl] == []


def test_what_is_typed_or_counted_is_the_same_in_dutch():
    wrong = {
        en: sorted(set(KEPT.findall(en)) ^ set(KEPT.findall(nl)))
        for en, nl in load_help().items()
        if sorted(KEPT.findall(en)) != sorted(KEPT.findall(nl))
    }
    assert wrong == {}


@pytest.mark.parametrize("name", CODED)
def test_codes_are_told_in_the_dutch_of_their_list(name):
    output = " ".join(helped(*name.split(), LEA_LANGUAGE="nl").split())
    for one in CODED[name]:
        assert f"{one.code}: {one.nl}" in output


def test_reasons_of_a_withdrawal_are_told_in_their_dutch():
    output = " ".join(helped("demands", "withdraw", LEA_LANGUAGE="nl").split())
    assert [code for code, one in WITHDRAWN.items() if f"{code}: {one.nl}" not in output] == []


@pytest.mark.parametrize("words", LISTED)
def test_list_of_commands_tells_in_dutch_what_each_does(words):
    assert LISTED[words] in helped(*words, LEA_LANGUAGE="nl")


def test_help_is_dutch_by_the_option_and_english_before_and_after():
    english = helped("legal", "refuse")
    assert "Refuse DEMAND on a coded ground and the findings it rests on." in english
    for dutch in (
        helped("legal", "refuse", "--language", "nl"),
        helped("legal", "refuse", LEA_LANGUAGE="nl"),
    ):
        assert "Weiger DEMAND op een gecodeerde grond" in dutch
        assert "In uw woorden; de autoriteit kan het lezen.  [verplicht]" in dutch
        assert "In welke taal het wordt gezegd.  [variabele: LEA_LANGUAGE;" in dutch
    assert helped("legal", "refuse", LANG="nl_NL.UTF-8", LANGUAGE="nl") == english


def test_text_without_dutch_stays_english_and_the_command_as_it_was():
    given = click.Command("x", help="Nobody knows this.", params=[click.Option(["--y"])])
    told = tell(given, "nl")
    assert (told.help, told.params[0].help) == ("Nobody knows this.", None)
    listed = click.Group(
        "g", help="List the agencies. That you looked is entered in the custody log."
    )
    assert tell(listed, "nl").help.startswith("Toon de instanties.")
    assert listed.help.startswith("List the agencies.")
    assert tell(listed, "en") is listed


def test_help_of_the_whole_is_dutch_too():
    output = helped(LEA_LANGUAGE="nl")
    assert "Beantwoord vorderingen van opgeslagen communicatiegegevens." in output
    assert "Toon de versie en stop." in output
