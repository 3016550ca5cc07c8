"""What the documents tell a newcomer to type exists, and their examples are taken."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from lea_service.cli import main
from lea_service.demands.schemas import load_demand
from lea_service.records.mapping_loading import load_mapping

TOP = Path(__file__).parents[2]
PAGES = (TOP / "README.md", *sorted((TOP / "docs").glob("*.md")))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LEFT_OPEN = {"--help", "…"}
EXAMPLES = {"demands.md": load_demand, "sources.md": load_mapping}


def typed(text):
    """Yield the words of each `lea` command of the blocks, and those between backquotes."""
    for _, block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"\s#\s|&&", line):
                if part.strip().startswith("lea "):
                    yield shlex.split(part), True
    for inline in re.findall(r"`lea ([a-z][^`\n]*)`", BLOCK.sub("", text)):
        yield ["lea", *shlex.split(inline)], False


def complain(words, is_whole):
    """Return what is wrong with a command, if anything is; a mention need not be complete."""
    command, rest = main, words[1:]
    while isinstance(command, click.Group) and rest and rest[0] not in LEFT_OPEN:
        command = command.get_command(click.Context(command), rest.pop(0))
    if command is None:
        return "no such command"
    options = [one for one in command.params if isinstance(one, click.Option)]
    unknown = {one for one in rest if one.startswith("--")} - {"--help"}
    unknown -= {name for one in options for name in one.opts}
    takes_values = any(isinstance(one, click.Argument) for one in command.params)
    is_value = bool(rest) and not rest[0].startswith("--") and rest[0] not in LEFT_OPEN
    unknown |= {f"takes no {rest[0]}"} if is_value and not takes_values else set()
    missing = [one.name for one in options if one.required and not set(one.opts) & set(rest)]
    if not is_whole or LEFT_OPEN & set(rest):
        missing = []
    return ", ".join([*sorted(unknown), *(f"needs --{name}" for name in missing)])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_documents_exist(page):
    wrong = {" ".join(words): complain(words, whole) for words, whole in typed(page.read_text())}
    assert {command: problem for command, problem in wrong.items() if problem} == {}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_of_a_document_is_taken(name):
    text = (TOP / "docs" / name).read_text()
    examples = [block for language, block in BLOCK.findall(text) if language == "json"]
    assert examples
    for example in examples:
        EXAMPLES[name](json.loads(example))


def test_command_that_does_not_exist_is_found():
    text = "```\nlea keys make\nlea staff list --all && lea custody bundle # all\n```\n`lea keys`, `lea db upgrade all …`"
    found = [complain(words, whole) for words, whole in typed(text)]
    assert found == ["no such command", "--all", "needs --out", "", "takes no all"]


def test_list_of_decisions_has_every_page_and_no_number_is_left_out():
    folder = TOP / "docs" / "adr"
    text = (folder / "README.md").read_text()
    pages = sorted(one.name for one in folder.glob("0*.md"))
    assert re.findall(r"\]\((0\d{3}[^)]*)\)", text) == pages
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
