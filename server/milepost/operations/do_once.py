"""Do a chore once in a while, whichever worker comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from milepost.operations.services import Services
from milepost.storage.errors import StillTaken

T = TypeVar("T")


def do_once(services: Services, name: str, act: Callable[[Services], T], *, every: timedelta) -> T | None:
    """Do a chore unless it was done in the last *every*, or somebody is at it; one that fails is not done."""
    if _is_done(services, name, every):
        return None
    try:
        with services.store.turn(f"chore {name}", patience_seconds=0):
            if _is_done(services, name, every):
                return None
            result = act(services)
            with services.store.transaction() as tx:
                tx.put_chore(name, services.clock())
            return result
    except StillTaken:
        return None


def _is_done(services: Services, name: str, every: timedelta) -> bool:
    """Say whether it was done lately; a clock that was put back does not count."""
    with services.store.reading() as reading:
        done_at = reading.chore_done_at(name)
    return done_at is not None and timedelta() <= services.clock() - done_at < every
