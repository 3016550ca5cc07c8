"""Audit bundles: plain files an outsider verifies offline with a policy of their own.

Narrow (one stream): ``policy``, ``entries/<n>.json`` (the exact bytes), ``entries/<n>.tlog-proof``,
``disclosures.jsonl``. Whole: ``policy``, ``checkpoint``, ``tile/**``: it names nobody, the names of
a demand travel in its narrow bundle only.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from lea_service.custody.disclosures import Disclosure
from lea_service.custody.policy import Policy
from lea_service.custody.proofs import LogProof
from lea_service.custody.queries import StoredCheckpoint, StoredEntry, TreeReader
from lea_service.custody.tiles import bundles_of, tile_path, tiles_of
from lea_service.kernel.errors import InvalidInput, TooLarge, VerificationFailed
from lea_service.kernel.transactions import Transactions

EPOCH = (1980, 1, 1, 0, 0, 0)
MAX_FILES = 1_000_000
MAX_FILE = 32 << 20
MAX_TOTAL = 64 << 30
"""Far above any bundle of ours: the largest file, 256 entries, has 2 MiB."""
ENCRYPTED = 0x1
BEGIN = b"PK"
PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The others are never ours, and their readers raise and reserve what the file wants."""
Opened = tuple[StoredEntry, list[Disclosure] | None]


class Bundle:
    """Named files, made one at a time."""

    def __init__(self, files: Iterator[tuple[str, bytes]]) -> None:
        self._files = files

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return self._files

    def files(self) -> dict[str, bytes]:
        """Return all files at once; for narrow bundles."""
        return dict(self._files)

    def write_zip(self, sink: IO[bytes]) -> None:
        """Write a ZIP, uncompressed, every member with one fixed date."""
        with zipfile.ZipFile(sink, "w") as archive:
            for name, data in self._files:
                archive.writestr(zipfile.ZipInfo(name, EPOCH), data)


def narrow_bundle(policy: Policy, opened: Sequence[Opened], proofs: Sequence[LogProof]) -> Bundle:
    """Return the files of one stream."""

    def files() -> Iterator[tuple[str, bytes]]:
        yield "policy", policy.format().encode()
        for (entry, _), proof in zip(opened, proofs, strict=True):
            yield f"entries/{entry.n:06d}.json", entry.data
            yield f"entries/{entry.n:06d}.tlog-proof", proof.format()
        lines = [_disclosed_line(entry, one) for entry, found in opened for one in found or ()]
        yield "disclosures.jsonl", "".join(lines).encode()

    return Bundle(files())


def whole_bundle(
    policy: Policy, checkpoint: StoredCheckpoint, transactions: Transactions, tree: TreeReader
) -> Bundle:
    """Return the files of the whole log up to ``checkpoint``; one tile in memory at a time."""

    def files() -> Iterator[tuple[str, bytes]]:
        yield "policy", policy.format().encode()
        yield "checkpoint", checkpoint.note
        with transactions.read() as session:
            for level, number, width in tiles_of(checkpoint.size):
                yield tile_path(level, number, width), tree.tile(session, level, number, width)
            for number, width in bundles_of(checkpoint.size):
                yield tile_path(None, number, width), tree.tile(session, None, number, width)

    return Bundle(files())


class BundleFiles(Mapping[str, bytes]):
    """The files of a bundle by name, read one at a time and only as far as any of ours is long."""

    def __init__(self, sizes: Mapping[str, int], read: Callable[[str, int], bytes]) -> None:
        """Take names with sizes, and a way to read. Raises TooLarge beyond any log of ours."""
        if len(sizes) > MAX_FILES or sum(sizes.values()) > MAX_TOTAL:
            raise TooLarge(f"a bundle holds at most {MAX_FILES} files and {MAX_TOTAL >> 30} GiB")
        self._sizes = sizes
        self._read = read

    def __getitem__(self, name: str) -> bytes:
        """Return one file. Raises TooLarge, VerificationFailed when it cannot be read."""
        if self._sizes[name] > MAX_FILE:
            raise TooLarge(f"{name}: a file of a bundle has at most {MAX_FILE >> 20} MiB")
        try:
            data = self._read(name, MAX_FILE + 1)
        except Exception as err:
            # readers of archives raise whatever their libraries do
            raise VerificationFailed(f"{name}: cannot be read, it is damaged") from err
        if len(data) != self._sizes[name]:
            raise VerificationFailed(f"{name}: has another length than the bundle says")
        return data

    def __contains__(self, name: object) -> bool:
        return name in self._sizes

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)


def load_bundle_files(path: Path) -> Mapping[str, bytes]:
    """Open a bundle, a folder or a ZIP; its files are read when they are asked for.

    Raises InvalidInput (no bundle), VerificationFailed (a damaged one, or none of ours), TooLarge.
    """
    if path.is_dir():
        return _open_folder(path)
    with path.open("rb") as file:
        if file.read(len(BEGIN)) != BEGIN:
            raise InvalidInput(f"{path.name}: expected a folder or a ZIP file")
    try:
        archive = zipfile.ZipFile(path)
    except Exception as err:
        # readers of archives raise whatever their libraries do
        raise VerificationFailed("is not a readable ZIP file; it may be cut short") from err
    return _open_zip(archive)


def is_packed_as_ours(member: zipfile.ZipInfo) -> bool:
    """Say whether a member is stored or deflated, and without a password."""
    return member.compress_type in PACKED and not member.flag_bits & ENCRYPTED


def _open_folder(path: Path) -> BundleFiles:
    found = (one for one in sorted(path.rglob("*")) if one.is_file())
    sizes = {one.relative_to(path).as_posix(): one.stat().st_size for one in found}

    def read(name: str, limit: int) -> bytes:
        with (path / name).open("rb") as file:
            return file.read(limit)

    return BundleFiles(sizes, read)


def _open_zip(archive: zipfile.ZipFile) -> BundleFiles:
    infos = archive.infolist()
    sizes = {one.filename: one.file_size for one in infos}
    if len(infos) != len(sizes) or any(_leaves(name) for name in sizes):
        raise VerificationFailed("a bundle holds each name once, and only names inside it")
    if any(one.flag_bits & ENCRYPTED for one in infos):
        raise InvalidInput("expected a folder or a ZIP file without a password")
    if not all(map(is_packed_as_ours, infos)):
        raise VerificationFailed("a bundle is packed in a way that none of ours is")

    def read(name: str, limit: int) -> bytes:
        with archive.open(name) as file:
            return file.read(limit)

    return BundleFiles(sizes, read)


def _leaves(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/")


def _disclosed_line(entry: StoredEntry, one: Disclosure) -> str:
    return json.dumps({"n": entry.n, "disclosure": one.encoded}) + "\n"
