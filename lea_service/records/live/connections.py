"""Where the databases of live sources are: a file on the server, by the names of the sources.

It holds passwords, so it is read when it is needed and nothing of it is kept, logged or shown but
the place: engine, host and database (ADR 0016).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from lea_service.kernel.folders import OTHERS

SETTING = "LEA_SOURCES_FILE"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINES = (SQLITE, POSTGRESQL, "mysql", "mariadb")
URL_KEY, EVERY, MAY_WRITE = "url", "every_minutes", "may_write"
LONGEST_MINUTES = 7 * 24 * 60
NO_CONNECTION = "no-connection"
LONGEST_DETAIL = 500
LONGEST_PLACE = 500


class SourceFault(Exception):
    """A source cannot be read: ``reason`` is a code, ``detail`` names what is wrong, never a value.

    One that ``is_passing`` may be gone when it is tried again.
    """

    def __init__(self, reason: str, detail: str, *, is_passing: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail[:LONGEST_DETAIL]
        self.is_passing = is_passing


@dataclass(frozen=True, slots=True)
class Connection:
    """The database of one source. ``url`` holds the password."""

    source: str
    url: URL = field(repr=False)
    every_minutes: int | None = None
    may_write: bool = False

    @property
    def engine(self) -> str:
        """Return the name of the engine."""
        return self.url.get_backend_name()

    @property
    def place(self) -> str:
        """Return what may be shown: the engine, and host and name of the database."""
        if self.engine == SQLITE:
            return f"{SQLITE}:{self.url.database}"
        port = "" if self.url.port is None else f":{self.url.port}"
        return f"{self.engine}://{self.url.host}{port}/{self.url.database}"


class Connections:
    """Reads the file anew each time, so that a new password needs no restart."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def get(self, source: str) -> Connection:
        """Return where a source is. Raises SourceFault."""
        found = self._load().get(source)
        if found is None:
            raise SourceFault(NO_CONNECTION, f"{SETTING} names no database for {source}")
        return found

    def list_periodic(self) -> list[Connection]:
        """Return the sources that are pulled by themselves. Raises SourceFault."""
        if self._path is None:
            return []
        return [one for one in self._load().values() if one.every_minutes is not None]

    def _load(self) -> dict[str, Connection]:
        if self._path is None:
            raise SourceFault(NO_CONNECTION, f"{SETTING} is not set")
        try:
            if self._path.stat().st_mode & OTHERS:
                raise SourceFault(NO_CONNECTION, f"the file of {SETTING} is open to others: 0600")
            content = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except OSError:
            raise SourceFault(NO_CONNECTION, f"the file of {SETTING} cannot be read") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):  # their words would show its text
            raise SourceFault(NO_CONNECTION, f"the file of {SETTING} is no TOML") from None
        return {name: _load_one(name, value) for name, value in content.items()}


def _load_one(name: str, value: Any) -> Connection:
    if not isinstance(value, Mapping) or not set(value) <= {URL_KEY, EVERY, MAY_WRITE}:
        raise _fault(name, f"{URL_KEY}, {EVERY} and {MAY_WRITE} alone")
    every, may_write = value.get(EVERY), value.get(MAY_WRITE, False)
    if every is not None and (type(every) is not int or not 1 <= every <= LONGEST_MINUTES):
        raise _fault(name, f"{EVERY} from 1 to {LONGEST_MINUTES}")
    if not isinstance(may_write, bool):
        raise _fault(name, f"{MAY_WRITE} to be true or false")
    return Connection(name, _load_url(name, value.get(URL_KEY)), every, may_write)


def _load_url(name: str, text: Any) -> URL:
    try:
        url = make_url(text)
        engine = url.get_backend_name()
    except (ArgumentError, ValueError, NoSuchModuleError, AttributeError):
        raise _fault(name, f"a URL of {', '.join(ENGINES)}") from None
    if engine not in ENGINES or not url.database:
        raise _fault(name, f"a URL of {', '.join(ENGINES)} that names a database")
    if len(str(url.host)) + len(url.database) > LONGEST_PLACE - 50:
        raise _fault(name, "a shorter URL")
    if engine == SQLITE and (not Path(url.database).is_absolute() or url.query):
        raise _fault(name, "the whole path of a file: sqlite:////…")
    if engine != SQLITE and not url.host:
        raise _fault(name, "a URL that names a host")
    if not all(key.startswith("ssl") for key in url.query):  # others say where it leads
        raise _fault(name, "nothing behind a question mark but what is about TLS (ssl…)")
    if engine == POSTGRESQL:
        return url.set(drivername="postgresql+psycopg")
    return url


def _fault(name: str, expected: str) -> SourceFault:
    return SourceFault(NO_CONNECTION, f"{SETTING}: {name}: expected {expected}")
