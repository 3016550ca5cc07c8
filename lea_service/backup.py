"""Commands about backups, run on the server itself by whoever keeps it running."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from lea_service.custody.fsck import check_database
from lea_service.databases import open_databases
from lea_service.kernel import migration
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.clock import dump_instant
from lea_service.kernel.crypto import LocalKeyEncryption
from lea_service.kernel.errors import (
    Conflict,
    IntegrityFailure,
    InvalidInput,
    LeaError,
    VerificationFailed,
)
from lea_service.kernel.keystore import load_keystore
from lea_service.retention.backups.archive import ArchiveReader, digest_contents
from lea_service.retention.backups.queries import BackupView, check_made
from lea_service.retention.backups.restore import check_archive, restore_database
from lea_service.retention.standing import Standing
from lea_service.services import Services
from lea_service.settings import Settings, load_settings
from lea_service.web.input import id_of
from lea_service.web.output import facts, json_option, show, table
from lea_service.wiring import build

COLUMNS = ("id", "begun_at", "made_at", "expires_at", "removed_at", "log_size")
ACTOR = worker_actor()
folder = click.Path(file_okay=False, path_type=Path)


@click.group()
def backup() -> None:
    """Copy both databases and the sealed files, and put such a copy back.

    A backup is sealed under a key that only the key store opens: keep that apart.
    """


@backup.command()
@click.argument("top", metavar="FOLDER", type=folder)
@json_option
def create(top: Path, as_json: bool) -> None:
    """Write a backup into a folder of its own below FOLDER, while the service runs.

    The folder that FOLDER is in has to be there: it is missing where a disk is not mounted.
    """
    if not top.absolute().parent.is_dir():
        raise InvalidInput(
            f"there is no folder {top.absolute().parent}: is its disk mounted? Only the last "
            "folder of the path is made"
        )
    with _opened(load_settings()) as services:
        made = services.backups.create(ACTOR, top)
    show(as_json, _row(made), facts({**_row(made), "folder": str(top / made.id)}))


@backup.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the backups, the newest first, with the day until which each is kept."""
    with _opened(load_settings()) as services:
        rows = [_row(one) for one in services.backups.list()]
    show(as_json, rows, lambda: table(rows, COLUMNS) if rows else "No backups.")


@backup.command()
@click.argument("path", metavar="BACKUP", type=folder)
@json_option
def verify(path: Path, as_json: bool) -> None:
    """Read BACKUP to its end and compare it with what it says it holds; nothing is put back.

    Ends with code 4 where it is damaged, or is none of ours.
    """
    settings = load_settings()
    try:
        archive = _open(settings, path)
        check_archive(archive)
    except IntegrityFailure as err:
        raise VerificationFailed(err.detail) from err
    except FileNotFoundError as err:
        raise VerificationFailed("a file of the backup is not there") from err
    found = _describe(archive)
    show(as_json, found, facts({**found, "verdict": "whole"}))


@backup.command()
@click.argument("path", metavar="BACKUP", type=folder)
@click.option("--records", "only_records", is_flag=True, help="The record store alone.")
@json_option
def restore(path: Path, only_records: bool, as_json: bool) -> None:
    """Put BACKUP back into empty databases, and make good what was done since it was made.

    With --records the record store alone, beside the cases that are there. Purges are done again
    and the log is held against the signer's memory before the command ends; exit code 4 says that
    nothing may be answered from what was restored.
    """
    settings = load_settings()
    archive = _open(settings, path)
    check_archive(archive)
    restored = _put_back(settings, archive, only_records=only_records)
    with _opened(settings) as services:
        evidence = {**restored, **_make_good(services)}
    _end(evidence, as_json)


@backup.command()
@click.argument("path", metavar="BACKUP", type=folder)
@json_option
def remove(path: Path, as_json: bool) -> None:
    """Remove the folder BACKUP, once it is past its day, and enter that it is gone."""
    _enter(lambda services: services.backups.remove(ACTOR, path), as_json)


@backup.command()
@click.argument("backup_id", metavar="ID", type=id_of("bk"))
@click.option("--yes", is_flag=True, help="No copy of it is left anywhere.")
@json_option
def removed(backup_id: str, yes: bool, as_json: bool) -> None:
    """Enter that no copy of the backup ID is left, wherever it was kept."""
    if not yes:
        raise Conflict("this says that no copy is left anywhere; repeat with --yes")
    _enter(lambda services: services.backups.enter_removed(ACTOR, backup_id), as_json)


@backup.command("tell-signer")
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Nobody outside holds a newer checkpoint.")
@json_option
def tell_signer(checkpoint: Path, yes: bool, as_json: bool) -> None:
    """Give the signer that lost its memory that of CHECKPOINT, a file that somebody outside kept.

    The log has to go on from it, and a memory that is there is never replaced. Then it is made good
    what was lost, as after a restore; exit code 4 says that nothing may be answered.
    """
    if not yes:
        raise Conflict("this says that nobody outside holds a newer checkpoint; repeat with --yes")
    with _opened(load_settings()) as services:
        told = services.custody.checkpointer.tell_signer(ACTOR, checkpoint.read_bytes())
        evidence = {"signed": told.size, **_make_good(services)}
    _end(evidence, as_json)


@contextmanager
def _opened(settings: Settings) -> Iterator[Services]:
    services = build(settings)
    try:
        yield services
    finally:
        services.dispose()


def _enter(act: Callable[[Services], BackupView], as_json: bool) -> None:
    with _opened(load_settings()) as services:
        found = _row(act(services))
    show(as_json, found, facts(found))


def _open(settings: Settings, path: Path) -> ArchiveReader:
    store = load_keystore(settings.keys_dir)
    return ArchiveReader(path, LocalKeyEncryption(store.key_encryption))


def _put_back(settings: Settings, archive: ArchiveReader, *, only_records: bool) -> dict[str, Any]:
    if archive.contents.origin != settings.log_origin:
        raise IntegrityFailure("the backup is of the log of another origin")
    if only_records:
        _check_known(settings, archive)
    rows = {
        line: sum(restore_database(archive, line, database).values())
        for line, database in open_databases(settings)
        if line == migration.RECORDS or not only_records
    }
    files = 0 if only_records else archive.put_files(settings.sealed_folders)
    return {"backup": archive.head.id, "rows": rows, "files": files}


def _check_known(settings: Settings, archive: ArchiveReader) -> None:
    """Let a backup be put beside the cases that it was made of. Raises IntegrityFailure."""
    for line, database in open_databases(settings):
        if line == migration.CASES:
            with database.read() as session:
                check_made(session, archive.head.id, digest_contents(archive.path))


def _make_good(services: Services) -> dict[str, Any]:
    """Hold the log against the signer's memory, and the store against the log; purge anew."""
    doubts: list[str] = []
    standing = Standing(services.transactions, services.records)
    lost = standing.find_lost()
    purged = []
    try:
        services.custody.checkpointer.check_goes_on()
        purged = services.retention.purge(ACTOR)
        services.delivery.closing.sweep(lambda: services.transactions.begin(ACTOR))
    except LeaError as err:
        doubts.append(err.detail)
    left = standing.find_lost()
    if left:
        doubts.append(f"not made good: {', '.join(left.purges + left.imports)}")
    with services.transactions.read() as session:
        checked = check_database(session, services.keys, services.custody.policy, services.signer)
    return {
        "purges repeated": [one for one in lost.purges if one not in left.purges],
        "purges since": [one.id for one in purged if one.id not in lost.purges],
        "imports lost": list(lost.imports),
        "entries checked": checked.entries,
        "doubts": doubts + checked.problems,
    }


def _end(evidence: Mapping[str, Any], as_json: bool) -> None:
    """Show what was made good. Raises VerificationFailed where nothing may be answered from it."""
    show(as_json, evidence, facts(evidence))
    if evidence["doubts"]:
        raise VerificationFailed(str(evidence["doubts"][0]))


def _describe(archive: ArchiveReader) -> dict[str, Any]:
    held = archive.contents
    return {
        "backup": archive.head.id,
        "begun_at": archive.head.begun_at,
        "expires_at": archive.head.expires_at,
        "origin": held.origin,
        "log_size": held.log_size,
        "rows": {line: sum(counts.values()) for line, counts in held.tables.items()},
        "files": len(held.files),
    }


def _row(one: BackupView) -> dict[str, Any]:
    instants: Mapping[str, Any] = {
        name: dump_instant(value) for name, value in asdict(one).items() if name.endswith("_at")
    }
    return {**asdict(one), **instants}
