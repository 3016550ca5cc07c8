"""Folders that outlast a power cut, and who may read what is made.

A name is on disk only once the folder it stands in is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

OTHERS = 0o077
"""What group and others may do with a file, all of it."""


@contextmanager
def for_owner_alone() -> Iterator[None]:
    """Meanwhile make every file and folder of this process, and of those it starts, 0600 or 0700.

    Also those that libraries make, as databases; what is there stays as it is.
    """
    before = os.umask(OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def make_folders(top: Path, name: str) -> Path:
    """Make ``top``, and below it the folders of the relative ``name``; returns the last of them.

    What is made is for the owner alone; what is there stays as it is. When it returns, the names
    below ``top`` are on disk, also of folders that another process had just made; that of ``top``
    itself was brought there by nobody. Raises OSError.
    """
    top.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = top
    for part in PurePath(name).parts:
        folder, path = path, path / part
        path.mkdir(exist_ok=True, mode=0o700)
        sync_folder(folder)
    return path


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
