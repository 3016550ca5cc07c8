"""A ZIP archive written front to back to a sink that cannot seek (PKWARE APPNOTE 6.3.10).

Members given whole carry their sizes in the local header, as ``mimetype`` must (ETSI EN 319 162-1
annex A); streamed members are deflated and carry a data descriptor with ZIP64 sizes. Names, order,
contents and the one timestamp decide every byte.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from lea_service.kernel.errors import InvalidInput
from lea_service.packaging.ports import ByteSink

STORED, DEFLATED = 0, 8
DEFLATE_LEVEL = 1
UTF8_NAMES, HAS_DESCRIPTOR = 1 << 11, 1 << 3
PLAIN, ZIP64 = 20, 45
MADE_BY = 3 << 8 | ZIP64  # Unix, so that the external attributes are a file mode
MODE = (0o100644 << 16).to_bytes(4, "little")
LIMIT_32 = 0xFFFFFFFF
LIMIT_16 = 0xFFFF
WIDE_SIZES = struct.pack("<2H2Q", 1, 16, 0, 0)
"""Extra field of a streamed member; says: the descriptor has 64-bit sizes."""


@dataclass(frozen=True, slots=True)
class _Member:
    name: bytes
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    offset: int


class ZipStream:
    """Writes one archive; ``close`` writes the central directory."""

    def __init__(self, sink: ByteSink, stamp: datetime) -> None:
        self._sink = sink
        self._stamp = _dos_time(stamp)
        self._offset = 0
        self._members: list[_Member] = []
        self._names: set[bytes] = set()

    def add(self, name: str, data: bytes) -> None:
        """Add a small member as it is. Raises InvalidInput when the name is taken."""
        encoded = self._take_name(name)
        member = _Member(
            encoded, STORED, UTF8_NAMES, zlib.crc32(data), len(data), len(data), self._offset
        )
        self._put(
            struct.pack(
                "<4s5H3I2H",
                b"PK\x03\x04",
                PLAIN,
                member.flags,
                member.method,
                *self._stamp,
                member.crc,
                member.packed,
                member.size,
                len(encoded),
                0,
            )
            + encoded
        )
        self._put(data)
        self._members.append(member)

    def add_stream(self, name: str, blocks: Iterable[bytes]) -> int:
        """Add a member of any size, deflated block by block; returns its size in bytes."""
        encoded = self._take_name(name)
        start, flags = self._offset, UTF8_NAMES | HAS_DESCRIPTOR
        self._put(
            struct.pack(
                "<4s5H3I2H",
                b"PK\x03\x04",
                ZIP64,
                flags,
                DEFLATED,
                *self._stamp,
                0,
                LIMIT_32,
                LIMIT_32,
                len(encoded),
                len(WIDE_SIZES),
            )
            + encoded
            + WIDE_SIZES
        )
        crc = size = packed = 0
        deflate = zlib.compressobj(DEFLATE_LEVEL, zlib.DEFLATED, -15)
        for block in blocks:
            crc = zlib.crc32(block, crc)
            size += len(block)
            packed += self._put(deflate.compress(block))
        packed += self._put(deflate.flush())
        self._put(dump_descriptor(crc, packed, size))
        self._members.append(_Member(encoded, DEFLATED, flags, crc, packed, size, start))
        return size

    def close(self) -> None:
        """Write the central directory and the end records."""
        start = self._offset
        for member in self._members:
            self._put(self._directory_entry(member))
        size, count = self._offset - start, len(self._members)
        self._put(dump_end(start, size, count))

    def _directory_entry(self, member: _Member) -> bytes:
        wide = [value for value in (member.size, member.packed, member.offset) if value >= LIMIT_32]
        extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        return (
            struct.pack(
                "<4s6H3I5H4sI",
                b"PK\x01\x02",
                MADE_BY,
                ZIP64 if wide or member.flags & HAS_DESCRIPTOR else PLAIN,
                member.flags,
                member.method,
                *self._stamp,
                member.crc,
                min(member.packed, LIMIT_32),
                min(member.size, LIMIT_32),
                len(member.name),
                len(extra),
                0,
                0,
                0,
                MODE,
                min(member.offset, LIMIT_32),
            )
            + member.name
            + extra
        )

    def _take_name(self, name: str) -> bytes:
        encoded = name.encode()
        if encoded in self._names:
            raise InvalidInput(f"the archive already holds {name}")
        if not name or name.startswith("/") or ".." in name.split("/") or len(encoded) > 200:
            raise InvalidInput("expected a relative name of at most 200 bytes in the archive")
        self._names.add(encoded)
        return encoded

    def _put(self, data: bytes) -> int:
        if data:
            self._sink.write(data)
            self._offset += len(data)
        return len(data)


def dump_descriptor(crc: int, packed: int, size: int) -> bytes:
    """Return what follows the content of a streamed member."""
    return struct.pack("<4sI2Q", b"PK\x07\x08", crc, packed, size)


def dump_end(start: int, size: int, count: int) -> bytes:
    """Return the end records behind a directory of ``count`` members."""
    few, small, near = min(count, LIMIT_16), min(size, LIMIT_32), min(start, LIMIT_32)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, few, few, small, near, 0)
    if start < LIMIT_32 and size < LIMIT_32 and count < LIMIT_16:
        return end
    wide = (44, MADE_BY, ZIP64, 0, 0, count, count, size, start)
    return (
        struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", *wide)
        + struct.pack("<4sIQI", b"PK\x06\x07", 0, start + size, 1)
        + end
    )


def _dos_time(stamp: datetime) -> tuple[int, int]:
    """Return time and date as MS-DOS writes them, in UTC, to two seconds."""
    moment = stamp.astimezone(UTC)
    if not 1980 <= moment.year <= 2107:
        raise InvalidInput("a ZIP timestamp lies between 1980 and 2107")
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return time, (moment.year - 1980) << 9 | moment.month << 5 | moment.day
