"""Whatever happens in whatever order, people hear in the end how things stand, and never at a bad time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milepost.engine.people import Holder
from milepost.operations.void_event import void_event
from milepost.storage.outbox import MessageForm, OwedRecord
from milepost.storage.records import AwardQuery, AwardStatus
from tests.operations.composing import ANA, BOSS, HELD, SUPPORT, TellingWorld, at, telling_world

RULE = {"kind": "count", "target": 1, "window": "day", "of": HELD}
MOST_A_DAY = 2
TIMINGS = st.sampled_from(["instant", "daily", "weekly", "never"])
#: What happens, to which of a few tickets, and how many minutes after the last.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["solve", "reopen", "mend", "look", "look"]),
        st.integers(0, 3),
        st.sampled_from([1, 30, 65, 240, 900, 1440, 4320]),
    ),
    min_size=3,
    max_size=14,
)
#: From what was last said, what can be said next.
NEXT = {None: {None, "granted"}, "granted": {"granted", "fallen"}, "fallen": {"fallen", "granted"}}


class Play:
    """A world in which things happen, and what each recipient was told of each award so far."""

    def __init__(self, world: TellingWorld) -> None:
        """Begin on a Monday."""
        self.world = world
        self.solved: dict[int, datetime] = {}
        self.reopened: dict[int, str] = {}
        self.told: dict[tuple[Holder, str], str | None] = {}

    def step(self, what: str, number: int, minutes: int) -> None:
        """Let time pass and something happen."""
        world = self.world
        world.now += timedelta(minutes=minutes)
        if what == "solve" and number not in self.solved:
            self.solved[number] = world.now
            world.earn(world.now, number)
        elif what == "reopen" and number in self.solved and number not in self.reopened:
            told = world.reopen(self.solved[number] + timedelta(minutes=5), number, told_at=world.now)
            self.reopened[number] = told.id
        elif what == "mend" and number in self.reopened:
            void_event(world.services, self.reopened.pop(number), told_by="test")
        elif what == "look":
            self.look()

    def look(self) -> None:
        """Compose, and check that what was said follows from what was said before."""
        self.world.go_to(self.world.now)
        for row in self.rows():
            key = row.recipient, row.topic
            assert row.told in NEXT[self.told.get(key)]
            self.told[key] = row.told

    def rows(self) -> list[OwedRecord]:
        """Give what everybody knows of every award."""
        with self.world.store.reading() as reading:
            awards = reading.awards(AwardQuery())
            return [row for award in awards for row in reading.owed_about(f"award:{award.id}")]


def is_good_time(moment: datetime, recipient: Holder) -> bool:
    """Say whether somebody works then, and does not have lunch."""
    lunch = recipient == ANA and moment.hour == 12
    return moment.weekday() < 5 and 9 <= moment.hour < 17 and not lunch


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, TIMINGS, TIMINGS, TIMINGS)
def test_in_the_end_everybody_knows_how_things_stand(
    steps: list[tuple[str, int, int]], actor: str, manager: str, team: str
) -> None:
    with TemporaryDirectory() as folder, telling_world(Path(folder), daily_messages=MOST_A_DAY) as world:
        world.choose(messages={"quiet": [{"begins": "12:00", "ends": "13:00"}]})
        world.rule(RULE, repeats="every_window", audience={"actor": actor, "manager": manager, "team": team})
        play = Play(world)
        for step in steps:
            play.step(*step)
        start = datetime.combine(world.now.date(), at(2, 9).time(), tzinfo=UTC)
        for day in range(1, 15):
            world.now = start + timedelta(days=day)
            play.look()
        assert world.owed() == []
        with world.store.reading() as reading:
            stands = {award.id: award.status is AwardStatus.GRANTED for award in reading.awards(AwardQuery())}
        for row in play.rows():
            assert (row.told == "granted") is stands[row.topic.removeprefix("award:")]
        for recipient in (ANA, BOSS, SUPPORT):
            check_times(world, recipient)


def check_times(world: TellingWorld, recipient: Holder) -> None:
    """Check that messages came at good times, no more than allowed, and each digest once."""
    records = world.records(recipient)
    assert all(is_good_time(one.composed_at, recipient) for one in records)
    digests = [(one.form, one.period) for one in records if one.form is not MessageForm.INSTANT]
    assert len(digests) == len(set(digests))
    instant = [one.composed_at.date() for one in records if one.form is MessageForm.INSTANT]
    assert recipient == SUPPORT or all(instant.count(day) <= MOST_A_DAY for day in instant)
