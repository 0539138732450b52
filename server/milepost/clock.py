"""The only place that reads the clock."""

from __future__ import annotations

from datetime import UTC, datetime


def read_clock() -> datetime:
    """Give the present moment, aware, in UTC."""
    return datetime.now(UTC)
