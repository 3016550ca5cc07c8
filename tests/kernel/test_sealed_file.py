import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.sealed_file import HEAD, SEGMENT, TAG, SegmentReader, SegmentWriter

KEY = bytes(range(32))


def write(path, *parts, context="spool"):
    with SegmentWriter(path, KEY, context) as file:
        for part in parts:
            file.write(part)
    return path


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT])
def test_reads_back_what_was_written(tmp_path, size):
    data = os.urandom(size)
    path = write(tmp_path / "f", data[: size // 3], data[size // 3 :])
    with SegmentReader(path, KEY, "spool") as file:
        assert file.size == size
        assert file.read() == data


@given(start=st.integers(0, 3 * SEGMENT), length=st.integers(0, 3 * SEGMENT))
def test_reads_any_range(tmp_path_factory, start, length):
    data = bytes(range(256)) * (SEGMENT // 100)
    path = write(tmp_path_factory.mktemp("range") / "f", data)
    with SegmentReader(path, KEY, "spool") as file:
        file.seek(start)
        assert file.read(length) == data[start : start + length]


def test_plaintext_is_not_in_the_file(tmp_path):
    path = write(tmp_path / "f", b"+31612345678" * 1000)
    assert b"+316" not in path.read_bytes()


@pytest.mark.parametrize("position", [0, HEAD, HEAD + 5, HEAD + SEGMENT + TAG + 1, -1])
def test_one_flipped_bit_is_refused(tmp_path, position):
    path = write(tmp_path / "f", bytes(2 * SEGMENT))
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityFailure), SegmentReader(path, KEY, "spool") as file:
        file.read()


def test_missing_or_swapped_segments_are_refused(tmp_path):
    path = write(tmp_path / "f", os.urandom(3 * SEGMENT))
    whole = path.read_bytes()
    size = SEGMENT + TAG
    one, two = whole[HEAD : HEAD + size], whole[HEAD + size : HEAD + 2 * size]
    damaged = [
        whole[: HEAD + 2 * size],
        whole[:HEAD] + two + one + whole[HEAD + 2 * size :],
        whole[:5],
    ]
    for data in damaged:
        path.write_bytes(data)
        with pytest.raises(IntegrityFailure), SegmentReader(path, KEY, "spool") as file:
            file.read()


def test_other_context_or_key_does_not_open(tmp_path):
    path = write(tmp_path / "f", b"rows")
    with pytest.raises(IntegrityFailure):
        SegmentReader(path, KEY, "package")
    with pytest.raises(IntegrityFailure):
        SegmentReader(path, bytes(32), "spool")


def test_unfinished_file_does_not_open(tmp_path):
    def write_half() -> None:
        with SegmentWriter(tmp_path / "f", KEY, "spool") as file:
            file.write(bytes(2 * SEGMENT))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        write_half()
    with pytest.raises(IntegrityFailure):
        SegmentReader(tmp_path / "f", KEY, "spool")


def test_never_overwrites(tmp_path):
    path = write(tmp_path / "f", b"rows")
    with pytest.raises(FileExistsError):
        SegmentWriter(path, KEY, "spool")
