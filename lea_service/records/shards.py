"""The servers on which rows lie: the one of the record store, or those that it spreads them over.

A coordinator has its row tables cut by a hash of the row id, and each part is a foreign table
(postgres_fdw) on another server. Its catalogue names them, so there is no setting for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import URL, Engine, NullPool, create_engine, text
from sqlalchemy.orm import Session

from lea_service.kernel.database import PLAINLY
from lea_service.records.store import TABLES

_SERVERS = text("""
SELECT DISTINCT ON (s.srvname) s.srvname, s.srvoptions, m.umoptions
FROM pg_inherits i
JOIN pg_foreign_table f ON f.ftrelid = i.inhrelid
JOIN pg_foreign_server s ON s.oid = f.ftserver
JOIN pg_user_mappings m ON m.srvid = s.oid AND m.usename IN (current_user, 'public')
WHERE i.inhparent = to_regclass(:table)
ORDER BY s.srvname, m.usename = 'public'
""")

_TLS = ("hostaddr", "sslmode", "sslrootcert", "sslcert", "sslkey")
"""How the coordinator is told to know the other server, by which the service knows it too."""


@dataclass(frozen=True, slots=True)
class Server:
    """Another server on which rows lie, by the name that the catalogue gives it."""

    name: str
    engine: Engine


def list_servers(session: Session) -> list[Server]:
    """Return the other servers on which rows lie; none where they lie in the store itself."""
    found = session.execute(_SERVERS, {"table": TABLES["call"].name})
    return [Server(name, _engine(server, user)) for name, server, user in found]


def list_engines(session: Session) -> list[Engine]:
    """Return an engine for each server on which rows lie."""
    return engines_of(session, list_servers(session))


def engines_of(session: Session, servers: Iterable[Server]) -> list[Engine]:
    """Return the same where the other servers are known: of none it is that of the session."""
    return [one.engine for one in servers] or [session.get_bind().engine]


def is_spread(session: Session) -> bool:
    """Say whether rows lie on other servers than the one of the session."""
    return bool(list_servers(session))


def _engine(server: Iterable[str], user: Iterable[str] | None) -> Engine:
    options = dict(one.split("=", 1) for one in [*server, *(user or ())])
    url = URL.create(
        "postgresql+psycopg",
        username=options.get("user"),
        password=options.get("password"),
        host=options.get("host"),
        port=int(options["port"]) if "port" in options else None,
        database=options.get("dbname"),
        query={name: options[name] for name in _TLS if name in options},
    )
    settings = {"options": PLAINLY}
    return create_engine(url, poolclass=NullPool, connect_args=settings, hide_parameters=True)
