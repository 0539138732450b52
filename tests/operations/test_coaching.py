"""What a manager is given to talk about: each person beside themselves only, kindly, and not too much of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.delivery.message import Section
from milepost.engine.events import Event
from milepost.engine.people import Actor, DaySpan, Holder, HolderKind, Preferences, Profile, Visibility
from milepost.operations.coaching import MOST_EACH, MOST_IN_ALL, coaching_sections
from milepost.operations.load_facts import load_facts
from milepost.operations.owe_coaching import EVERY, owe_coaching
from milepost.operations.owe_news import award_topic
from milepost.operations.record_event import record_event
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.void_event import void_event
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.base import Store

MIA = Holder(HolderKind.ACTOR, "mia@example.com")
ANA, BEN = "ana@example.com", "ben@example.com"
#: A Monday; the weeks of the tests are counted from here.
FIRST = date(2026, 1, 5)
FIELDS = ["amount", "next_step"]


class World:
    """A manager, some people, and a clock that follows what is told."""

    def __init__(self, store: Store) -> None:
        """Begin with two people."""
        self.store = store
        self.now = moment(0, 0)
        self.told = 0
        self.put(ANA, "Ana Ruiz")
        self.put(BEN, "Ben Okafor")

    @property
    def services(self) -> Services:
        """Give what operations work with."""
        return Services(self.store, lambda: self.now, Settings())

    def put(self, actor: str, name: str, **more: Any) -> None:
        """Add or replace somebody whom Mia manages."""
        with self.store.transaction() as tx:
            tx.put_actor(Actor(actor, name, (Profile(role="agent", manager=more.pop("manager", MIA.id)),), **more))

    def rule(self, criterion: dict[str, Any], **more: Any) -> None:
        """Bring a rule into force of which the manager is told."""
        named = {"key": "clean-deals", "name": "Clean Deals", "purpose": "Deals one can rely on", "category": "quality"}
        audience = {"actor": "instant", "manager": "weekly"}
        document = {**named, "criterion": criterion, "repeats": "every_window", "audience": audience, **more}
        save_achievement(self.services, {"state": "live", **document}, author="Ops", note="Agreed")

    def update(self, actor: str, at: datetime, count: int = 1, *, event_id: str = "", **properties: Any) -> None:
        """Tell that somebody updated deals at a moment; complete ones, unless *properties* say otherwise."""
        for _ in range(count):
            self.told += 1
            self.now = max(self.now, at)
            known = {"amount": 10, "next_step": "call", **properties}
            subject = f"deal-{self.told}"
            record_event(
                self.services,
                Event(event_id or f"e-{self.told}", "deal.updated", at, actor, subject, known),
                told_by="test",
            )

    def sections(self, week: int) -> dict[str, list[str]]:
        """Give what Mia is given on the Monday morning after a week, by name."""
        return {str(one.heading): [line.text for line in one.lines] for one in self.coach(week)}

    def coach(self, week: int) -> list[Section]:
        """Give the sections on the Monday morning after a week."""
        self.now = moment(week + 1, 0)
        settle_all(self.services)
        with self.store.reading() as reading:
            return coaching_sections(reading, MIA, facts=load_facts(reading, actors=None), as_of=self.now)

    def owed(self) -> dict[str, datetime | None]:
        """Give what Mia is owed of coaching, and when it is due."""
        weeks = [f"coaching:2026-W{week:02}" for week in range(1, 20)]
        with self.store.reading() as reading:
            return {row.topic: row.due_at for topic in weeks if (row := reading.owed(MIA, topic))}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Open an empty store with a manager and two people."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield World(store)
    store.close()


def moment(week: int, weekday: int, hour: int = 9) -> datetime:
    """Give an hour of a weekday, Monday 0, of a week counted from the first."""
    return datetime.combine(FIRST + timedelta(weeks=week, days=weekday), datetime.min.time(), UTC) + timedelta(
        hours=hour
    )


def count(target: int, **more: Any) -> dict[str, Any]:
    """Give a criterion that counts complete deals in a week."""
    of = {"type": "deal.updated", "where": [{"complete": FIELDS}], **more}
    return {"kind": "count", "target": target, "window": "week", "of": of}


EVERY_DAY = {
    "kind": "streak",
    "target": 5,
    "period": "day",
    "each": {"kind": "count", "target": 1, "of": {"type": "deal.updated"}},
}


def test_a_streak_is_worth_a_word_at_each_fifth_working_day(world: World) -> None:
    """Not at the sixth: the weekend lies between, and nothing new was reached."""
    world.rule(EVERY_DAY)
    for week in range(2):
        for weekday in range(5):
            world.update(ANA, moment(week, weekday))
    world.update(ANA, moment(2, 0))
    assert world.sections(0) == {"Ana Ruiz": ["Clean Deals: 5 working days in a row"]}
    assert world.sections(1) == {"Ana Ruiz": ["Clean Deals: 10 working days in a row"]}
    assert world.sections(2) == {}


def test_the_same_achievement_week_after_week_is_a_habit_and_leave_does_not_interrupt_it(world: World) -> None:
    """Two weeks are none yet; a week away is left out."""
    away = DaySpan(FIRST + timedelta(weeks=2), FIRST + timedelta(weeks=2, days=6))
    world.put(ANA, "Ana Ruiz", leave=(away,))
    world.rule(count(2))
    for week in (0, 1, 3):
        world.update(ANA, moment(week, 1), 2)
    assert world.sections(1) == {}
    assert world.sections(3) == {"Ana Ruiz": ["Clean Deals: earned in 3 weeks in a row"]}


def test_a_week_clearly_above_ones_own_usual_level_is_told_with_what_is_usual(world: World) -> None:
    """Three earlier weeks make something usual; a little more than before is nothing."""
    world.rule(count(50))
    for week, deals in enumerate([4, 6, 5, 7, 12]):
        world.update(ANA, moment(week, 2), deals)
    assert world.sections(2) == {}
    assert world.sections(3) == {}
    assert world.sections(4) == {
        "Ana Ruiz": ["Clean Deals: 12 in the week of 2 February, after 4 to 7 in the 4 weeks before"]
    }


def test_what_somebody_does_is_never_held_beside_somebody_else(world: World) -> None:
    """Ben's twelve are his ordinary week; Ana's three say nothing of it."""
    world.rule(count(50))
    for week in range(5):
        world.update(ANA, moment(week, 2), 3)
        world.update(BEN, moment(week, 2), 12)
    assert world.sections(4) == {}


def test_a_target_missed_narrowly_twice_comes_with_the_most_frequent_reason(world: World) -> None:
    """The reason that events gave most often, with how often."""
    world.rule(count(10))
    for week, deals in ((0, 9), (1, 8)):
        world.update(ANA, moment(week, 1), deals)
        world.update(ANA, moment(week, 2), 3, next_step="")
        world.update(ANA, moment(week, 3), 1, amount=None)
    assert world.sections(0) == {}
    (section,) = world.coach(1)
    (line,) = section.lines
    assert line.text == "Clean Deals: 9 of 10 in the week of 5 January, then 8 of 10 in the week of 12 January"
    assert line.detail == ("Most often, next_step is missing (6 of 25 updated deals). Ask what would make it easier.")


def test_far_from_the_target_nobody_is_called_stuck(world: World) -> None:
    """Half of it is not close, and one narrow miss between two successes is an ordinary week."""
    world.rule(count(10))
    for week, deals in enumerate([5, 6, 10, 9, 10]):
        world.update(ANA, moment(week, 1), deals)
    assert [world.sections(week) for week in range(5)] == [{}] * 5


def test_a_week_is_judged_when_its_holds_have_run_out_and_said_once(world: World) -> None:
    """Deals of a Friday wait for 72 hours, so the week belongs to the next one."""
    world.rule(count(10, hold={"for": "PT72H", "cancelled_by": {"type": "deal.flagged"}}))
    for week in (0, 1):
        world.update(ANA, moment(week, 4), 9)
    assert world.sections(1) == {}
    assert list(world.sections(2)) == ["Ana Ruiz"]
    assert world.sections(3) == {}


@pytest.mark.parametrize("was_told", [True, False])
def test_an_award_that_fell_is_named_only_to_a_manager_who_had_heard_of_it(world: World, *, was_told: bool) -> None:
    """What was never told needs no conversation."""
    world.rule(count(2))
    world.update(ANA, moment(0, 1), 1, event_id="shaky")
    world.update(ANA, moment(0, 1), 1)
    with world.store.transaction() as tx:
        (award,) = tx.awards_of("clean-deals", Holder(HolderKind.ACTOR, ANA))
        row = tx.owed(MIA, award_topic(award.id))
        assert row is not None
        tx.put_owed(replace(row, told=row.standing if was_told else None))
    world.now = moment(1, 2)
    void_event(world.services, "shaky", told_by="test")
    fallen = {"Ana Ruiz": ["Clean Deals, earned on 6 January, does not stand any more"]}
    assert world.sections(1) == (fallen if was_told else {})
    assert world.sections(2) == {}


def test_nobody_is_spoken_of_who_opted_out_or_has_another_manager(world: World) -> None:
    """And of a private person the manager hears, as the person was told."""
    world.put(ANA, "Ana Ruiz", preferences=Preferences(opt_out=True))
    world.put(BEN, "Ben Okafor", manager="gil@example.com")
    world.put("cat@example.com", "Cat Lee", preferences=Preferences(visibility=Visibility.PRIVATE))
    world.rule(EVERY_DAY)
    for weekday in range(5):
        for actor in (ANA, BEN, "cat@example.com", MIA.id):
            world.update(actor, moment(0, weekday))
    assert list(world.sections(0)) == ["Cat Lee"]


@pytest.mark.parametrize("more", [{"audience": {"actor": "instant"}}, {"state": "shadow"}])
def test_a_manager_hears_only_of_rules_that_say_so_and_are_live(world: World, more: dict[str, Any]) -> None:
    """The audience of the rule holds here as well."""
    world.rule(EVERY_DAY, **more)
    for weekday in range(5):
        world.update(ANA, moment(0, weekday))
    assert world.sections(0) == {}


def test_where_somebody_is_stuck_there_is_a_line_for_it_after_the_strengths(world: World) -> None:
    """Three strengths would fill the three lines."""
    for name in ("One", "Two", "Three"):
        world.rule(EVERY_DAY, key=name.lower(), name=name)
    world.rule(count(10))
    for weekday in range(10):
        world.update(ANA, moment(0, 0) + timedelta(days=weekday + weekday // 5 * 2), 2 if weekday % 5 else 1)
    lines = world.sections(1)["Ana Ruiz"]
    assert len(lines) == MOST_EACH
    assert [line.endswith("in a row") for line in lines] == [True, True, False]


@pytest.mark.slow
def test_a_full_week_has_room_for_everybody_in_turn(world: World) -> None:
    """A line each before a second one for anybody; who was left out comes first in the next week."""
    people = [f"p{number:02}@example.com" for number in range(14)]
    for person in people:
        world.put(person, person.partition("@")[0])
    for name in ("One", "Two"):
        world.rule(EVERY_DAY, key=name.lower(), name=name)
    for weekday in range(10):
        for person in people:
            world.update(person, moment(weekday // 5, weekday % 5))
    told = [world.sections(week) for week in range(2)]
    assert [sum(map(len, one.values())) for one in told] == [MOST_IN_ALL] * 2
    assert set().union(*told) == {person.partition("@")[0] for person in people}


def test_every_manager_is_owed_the_week_that_ended_once(world: World) -> None:
    """However often and by however many it is asked; a week later the next one, and what was not said is past."""
    world.now = moment(1, 0, 0)
    assert [owe_coaching(world.services) for _ in range(3)] == [1, 0, 0]
    assert world.owed() == {"coaching:2026-W02": moment(1, 0, 0)}
    world.now = moment(1, 6, 23)
    assert owe_coaching(world.services) == 0
    world.now = moment(2, 0, 0) + EVERY
    assert owe_coaching(world.services) == 1
    assert world.owed() == {"coaching:2026-W02": None, "coaching:2026-W03": world.now}


def test_after_weeks_of_downtime_only_the_newest_full_week_is_owed(world: World) -> None:
    """Nobody wants ten digests at once."""
    world.now = moment(1, 0)
    owe_coaching(world.services)
    world.now = moment(9, 3)
    assert owe_coaching(world.services) == 1
    assert [week for week, due in world.owed().items() if due] == ["coaching:2026-W10"]


def test_a_week_ends_on_the_managers_own_clock(world: World) -> None:
    """In Los Angeles it is still Sunday when Monday begins in Europe."""
    world.put(MIA.id, "Mia", manager=None)
    with world.store.transaction() as tx:
        tx.put_actor(Actor(MIA.id, "Mia", (Profile(zone="America/Los_Angeles"),)))
    world.now = moment(1, 0, 7)
    owe_coaching(world.services)
    assert list(world.owed()) == ["coaching:2026-W01"]
    world.now = moment(1, 0, 8)
    owe_coaching(world.services)
    assert list(world.owed()) == ["coaching:2026-W01", "coaching:2026-W02"]


def test_workers_side_by_side_owe_each_manager_once(world: World) -> None:
    """Four ask at the same moment, and one of them does it."""
    world.now = moment(1, 0)
    with ThreadPoolExecutor(4) as workers:
        owed = list(workers.map(owe_coaching, [world.services] * 4))
    assert sorted(owed) == [0, 0, 0, 1]


@pytest.mark.parametrize("opted_out", [MIA.id, ANA])
def test_nothing_is_owed_to_a_manager_who_opted_out_or_whose_people_all_did(world: World, opted_out: str) -> None:
    """Nobody would read it, or nobody may be spoken of."""
    world.put(BEN, "Ben Okafor", manager=None)
    world.put(
        opted_out, "Somebody", manager=None if opted_out == MIA.id else MIA.id, preferences=Preferences(opt_out=True)
    )
    world.now = moment(1, 0)
    assert owe_coaching(world.services) == 0
