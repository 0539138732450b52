"""Tell a drawn world to the product in the drawn order, and compare what stands with the oracle."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from hypothesis import HealthCheck, Phase, note, settings

from milepost.engine.people import Holder
from milepost.engine.progress import show_streak
from milepost.operations.record_event import record_events_in
from milepost.operations.rejudge import rejudge_everything
from milepost.operations.services import Services
from milepost.operations.settle import settle_some
from milepost.operations.show_progress import look_at
from milepost.operations.void_event import void_in
from milepost.settings import Settings
from milepost.storage.base import Reading, Store, Transaction
from milepost.storage.records import AchievementVersion, AwardQuery, AwardStatus, FreezeRecord
from milepost.storage.rehearsal import rehearsal
from tests.oracle.fold import Outcome, fold
from tests.oracle.worlds import DrawnWorld, Told

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)

#: Worlds for each of the two long tests: as many as there is time for on two cores; EXAMPLES=5000 draws more.
EXAMPLES = int(os.environ.get("EXAMPLES", "600"))

#: Shrinking a world takes hours; the drawn one is printed instead, with the seed that draws it again.
TELLINGS = settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def introduce(tx: Transaction, world: DrawnWorld) -> None:
    """Put the world's people and rules into the store."""
    for actor in world.facts.actors.values():
        tx.put_actor(actor)
    for team in world.facts.teams.values():
        tx.put_team(team)
    for calendar in world.facts.calendars.values():
        tx.put_calendar(calendar)
    for (achievement, holder), days in world.facts.freezes.items():
        for day in days:
            tx.put_freeze(FreezeRecord(achievement, holder, day, "test"))
    for document in world.documents:
        live = {**document, "state": "live"}
        tx.put_achievement_version(AchievementVersion(document["key"], 1, live, BEGINNING, "test"))


def play(tx: Transaction, services: Services, world: DrawnWorld) -> None:
    """Tell everything in the drawn order, with a clock that follows the events, then let time pass."""
    at = BEGINNING
    for step in world.steps:
        if isinstance(step, Told):
            at = max(at, step.event.occurred_at)
            record_events_in(tx, services, [step.event], told_by="test", at=at, historical=True)
        else:
            void_in(tx, services.at(at), step.event_id, told_by="test")
    while tx.due(by=world.as_of, limit=1):
        settle_some(tx, services.at(world.as_of))


Award = tuple[str, Holder, str | None, datetime, int]


def standing(reading: Reading) -> list[Award]:
    """Give the granted awards."""
    granted = reading.awards(AwardQuery(status=AwardStatus.GRANTED, limit=100_000))
    awards = [(one.achievement, one.holder, one.tier, one.earned_at, one.points) for one in granted]
    return sorted(awards, key=repr)


def streaks(reading: Reading, holders: set[Holder], as_of: datetime) -> dict[tuple[str, Holder], tuple[int, int]]:
    """Give current and longest streak of each holder."""
    found = {}
    for holder in holders:
        for looked in look_at(reading, holder, as_of):
            streak = show_streak(looked.judge, looked.view)
            if streak is not None:
                found[streak.achievement, holder] = (streak.current, streak.longest)
    return found


def fold_world(world: DrawnWorld) -> Outcome:
    """Ask the oracle what stands in the end."""
    note(str(world.documents))
    return fold(world.events, world.rules, world.facts, world.as_of)


def compare(reading: Reading, world: DrawnWorld, expected: Outcome) -> None:
    """Hold awards, points and streaks against those of the oracle."""
    awards = [(one.achievement, one.holder, one.tier, one.earned_at, one.points) for one in expected.awards]
    assert standing(reading) == sorted(awards, key=repr)
    assert {holder: reading.points(holder) for holder in expected.points} == dict(expected.points)
    actual = streaks(reading, {holder for _, holder in expected.streaks}, world.as_of)
    for of, streak in expected.streaks.items():
        assert actual.get(of, (0, 0)) == (streak.current, streak.longest), of


def check_world(store: Store, world: DrawnWorld) -> None:
    """Play a world, and compare what stands with the oracle; judging all of it again changes nothing."""
    services = Services(store, lambda: world.as_of, Settings())
    expected = fold_world(world)
    with rehearsal(store) as tx:
        introduce(tx, world)
        play(tx, services, world)
        compare(tx, world, expected)
        again = rejudge_everything(tx, services, holders=None, achievements=None, cause="test")
        assert again.steps == []
