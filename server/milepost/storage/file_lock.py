"""One process owns a file: a lock that the operating system lets go of when the process ends."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from milepost.storage.errors import StoreInUse, StoreUnavailable

#: Locked on Windows, where a locked stretch cannot be read; far behind the owner's number.
_LOCKED_AT = 1 << 20


class FileLock:
    """A lock file that is held; it stays behind empty-handed, for removing it would race with the next owner."""

    def __init__(self, path: Path) -> None:
        """Take the lock, or say who has it."""
        self._descriptor: int | None = None
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnavailable(
                f"{path} cannot be made ({error.strerror}). Its folder must exist and be writable for Milepost."
            ) from error
        try:
            _lock(descriptor)
        except OSError as error:
            owner = _read_owner(descriptor)
            os.close(descriptor)
            raise StoreInUse(
                f"Another Milepost process{owner} has {path.name.removesuffix('.lock')} open. Stop it first, "
                f"or ask it over HTTP."
            ) from error
        self._descriptor = descriptor
        with contextlib.suppress(OSError):  # a full disk: the number is a courtesy, the lock holds without it
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())

    def release(self) -> None:
        """Let go; a second time does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _read_owner(descriptor: int) -> str:
    try:
        number = os.read(descriptor, 20).decode("ascii", "replace").strip()
    except OSError:
        return ""
    return f" (number {number})" if number.isdigit() else ""


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_AT, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
