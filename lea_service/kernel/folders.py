"""Folders that outlast a power cut: a name is on disk only once the folder it stands in is."""

from __future__ import annotations

import os
from pathlib import Path, PurePath


def make_folders(top: Path, name: str) -> Path:
    """Make the folders of a relative name below ``top``, for the owner alone; returns the last.

    They are on disk then, also where another process had just made them.
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
