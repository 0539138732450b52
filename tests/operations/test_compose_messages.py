"""What comes at once: when, in how many messages, and what is corrected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from milepost.operations.frame_message import counted_lines
from milepost.operations.void_event import void_event
from milepost.storage.records import AwardStatus
from tests.operations.composing import (
    ANA,
    BOSS,
    EACH,
    HELD,
    ONE,
    SHARED,
    SUPPORT,
    TellingWorld,
    at,
    telling_world,
    texts,
)

MOMENT = timedelta(seconds=6)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TellingWorld]:
    """Open an empty store in which Ana works for the support team."""
    with telling_world(tmp_path) as made:
        yield made


def test_an_award_is_told_within_seconds_with_its_effect_and_the_next_step(world: TellingWorld) -> None:
    world.rule(ONE, points=5, next_step="Keep the reply notes as complete as these were.", message="Ana solved one.")
    world.earn(at(2, 10))
    assert world.go_to(at(2, 10)) == 0
    assert world.go_to(at(2, 10) + MOMENT) == 1
    [message] = world.messages()
    assert message.title == "You earned Steady"
    [line] = message.sections[0].lines
    assert line.text == "Ana solved one."
    detail = "Why it matters: Keep promises. 5 points. Next: Keep the reply notes as complete as these were."
    assert line.detail == detail
    assert message.text == f"Ana solved one. {detail}"
    assert world.go_to(at(2, 11)) == 0


def test_an_award_of_the_night_is_told_when_work_begins(world: TellingWorld) -> None:
    world.rule(ONE)
    world.earn(at(2, 23))
    assert world.go_to(at(3, 8, 59)) == 0
    assert world.go_to(at(3, 9)) == 1
    assert world.moments() == [at(3, 9)]


def test_a_burst_becomes_one_message_that_counts(world: TellingWorld) -> None:
    world.rule(ONE, **EACH)
    for number in range(20):
        world.earn(at(2, 10) + timedelta(milliseconds=number * 50), number)
        if number % 7 == 0:
            world.go_to(world.now)
    world.go_to(at(2, 10) + MOMENT)
    [message] = world.messages()
    assert message.title == "You earned 20 achievements"
    assert texts(message) == ["Steady (20 times)"]


def test_what_is_over_the_budget_of_a_day_comes_with_the_next_digest(world: TellingWorld) -> None:
    world.rule(ONE, **EACH)
    for number in range(7):
        world.earn(at(2, 10 + number), number)
        world.go_to(at(2, 10 + number) + MOMENT)
    assert world.forms() == ["instant"] * 5
    world.go_to(at(3, 9))
    assert world.forms()[5:] == ["daily"]
    assert texts(world.messages()[-1]) == ["Ana solved a ticket in time."] * 2


def test_a_person_may_want_fewer_messages_than_the_server_allows_but_not_more(world: TellingWorld) -> None:
    world.rule(ONE, **EACH)
    world.choose(messages={"daily_most": 1})
    for number in range(2):
        world.earn(at(2, 10 + number), number)
        world.go_to(at(2, 10 + number) + MOMENT)
    assert world.forms() == ["instant"]


def test_a_channel_gets_no_more_than_its_messages_of_an_hour(world: TellingWorld) -> None:
    world.rule(ONE, **EACH, audience={"actor": "never", "manager": "never", "team": "instant"})
    for number in range(13):
        world.earn(at(2, 10, number), number)
        world.go_to(at(2, 10, number) + MOMENT)
    assert world.forms(SUPPORT) == ["instant"] * 12


def fall(world: TellingWorld) -> None:
    """Tell of an award on Monday, and of what takes its ground on Tuesday at noon."""
    world.rule({"kind": "count", "target": 1, "of": HELD}, audience=SHARED)
    world.earn(at(2, 10), 9)
    for moment in (at(2, 11), at(2, 11) + MOMENT, at(3, 9)):
        world.go_to(moment)
    world.reopen(at(2, 10, 30), 9, told_at=at(3, 12))


def test_a_correction_says_what_happened_and_why_in_neutral_words(world: TellingWorld) -> None:
    fall(world)
    world.go_to(at(3, 12) + MOMENT)
    message = world.messages()[-1]
    assert message.title == "Steady no longer counts"
    assert texts(message) == ["Ticket-9 was reopened, so Steady of 2 March no longer counts."]
    assert message.sections[0].lines[0].detail == "If the record is put right, it counts again."


def test_only_those_who_heard_of_an_award_hear_that_it_fell(world: TellingWorld) -> None:
    fall(world)
    world.go_to(at(3, 12) + MOMENT)
    world.go_to(at(4, 9))
    world.go_to(at(16, 9))
    assert [one.title for one in world.messages(SUPPORT)] == ["Support: Monday, 2 March", "Support: Tuesday, 3 March"]
    assert texts(world.messages(SUPPORT)[1]) == [
        "Steady of 2 March no longer counts for Ana Diaz: a record it rested on has changed."
    ]
    assert world.messages(BOSS) == []  # whose digest was still to come


def test_what_is_put_right_after_its_correction_counts_again_in_as_many_words(world: TellingWorld) -> None:
    fall(world)
    world.go_to(at(3, 12) + MOMENT)
    void_event(world.services, "zd-9-reopened", told_by="test")
    world.go_to(world.now + MOMENT)
    assert [one.title for one in world.messages()][1:] == ["Steady no longer counts", "Steady counts again"]
    assert texts(world.messages()[-1]) == ["Steady of 2 March counts again."]


def test_an_award_that_falls_before_it_was_told_is_never_mentioned(world: TellingWorld) -> None:
    world.rule(ONE, audience=SHARED)
    event = world.earn(at(2, 23))
    world.go_to(at(2, 23, 30))
    void_event(world.services, event.id, told_by="test")
    world.go_to(at(16, 12))
    assert world.messages() == world.messages(BOSS) == world.messages(SUPPORT) == []


def test_what_happens_within_seconds_is_one_message(world: TellingWorld) -> None:
    world.rule(ONE, **EACH)
    for number in range(2):
        world.earn(at(2, 10) + timedelta(seconds=4 * number), number)
        world.go_to(world.now)
    world.go_to(at(2, 10) + timedelta(seconds=5))
    [message] = world.messages()
    assert message.title == "You earned 2 achievements"
    assert texts(message) == ["Ana solved a ticket in time."] * 2
    world.go_to(at(2, 11))
    assert len(world.messages()) == 1


def test_an_award_that_does_not_stand_is_not_told_whatever_is_written_down(world: TellingWorld) -> None:
    world.rule(ONE)
    world.earn(at(2, 10))
    with world.store.transaction() as tx:
        [award] = tx.awards_of(None, ANA)
        tx.put_award(replace(award, status=AwardStatus.REVOKED), None)
    world.go_to(at(2, 11))
    assert world.messages() == []
    assert world.owed() == []


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    lines = [line.text for line in counted_lines(f"Rule {number}" for number in range(30))]
    assert (len(lines), lines[-1]) == (20, "and 11 more")
    assert len(counted_lines(f"Rule {number}" for number in range(20))) == 20
