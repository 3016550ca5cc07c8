"""Both ways to serve build the same application, each in the process that answers."""

import os
import subprocess
import sys
from pathlib import Path

from lea_service.cli import main as lea
from lea_service.serve import Server
from lea_service.settings import load_settings

TOP = Path(__file__).parents[2]


def test_master_opens_nothing(tmp_path):
    settings = load_settings({"LEA_HOME": str(tmp_path), "LEA_KEYS_DIR": str(tmp_path / "keys")})
    server = Server(settings)
    assert server.cfg.preload_app is False
    assert server.cfg.settings["bind"].get() == ["127.0.0.1:8000"]
    assert list(tmp_path.iterdir()) == []


def test_wsgi_file_serves_the_same_routes(tmp_path):
    environ = os.environ | {"LEA_HOME": str(tmp_path), "LEA_KEYS_DIR": str(tmp_path / "keys")}
    for words in (("keys", "generate"), ("db", "upgrade")):
        command = [sys.executable, "-m", "lea_service.cli", *words]
        subprocess.run(command, env=environ, check=True, capture_output=True)
    script = "import wsgi; print(len(list(wsgi.application.url_map.iter_rules())))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environ,
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60


def test_every_command_of_the_root_loads():
    context = lea.make_context("lea", ["--help"], resilient_parsing=True)
    names = lea.list_commands(context)
    assert all(lea.get_command(context, name) is not None for name in names)
    assert lea.get_command(context, "nosuch") is None
