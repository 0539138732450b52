"""What one event costs in a store with many events, divided by what it costs in a small one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from statistics import median

from milepost.engine.events import Event
from tests.bench.calling import Caller
from tests.bench.figures import Ratio, without_slowest
from tests.bench.telling import first_day
from tests.bench.workloads import A_DAY, Work, moments

SINGLES, BATCHES, BATCH = 100, 2, 100
#: Each part has a ratio of its own.
PARTS = 4


@dataclass(frozen=True)
class Growth:
    """Large to small; the figures are milliseconds for one event."""

    single: Ratio
    batch: Ratio
    #: Processor time instead of the time that passes.
    single_cpu: Ratio


class Filled:
    """A store in this process, with the people whose work is told to it."""

    def __init__(self, caller: Caller, works: list[Work]) -> None:
        """Begin where the history ends."""
        self.caller = caller
        self._events = _next_day(works)

    def tell(self) -> tuple[float, float]:
        """Tell one event; give the milliseconds that passed, and those of the processor."""
        event = next(self._events)
        return _timed(lambda: self.caller.tell(event))

    def tell_batch(self) -> tuple[float, float]:
        """Tell many in one call; give the same for each of them."""
        events = list(islice(self._events, BATCH))
        passed, spent = _timed(lambda: self.caller.tell_batch(events))
        return passed / BATCH, spent / BATCH


def measure_growth(small: Filled, large: Filled) -> Growth:
    """Tell the same kind of events to both in turns."""
    for store in (small, large):
        for _ in range(10):
            store.tell()
    singles = [_in_turns(Filled.tell, small, large, SINGLES) for _ in range(PARTS)]
    batches = [_in_turns(Filled.tell_batch, small, large, BATCHES) for _ in range(PARTS)]
    return Growth(_ratio(singles, 0), _ratio(batches, 0), _ratio(singles, 1))


_Taken = list[tuple[float, float]]


def _in_turns(
    tell: Callable[[Filled], tuple[float, float]], small: Filled, large: Filled, times: int
) -> tuple[_Taken, _Taken]:
    taken: tuple[_Taken, _Taken] = ([], [])
    for _ in range(times):
        for store, values in zip((small, large), taken, strict=True):
            values.append(tell(store))
    return taken


def _ratio(parts: list[tuple[_Taken, _Taken]], which: int) -> Ratio:
    small, large = [[without_slowest([one[which] for one in part[side]]) for part in parts] for side in (0, 1)]
    return Ratio(tuple(big / little for big, little in zip(large, small, strict=True)), median(large), median(small))


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    begun, spent = time.perf_counter(), time.process_time()
    call()
    return 1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - spent)


def _next_day(works: list[Work]) -> Iterator[Event]:
    """Give what everybody does in turn on the first day after the history."""
    for moment in moments(first_day(), A_DAY):
        for work in works:
            yield work.next(moment)
