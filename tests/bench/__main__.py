"""``python -m tests.bench``: measure everything and write the page; ``… cost`` measures one part alone."""

from __future__ import annotations

import argparse
import signal
import sys

from tests.bench.cost import SIZES, print_costs
from tests.bench.figures import WORKLOADS
from tests.bench.layers import print_layers
from tests.bench.measuring import Plan, measure
from tests.bench.page import render, write_page
from tests.bench.throughput import Pace
from tests.bench.workloads import WORK


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure how fast Milepost is.")
    parser.add_argument("--events", type=int, default=Plan.events, help="events in the large store")
    parser.add_argument("--rounds", type=int, default=Pace.rounds, help="rounds of each figure")
    parser.add_argument("--seconds", type=float, default=Pace.seconds, help="length of a round")
    parser.add_argument("--print", action="store_true", dest="only_print", help="print the page and write nothing")
    parser.set_defaults(run=_measure)
    parts = parser.add_subparsers()
    cost = parts.add_parser("cost", help="processor time of one event by the person's history")
    cost.add_argument("recipes", nargs="*", help=f"of light, {', '.join(WORK)}; all, unless named")
    cost.add_argument("--sizes", type=lambda text: [int(one) for one in text.split(",")], default=list(SIZES))
    cost.set_defaults(run=lambda asked: print_costs(asked.recipes, asked.sizes))
    layers = parts.add_parser("layers", help="where the processor time of one evaluate goes, by layer and function")
    layers.add_argument("workload", choices=[*WORKLOADS])
    layers.add_argument("--events", type=int, default=Plan.events, help="events in the store")
    layers.add_argument("--functions", type=int, default=60, help="how many to show")
    layers.set_defaults(run=lambda asked: print_layers(asked.workload, asked.events, asked.functions))
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Told to stop."))  # and end what was started
    asked.run(asked)


def _measure(asked: argparse.Namespace) -> None:
    plan = Plan(
        asked.events, Pace(asked.seconds, asked.rounds), say=lambda text: print(text, file=sys.stderr, flush=True)
    )
    measured = measure(plan)
    if asked.only_print:
        print(render(measured))
    else:
        print(f"Written: {write_page(measured)}")


if __name__ == "__main__":
    main()
