"""An archive holds its members and nothing beside them, whichever end a reader starts at."""

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime

import pytest

from lea_service.kernel.errors import VerificationFailed
from lea_service.packaging import zip_stream
from lea_service.packaging.report import DAMAGED, GOOD
from lea_service.packaging.zip_layout import check_layout
from lea_service.packaging.zip_stream import ZipStream
from tests.packaging.judge import check, found
from tests.support.package import make_case, open_package, seal_case

STAMP = datetime(2026, 11, 24, 9, 30, 44, tzinfo=UTC)
NOBODYS = "container: holds bytes that belong to none of its members"
NO_END = "container: does not end with the list of its members"
OTHERWISE = "container: holds a member that its list describes otherwise"
MORE = "container: says more of a member than any package"


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return make_case(tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def whole(case, tmp_path_factory):
    """The bytes of a good container."""
    return open_package(tmp_path_factory.mktemp("open"), seal_case(case)[0]).read_bytes()


def local_entry(name, data):
    sizes = zlib.crc32(data), len(data), len(data), len(name), 0
    return struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0x5A21, *sizes) + name + data


def foreign_archive():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("LETTER.nl.txt", "geen gegevens")
    return held.getvalue()


def move_directory(data, by, count=0, size=0):
    """Have the end record point ``by`` bytes further, at more members of a larger directory."""
    end = list(struct.unpack("<4s4H2IH", data[-22:]))
    end[3:7] = end[3] + count, end[4] + count, end[5] + size, end[6] + by
    return data[:-22] + struct.pack("<4s4H2IH", *end)


def before_directory(data, added):
    start = struct.unpack("<I", data[-6:-2])[0]
    return move_directory(data[:start] + added + data[start:], len(added))


def set_local_size(data):
    """Give ``mimetype`` another size where readers that start at the front look for it."""
    changed = bytearray(data)
    changed[18:22] = changed[22:26] = struct.pack("<I", 7)
    return bytes(changed)


def comment_member(data):
    start = struct.unpack("<I", data[-6:-2])[0]
    entry = bytearray(data[start : start + 46 + len("mimetype")])
    entry[32:34] = struct.pack("<H", 5)
    rest = data[start + len(entry) :]
    return move_directory(data[:start] + bytes(entry) + b"hello" + rest, 0, size=5)


FORGED = local_entry(b"records/call-1.csv", b"forged rows\r\n")
ADDITIONS = {
    "entry before it": (lambda data: FORGED + data, NOBODYS),
    "entry before it, moved": (lambda data: move_directory(FORGED + data, len(FORGED)), None),
    "archive before it": (lambda data: foreign_archive() + data, NOBODYS),
    "text before it": (lambda data: b"#!/bin/sh\n" + data, NOBODYS),
    "entry behind the last": (lambda data: before_directory(data, FORGED), NO_END),
    "comment": (lambda data: data[:-2] + struct.pack("<H", 5) + b"hello", NO_END),
    "bytes behind it": (lambda data: data + b"hello", NO_END),
    "comment of a member": (comment_member, MORE),
    "another size in front": (set_local_size, OTHERWISE),
}


@pytest.mark.parametrize("kind", ADDITIONS)
def test_added_bytes_are_damage(case, whole, tmp_path, kind):
    add, problem = ADDITIONS[kind]
    path = open_package(tmp_path, seal_case(case)[0])
    path.write_bytes(whole)
    assert check(case, path).verdict == GOOD
    path.write_bytes(add(whole))
    report = check(case, path)
    assert report.verdict == DAMAGED
    assert problem is None or problem in found(report), found(report)


def archive(*members):
    sink = io.BytesIO()
    target = ZipStream(sink, STAMP)
    for name, data in members:
        target.add(name, data) if isinstance(data, bytes) else target.add_stream(name, data)
    target.close()
    return sink.getvalue()


def check_bytes(data):
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        check_layout(read)


def test_what_is_written_lies_as_it_should(monkeypatch):
    members = ("mimetype", b"a/b"), ("é", [bytes(900_000), b"1"]), ("none", []), ("z", b"")
    check_bytes(archive())
    check_bytes(archive(*members))
    monkeypatch.setattr(zip_stream, "LIMIT_16", 2)  # forces the ZIP64 end records
    check_bytes(archive(*members))


class Padded:
    """Deflates, and leaves an entry behind the end of what it deflated."""

    def __init__(self):
        self._deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
        self.compress = self._deflate.compress

    def flush(self):
        return self._deflate.flush() + FORGED


def test_entry_inside_packed_content_is_found(monkeypatch):
    padded = Padded()
    with monkeypatch.context() as patch:
        patch.setattr(zip_stream.zlib, "compressobj", lambda *_: padded)
        data = archive(("rows", [b"true rows"]))
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        assert read.read("rows") == b"true rows"
    with pytest.raises(VerificationFailed, match="none of its members"):
        check_bytes(data)
