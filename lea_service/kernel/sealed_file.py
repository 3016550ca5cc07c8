"""Files that rest encrypted: AES-256-GCM in segments, readable from any position.

Layout: 16 random bytes, then segments of 64 KiB plaintext, each sealed with a key derived for this
file (HKDF-SHA256 over the random bytes and the context) and a nonce that counts segments and marks
the last one, so that neither reordering nor truncation goes unseen (the STREAM construction).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.folders import sync_folder

SEGMENT = 64 * 1024
TAG = 16
HEAD = 16


class SegmentWriter:
    """Writes one sealed file; only ``close`` makes it whole and durable."""

    def __init__(self, path: Path, key: bytes, context: str) -> None:
        head = secrets.token_bytes(HEAD)
        self.size = 0
        self._folder = path.parent
        self._cipher = AESGCM(_file_key(key, head, context))
        self._pending = bytearray()
        self._index = 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._file.write(head)

    def write(self, data: bytes) -> int:
        """Add plaintext; returns its length."""
        self._pending += data
        self.size += len(data)
        full = len(self._pending) // SEGMENT
        if len(self._pending) == full * SEGMENT:
            full -= 1  # the last segment waits until it is known to be the last
        for number in range(full):
            part = bytes(self._pending[number * SEGMENT : (number + 1) * SEGMENT])
            self._seal(part, last=False)
        if full > 0:
            del self._pending[: full * SEGMENT]
        return len(data)

    def flush(self) -> None:
        """Do nothing: a segment is written when it is full."""

    def close(self) -> None:
        """Seal the last segment and bring the file and its name to disk."""
        if self._file.closed:
            return
        self._seal(bytes(self._pending), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        sync_folder(self._folder)

    def abandon(self) -> None:
        """Close without making the file whole; it will not open."""
        self._file.close()

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    def _seal(self, part: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._index, last=last), part, None))
        self._index += 1


class SegmentReader:
    """Reads a sealed file from any position; memory holds one segment."""

    def __init__(self, path: Path, key: bytes, context: str) -> None:
        self._file = path.open("rb")
        try:
            self._prepare(path, key, context)
        except IntegrityFailure:
            self._file.close()
            raise

    def _prepare(self, path: Path, key: bytes, context: str) -> None:
        head = self._file.read(HEAD)
        body = path.stat().st_size - HEAD
        if len(head) != HEAD or body < TAG:
            raise IntegrityFailure("a sealed file is cut short")
        self._cipher = AESGCM(_file_key(key, head, context))
        self._count = -(-body // (SEGMENT + TAG))
        self.size = body - self._count * TAG
        self._position = 0
        self._held = (-1, b"")
        self._segment(self._count - 1)  # proves at once that the end is the end

    def seek(self, position: int) -> None:
        """Go to the byte ``position`` of the plaintext."""
        self._position = max(0, min(position, self.size))

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes of plaintext from the present position."""
        end = self.size if size < 0 else min(self.size, self._position + size)
        data = b"".join(self.iter_chunks(self._position, end))
        self._position = end
        return data

    def iter_chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the plaintext from ``start`` up to ``end``, at most a segment at a time."""
        position, stop = start, self.size if end is None else min(end, self.size)
        while position < stop:
            index, offset = divmod(position, SEGMENT)
            part = self._segment(index)[offset : offset + stop - position]
            yield part
            position += len(part)

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def __enter__(self) -> SegmentReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _segment(self, index: int) -> bytes:
        if self._held[0] == index:
            return self._held[1]
        self._file.seek(HEAD + index * (SEGMENT + TAG))
        sealed = self._file.read(SEGMENT + TAG)
        nonce = _nonce(index, last=index == self._count - 1)
        try:
            self._held = (index, self._cipher.decrypt(nonce, sealed, None))
        except (InvalidTag, ValueError) as err:
            raise IntegrityFailure(f"segment {index} of a sealed file does not open") from err
        return self._held[1]


def _file_key(key: bytes, head: bytes, context: str) -> bytes:
    return HKDF(SHA256(), 32, head, b"lea sealed file\n" + context.encode()).derive(key)


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes([last])
