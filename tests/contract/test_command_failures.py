"""No command ends in a traceback or with a code it does not have, whatever it is given."""

import json
import zipfile

import click
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from lea_service.cli import COMMANDS, main
from lea_service.kernel.errors import InvalidInput, NotFound, Unavailable
from lea_service.kernel.foreign import translate
from lea_service.kernel.logs import configure_logging
from lea_service.serve import Server
from lea_service.web.output import BoundaryGroup
from tests.contract.calls import CALLS
from tests.contract.test_commands import LEAVES
from tests.support.edge import serve

INPUT, STATE, AWAY, OURS = 2, 5, 6, 70
KNOWN = {2, 4, 5}
GARBAGE = bytes(range(256)) * 8
RUNS_ON = {("serve",)}
WRITES = {0}
"""It is where the command writes to, and can be made."""
ALSO = {
    "package verify": {1},  # what stands for the package is damaged, whatever is trusted
    "keys export-trust": WRITES,
    "backup create": {AWAY},  # it looks at the databases first, and here there are none
    "staff key new": WRITES,
    "staff request founder": WRITES,
}
DATABASES = {
    "empty": "sqlite:///{folder}/empty.db",
    "garbage": "sqlite:///{folder}/garbage",
    "nowhere": "sqlite:///{folder}/no/such/folder/cases.db",
    "folder": "sqlite:///{folder}",
    "away": "postgresql://nobody@127.0.0.1:9/cases?connect_timeout=2",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "garbage").write_bytes(GARBAGE)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.fixture
def lea(folder):
    """A function that runs a command on a server of its own, set up as ``environ`` says."""
    own = {
        "LEA_HOME": str(folder / "home"),
        "LEA_KEYS_DIR": str(folder / "keys"),
        "LEA_URL": "http://127.0.0.1:9",
        "LEA_TOKEN": "lea_s_" + "A" * 43,
        "LEA_KEY_PASSPHRASE": "correct horse battery staple",
    }

    def run(*words, **environ):
        given = {name: str(value).format(folder=folder) for name, value in environ.items()}
        runner = CliRunner(env=own | given)
        done = runner.invoke(main, [str(word) for word in words], input="x\n" * 9)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "Traceback" not in done.output
        return done

    return run


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    "words",
    [
        "custody verify --database",
        "db upgrade",
        "db current",
        "db downgrade cases base --yes",
        "worker --once",
    ],
)
def test_database_that_cannot_be_used_is_not_available(lea, words, database):
    assert lea("keys", "generate").exit_code == 0
    done = lea(*words.split(), LEA_DATABASE_URL=DATABASES[database])
    if database == "empty" and words.startswith("db"):
        assert done.exit_code == 0
        return
    assert done.exit_code == AWAY, done.output
    assert "database" in done.output


@pytest.mark.parametrize("words", ["serve", "worker --once"])
def test_nothing_starts_before_the_databases_are_upgraded(lea, words, monkeypatch):
    monkeypatch.setattr(Server, "run", lambda _self: None)  # else it would serve until stopped
    lea("keys", "generate")
    done = lea(*words.split())
    assert (done.exit_code, done.output.count("\n")) == (AWAY, 1), done.output
    assert "run: lea db upgrade" in done.output
    lea("db", "upgrade")
    assert lea(*words.split()).exit_code == 0


@pytest.mark.parametrize("url", ["sqlite://host:x/y", "postgresql://h:port/cases"])
def test_database_url_that_is_none_is_not_valid(lea, url):
    assert lea("db", "current", LEA_DATABASE_URL=url).exit_code == INPUT


def test_upgrade_reaches_the_record_store_too(lea):
    done = lea("db", "upgrade", LEA_RECORDS_URL=DATABASES["garbage"])
    assert done.exit_code == AWAY


@pytest.mark.parametrize("words", ["custody verify --database", "worker --once"])
def test_server_without_keys_is_not_available(lea, words):
    assert lea("db", "upgrade").exit_code == 0
    assert lea(*words.split()).exit_code == AWAY


def test_unknown_revision_does_not_fit(lea):
    assert lea("db", "upgrade").exit_code == 0
    done = lea("db", "downgrade", "cases", "nosuch", "--yes")
    assert (done.exit_code, "revision" in done.output) == (STATE, True)


@pytest.mark.parametrize("where", ["garbage/keys", "/dev/null/keys", "/proc/none"])
def test_keys_cannot_be_made_just_anywhere(lea, where, folder):
    path = folder / where
    done = lea("keys", "generate", LEA_KEYS_DIR=path)
    assert done.exit_code == INPUT, done.output
    assert where in done.output
    assert lea("keys", "generate").exit_code == 0
    assert lea("keys", "export-trust", path).exit_code == INPUT
    assert lea("db", "upgrade", LEA_HOME=path).exit_code == INPUT


@pytest.mark.parametrize("file", ["garbage", "empty", "folder", "missing"])
def test_certificates_to_trust_must_be_some(lea, folder, file):
    done = lea("staff", "me", LEA_URL="https://127.0.0.1:9", LEA_CA_FILE=folder / file)
    assert (done.exit_code, "LEA_CA_FILE" in done.output) == (INPUT, True)


@pytest.mark.parametrize("file", ["garbage", "empty", "folder", "missing"])
def test_settings_file_must_be_one(lea, folder, file):
    code = 0 if file == "empty" else INPUT
    assert lea("db", "current", LEA_CONFIG=folder / file).exit_code == code


def locked_zip(path):
    """Write a ZIP whose only member says that it is encrypted."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("checkpoint", b"x")
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("file", ["garbage", "empty", "folder", "locked"])
def test_bundle_that_is_none_cannot_be_told(lea, folder, file):
    locked_zip(folder / "locked")
    assert lea("keys", "generate").exit_code == 0
    assert lea("keys", "export-trust", folder / "trust").exit_code == 0
    policy = folder / "trust" / "policy"
    assert lea("custody", "verify", folder / file, "--policy", policy).exit_code == INPUT
    assert lea("custody", "verify", folder, "--policy", folder / file).exit_code == INPUT


def file_parameters(command):
    return [one for one in command.params if isinstance(one.type, click.Path)]


def words_for(path, command, chosen, value):
    """Return a call of a command in which one file is ``value`` and the rest something."""
    words = list(path)
    for one in command.params:
        is_chosen = one is chosen
        if not is_chosen and not one.required:
            continue
        given = value if is_chosen else sample_of(one)
        words += [given] if isinstance(one, click.Argument) else [one.opts[0], given]
    return words


def sample_of(parameter):
    if isinstance(parameter.type, click.Choice):
        return parameter.type.choices[0]
    if isinstance(parameter.type, click.DateTime):
        return "2026-11-24"
    if isinstance(parameter.type, click.IntRange | type(click.INT)):
        return "1"
    return "pyproject.toml" if isinstance(parameter.type, click.Path) else "c_" + "0" * 32


TAKES_FILES = [
    pytest.param(path, command, one, id=f"{' '.join(path)} {one.name}")
    for path, command in LEAVES
    for one in file_parameters(command)
    if path not in RUNS_ON
]
NEED_NO_SERVICE = [one for one in TAKES_FILES if " ".join(one.values[0]) not in CALLS]
"""The others are given files where their service is there: see test_command_files.py."""


@pytest.mark.parametrize("file", ["garbage", "empty", "folder", "missing/in/none", "garbage/in"])
@pytest.mark.parametrize(("path", "command", "chosen"), NEED_NO_SERVICE)
def test_bad_file_is_told_plainly(lea, folder, path, command, chosen, file):
    assert lea("keys", "generate").exit_code == 0
    done = lea(*words_for(path, command, chosen, folder / file))
    assert done.exit_code in KNOWN | ALSO.get(" ".join(path), set()), done.output


def test_enough_commands_are_tried():
    assert len(TAKES_FILES) > 15
    assert {path[0] for path, _ in LEAVES} == set(COMMANDS)


def test_answer_of_something_else_is_not_available(lea):
    def elsewhere(_environ, start):
        start("200 OK", [("Content-Type", "text/html")])
        return [b"<html>hello</html>"]

    with serve(elsewhere) as url:
        assert lea("staff", "me", LEA_URL=url).exit_code == AWAY


def fail_with(error, *words):
    """Run a command that raises ``error``; returns how it ended."""

    @click.command()
    def fails():
        configure_logging(readable=True)
        raise error

    return CliRunner().invoke(BoundaryGroup("lea", commands=[fails]), ["fails", *words])


def test_fault_of_ours_is_told_without_its_text():
    done = fail_with(RuntimeError("Jan Jansen"))
    assert done.exit_code == OURS
    assert "Jansen" not in done.output
    assert "RuntimeError" in done.output
    assert "fails" in done.output  # the place, as the log names it
    assert "Error: something of ours went wrong" in done.output


def test_ends_of_click_stay_what_they_are():
    assert fail_with(click.exceptions.Exit(3)).exit_code == 3
    assert fail_with(click.Abort()).exit_code == 1
    assert fail_with(click.UsageError("no")).exit_code == 2


@pytest.mark.parametrize(
    ("error", "family"),
    [
        (OperationalError("SELECT 'Jan'", {}, Exception("Jan")), Unavailable),
        (ProgrammingError("SELECT 'Jan'", {}, Exception("Jan")), Unavailable),
        (IntegrityError("SELECT 'Jan'", {}, Exception("Jan")), type(None)),
        (DataError("SELECT 'Jan'", {}, Exception("Jan")), type(None)),
        (FileNotFoundError(2, "No such file", "/x"), InvalidInput),
        (OSError(28, "No space left", "/x"), Unavailable),
        (ConnectionRefusedError(111, "Connection refused"), Unavailable),
        (UnicodeDecodeError("utf-8", b"Jan\xff", 3, 4, "bad"), InvalidInput),
        (NotFound("no such thing"), NotFound),
        (KeyError("Jan"), type(None)),
    ],
)
def test_errors_of_others_have_their_family(error, family):
    found = translate(error)
    assert type(found) is family
    assert "Jan" not in json.dumps(found and found.detail)
