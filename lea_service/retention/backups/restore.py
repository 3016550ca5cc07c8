"""Putting a backup back: into empty databases, all of a database or nothing of it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import MetaData, select

from lea_service.kernel.database import CaseBase, Database, RecordBase
from lea_service.kernel.errors import Conflict, IntegrityFailure
from lea_service.kernel.migration import (
    CASES,
    RECORDS,
    find_revision,
    list_revisions,
    upgrade,
)
from lea_service.retention.backups.archive import ArchiveReader
from lea_service.retention.backups.rows import Counts, count_lines, load_rows

TABLES: Mapping[str, MetaData] = {CASES: CaseBase.metadata, RECORDS: RecordBase.metadata}


def check_archive(archive: ArchiveReader) -> None:
    """Read a backup to its end and compare it with what it says it holds.

    Raises IntegrityFailure.
    """
    for line in (CASES, RECORDS):
        with archive.lines(line) as lines:
            _check_counts(archive, line, count_lines(lines))
    archive.check_files()


def restore_database(archive: ArchiveReader, line: str, database: Database) -> Counts:
    """Fill an empty database with what a backup holds of it; returns the rows of each table.

    Raises Conflict for a database that is not empty or a backup of another version, and
    IntegrityFailure for a damaged backup; either leaves the tables empty.
    """
    if not _is_empty(database, line):
        raise Conflict(f"the {line} database is not empty; a backup never overwrites anything")
    newest = list_revisions(line)[-1]
    if archive.contents.revisions[line] != newest:
        raise Conflict(f"the backup is not of revision {newest}; restore it with its own version")
    upgrade(database, line)
    with archive.lines(line) as lines, database.write() as session:
        counts = load_rows(session, TABLES[line], lines)
        _check_counts(archive, line, counts)
    return counts


def _is_empty(database: Database, line: str) -> bool:
    """Say whether nothing is in a database: no tables, or none with a row, as a load leaves it."""
    if find_revision(database) is None:
        return True
    with database.read() as session:
        tables = TABLES[line].sorted_tables
        return all(session.execute(select(one).limit(1)).first() is None for one in tables)


def _check_counts(archive: ArchiveReader, line: str, counts: Counts) -> None:
    if counts != dict(archive.contents.tables[line]):
        raise IntegrityFailure(f"{line} of the backup does not hold the rows it says")
