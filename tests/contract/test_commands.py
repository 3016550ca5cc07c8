"""Every command explains itself, prints JSON when it prints data, and ends with the right code."""

import json
import re

import click
import pytest
from click.testing import CliRunner

from lea_service.cli import main
from lea_service.web.problems import PROBLEMS
from tests.demands.samples import demand_json
from tests.support.edge import serve
from tests.support.engines import ANY_ENGINE

WITHOUT_JSON = {"serve": "gunicorn takes over and runs until it is stopped"}
"""Commands that never come to a result, and what they do instead."""
NONE = "c_" + "0" * 32


def commands(command=main, path=()):
    """Yield (path, command) of every command and group."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), (*path, name))


LEAVES = [(path, one) for path, one in commands() if not isinstance(one, click.Group)]


def lea(*words, url="http://127.0.0.1:9", token="", **options):
    environ = {"LEA_URL": url, "LEA_TOKEN": token}
    return CliRunner(env=environ).invoke(main, list(words), **options)


def test_each_command_explains_itself():
    for path, command in commands():
        about = (command.help or "").strip().partition("\n")[0]
        assert re.match(r"[A-Z].{8,}", about), path
        done = lea(*path, "--help")
        assert done.exit_code == 0, path
        assert about[:30] in done.stdout, path


def test_each_option_is_explained_or_names_itself():
    bare = {
        (*path, one.name)
        for path, command in LEAVES
        for one in command.params
        if isinstance(one, click.Option) and not one.help and not one.hidden
    }
    assert {name for *_, name in bare} <= {"name", "kind"}


def test_json_is_there_wherever_data_is_printed():
    without = {
        " ".join(path)
        for path, command in LEAVES
        if "--json" not in {word for one in command.params for word in one.opts}
    }
    assert without == set(WITHOUT_JSON)


def test_help_tells_every_code_there_is():
    about = lea("--help").stdout.replace("\n", " ").partition("Exit codes: ")[2].partition(".")[0]
    told = {int(number) for number in re.findall(r"\b\d+\b", about)}
    declined_or_different = 1
    assert told == {0, declined_or_different, *(one.exit_code for one in PROBLEMS.values())}


def test_unknown_words_are_refused():
    assert lea("no-such-command").exit_code == 2
    assert lea("demands", "show").exit_code == 2
    assert lea("demands", "show", NONE, "--colour").exit_code == 2


@pytest.fixture
def at_work(service):
    """A function that runs a command against the service as a person of a role."""
    with serve(service.app) as url:

        def run(role, *words, **options):
            token = service.token(role) if role else "lea_s_" + "A" * 43
            return lea(*words, url=url, token=token, **options)

        yield run


@ANY_ENGINE
def test_codes_are_those_of_the_table(at_work, tmp_path):
    assert at_work("handler", "demands", "list").exit_code == 0
    assert at_work(None, "demands", "list").exit_code == 3
    assert at_work("engineer", "demands", "list").exit_code == 3
    assert at_work("handler", "demands", "show", NONE).exit_code == 5
    assert at_work("handler", "legal", "show", "NL-NONE").exit_code == 5
    assert at_work("engineer", "sources", "declare", "pbx", "--zone", "Mars").exit_code == 2
    assert lea("demands", "list").exit_code == 6
    assert lea("demands", "list", url="http://lea.example").exit_code == 2
    (tmp_path / "empty.json").write_text("{}")
    assert at_work("handler", "demands", "new", str(tmp_path / "empty.json")).exit_code == 2


@ANY_ENGINE
def test_problems_are_json_when_json_was_asked_for(at_work, tmp_path):
    file = tmp_path / "demand.json"
    file.write_text(json.dumps(demand_json(form="by pigeon")))
    done = at_work("handler", "demands", "new", str(file), "--json")
    assert done.exit_code == 2
    assert done.stdout == ""
    problem = json.loads(done.stderr.splitlines()[-1])  # the lines before are the service's log
    assert problem["status"] == 422
    assert [error["pointer"] for error in problem["errors"]] == ["/form"]
    plain = at_work("handler", "demands", "new", str(file))
    told = plain.stderr[plain.stderr.index("Error: ") :].splitlines()
    assert told[1].startswith("  /form: ")
    assert "Traceback" not in plain.output


@ANY_ENGINE
def test_what_is_printed_as_json_is_json(at_work):
    asked = {
        "handler": ["demands list", "legal list", "legal grounds", "agencies list", "staff me"],
        "engineer": ["sources list", "sources mappings", "retention rules", "retention register"],
        "approver": ["approvals list", "deliveries overdue", "retention purges"],
        "overseer": ["staff list", "staff token list", "staff roles"],
        "receiver": ["collect list"],
    }
    for role, lines in asked.items():
        for line in lines:
            done = at_work(role, *line.split(), "--json")
            assert done.exit_code == 0, (line, done.output)
            assert isinstance(json.loads(done.stdout), list | dict), line
            assert at_work(role, *line.split()).exit_code == 0, line
