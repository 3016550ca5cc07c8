"""What was written is found after a power cut: its folder is on disk, and the one of that."""

import os
import stat

import pytest

from lea_service.kernel.folders import make_folders
from lea_service.kernel.sealed_file import SegmentWriter


@pytest.fixture
def synced(monkeypatch):
    """Return what is brought to disk, as folder or file, by its number on the disk."""
    found, real = [], os.fsync

    def fsync(descriptor):
        real(descriptor)
        status = os.fstat(descriptor)
        found.append((stat.S_ISDIR(status.st_mode), status.st_ino))

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def test_name_of_a_sealed_file_comes_to_disk_after_the_file(tmp_path, synced):
    path = tmp_path / "one"
    with SegmentWriter(path, bytes(32), "x") as file:
        file.write(b"rows")
    assert synced == [(False, path.stat().st_ino), (True, tmp_path.stat().st_ino)]


@pytest.mark.parametrize("is_there", [False, True])
def test_names_of_folders_come_to_disk(tmp_path, synced, is_there):
    top = tmp_path / "spool"
    if is_there:
        make_folders(top, "c_1/e_1")
        synced.clear()
    path = make_folders(top, "c_1/e_1")
    assert path == top / "c_1" / "e_1"
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert synced == [(True, one.stat().st_ino) for one in (top, top / "c_1")]
