"""The page about performance says what was measured, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.bench.beside import Left
from tests.bench.cost import SIZES, Cost
from tests.bench.figures import WORKLOADS, Ratio
from tests.bench.goals import GOALS, Goal
from tests.bench.growth import Growth
from tests.bench.layers import Shares
from tests.bench.measuring import Measured, Plan, Workload
from tests.bench.page import PAGE, render
from tests.bench.throughput import CALLERS, Throughput


def _workload(figure: float) -> Workload:
    """Give a workload of which every ratio is the same figure."""
    ratio = Ratio((figure - 0.01, figure, figure + 0.01), 10.0, 20.0)
    by_callers = dict.fromkeys(CALLERS, ratio)
    return Workload(
        filling_seconds=1.0,
        growth=Growth(ratio, ratio, ratio),
        shares=Shares({"judging": 0.75, "storage: reading": 0.25}, 100, 3.0, 2.0, {}),
        throughput=Throughput(by_callers, by_callers, ratio),
        peers={"redis": ratio, "gengine": Left("it could not be installed")},
        postgresql=Left("PostgreSQL is not installed"),
        megabytes=None,
        bytes_an_event=1234.0,
        start_seconds=0.5,
    )


def _ratio(figure: float) -> Ratio:
    return Ratio((figure,), figure, 1.0)


def _measured(figure: float) -> Measured:
    costs = {"light": [Cost("light", size, 1.0, 2.0, 0.0) for size in SIZES]}
    return Measured(Plan(events=4000), dict.fromkeys(WORKLOADS, _workload(figure)), costs, 0.4, 60.0, 3.0)


def _verdicts(page: str) -> dict[str, str]:
    """Give the last cell of each row of the first table."""
    rows = [
        line.strip("| ").split(" | ") for line in page.split("## What it must reach")[1].splitlines() if "|" in line
    ]
    table = rows[2 : 2 + len(GOALS)]
    return {row[0]: row[-1] for row in table}


def test_each_row_says_whether_it_is_met() -> None:
    """A ratio that must be large and one that must be small are judged the right way round."""
    verdicts = _verdicts(render(_measured(1.4)))
    assert verdicts["One evaluate ÷ no-op, 1 caller"] == "met"
    assert verdicts["Batch of 100: events a second ÷ no-op"] == "**missed**"
    assert verdicts["Cost of one at 4,000 events ÷ at 1,000"] == "met"
    assert _verdicts(render(_measured(9)))["p99 ÷ p50, 32 callers"] == "**missed**"


def test_the_gate_lets_pass_what_a_busy_machine_does() -> None:
    """Three quarters of the way there is enough for it, and no less."""
    most, least = (next(goal for goal in GOALS if goal.is_least is is_least) for is_least in (False, True))
    assert most.is_met(_ratio(most.must / 0.76), leniency=0.75)
    assert not most.is_met(_ratio(most.must / 0.74), leniency=0.75)
    assert least.is_met(_ratio(least.must * 0.76), leniency=0.75)
    assert not least.is_met(_ratio(least.must * 0.74), leniency=0.75)


def test_what_is_left_out_says_why() -> None:
    """An empty cell would be read as a zero."""
    page = render(_measured(1.4))
    assert "left out: PostgreSQL is not installed" in page
    assert "left out: it could not be installed" in page
    assert list(_verdicts(page).values()).count("not measured") == 2


def test_the_light_workload_decides() -> None:
    """The column *must* was set with it."""
    measured = _measured(1.4)
    slow = replace(measured, workloads={"light": _workload(1.4), "real": _workload(0.1)})
    assert _verdicts(render(slow)) == _verdicts(render(measured))


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.title)
def test_the_page_has_every_row(goal: Goal) -> None:
    """Whoever adds a row measures again."""
    title = re.escape(goal.title).replace(re.escape("{events}"), "[0-9,]+")
    row = (
        rf"^\| {title} \| [≥≤] {goal.must:g} \| [≥≤] {goal.aim:g} \| .+ \| .+ \| (met|\*\*missed\*\*|not measured) \|$"
    )
    assert re.search(row, PAGE.read_text("utf-8"), re.MULTILINE)
