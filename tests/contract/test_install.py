"""What `.ci/install` says is missing, on a machine that has little."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "install"
NEEDED = ("bash", "cat", "cut", "dirname", "id", "sha256sum", "tr")
PROGRAMS = ("openssl", "unzip", "chromium", "pg_lsclusters", "sqlite3", "psql")

SETS = {
    "run": "requirements.lock",
    "test": "requirements-test.lock",
    "bench": "requirements-bench.lock",
    "assurance": "requirements-assurance.lock",
}


def place_stubs(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)


@pytest.fixture
def script(tmp_path):
    """The script in a folder with a Python that does nothing, and hardly a program on the path."""
    (tmp_path / ".ci").mkdir()
    place_stubs(tmp_path / ".venv" / "bin" / "python")
    (tmp_path / "programs").mkdir()
    for name in NEEDED:
        (tmp_path / "programs" / name).symlink_to(shutil.which(name))
    return shutil.copy(SCRIPT, tmp_path / ".ci" / "install")


def call(script, tmp_path, what):
    programs = tmp_path / "programs"
    return subprocess.run(
        [script, what],
        env={"PATH": str(programs), "LEA_CHROMIUM": str(programs / "chromium")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("missing", ["openssl", "unzip"])
def test_program_of_the_readme_is_asked_for(script, tmp_path, missing):
    place_stubs(*(tmp_path / "programs" / name for name in {"openssl", "unzip"} - {missing}))
    done = call(script, tmp_path, "run")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"install: missing: {missing}\n" in done.stderr


def test_server_of_several_is_asked_for_by_the_tests_alone(script, tmp_path):
    place_stubs(*(tmp_path / "programs" / name for name in PROGRAMS if name != "pg_lsclusters"))
    assert "install: missing: postgresql\n" in call(script, tmp_path, "test").stderr
    assert "missing" not in call(script, tmp_path, "run").stderr


@pytest.mark.parametrize(("wanted", "lock"), SETS.items())
@pytest.mark.parametrize(
    ("made_for", "enough_for"),
    [
        ("run", {"run"}),
        ("test", {"run", "test"}),
        ("bench", {"run", "test", "bench"}),
        ("assurance", {"run", "test", "assurance"}),
    ],
)
def test_set_that_contains_another_is_enough_for_it(
    script, tmp_path, made_for, enough_for, wanted, lock
):
    place_stubs(*(tmp_path / "programs" / name for name in PROGRAMS))
    for name in {*SETS.values(), "pyproject.toml"}:
        (tmp_path / name).write_text(name)
    assert "installing what" in call(script, tmp_path, made_for).stderr
    said = "" if wanted in enough_for else f"install: installing what {lock} names\n"
    assert call(script, tmp_path, wanted).stderr == said


def test_older_pip_has_nothing_to_warn_of(script, tmp_path):
    place_stubs(*(tmp_path / "programs" / name for name in ("openssl", "unzip")))
    told = tmp_path / "told"
    (tmp_path / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\necho "$*" >> {told}\n')
    for name in {*SETS.values(), "pyproject.toml"}:
        (tmp_path / name).write_text(name)
    assert call(script, tmp_path, "run").returncode == 0
    (locked,) = [one for one in told.read_text().splitlines() if "requirements.lock" in one]
    assert {"--use-pep517", "--require-hashes"} <= {*locked.split()}
