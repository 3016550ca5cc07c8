"""The wheel holds all it needs: installed on its own, it makes keys and databases and serves."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import inspect

from lea_service.demonstration.processes import free_port, wait_until
from lea_service.kernel.database import Database
from tests.support.log import ORIGIN

TOP = Path(__file__).parents[2]
TREE = ("lea_service", "migrations", "pyproject.toml", "setup.py", "README.md")
DATA = (
    "lea_service/web/data",
    "lea_service/web/data/locale/nl/LC_MESSAGES",
    "lea_service/web/templates",
    "lea_service/web/static",
    "lea_service/extraction/page/templates",
    "lea_service/legal/data",
    "lea_service/packaging/data",
    "lea_service/records/mappings",
    "lea_service/retention/data",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built of a copy so that nothing is left behind in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in TREE:
        path = TOP / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=LEFT_OUT)
        else:
            shutil.copy(path, source)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, "."]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A venv into which pip put the wheel; it sees the libraries of this one, not the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    pip = ["-m", "pip", "--python", python, "install", "--no-index", "--no-deps", "--quiet", wheel]
    run(sys.executable, *pip, env=bare(), cwd=folder)
    # not before: pip would find the checkout among them and have nothing to install
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(folder, python, site)


class Installed:
    """Where the wheel was installed, and how its commands are run."""

    def __init__(self, folder, python, site):
        self.python, self.site = python, site
        self.script = python.with_name("lea")
        home = folder / "home"
        address = f"127.0.0.1:{free_port()}"
        self.environ = {
            "LEA_HOME": str(home),
            "LEA_BIND": address,
            "LEA_URL": f"http://{address}",
            "LEA_LOG_ORIGIN": ORIGIN,
        }
        self.folder = folder

    def lea(self, *words, **environ):
        """Run the command as its user does; returns what it printed."""
        environ = {**bare(), **self.environ, **environ}
        return run(self.script, *words, env=environ, cwd=self.folder)


def bare():
    """Return this environment without what points at a checkout or a service."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LEA_", "PYTHON", "COV_"))
    }


def run(program, *words, **options):
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def shipped():
    """Return the files of the checkout that the code reads when it runs."""
    code = [path.relative_to(TOP) for path in (TOP / "lea_service").rglob("*.py")]
    data = [
        path.relative_to(TOP)
        for folder in DATA
        for path in (TOP / folder).iterdir()
        if path.is_file()
    ]
    lines = [
        Path("lea_service") / path.relative_to(TOP)
        for path in (TOP / "migrations").rglob("*")
        if path.suffix in {".py", ".sql"}
    ]
    return {str(path) for path in (*code, *data, *lines) if path.suffix != ".pyc"}


@pytest.mark.slow
def test_wheel_holds_code_migrations_and_data_and_no_more(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert shipped() - held == set()
    assert held - shipped() == set()
    assert not any("private" in name or name.startswith("tests") for name in held)


@pytest.mark.slow
def test_installed_package_is_the_wheel(installed):
    where = (
        "import lea_service, lea_service.settings as s; print(lea_service.__file__, s.checkout())"
    )
    file, top = run(installed.python, "-c", where, env=bare(), cwd=installed.folder).split()
    assert Path(file).is_relative_to(installed.site)
    assert top == "None"
    assert installed.script.read_text().startswith(f"#!{installed.python}\n")


@pytest.mark.slow
def test_installed_command_makes_both_databases(installed, cases_url, records_url):
    urls = {"LEA_DATABASE_URL": cases_url, "LEA_RECORDS_URL": records_url}
    upgraded = json.loads(installed.lea("db", "upgrade", "--json", **urls))
    assert [row["from"] for row in upgraded] == [None, None]
    current = json.loads(installed.lea("db", "current", "--json", **urls))
    assert [row["revision"] for row in current] == [row["wanted"] for row in current]
    for url, table in ((cases_url, "demands"), (records_url, "call_records")):
        database = Database(url)
        assert inspect(database.engine).has_table(table)
        database.dispose()


@pytest.mark.slow
def test_installed_wheel_makes_keys_and_databases_and_serves(installed, tmp_path):
    assert "demands" in installed.lea("--help")
    installed.lea("keys", "generate")
    assert {row["purpose"] for row in json.loads(installed.lea("keys", "list", "--json"))}
    upgraded = json.loads(installed.lea("db", "upgrade", "--json"))
    assert [row["from"] for row in upgraded] == [None, None]
    current = json.loads(installed.lea("db", "current", "--json"))
    assert all(row["revision"] == row["wanted"] for row in current)
    installed.lea("legal", "validate")
    installed.lea("worker", "--once")
    with served(installed, tmp_path / "serve.log") as url:
        ready = httpx.get(f"{url}/health/ready", trust_env=False).json()
        assert set(ready["parts"].values()) == {"ok"}
        for path in ("/api/docs", "/api/static/documentation.css", "/api/openapi.json"):
            assert httpx.get(url + path, trust_env=False).status_code == 200


@contextmanager
def served(installed, log):
    """Serve from the wheel; yields the address once it is ready."""
    url, environ = installed.environ["LEA_URL"], {**bare(), **installed.environ}
    command = [installed.script, "serve"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=environ, cwd=installed.folder, stdout=out, stderr=out
        )
        try:
            wait_until(lambda: is_ready(url), "the service did not start", 60)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def is_ready(url):
    try:
        return httpx.get(f"{url}/health/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
