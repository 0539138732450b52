"""Where the processor time of one evaluate goes, layer by layer.

The processor is looked at every few milliseconds of its own time; what runs then is counted for the innermost module
of Milepost, so a library counts for the layer that called it.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import milepost
from tests.bench.calling import Caller
from tests.bench.filling import filled
from tests.bench.growth import Filled

PACKAGE = str(Path(milepost.__file__).parent) + "/"
#: Evaluates whose processor time is divided.
LOOKED_AT = 400
#: How often the processor is looked at; many systems round it up to four milliseconds.
EVERY_SECONDS = 0.001

FRAMEWORK = "Flask and Werkzeug around it"
#: What a module's folder does; of the storage, what its innermost named step does.
LAYERS = {
    "api": "the door: key, headers, body in, answer out",
    "schemas": "reading the event: shape and values",
    "operations": "the order of things: whom it concerns, what changed, the answer",
    "engine": "judging: marks, progress, awards, reasons",
}
READING, WRITING, COMMITTING = "storage: reading", "storage: writing", "storage: commit"
_WRITES = ("put_", "set_", "clear_", "replace_", "remove_")


@dataclass(frozen=True)
class Shares:
    """How the processor time of one call is divided."""

    #: By layer, largest first; they add up to 1.
    shares: dict[str, float]
    samples: int
    #: Milliseconds of one call: the time that passes, and the processor's.
    passed: float
    spent: float
    #: By function of Milepost, how often it or something it called was at work; the most frequent first.
    functions: dict[str, float]


def measure_layers(tell: Callable[[], object], times: int) -> Shares:
    """Tell so many events, and see what the processor does meanwhile."""
    counted: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    begun, spent = time.perf_counter(), time.process_time()
    with _looking(counted, functions):
        for _ in range(times):
            tell()
    passed, spent = time.perf_counter() - begun, time.process_time() - spent
    total = sum(counted.values())
    shares, inclusive = [
        {name: number / total for name, number in counts.most_common()} for counts in (counted, functions)
    ]
    return Shares(shares, total, 1000 * passed / times, 1000 * spent / times, inclusive)


def print_layers(workload: str, events: int, functions: int) -> None:
    """Print where the processor time of an evaluate goes, and in which functions."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, filled(Path(name) / "one", workload, events) as found:
        store = Filled(Caller(found[0]), found[1])
        measure_layers(store.tell, LOOKED_AT // 4)
        shares = measure_layers(store.tell, 3 * LOOKED_AT)
    print(f"{workload}, {events:,} events: {shares.spent:.2f} ms of processor, {shares.passed:.2f} ms passed")
    for title, counts in (("at work", shares.shares), ("with what it calls", shares.functions)):
        print(f"\n{title}")
        for place, share in list(counts.items())[:functions]:
            print(f"{100 * share:5.1f} %  {1000 * share * shares.spent:6.0f} µs  {place}")


@contextmanager
def _looking(counted: Counter[str], functions: Counter[str]) -> Iterator[None]:
    """Count a layer and all functions under way at each tick of the process's own clock."""

    def look(_signal: int, frame: FrameType | None) -> None:
        counted[_layer_of(frame)] += 1
        functions.update(set(_functions_of(frame)))

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _layer_of(frame: FrameType | None) -> str:
    """Name the layer of the innermost frame that is Milepost's."""
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(PACKAGE):
            folder = path.removeprefix(PACKAGE).partition("/")[0]
            return _step_of(frame) if folder == "storage" else LAYERS.get(folder, FRAMEWORK)
        frame = frame.f_back
    return FRAMEWORK


def _functions_of(frame: FrameType | None) -> Iterator[str]:
    """Name the functions of Milepost that are under way."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(PACKAGE):
            yield f"{code.co_filename.removeprefix(PACKAGE)}:{code.co_firstlineno} {code.co_qualname}"
        frame = frame.f_back


def _step_of(frame: FrameType | None) -> str:
    """Say whether the storage reads, writes or commits."""
    while frame is not None and f"{PACKAGE}storage" in frame.f_code.co_filename:
        name = frame.f_code.co_name
        if name == "commit":
            return COMMITTING
        if name.startswith(_WRITES):
            return WRITING
        frame = frame.f_back
    return READING
