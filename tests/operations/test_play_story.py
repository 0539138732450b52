"""A story is played by its own clock, and says plainly where it does not go as expected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.errors import Invalid
from milepost.operations.play_story import StepResult, play_story
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store

ANA = "ana@example.com"
PEOPLE = {"calendars": [{"key": "default", "zone": "Europe/Madrid"}], "actors": [{"id": ANA, "name": "Ana Ruiz"}]}
RULE = {
    "key": "two-solved",
    "name": "Two Solved",
    "purpose": "Tickets get solved",
    "category": "volume",
    "criterion": {
        "kind": "count",
        "target": 2,
        "window": "week",
        "of": {
            "type": "ticket.solved",
            "where": [{"property": "within_sla", "is": "true"}],
            "hold": {"for": "PT24H", "cancelled_by": {"type": "ticket.reopened"}},
        },
    },
    "points": 3,
    "state": "live",
}
STREAK = {
    "key": "every-day",
    "name": "Every Day",
    "purpose": "Notes get written every day",
    "category": "consistency",
    "criterion": {
        "kind": "streak",
        "target": 5,
        "each": {"kind": "count", "target": 1, "of": {"type": "note.written"}},
    },
    "state": "live",
}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Give services over a real store with two rules."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    given = Services(store=store, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC), settings=Settings())
    for rule in (RULE, STREAK):
        save_achievement(given, rule, author="tests")
    yield given
    store.close()


def solved(number: int, at: str = "2026-03-02T10:00:00+01:00", **properties: Any) -> dict[str, Any]:
    """Give the document of a ticket that Ana solved."""
    return {
        "id": f"zd-{number}",
        "type": "ticket.solved",
        "actor": ANA,
        "subject": f"ticket-{number}",
        "occurred_at": at,
        "properties": {"within_sla": "true", **properties},
    }


def play(services: Services, *steps: dict[str, Any]) -> list[StepResult]:
    """Play the steps among the people of these tests."""
    return play_story(services, list(steps), PEOPLE)


def problems(services: Services, *steps: dict[str, Any]) -> list[str]:
    """Give every sentence that the steps lead to."""
    return [problem for result in play(services, *steps) for problem in result.problems]


def test_a_story_that_goes_as_expected_has_no_problems(services: Services) -> None:
    """Two tickets wait a day, are earned, and one of them is taken back."""
    assert not problems(
        services,
        {"tell": [solved(1), solved(2)], "expect": {"outcome": "held", "unlocked": [], "standing": {ANA: []}}},
        {"wait_until": "2026-03-03T10:00:00+01:00", "expect": {"unlocked": ["two-solved"], "points": {ANA: 3}}},
        {"void": "zd-1", "at": "2026-03-04T10:00:00+01:00", "expect": {"revoked": ["two-solved"], "points": {ANA: 0}}},
    )


@pytest.mark.parametrize(
    ("expect", "sentence"),
    [
        ({"outcome": "counted"}, "outcome is held, expected counted"),
        ({"unlocked": ["two-solved"]}, "unlocked: nothing, expected two-solved"),
        ({"revoked": ["b", "a"]}, "revoked: nothing, expected a, b"),
        ({"standing": {ANA: ["two-solved"]}}, f"standing of {ANA}: nothing, expected two-solved"),
        ({"points": {ANA: 3}}, f"points of {ANA}: 0, expected 3"),
        ({"reasons": {"two-solved": "counted"}}, "reason of two-solved: held, expected counted"),
        (
            {"progress": {ANA: {"two-solved": {"current": 1, "target": 2}}}},
            f"progress of two-solved for {ANA}: current is 0, expected 1",
        ),
        (
            {"progress": {ANA: {"two-solved": {"state": "earned"}}}},
            f"progress of two-solved for {ANA}: state is open, expected earned",
        ),
        (
            {"progress": {ANA: {"two-solved": {"kurrent": 1}}}},
            "progress of two-solved for ana@example.com: it has no kurrent, expected 1",
        ),
        ({"progress": {ANA: {"three-solved": {}}}}, f"progress of three-solved for {ANA}: there is none"),
        ({"streaks": {ANA: {"every-day": {"longest": 4}}}}, f"streak of every-day for {ANA}: longest is 0, expected 4"),
    ],
)
def test_a_difference_is_one_plain_sentence(services: Services, expect: dict[str, Any], sentence: str) -> None:
    """Whoever wrote the story reads what is so and what was expected."""
    assert problems(services, {"tell": solved(1), "expect": expect}) == [sentence]


def test_an_award_that_was_not_expected_is_a_difference(services: Services) -> None:
    """An expectation of nothing fails when something is unlocked."""
    wait = {"wait_until": "2026-03-03T10:00:00+01:00", "expect": {"unlocked": []}}
    assert problems(services, {"tell": [solved(1), solved(2)]}, wait) == ["unlocked: two-solved, expected nothing"]


def test_the_clock_never_goes_back(services: Services) -> None:
    """An event that occurred earlier is told at the time the story has reached."""
    results = play(
        services,
        {"tell": solved(1, "2026-03-04T10:00:00+01:00")},
        {"tell": solved(2, "2026-03-02T10:00:00+01:00")},
        {"wait_until": "2026-03-03T10:00:00+01:00"},
    )
    assert [result.at for result in results] == [datetime(2026, 3, 4, 9, tzinfo=UTC)] * 3


def test_at_is_the_clock_when_it_is_told(services: Services) -> None:
    """A ticket told a day late has its hold behind it."""
    step = {"tell": solved(1), "at": "2026-03-03T10:00:00+01:00", "expect": {"outcome": "counted"}}
    assert not problems(services, step)


def test_progress_is_that_of_the_week_of_the_last_event_and_after_a_wait_of_the_clock(services: Services) -> None:
    """A late event is looked at in its own week."""
    late = {"tell": solved(1), "at": "2026-03-10T10:00:00+01:00"}
    current = {"progress": {ANA: {"two-solved": {"current": 1}}}}
    none = {"progress": {ANA: {"two-solved": {"current": 0}}}}
    assert not problems(services, {**late, "expect": current}, {"wait_until": late["at"], "expect": none})


def test_a_moment_without_a_zone_is_read_on_the_persons_clock(services: Services) -> None:
    """The story's clock agrees with the event's moment."""
    (result,) = play(services, {"tell": solved(1, "2026-03-02T10:00:00")})
    assert (result.at, result.problems) == (datetime(2026, 3, 2, 9, tzinfo=UTC), ())


def test_a_replay_unlocks_nothing_again(services: Services) -> None:
    """Its answer is the first one, but the award is not news."""
    told = {"at": "2026-03-04T10:00:00+01:00", "tell": [solved(1), solved(2)]}
    again = {"tell": solved(2), "expect": {"outcome": "counted", "unlocked": []}}
    assert not problems(services, {**told, "expect": {"unlocked": ["two-solved"]}}, again)


def test_what_is_refused_is_a_problem_and_the_story_goes_on(services: Services) -> None:
    """An id that stands for something else is refused with the fix."""
    other = {**solved(1), "subject": "ticket-9"}
    first, second, third = play(services, {"tell": solved(1)}, {"tell": other}, {"void": "zd-7"})
    assert first.problems == ()
    assert "it was refused: The id 'zd-1' already stands for ticket.solved" in second.problems[0]
    assert "it was refused: There is no event 'zd-7'" in third.problems[0]


def test_whoever_watches_sees_each_step_as_it_is_taken(services: Services) -> None:
    """The demonstration prints the steps one by one."""
    seen: list[StepResult] = []
    results = play_story(services, [{"tell": solved(1)}, {"void": "zd-1"}], PEOPLE, seen.append)
    assert seen == results
    assert [result.answer["event_id"] for result in results] == ["zd-1", "zd-1"]


def test_a_team_is_a_holder(services: Services) -> None:
    """Stories write a team with its kind before its id."""
    expect = {"standing": {"team:support": []}, "points": {"team:support": 1}}
    assert problems(services, {"tell": solved(1), "expect": expect}) == ["points of team:support: 0, expected 1"]


@pytest.mark.parametrize(
    ("step", "hint"),
    [
        ({"tell": solved(1), "expects": {}}, "expect"),
        ({"tell": solved(1), "expect": {"unlock": []}}, "unlocked"),
        ({"tell": solved(1), "expect": {"outcome": "missed"}}, "counted"),
        ({"tell": solved(1), "void": "zd-1"}, "exactly one of"),
        ({"why": "Nothing happens."}, "exactly one of"),
        ({"tell": []}, "an event or a list of events"),
        ({"wait_until": "2026-03-02T10:00:00"}, "zone"),
    ],
)
def test_a_step_that_is_none_is_refused_with_the_fix(services: Services, step: dict[str, Any], hint: str) -> None:
    """A misspelt word never passes silently."""
    with pytest.raises(Invalid, match=hint):
        play(services, step)


def test_people_are_known_by_the_words_of_their_calls(services: Services) -> None:
    """A misspelt part of the people is refused as well."""
    with pytest.raises(Invalid, match="actors"):
        play_story(services, [{"tell": solved(1)}], {"actor": []})
