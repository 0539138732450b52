"""How long to wait after an attempt that failed, and after a place that does not answer."""

from __future__ import annotations

import hashlib
from datetime import timedelta

#: What follows on each failed attempt, as Standard Webhooks has it; after the tenth nothing follows.
LADDER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: So much is added or taken away, so that what failed together is not tried again together.
JITTER = 0.2
#: No place is left alone longer than this, whatever it asks for.
LONGEST_WAIT = timedelta(hours=24)

#: A place that failed so often in a row rests as a whole, and is then tried with one message.
FAILURES_BEFORE_REST = 5
_FIRST_REST = timedelta(minutes=1)
_LONGEST_REST = timedelta(hours=1)


def pause_after(attempts: int, *, seed: str) -> timedelta | None:
    """Give the wait after so many failed attempts; None: it is given up. The same *seed* gives the same jitter."""
    if attempts > len(LADDER):
        return None
    return LADDER[attempts - 1] * (1 + JITTER * _chance(f"{seed}:{attempts}"))


def rest_after(failures: int) -> timedelta:
    """Give how long a place rests that failed so often in a row."""
    if failures < FAILURES_BEFORE_REST:
        return timedelta()
    doublings = min(failures - FAILURES_BEFORE_REST, 10)
    return min(_FIRST_REST * (1 << doublings), _LONGEST_REST)


def _chance(seed: str) -> float:
    """Give a number from -1 to 1 that looks like chance and is not."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6]) / (2**47) - 1
