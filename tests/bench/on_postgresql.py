"""Two server processes on PostgreSQL, beside two processes that do nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from milepost.operations.make_key import make_key
from milepost.operations.services import Services
from milepost.schemas.keys import Scope
from milepost.settings import Settings
from milepost.storage import open_store
from tests.bench.calling import Hands
from tests.bench.figures import Ratio, in_turns, rate_ratio
from tests.bench.filling import bring_rules, fill, introduce, staff
from tests.bench.processes import free_port, running, two_processes
from tests.bench.telling import Telling, first_day
from tests.bench.throughput import Pace, noop_side, telling_side, warm_up
from tests.postgresql import PostgresqlServer

#: Earlier events in the store.
EVENTS = 20_000
CALLERS = 32


def measure_postgresql(folder: Path, server: PostgresqlServer, workload: str, pace: Pace) -> Ratio:
    """Give single evaluates of 32 callers on two processes, to calls that do nothing on two processes."""
    url = server.fresh_url()
    telling = _fill(url, workload)
    ours, theirs = free_port(), free_port()
    log = folder / "two.log"
    with (
        running(two_processes("tests.bench.peers:noop_app", theirs), port=theirs, log=log) as noop,
        running(two_processes("milepost.wsgi:make_app", ours), port=ours, log=log, MILEPOST_STORE=url) as milepost,
    ):
        warm_up(milepost, telling)
        mine, other = telling_side(milepost, telling, CALLERS, pace), noop_side(noop, CALLERS, pace)
        in_turns(mine, other, pace.rounds)
        return rate_ratio(mine, other)


def _fill(url: str, workload: str) -> Telling:
    """Give everybody a history, and a supply of what they do next."""
    morning = datetime.combine(first_day(), time_of_day(), UTC)
    store = open_store(url)
    try:
        services = Services(store=store, clock=Hands(morning - timedelta(minutes=1)), settings=Settings())
        works = staff()
        introduce(services, [work.actor for work in works])
        bring_rules(services, workload)
        fill(services, works, each=EVENTS // len(works), before=first_day())
        return Telling(works, make_key(services, name="bench", scopes=[Scope.EVALUATE]).secret)
    finally:
        store.close()
