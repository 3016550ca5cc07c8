import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.custody.tiles import WIDTH, parse_tile_path, tile_path
from lea_service.kernel.errors import InvalidInput

KNOWN = {
    "tile/0/000": (0, 0, 256),
    "tile/0/999": (0, 999, 256),
    "tile/0/x001/000": (0, 1000, 256),
    "tile/0/x001/234.p/7": (0, 1234, 7),
    "tile/0/x001/x234/067": (0, 1234067, 256),
    "tile/0/x123/x456/x789/012": (0, 123456789012, 256),
    "tile/63/x001/x000/000": (63, 1000000, 256),
    "tile/entries/x001/x234/067.p/255": (None, 1234067, 255),
}
"""Paths as C2SP tlog-tiles writes them; the fifth is the example of its text."""


@pytest.mark.parametrize("path", KNOWN)
def test_known_paths_are_written_and_read(path):
    assert tile_path(*KNOWN[path]) == path
    assert parse_tile_path(path) == KNOWN[path]


@given(st.none() | st.integers(0, 63), st.integers(0, 2**53), st.integers(1, WIDTH))
def test_paths_read_back_as_they_were(level, number, width):
    path = tile_path(level, number, width)
    assert parse_tile_path(path) == (level, number, width)
    assert all(len(group.lstrip("x")) == 3 for group in path.split(".")[0].split("/")[2:])


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/1234067",
        "tile/0/x001/234067",
        "tile/0/001/x234/067",
        "tile/0/x001/x234/x067",
        "tile/0/x1/x234/067",
        "tile/0/x000/x234/067",
        "tile/0/X001/x234/067",
        "tile/0/x001//067",
        "tile/0/xx001/067",
        "tile/0/x001/067.p/0",
        "tile/0/x001/067.p/256",
        "tile/0/x001.p/067/7",
        "tile/00/067",
        "tile/64/067",
        "tile/-1/067",
        "tile/0/+67",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/",
    ],
)
def test_other_spellings_are_refused(path):
    with pytest.raises(InvalidInput):
        parse_tile_path(path)
