"""A commit is on disk before it counts, whatever the server was told by others."""

from sqlalchemy import make_url, text

SQLITE = {
    "PRAGMA synchronous": 2,
    "PRAGMA journal_mode": "wal",
    "PRAGMA foreign_keys": 1,
    "PRAGMA secure_delete": 1,
}
POSTGRESQL = {"SHOW synchronous_commit": "on", "SHOW timezone": "UTC"}


def ask(session, questions):
    return {question: session.scalar(text(question)) for question in questions}


def loosen(database):
    """Let the server of a database answer before a commit is on disk, unless told otherwise."""
    if not database.is_sqlite:
        name = make_url(database.url).database
        with database.write() as session:
            session.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
        database.dispose()


def test_commits_are_on_disk_in_both_databases(databases):
    for database in (databases.cases, databases.records):
        loosen(database)
        wanted = SQLITE if database.is_sqlite else POSTGRESQL
        with database.read() as first, database.read() as second, database.write() as writer:
            for session in (first, second, writer):
                assert ask(session, wanted) == wanted
