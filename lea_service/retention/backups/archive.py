"""The folder of a backup: what is in it, sealed under a key that only the key store opens.

``head.json`` is readable: id, dates, and the wrapped key. ``contents.lea`` repeats the dates, which
nothing else vouches for, and says of which log the backup is, at which revisions the databases
were, how many rows each table has and which files lie beside them. ``cases.lea`` and
``records.lea`` hold rows. ``packages/`` and ``spool/`` are copies of files that rest encrypted
anyway.
"""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.orm import Session

from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.crypto import KeyEncryption, new_key
from lea_service.kernel.errors import Conflict, IntegrityFailure, InvalidInput
from lea_service.kernel.folders import make_folders, sync_folder
from lea_service.kernel.sealed_file import SegmentReader, SegmentWriter
from lea_service.retention.backups.rows import Counts, dump_rows, split_lines

FORMAT = "lea.backup/1"
HEAD, CONTENTS = "head.json", "contents.lea"
PART = ".part"
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Head:
    """What can be read of a backup without its key."""

    id: str
    begun_at: str
    expires_at: str
    key: str
    format: str = FORMAT


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A file beside the databases; ``folder`` is ``packages`` or ``spool``."""

    folder: str
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds: rows by line and table, and by line the SHA-256 of their file."""

    begun_at: str
    expires_at: str
    origin: str
    log_size: int
    revisions: Mapping[str, str | None]
    tables: Mapping[str, Counts]
    rows: Mapping[str, str]
    files: tuple[CopiedFile, ...]


class ArchiveWriter:
    """Writes the folder of one backup; it has its name once it is whole."""

    def __init__(self, top: Path, kek: KeyEncryption, backup_id: str) -> None:
        self.path = top / backup_id
        self._part = top / f"{backup_id}{PART}"
        self._id = backup_id
        self._key = new_key()
        self._wrapped = kek.wrap(self._key, _context(backup_id, HEAD))
        if self.path.exists():
            raise Conflict("there is a backup of that id already")
        make_folders(top, self._part.name)

    def write_rows(self, line: str, session: Session, metadata: MetaData) -> Counts:
        """Write every row of a database; returns how many each table has."""
        counts: Counts = {}
        with self._sealed(f"{line}.lea") as out:
            for lines in dump_rows(session, metadata, counts):
                out.write(lines)
        return counts

    def digest_rows(self, line: str) -> str:
        """Return the SHA-256 of the sealed rows of a database."""
        return _sha256(self._part / f"{line}.lea")

    def copy_files(self, folder: str, source: Path) -> list[CopiedFile]:
        """Copy the files of a folder and of those in it; one that vanishes meanwhile is left."""
        copied = []
        for path in sorted(source.rglob("*")) if source.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                name = str(path.relative_to(source))
                there = make_folders(self._part, str(Path(folder, name).parent)) / path.name
                try:
                    shutil.copyfile(path, there)
                except FileNotFoundError:
                    continue
                copied.append(CopiedFile(folder, name, there.stat().st_size, _sha256(there)))
        return copied

    def close(self, contents: Contents) -> str:
        """Write what the backup holds and give it its name; returns the digest of its contents."""
        with self._sealed(CONTENTS) as out:
            out.write(json.dumps(asdict(contents)).encode())
        wrapped = b64encode(self._wrapped).decode()
        head = Head(self._id, contents.begun_at, contents.expires_at, wrapped)
        (self._part / HEAD).write_text(json.dumps(asdict(head), indent=2) + "\n")
        sync_folder(self._part)
        self._part.rename(self.path)
        sync_folder(self.path.parent)
        return digest_contents(self.path)

    def abandon(self) -> None:
        """Remove what was written of it."""
        shutil.rmtree(self._part, ignore_errors=True)

    def _sealed(self, name: str) -> SegmentWriter:
        return SegmentWriter(self._part / name, self._key, _context(self._id, name))


class ArchiveReader:
    """Reads the folder of one backup. Raises InvalidInput, IntegrityFailure."""

    def __init__(self, path: Path, kek: KeyEncryption) -> None:
        self.path = path
        self.head = read_head(path)
        wrapped = b64decode(self.head.key)
        self._key = kek.unwrap(wrapped, _context(self.head.id, HEAD))
        self.contents = self._read_contents()
        head, held = self.head, self.contents
        if (head.begun_at, head.expires_at) != (held.begun_at, held.expires_at):
            raise IntegrityFailure("head.json of the backup has other dates than it was made with")

    @contextmanager
    def lines(self, line: str) -> Iterator[Iterable[bytes]]:
        """Open the rows of a database as lines."""
        name = f"{line}.lea"
        with SegmentReader(self.path / name, self._key, _context(self.head.id, name)) as file:
            yield split_lines(file.iter_chunks())

    def check_files(self) -> None:
        """Compare each file with what was noted of it. Raises IntegrityFailure."""
        for line, noted in self.contents.rows.items():
            path = self.path / f"{line}.lea"
            if not path.is_file() or _sha256(path) != noted:
                raise IntegrityFailure(f"{line}.lea of the backup is not as it was")
        for one in self.contents.files:
            path = self.path / one.folder / one.name
            if not path.is_file() or _sha256(path) != one.sha256:
                raise IntegrityFailure(f"{one.folder}/{one.name} of the backup is not as it was")

    def put_files(self, folders: Mapping[str, Path]) -> int:
        """Copy each file to where it belongs unless one is there; returns how many.

        Each is compared with what was noted of it on the way, so one that is not as it was is not
        put. Raises IntegrityFailure.
        """
        put = 0
        for one in self.contents.files:
            top = folders[one.folder]
            path = make_folders(top, str(Path(one.name).parent)) / Path(one.name).name
            if not path.exists():
                _put(self.path / one.folder / one.name, path, one)
                put += 1
        return put

    def _read_contents(self) -> Contents:
        sealed = SegmentReader(self.path / CONTENTS, self._key, _context(self.head.id, CONTENTS))
        with sealed as file:
            found: dict[str, Any] = json.loads(file.read())
        files = tuple(CopiedFile(**one) for one in found.pop("files"))
        return Contents(**found, files=files)


def read_head(path: Path) -> Head:
    """Read what is readable of a backup. Raises InvalidInput where there is none."""
    try:
        found = json.loads((path / HEAD).read_text())
        head = Head(**found)
    except (OSError, ValueError, TypeError) as err:
        raise InvalidInput("expected the folder of a backup, with its head.json") from err
    if head.format != FORMAT:
        raise InvalidInput(f"expected a backup of format {FORMAT}")
    return head


def digest_contents(path: Path) -> str:
    """Return the SHA-256 of the sealed contents of a backup, base64url."""
    return encode_b64url(bytes.fromhex(_sha256(path / CONTENTS)))


def _put(source: Path, path: Path, noted: CopiedFile) -> None:
    """Copy a file so that its name stands for the whole of it, also after a power cut."""
    part, digest = path.with_name(f"{path.name}{PART}"), sha256()
    with source.open("rb") as held, part.open("wb") as file:
        while chunk := held.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != noted.sha256:
        part.unlink()
        raise IntegrityFailure(f"{noted.folder}/{noted.name} of the backup is not as it was")
    part.rename(path)
    sync_folder(path.parent)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _context(backup_id: str, name: str) -> str:
    return f"backup/{backup_id}/{name}"
