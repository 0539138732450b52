"""Keep what was worked out as long as what it was worked out from is unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

#: States kept: the newest of a few stores.
_KEPT = 8


class Remembered(Generic[T]):
    """Values by the token of the state they were worked out from; a token never stands for two states."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._values: dict[str, T] = {}

    def get(self, token: str | None, work_out: Callable[[], T]) -> T:
        """Give the value of a state, worked out once; without a token each time."""
        known = self._values.get(token) if token else None
        if known is not None:
            return known
        value = work_out()
        if token:
            if len(self._values) >= _KEPT:
                self._values.clear()
            self._values[token] = value
        return value
