"""Files that stay what they are when the power fails."""

from __future__ import annotations

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Wait until a file's content is on disk."""
    _sync(path, os.O_RDWR)


def sync_folder(path: Path) -> None:
    """Wait until it is on disk which files a folder holds; where a folder cannot be opened, do nothing."""
    if os.name == "posix":
        _sync(path, os.O_RDONLY)


def _sync(path: Path, access: int) -> None:
    descriptor = os.open(path, access)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
