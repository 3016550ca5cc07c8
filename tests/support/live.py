"""A provider's own database with a table of records, and an account that may only read it."""

import secrets

from sqlalchemy import create_engine, text

READER = "lea_reader"
CALLS = {
    "format": "lea.mapping/1",
    "name": "live-calls",
    "kind": "call",
    "table": {
        "name": "Call Records",
        "columns": ["id", "from", "to", "At", "seconds"],
        "watermark": {"column": "id", "kind": "number", "overlap": 3},
    },
    "time": {"format": "iso", "zone": "Europe/Amsterdam"},
    "region": "NL",
    "row_id": {"columns": ["id"], "shown": ["id"]},
    "fields": {
        "started_at": {"column": "At"},
        "caller": {"column": "from"},
        "callee": {"column": "to"},
        "duration_s": {"column": "seconds"},
    },
    "categories": ["traffic_call_records"],
}
DDL = (
    'CREATE TABLE "Call Records" (id BIGINT PRIMARY KEY, "from" VARCHAR(80), "to" VARCHAR(80), '
    '"At" TIMESTAMP, seconds INTEGER, secret VARCHAR(20))'
)
INSERT = 'INSERT INTO "Call Records" VALUES (:id, :caller, :callee, :at, :seconds, :secret)'


class Provider:
    """The database as the provider's people work with it."""

    def __init__(self, url, server=None):
        self.url = url.replace("postgresql://", "postgresql+psycopg://")
        self.engine = create_engine(self.url)
        self.is_sqlite = server is None
        self._role = None

    def run(self, *statements, **values):
        """Run statements and commit."""
        with self.engine.begin() as connection:
            for one in statements:
                connection.execute(text(one), values)

    def make_calls(self, count=0):
        """Make the table of calls, with some in it."""
        self.run(DDL)
        self.add_calls(*range(1, count + 1))

    def add_calls(self, *ids):
        """Add calls, one in each minute."""
        at = "2026-06-03 {:02d}:{:02d}:00"
        rows = [
            {"id": n, "caller": "0612345678", "callee": "+31201234567", "seconds": 60}
            | {"secret": "hidden", "at": at.format(n // 60 % 24, n % 60)}
            for n in ids
        ]
        if not rows:
            return
        with self.engine.begin() as connection:
            cast = INSERT if self.is_sqlite else INSERT.replace(":at", "CAST(:at AS timestamp)")
            connection.execute(text(cast), rows)

    def reader_url(self, *grants):
        """Return a URL of an account that may read only, as the grants (of ``{role}``) say."""
        if self.is_sqlite:
            return self.url
        if self._role is None:
            self._role, password = f"r_{secrets.token_hex(6)}", secrets.token_hex(8)
            self.run(f"CREATE ROLE {self._role} LOGIN PASSWORD '{password}'")
            self._login = f"{self._role}:{password}"
        given = grants or ("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",)
        self.run(*(one.format(role=self._role) for one in given))
        head, _, tail = self.url.partition("://")
        return f"{head.split('+')[0]}://{self._login}@{tail.partition('@')[2]}"

    def dispose(self):
        """Close every connection, and let nobody log in as the account any more."""
        if self._role is not None:
            self.run(f"DROP OWNED BY {self._role}", f"DROP ROLE {self._role}")
        self.engine.dispose()
