"""One caller at a time in the block of a name, among the threads of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from milepost.storage.errors import StillTaken


class Turns:
    """The names at which somebody of this process is; enough for a store that one process owns."""

    def __init__(self) -> None:
        """Start with none."""
        self._names: set[str] = set()
        self._changed = Condition()

    @contextmanager
    def take(self, name: str, *, patience_seconds: float) -> Iterator[None]:
        """Wait until nobody is at *name*; raises `StillTaken` when that takes too long."""
        with self._changed:
            if not self._changed.wait_for(lambda: name not in self._names, timeout=patience_seconds):
                raise StillTaken(f"Another caller is still at {name[:80]!r}. Try again in a second.")
            self._names.add(name)
        try:
            yield
        finally:
            with self._changed:
                self._names.discard(name)
                self._changed.notify_all()
