"""The only place that reads the clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def read_clock() -> datetime:
    """Give the present moment, aware, in UTC."""
    return datetime.now(UTC)


def read_stopwatch() -> float:
    """Give seconds that only ever rise, to tell how long something took; they mean no moment."""
    return time.monotonic()
