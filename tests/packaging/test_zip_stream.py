import io
import os
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime

import pytest

from lea_service.kernel.errors import InvalidInput
from lea_service.packaging import zip_stream
from lea_service.packaging.zip_stream import ZipStream

STAMP = datetime(2026, 11, 24, 9, 30, 44, tzinfo=UTC)


class WriteOnly:
    def __init__(self):
        self.held = bytearray()

    def write(self, data):
        self.held += data


def archive(*members):
    sink = WriteOnly()
    target = ZipStream(sink, STAMP)
    for name, data in members:
        if isinstance(data, bytes):
            target.add(name, data)
        else:
            target.add_stream(name, data)
    target.close()
    return bytes(sink.held)


def test_python_and_unzip_read_it(tmp_path):
    blocks = [os.urandom(1000) + bytes(5000) for _ in range(50)]
    data = archive(("mimetype", b"a/b"), ("records/é.jsonl", blocks), ("empty", []), ("z", b""))
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        assert read.namelist() == ["mimetype", "records/é.jsonl", "empty", "z"]
        assert read.testzip() is None
        assert read.read("records/é.jsonl") == b"".join(blocks)
        assert read.infolist()[0].date_time == (2026, 11, 24, 9, 30, 44)
    (tmp_path / "a.zip").write_bytes(data)
    subprocess.run(["unzip", "-q", "a.zip"], cwd=tmp_path, check=True)
    assert (tmp_path / "z").read_bytes() == b""
    assert (tmp_path / "mimetype").stat().st_mode & 0o777 == 0o644


def test_mimetype_is_readable_in_place():
    data = archive(("mimetype", b"application/vnd.etsi.asic-e+zip"))
    assert data[30:38] == b"mimetype"
    assert data[38:69] == b"application/vnd.etsi.asic-e+zip"
    assert data[6] & 8 == 0  # no descriptor: a reader that streams accepts it


def test_same_input_same_bytes():
    members = (("a", b"1"), ("b", [b"2" * 9, b"3"]))
    assert archive(*members) == archive(*members)


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../b", "x" * 201])
def test_names_that_leave_the_folder_are_refused(name):
    with pytest.raises(InvalidInput):
        archive((name, b""))


def test_name_is_used_once():
    with pytest.raises(InvalidInput, match="already"):
        archive(("a", b""), ("a", b""))


def test_large_sizes_use_zip64(monkeypatch):
    monkeypatch.setattr(zip_stream, "LIMIT_16", 2)  # forces the ZIP64 end records
    data = archive(("a", b"1"), ("b", [b"2"]), ("c", b"3"))
    assert b"PK\x06\x06" in data
    assert b"PK\x06\x07" in data


@pytest.mark.full
@pytest.mark.skipif(shutil.disk_usage("/tmp").free < 6 << 30, reason="needs 6 GiB of disk")
def test_more_than_four_gib(tmp_path):
    path = tmp_path / "big.zip"
    block = bytes(1 << 24)
    with path.open("wb") as sink:
        target = ZipStream(sink, STAMP)
        assert target.add_stream("big", (block for _ in range(257))) == 257 << 24
        target.add("after", b"x")
        target.close()
    with zipfile.ZipFile(path) as read:
        assert read.getinfo("big").file_size == 257 << 24
        assert read.read("after") == b"x"
    subprocess.run(["unzip", "-tq", path], check=True, stdout=subprocess.DEVNULL)
