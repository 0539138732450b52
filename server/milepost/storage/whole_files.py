"""The files of a store, copied, moved and removed as a whole, with failures in our own words."""

from __future__ import annotations

import errno
import glob
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from milepost.storage.errors import StoreFull, StoreUnavailable
from milepost.storage.file_sync import sync_file

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def in_our_words(path: Path) -> Iterator[None]:
    """Say in a sentence what the machine refuses."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise StoreFull(f"No space is left for {path}. Free some on its disk, then try again.") from error
        raise StoreUnavailable(
            f"{path} cannot be written ({error.strerror}). Milepost must be allowed to write it and its folder."
        ) from error


def parts_of(file: Path) -> tuple[Path, ...]:
    """Give the files of which a store may consist; the others mean nothing without the first."""
    return (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm"))


def remove_store(file: Path) -> None:
    """Remove a copy that nobody needs, with all that was made beside it."""
    for part in (*parts_of(file), *file.parent.glob(f"{glob.escape(file.name)}.*")):
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)


def copy_store(file: Path, to: Path) -> None:
    """Copy a store that nobody has open to a new place, for our eyes only."""
    for part, copy in list(zip(parts_of(file), parts_of(to), strict=True))[:2]:  # the third is made anew
        if part.exists():
            copy.touch(mode=0o600)
            shutil.copyfile(part, copy)
            sync_file(copy)


def move_store_files(file: Path, to: Path) -> tuple[Path, ...]:
    """Move all files of a store, the main one first: without it nobody takes the others for a whole store."""
    moved = []
    for part, place in zip(parts_of(file), parts_of(to), strict=True):
        if part.exists():
            part.rename(place)
            moved.append(place)
    return tuple(moved)
