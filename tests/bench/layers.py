"""Where the processor time of one evaluate goes, layer by layer.

The processor is looked at every few milliseconds of its own time; what runs then is counted for the innermost module
of Milepost, so a library counts for the layer that called it.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import milepost

PACKAGE = str(Path(milepost.__file__).parent) + "/"
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


def measure_layers(tell: Callable[[], object], times: int) -> Shares:
    """Tell so many events, and see what the processor does meanwhile."""
    counted: Counter[str] = Counter()
    begun, spent = time.perf_counter(), time.process_time()
    with _looking(counted):
        for _ in range(times):
            tell()
    passed, spent = time.perf_counter() - begun, time.process_time() - spent
    total = sum(counted.values())
    shares = {layer: number / total for layer, number in counted.most_common()}
    return Shares(shares, total, 1000 * passed / times, 1000 * spent / times)


@contextmanager
def _looking(counted: Counter[str]) -> Iterator[None]:
    """Count a layer at each tick of the process's own clock."""

    def look(_signal: int, frame: FrameType | None) -> None:
        counted[_layer_of(frame)] += 1

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
