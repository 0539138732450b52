"""What every operation works with: a store, a clock and the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from milepost.settings import Settings
from milepost.storage.base import Store


@dataclass(frozen=True, slots=True)
class Services:
    """The collaborators of an operation, put together once by `milepost.app` or a test."""

    store: Store
    #: Gives the present moment, aware, in UTC.
    clock: Callable[[], datetime]
    settings: Settings

    def at(self, moment: datetime) -> Services:
        """Give the same services with a clock that stands at *moment*."""
        return replace(self, clock=lambda: moment)
