"""Write down what was measured: the page ``docs/reference/performance.md``."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.beside import Left
from tests.bench.cost import SIZES
from tests.bench.figures import WORKLOADS, Ratio
from tests.bench.filling import PEOPLE
from tests.bench.goals import GOALS, Goal
from tests.bench.measuring import Measured, Workload
from tests.bench.on_postgresql import EVENTS as EVENTS_ON_POSTGRESQL
from tests.bench.processes import ROOT
from tests.bench.throughput import BATCH_CALLERS, CALLERS
from tests.bench.workloads import A_DAY

PAGE = ROOT / "docs" / "reference" / "performance.md"
_TEMPLATE = Path(__file__).with_name("page.txt")
_TO = "\N{EN DASH}"
_MISSED = "**missed**"

Row = tuple[str, ...]


def write_page(measured: Measured) -> Path:
    """Write the page in place of the old one."""
    PAGE.write_text(render(measured), "utf-8")
    return PAGE


def render(measured: Measured) -> str:
    """Give the page."""
    events, goals = measured.plan.events, _goals(measured)
    missed = sum(row[-1] == _MISSED for row in goals)
    return _TEMPLATE.read_text("utf-8").format(
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=_machine(measured.load),
        real=WORKLOADS["real"],
        people=PEOPLE,
        each=events // PEOPLE,
        a_day=A_DAY,
        goals=_table(("", "must", "aim", "light", "real", ""), goals),
        missed=f"{missed} of {len(goals)} rows are missed; the next two sections show where the time goes.",
        layers=_table(("", *WORKLOADS), _layers(measured)),
        costs=_table(("", *(f"{size:,}" for size in SIZES)), _costs(measured)),
        rates=_table(("callers", "", "evaluates a second", "no-ops a second", "p50, ms", "p99, ms"), _rates(measured)),
        batch_callers=BATCH_CALLERS,
        batches=", ".join(_batches(measured)),
        rest=_table(("", *WORKLOADS), _rest(measured)),
        seconds=measured.plan.pace.seconds,
        filling=measured.workloads["real"].filling_seconds,
        events=events,
        on_postgresql=EVENTS_ON_POSTGRESQL,
        minutes=measured.taken_seconds / 60,
    )


def _machine(load: float) -> str:
    """Name what was measured on."""
    system = f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()})"
    libraries = ", ".join(f"{name} {version(name)}" for name in ("flask", "granian"))
    busy = f" It was busy with something else (load {load:.1f}): trust the spreads." if load > 1 else ""
    return f"Machine: {system}; Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}.{busy}"


def _goals(measured: Measured) -> list[Row]:
    """Set every figure against what it must be."""
    return [
        (
            goal.title.format(events=f"{measured.plan.events:,}"),
            _bound(goal, goal.must),
            _bound(goal, goal.aim),
            *_found(goal, measured),
        )
        for goal in GOALS
    ]


def _bound(goal: Goal, value: float) -> str:
    return f"{'≥' if goal.is_least else '≤'} {value:g}"


def _found(goal: Goal, measured: Measured) -> Row:
    """Give the figures of both workloads, and the verdict on the light one."""
    light, real = (goal.find(measured.workloads[name]) for name in ("light", "real"))
    if not isinstance(light, Ratio):
        return _figure(light), _figure(real), "not measured"
    return _figure(light), _figure(real), "met" if goal.is_met(light) else _MISSED


def _figure(found: Ratio | Left | None) -> str:
    if not isinstance(found, Ratio):
        return f"left out: {found.reason}" if found else ""
    low, high = found.spread
    places = 1 if found.median >= 10 else 2
    return f"{found.median:.{places}f} ({low:.{places}f}{_TO}{high:.{places}f})"


def _layers(measured: Measured) -> list[Row]:
    """Show where the time of one evaluate goes."""
    shares = [measured.workloads[name].shares for name in WORKLOADS]
    layers = dict.fromkeys(layer for one in reversed(shares) for layer in one.shares)
    return [
        *((layer, *(f"{100 * one.shares.get(layer, 0):.0f} %" for one in shares)) for layer in layers),
        ("**processor time of one evaluate**", *(f"{one.spent:.2f} ms" for one in shares)),
        ("time that passes, with the wait for the disk", *(f"{one.passed:.2f} ms" for one in shares)),
    ]


def _costs(measured: Measured) -> list[Row]:
    """Show what a person's history does to the cost of the next event."""
    return [
        (recipe, *(f"{one.median:.1f} ({one.mean:.1f})" for one in costs)) for recipe, costs in measured.costs.items()
    ]


def _rates(measured: Measured) -> list[Row]:
    """Show the figures behind the ratios."""
    rows: list[Row] = []
    for callers in CALLERS:
        for name, one in measured.workloads.items():
            single, tail = one.throughput.single[callers], one.throughput.tail[callers]
            rates = (f"{single.ours:,.0f}", f"{single.theirs:,.0f}", f"{tail.theirs:.1f}", f"{tail.ours:.1f}")
            rows.append((f"{callers}", name, *rates))
    return rows


def _batches(measured: Measured) -> Iterator[str]:
    for name, one in measured.workloads.items():
        if one.throughput.batch:
            yield f"{one.throughput.batch.ours:,.0f} ({name})"


def _rest(measured: Measured) -> list[Row]:
    each = measured.workloads.values()
    return [
        ("start on a new store", *(f"{measured.start_seconds:.2f} s" for _ in each)),
        (f"start on {measured.plan.events:,} events", *(f"{one.start_seconds:.2f} s" for one in each)),
        ("memory of the server after the run", *_megabytes(each)),
        ("processor time of a caller, for each call", *(f"{one.throughput.own_microseconds:.0f} µs" for one in each)),
        ("on disk, for each event told", *(f"{one.bytes_an_event:,.0f} bytes" for one in each)),
    ]


def _megabytes(workloads: Iterable[Workload]) -> Iterator[str]:
    return (f"{one.megabytes:.0f} MB" if one.megabytes else "not told by this system" for one in workloads)


def _table(heads: Row, rows: Iterable[Row]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
