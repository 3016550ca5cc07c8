"""Holds that a ZIP archive is its members and its directory, and not one byte more.

Readers that start at the front and readers that start at the end then find the same files.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import IO
from zipfile import ZipFile, ZipInfo

from lea_service.kernel.errors import VerificationFailed
from lea_service.packaging.zip_stream import (
    DEFLATED,
    HAS_DESCRIPTOR,
    LIMIT_32,
    UTF8_NAMES,
    WIDE_SIZES,
    dump_descriptor,
    dump_end,
)

LOCAL = struct.Struct("<4s2x2H4x3I2H")
ENTRY_SIZE = 46
BLOCK = 1 << 18


def check_layout(archive: ZipFile) -> None:
    """Compare every byte that is no content with the directory. Raises VerificationFailed."""
    file = archive.fp
    if file is None:
        raise VerificationFailed("is closed")
    place = directory = 0
    for member in archive.infolist():
        if member.header_offset != place:
            raise VerificationFailed("holds bytes that belong to none of its members")
        place = _check_member(file, member)
        directory += _measure_entry(member)
    end = dump_end(place, directory, len(archive.infolist()))
    file.seek(place + directory)
    if archive.start_dir != place or file.read(len(end) + 1) != end:
        raise VerificationFailed("does not end with the list of its members")


def _check_member(file: IO[bytes], member: ZipInfo) -> int:
    """Check what surrounds the content of a member; returns where it ends."""
    head, tail = _frame(member)
    file.seek(member.header_offset)
    found = file.read(len(head))
    # the version and the time of a member are nobody's content
    if len(found) < len(head) or _comparable(found) != _comparable(head):
        raise VerificationFailed("holds a member that its list describes otherwise")
    start = member.header_offset + len(head)
    if member.compress_type == DEFLATED:
        _check_deflated(file, member)
    file.seek(start + member.compress_size)
    if file.read(len(tail)) != tail:
        raise VerificationFailed("holds a member that its list describes otherwise")
    return start + member.compress_size + len(tail)


def _frame(member: ZipInfo) -> tuple[bytes, bytes]:
    """Return what stands before and behind the content of a member."""
    name, packed, size = _raw_name(member), member.compress_size, member.file_size
    flags, method = member.flag_bits, member.compress_type
    if flags & HAS_DESCRIPTOR:
        sizes, extra = (0, LIMIT_32, LIMIT_32), WIDE_SIZES
        tail = dump_descriptor(member.CRC, packed, size)
    else:
        sizes, extra, tail = (member.CRC, packed, size), b"", b""
    head = LOCAL.pack(b"PK\x03\x04", flags, method, *sizes, len(name), len(extra))
    return head + name + extra, tail


def _comparable(head: bytes) -> tuple[object, bytes]:
    return LOCAL.unpack(head[: LOCAL.size]), head[LOCAL.size :]


def _check_deflated(file: IO[bytes], member: ZipInfo) -> None:
    """Hold that the content ends where it is said to, and not before."""
    inflate, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    for block in _blocks(file, member.compress_size):
        if inflate.eof:
            raise VerificationFailed("holds bytes that belong to none of its members")
        size += len(inflate.decompress(block, BLOCK))
        while inflate.unconsumed_tail:
            size += len(inflate.decompress(inflate.unconsumed_tail, BLOCK))
    size += len(inflate.flush())
    if not inflate.eof or inflate.unused_data or size != member.file_size:
        raise VerificationFailed("holds bytes that belong to none of its members")


def _blocks(file: IO[bytes], left: int) -> Iterator[bytes]:
    while left and (block := file.read(min(left, BLOCK))):
        left -= len(block)
        yield block


def _measure_entry(member: ZipInfo) -> int:
    """Return the size of an entry of the directory, which says what it must and no more."""
    places = (member.file_size, member.compress_size, member.header_offset)
    wide = sum(value >= LIMIT_32 for value in places)
    extra = struct.pack("<2H", 1, 8 * wide) if wide else b""
    expected = len(extra) + 8 * wide
    is_plain = member.filename == member.orig_filename and not member.comment
    if not (is_plain and len(member.extra) == expected and member.extra.startswith(extra)):
        raise VerificationFailed("says more of a member than any package")
    return ENTRY_SIZE + len(_raw_name(member)) + expected


def _raw_name(member: ZipInfo) -> bytes:
    return member.orig_filename.encode("utf-8" if member.flag_bits & UTF8_NAMES else "cp437")
