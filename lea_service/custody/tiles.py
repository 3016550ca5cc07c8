"""C2SP tlog-tiles: the tree and its entries as plain files of 256 each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lea_service.custody.merkle import node_hash
from lea_service.kernel.errors import InvalidInput, VerificationFailed

WIDTH = 256
MAX_LEVEL = 63
MAX_ENTRY = 65_535


def tile_path(level: int | None, number: int, width: int = WIDTH) -> str:
    """Return ``tile/<level>/<number>[.p/<width>]``; level None is the entries."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{'entries' if level is None else level}/{'/'.join(groups)}{partial}"


def parse_tile_path(path: str) -> tuple[int | None, int, int]:
    """Return (level or None, number, width). Raises InvalidInput for any other spelling."""
    parts = path.split("/")
    try:
        if parts[0] != "tile" or len(parts) < 3:
            raise ValueError
        level = None if parts[1] == "entries" else int(parts[1])
        width = WIDTH
        rest = parts[2:]
        if len(rest) > 1 and rest[-2].endswith(".p"):
            width = int(rest.pop())
            rest[-1] = rest[-1].removesuffix(".p")
        number = int("".join(group.removeprefix("x") for group in rest))
    except ValueError as err:
        raise InvalidInput("expected a tile path as in C2SP tlog-tiles") from err
    if not 0 <= (level or 0) <= MAX_LEVEL or not 0 < width <= WIDTH:
        raise InvalidInput("expected a tile path as in C2SP tlog-tiles")
    if tile_path(level, number, width) != path:
        raise InvalidInput("expected a tile path as in C2SP tlog-tiles")
    return level, number, width


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, number, width) of every hash tile of a tree of ``size`` entries."""
    level, count = 0, size
    while count:
        for number in range(-(-count // WIDTH)):
            yield level, number, min(WIDTH, count - number * WIDTH)
        level, count = level + 1, count // WIDTH


def bundles_of(size: int) -> Iterator[tuple[int, int]]:
    """Yield (number, width) of every entry bundle."""
    for number in range(-(-size // WIDTH)):
        yield number, min(WIDTH, size - number * WIDTH)


def dump_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the entries, each after its big-endian 16-bit length."""
    if any(len(entry) > MAX_ENTRY for entry in entries):
        raise InvalidInput("an entry is longer than 65,535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def load_bundle(data: bytes, width: int) -> list[bytes]:
    """Split a bundle into exactly ``width`` entries. Raises VerificationFailed."""
    entries: list[bytes] = []
    at = 0
    while at + 2 <= len(data) and len(entries) < width:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(entries) != width:
        raise VerificationFailed("an entry bundle is cut short or too long")
    return entries


def full_root(hashes: list[bytes]) -> bytes:
    """Return the root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]
