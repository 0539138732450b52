"""Calls that tell new events, made before they are needed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, takewhile

import orjson

from milepost.schemas.events import event_document
from tests.bench.callers import request
from tests.bench.workloads import A_DAY, Work, moments, working_days

#: What is told over HTTP begins so long ago, within the late limit, so that everybody's days stay as full as before.
BEGINS_DAYS_AGO = 31


class Telling:
    """An endless supply of calls: everybody in turn does the next thing, each on their own working days."""

    def __init__(self, works: list[Work], key: str) -> None:
        """Begin where everybody's history ends."""
        self._works = works
        self._key = key
        self._documents = self.events()
        self._ready: deque[tuple[int, bytes]] = deque()
        #: Events in all calls that were given out.
        self.told = 0

    def prepare(self, calls: int, *, batch: int = 1) -> None:
        """Have at least so many calls ready, each with *batch* events; others are thrown away."""
        self._ready.clear()
        for _ in range(calls):
            events = [next(self._documents) for _ in range(batch)]
            body, path = (events[0], "") if batch == 1 else ({"events": events}, "/batch")
            self._ready.append((batch, request(f"/v1/evaluate{path}", orjson.dumps(body), key=self._key)))

    def __call__(self) -> bytes:
        """Give the next call; make one where more are needed than were prepared."""
        if not self._ready:
            self.prepare(1)
        events, call = self._ready.popleft()
        self.told += events
        return call

    def events(self) -> Iterator[dict[str, object]]:
        """Give events as documents, for ever."""
        clocks = [_workdays() for _ in self._works]
        for work, clock in cycle(list(zip(self._works, clocks, strict=True))):
            yield event_document(work.next(next(clock)))


def _workdays() -> Iterator[datetime]:
    """Give the moments of one person's working days until now; then one a second before now, again and again."""
    now = datetime.now(UTC)
    past = takewhile(lambda day: day >= first_day(), working_days(now.date() - timedelta(days=1)))
    for day in reversed(list(past)):
        yield from moments(day, A_DAY)
    while True:
        yield datetime.now(UTC) - timedelta(seconds=1)


def first_day() -> date:
    """Give the first day of which something is told over HTTP."""
    return next(working_days(datetime.now(UTC).date() - timedelta(days=BEGINS_DAYS_AGO)))
