"""What one event costs in processor time, by how much the same person did before."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import fmean, median

from tests.bench.calling import Caller, services_in
from tests.bench.filling import SEED, bring_rules, everybody, fill, introduce
from tests.bench.workloads import A_DAY, WORK, Work, moments

#: A Wednesday; everything before it is history.
TODAY = date(2026, 3, 4)
SIZES = (0, 500, 2_000, 10_000)
#: Events that are told before measuring, and the most that are measured.
WARM_UP, MEASURED = 5, 2 * A_DAY
#: Enough is known after so many events and so much time.
LEAST, ENOUGH_SECONDS = 10, 4.0


@dataclass(frozen=True)
class Cost:
    """Processor time of one call of evaluate, in milliseconds."""

    recipe: str
    earlier: int
    median: float
    mean: float
    #: What filling took.
    filling_seconds: float


def measure_cost(recipe: str, earlier: int) -> Cost:
    """Measure the events of one person with so many earlier ones, all four recipes in force.

    "light" is the helpdesk's work with one rule only.
    """
    workload, kind = ("light", "helpdesk-sla") if recipe == "light" else ("real", recipe)
    today = moments(TODAY, WARM_UP + MEASURED)
    with tempfile.TemporaryDirectory() as folder, services_in(Path(folder), moment=today[0]) as services:
        work = Work(kind, everybody(1)[0], SEED)
        introduce(services, [work.actor])
        bring_rules(services, workload)
        begun = time.perf_counter()
        fill(services, [work], each=earlier, before=TODAY)
        filling = time.perf_counter() - begun
        caller = Caller(services)
        for moment in today[:WARM_UP]:
            caller.tell(work.next(moment))
        taken = list(_each(caller, work))
    return Cost(recipe, earlier, median(taken), fmean(taken), filling)


def _each(caller: Caller, work: Work) -> Iterator[float]:
    """Tell the events of today; give the milliseconds of each."""
    spent = 0.0
    for number, moment in enumerate(moments(TODAY, WARM_UP + MEASURED)[WARM_UP:]):
        event = work.next(moment)
        begun = time.process_time()
        caller.tell(event)
        taken = time.process_time() - begun
        yield 1000 * taken
        spent += taken
        if number >= LEAST and spent > ENOUGH_SECONDS:
            return


def print_costs(recipes: list[str], sizes: list[int]) -> None:
    """Print a table of costs, row by row as they are known."""
    print("Processor time of one evaluate, ms: median (mean), by earlier events of the same person")
    print(f"{'':20}" + "".join(f"{size:>20,}" for size in sizes), flush=True)
    for recipe in recipes or ["light", *WORK]:
        print(f"{recipe:20}", end="", flush=True)
        for size in sizes:
            cost = measure_cost(recipe, size)
            print(f"{cost.median:>11.2f} ({cost.mean:>6.2f})", end="", flush=True)
        print()
