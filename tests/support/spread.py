"""Rows over several servers: a coordinator and two more, set up by what docs/scaling.md says."""

import re
from pathlib import Path

import psycopg

from tests.support.databases import create_tables
from tests.support.postgres import NoServer, PostgresProcess

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
PARTS = ("part1", "part2")


def find_programs():
    """Return the folder of a server that comes with postgres_fdw. Raises NoServer."""
    for control in sorted(Path("/usr/share/postgresql").glob("*/extension/postgres_fdw.control")):
        programs = Path("/usr/lib/postgresql", control.parts[-3], "bin")
        if (programs / "postgres").is_file():
            return programs
    raise NoServer("no PostgreSQL with postgres_fdw: install the one of Debian (postgresql)")


class Spread:
    """Three servers; each test has databases of its own on them."""

    def __init__(self):
        programs = find_programs()
        self._processes = [PostgresProcess(programs) for _ in range(3)]
        self._coordinator, *self._parts = [one.start() for one in self._processes]
        self._templates = {}

    def create_database(self, name):
        """Return the URL of a record store over all three, or of a case database."""
        if name not in self._templates:
            self._templates[name] = self._create_template(name)
        whole, parts = self._templates[name]
        url = self._coordinator.create_database(whole)
        with psycopg.connect(url, autocommit=True) as connection:
            for part, server, template in zip(PARTS, self._parts, parts, strict=False):
                database = _name(server.create_database(template))
                connection.execute(f"ALTER SERVER {part} OPTIONS (SET dbname '{database}')")
        return url

    def stop(self):
        for one in self._processes:
            one.stop()

    def _create_template(self, name):
        whole = self._coordinator.create_database()
        create_tables(whole, name)
        if name != "records":
            return whole, []
        on_parts, on_coordinator = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)[:2]
        parts = [server.create_database() for server in self._parts]
        for url in parts:
            create_tables(url, name)
            _run(url, on_parts)
        _run(whole, _fill(on_coordinator, parts))
        return whole, parts


def _fill(statements, urls):
    """Put the addresses of the tests in the place of those of the page."""
    for n, url in enumerate(urls, 1):
        found = psycopg.conninfo.conninfo_to_dict(url)
        for said, meant in (
            (
                f"host 'rows{n}', port '5432', dbname 'records', sslmode 'verify-full'",
                "host '{host}', port '{port}', dbname '{dbname}'",
            ),
            (f"password 'secret{n}'", "password '{password}'"),
        ):
            assert statements.count(said) == 1, said
            statements = statements.replace(said, meant.format(**found))
    return statements


def _run(url, statements):
    with psycopg.connect(url) as connection:
        connection.execute(statements)


def _name(url):
    return url.partition("?")[0].rpartition("/")[2]
