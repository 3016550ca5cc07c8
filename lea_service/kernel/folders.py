"""Folders that outlast a power cut: a name is on disk only once the folder it stands in is."""

from __future__ import annotations

import os
from pathlib import Path, PurePath


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
