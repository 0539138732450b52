"""Calls in a second, divided by those of a Flask application that does nothing on the same server."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.callers import Round, call_for, request
from tests.bench.figures import Ratio, Side, in_turns, rate_ratio, tail_ratio
from tests.bench.processes import Running
from tests.bench.telling import Telling

CALLERS = (1, 8, 32)
BATCH = 100
BATCH_CALLERS = 8
#: What is told in a round is made before it; more is made on the way.
PREPARED_A_SECOND = 2500
WARM_UP_SECONDS = 0.5
#: As long as an event, so that the server reads the same.
_BODY = b'{"id":"ticket.solved-person-0001@example.com-1","type":"ticket.solved","properties":{"within_sla":true}}'


@dataclass(frozen=True)
class Pace:
    """How long and how often."""

    seconds: float = 1.2
    rounds: int = 3


@dataclass
class Throughput:
    """What a server did, by the number of callers."""

    single: dict[int, Ratio] = field(default_factory=dict)
    tail: dict[int, Ratio] = field(default_factory=dict)
    batch: Ratio | None = None
    #: Processor time of the callers themselves, for one call.
    own_microseconds: float = 0.0


def measure_throughput(ours: Running, noop: Running, telling: Telling, pace: Pace) -> Throughput:
    """Measure single calls and batches against the application that does nothing."""
    measured = Throughput()
    warm_up(ours, telling)
    for callers in CALLERS:
        mine, other = telling_side(ours, telling, callers, pace), noop_side(noop, callers, pace)
        in_turns(mine, other, pace.rounds)
        measured.single[callers] = rate_ratio(mine, other)
        measured.tail[callers] = tail_ratio(mine)
        measured.own_microseconds = _own_microseconds(other)
    mine = telling_side(ours, telling, BATCH_CALLERS, pace, batch=BATCH)
    other = noop_side(noop, BATCH_CALLERS, pace)
    in_turns(mine, other, pace.rounds)
    measured.batch = rate_ratio(mine, other, events=BATCH)
    return measured


def measure_tail(ours: Running, telling: Telling, callers: int, pace: Pace) -> Ratio:
    """Measure nothing but how much longer the slowest calls take than the usual ones."""
    warm_up(ours, telling)
    mine = telling_side(ours, telling, callers, pace)
    for _ in range(pace.rounds):
        mine.take()
    return tail_ratio(mine)


def _own_microseconds(side: Side) -> float:
    return 1e6 * sum(one.own_seconds for one in side.rounds) / sum(len(one.waits) for one in side.rounds)


def warm_up(ours: Running, telling: Telling) -> None:
    """Call for a moment, so that nothing is done for the first time while it is measured."""
    telling.prepare(100)
    call_for(WARM_UP_SECONDS, ours.port, telling, callers=BATCH_CALLERS)


def telling_side(server: Running, telling: Telling, callers: int, pace: Pace, *, batch: int = 1) -> Side:
    """Give the side that tells events."""

    def call() -> Round:
        telling.prepare(int(pace.seconds * PREPARED_A_SECOND / (batch / 4 if batch > 1 else 1)), batch=batch)
        return call_for(pace.seconds, server.port, telling, callers=callers)

    return Side(call)


def noop_side(server: Running, callers: int, pace: Pace) -> Side:
    """Give the side of an application that does not look at what it is sent."""
    body = request("/v1/evaluate", _BODY + b" " * 150, key="mp_" + "0" * 40)
    return Side(lambda: call_for(pace.seconds, server.port, lambda: body, callers=callers))
