"""Audit bundles: plain files an outsider verifies offline with a policy of their own.

Narrow (one stream): ``policy``, ``entries/<n>.json`` (the exact bytes), ``entries/<n>.tlog-proof``,
``disclosures.jsonl``. Whole: ``policy``, ``checkpoint``, ``tile/**``: it names nobody, the names of
a demand travel in its narrow bundle only.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from lea_service.custody.disclosures import Disclosure
from lea_service.custody.policy import Policy
from lea_service.custody.proofs import LogProof
from lea_service.custody.queries import StoredCheckpoint, StoredEntry, TreeReader
from lea_service.custody.tiles import bundles_of, tile_path, tiles_of
from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.transactions import Transactions

EPOCH = (1980, 1, 1, 0, 0, 0)
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


def load_bundle_files(path: Path) -> Mapping[str, bytes]:
    """Read a bundle from a folder or a ZIP. Raises InvalidInput for names that leave it."""
    if path.is_dir():
        found = sorted(one for one in path.rglob("*") if one.is_file())
        return {one.relative_to(path).as_posix(): one.read_bytes() for one in found}
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) != len(set(names)) or any(_leaves(name) for name in names):
                raise InvalidInput("a bundle holds each name once, and only names inside it")
            return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as err:
        raise InvalidInput("expected a folder or a ZIP file without a password") from err


def _leaves(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/")


def _disclosed_line(entry: StoredEntry, one: Disclosure) -> str:
    return json.dumps({"n": entry.n, "disclosure": one.encoded}) + "\n"
