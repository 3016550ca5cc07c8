"""What `.ci/install` says is missing, on a machine that has little."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "install"
NEEDED = ("bash", "dirname", "id", "tr")


@pytest.mark.parametrize("missing", ["openssl", "unzip"])
def test_program_of_the_readme_is_asked_for(tmp_path, missing):
    programs, venv = tmp_path / "programs", tmp_path / ".venv" / "bin"
    for folder in (programs, venv, tmp_path / ".ci"):
        folder.mkdir(parents=True)
    script = shutil.copy(SCRIPT, tmp_path / ".ci" / "install")
    for name in NEEDED:
        (programs / name).symlink_to(shutil.which(name))
    for stub in (venv / "python", *(programs / name for name in {"openssl", "unzip"} - {missing})):
        stub.write_text("#!/bin/sh\n")
        stub.chmod(0o755)
    done = subprocess.run(
        [script, "run"], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"install: missing: {missing}\n" in done.stderr
