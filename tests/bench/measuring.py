"""Everything that is measured, in one run, on stores and servers that are gone afterwards."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeAlias

from tests.bench import beside
from tests.bench.beside import Left, Peer
from tests.bench.calling import Caller
from tests.bench.cost import SIZES, Cost, measure_cost
from tests.bench.figures import WORKLOADS, Ratio, in_turns, rate_ratio
from tests.bench.filling import filled
from tests.bench.growth import Filled, Growth, measure_growth
from tests.bench.layers import LOOKED_AT, Shares, measure_layers
from tests.bench.on_postgresql import measure_postgresql
from tests.bench.processes import Running, peer, serving
from tests.bench.telling import Telling
from tests.bench.throughput import BATCH_CALLERS, Pace, Throughput, measure_throughput, telling_side
from tests.bench.workloads import WORK
from tests.postgresql import PostgresqlServer

#: Events of the small store.
FEW = 1_000
#: Starts of a server on a new store.
STARTS = 3
#: Each peer with the callers it is measured with.
PEERS = {"redis": 32, "gengine": BATCH_CALLERS}

#: Told what is being done, for whoever waits.
Say: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    events: int = 100_000
    pace: Pace = field(default_factory=Pace)
    say: Say = print


@dataclass(frozen=True)
class Workload:
    """What was measured with one workload."""

    filling_seconds: float
    growth: Growth
    shares: Shares
    throughput: Throughput
    #: By the name of the peer.
    peers: dict[str, Ratio | Left]
    #: Two processes on it.
    postgresql: Ratio | Left
    #: Of the server after all of it, where the system tells.
    megabytes: float | None
    #: On disk, of the events that were told over HTTP.
    bytes_an_event: float
    #: On the full store.
    start_seconds: float


@dataclass(frozen=True)
class Measured:
    """Everything, with how long it took."""

    plan: Plan
    workloads: dict[str, Workload]
    costs: dict[str, list[Cost]]
    #: On a new store.
    start_seconds: float
    taken_seconds: float
    #: Processes that wanted a core in the minutes before, ours not among them.
    load: float


@dataclass(frozen=True)
class _Around:
    """What runs while everything is measured."""

    folder: Path
    noop: Running
    peers: dict[str, Peer]
    database: PostgresqlServer | Left


def measure(plan: Plan) -> Measured:
    """Measure everything."""
    begun, load = time.perf_counter(), os.getloadavg()[1]
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        plan.say("starting what Milepost is measured beside …")
        database = stack.enter_context(beside.postgresql())
        peers = {
            "redis": stack.enter_context(beside.redis(folder)),
            "gengine": stack.enter_context(beside.gengine(folder, database)),
        }
        noop = stack.enter_context(peer("noop", folder))
        around = _Around(folder, noop, peers, database)
        workloads = {workload: measure_workload(workload, plan, around) for workload in WORKLOADS}
        starts = measure_starts(folder)
        costs = measure_costs(plan.say)
    return Measured(plan, workloads, costs, starts, time.perf_counter() - begun, load)


def measure_workload(workload: str, plan: Plan, around: _Around) -> Workload:
    """Measure one workload: in this process first, then over HTTP on the same store, then on PostgreSQL."""
    folder = around.folder / workload
    folder.mkdir()
    plan.say(f"{workload}: filling a store with {plan.events:,} events …")
    begun = time.perf_counter()
    with ExitStack() as stack:
        services, works = stack.enter_context(filled(folder / "large", workload, plan.events))
        filling = time.perf_counter() - begun
        few, few_works = stack.enter_context(filled(folder / "small", workload, FEW))
        plan.say(f"{workload}: it took {filling:.0f} s; growth and layers …")
        large = Filled(Caller(services), works)
        growth = measure_growth(Filled(Caller(few), few_works), large)
        shares = measure_layers(large.tell, LOOKED_AT)
        telling = Telling(works, large.caller.key)
    store = folder / "large" / "milepost.db"
    size = store.stat().st_size
    plan.say(f"{workload}: calling the server …")
    with serving(store) as server:
        throughput = measure_throughput(server, around.noop, telling, plan.pace)
        megabytes = server.resident_megabytes()
        peers = {name: _measure_peer(server, telling, one, PEERS[name], plan) for name, one in around.peers.items()}
    grown = store.stat().st_size - size  # the server has put everything into the file when it stopped
    return Workload(
        filling_seconds=filling,
        growth=growth,
        shares=shares,
        throughput=throughput,
        peers=peers,
        postgresql=_measure_postgresql(workload, plan, around),
        megabytes=megabytes,
        bytes_an_event=grown / telling.told,
        start_seconds=server.start_seconds,
    )


def measure_starts(folder: Path) -> float:
    """Give the seconds from starting the process until somebody answers, on a new store."""
    taken = []
    for number in range(STARTS):
        with serving(folder / f"new-{number}.db") as server:
            taken.append(server.start_seconds)
    return median(taken)


def measure_costs(say: Say) -> dict[str, list[Cost]]:
    """Give what one event costs by the earlier events of the same person, for every recipe."""
    costs: dict[str, list[Cost]] = {}
    for recipe in ("light", *WORK):
        say(f"cost of one event: {recipe} …")
        costs[recipe] = [measure_cost(recipe, earlier) for earlier in SIZES]
    return costs


def _measure_peer(server: Running, telling: Telling, other: Peer, callers: int, plan: Plan) -> Ratio | Left:
    if isinstance(other, Left):
        return other
    mine, theirs = telling_side(server, telling, callers, plan.pace), other.side(callers, plan.pace)
    in_turns(mine, theirs, plan.pace.rounds)
    return rate_ratio(mine, theirs)


def _measure_postgresql(workload: str, plan: Plan, around: _Around) -> Ratio | Left:
    if isinstance(around.database, Left):
        return around.database
    plan.say(f"{workload}: two processes on PostgreSQL …")
    return measure_postgresql(around.folder, around.database, workload, plan.pace)
