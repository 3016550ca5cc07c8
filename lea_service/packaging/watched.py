"""A container that tells how much of it was read, for whoever waits for a verdict."""

from __future__ import annotations

import zipfile
from io import BufferedReader, FileIO
from pathlib import Path

from lea_service.custody.verify import Progress

STEP = 1 << 20
"""How many bytes go by between two reports; what is smaller is done before anybody waits."""


class WatchedFile(BufferedReader):
    """A file that counts every byte read of it, however often."""

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__(FileIO(path))
        self._progress = progress
        self._done = self._told = self._total = 0

    def expect(self, archive: zipfile.ZipFile) -> None:
        """Reckon how much a verification reads: files two or three times, rows oftener."""
        self._total = sum(one.compress_size * _count_passes(one) for one in archive.infolist())

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and tell after every ``STEP`` bytes."""
        data = super().read(size)
        self._done += len(data)
        if self._total and self._done - self._told >= STEP:
            self._told = self._done
            self._progress(min(self._done, self._total), self._total)
        return data

    def end(self) -> None:
        """Tell that nothing is left to read, if anything was told."""
        if self._told:
            self._progress(self._total, self._total)


def _count_passes(member: zipfile.ZipInfo) -> int:
    name, is_deflated = member.filename, member.compress_type == zipfile.ZIP_DEFLATED
    return 2 + is_deflated + 2 * name.endswith(".jsonl") + name.endswith(".csv")
