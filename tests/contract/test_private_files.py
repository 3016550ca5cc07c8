"""What commands make is for the account that runs them, whatever its umask says."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from lea_service.cli import main
from lea_service.serve import Server


@pytest.fixture
def lea(tmp_path):
    """A function that runs a command under a umask that lets everybody read."""
    own = {"LEA_HOME": str(tmp_path / "home"), "LEA_KEYS_DIR": str(tmp_path / "home" / "keys")}
    before = os.umask(0o022)

    def run(*words):
        done = CliRunner(env=own).invoke(main, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        return done

    yield run
    assert os.umask(before) == 0o022  # and it is as it was when a command has ended


def modes(folder):
    """Return the mode of everything in a folder, and of the folder."""
    paths = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in paths}


def test_a_new_home_is_for_its_owner_alone(lea, tmp_path, monkeypatch):
    def make_a_file(_server):
        (tmp_path / "home" / "of-a-web-process").touch()

    monkeypatch.setattr(Server, "run", make_a_file)  # else it would serve until stopped
    for words in ("keys generate", "db upgrade", "worker --once", "serve", "keys rotate-package"):
        lea(*words.split())
    found = modes(tmp_path / "home")
    assert {"cases.db", "records.db", "of-a-web-process"} <= set(found)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}
    assert {Path(name).suffix for name, mode in found.items() if mode == 0o600} >= {".db", ".key"}


def test_what_a_person_writes_is_for_them_alone(lea, tmp_path):
    lea("keys", "generate")
    lea("keys", "export-trust", tmp_path / "out" / "trust")
    assert [mode for mode in modes(tmp_path / "out").values() if mode & 0o077] == []
