"""Fill a new store with news that only time brings: ``python -m tests.packs.news_store FILE``.

A streak comes at risk and breaks, and a day is told in a digest, all in the last four weeks.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from milepost.engine.events import Event
from milepost.operations.compose_messages import compose_all
from milepost.operations.save_people import save_actor
from milepost.operations.watch_streaks import watch_streaks
from milepost.storage import open_store
from tests.operations.telling import World

MIA = "mia@example.com"
EVERY_DAY = {"kind": "streak", "target": 50, "each": {"kind": "count", "target": 1, "of": {"type": "queue.checked"}}}
ONE_CASE = {"kind": "count", "target": 1, "of": {"type": "case.checked"}}


def fill(path: Path) -> None:
    """Let it happen, and keep it in a new file."""
    store = open_store(f"sqlite:///{path}")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=28 + today.weekday())
    world = World(store, monday + timedelta(hours=9))
    world.settings = replace(world.settings, public_url="https://milepost.example.com")
    world.hire(MIA, name="Mia Sato")
    break_a_streak(world, monday)
    tell_a_day(world, monday + timedelta(days=18))
    store.close()


def break_a_streak(world: World, monday: datetime) -> None:
    """Let Mia look at the queue on two days, and no more."""
    world.rule(EVERY_DAY, key="no-day-missed", name="No Day Missed", category="consistency")
    for day in (monday, monday + timedelta(days=1)):
        world.now = day + timedelta(hours=10)
        world.tell(Event(f"queue-{day:%m-%d}", "queue.checked", world.now, MIA, "queue"))
    for moment in (monday + timedelta(days=2, hours=16), monday + timedelta(days=18)):
        world.now = moment
        watch_streaks(world.services)


def tell_a_day(world: World, day: datetime) -> None:
    """Let Mia earn something on a Friday and hear of it on Monday, in a digest as she wishes."""
    world.rule(ONE_CASE, key="first-case", name="First Case", category="quality")
    save_actor(world.services, {"id": MIA, "preferences": {"messages": {"timings": {"achievement.awarded": "daily"}}}})
    world.now = day + timedelta(hours=10)
    world.tell(Event("case-7-checked", "case.checked", world.now, MIA, "case-7"))
    world.now += timedelta(days=3)
    compose_all(world.services)


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
