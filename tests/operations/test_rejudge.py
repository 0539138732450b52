"""What is kept to judge less is what judging everything gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.operations.record_event import record_event
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.operations.show_progress import show_progress
from milepost.operations.verify import verify
from milepost.operations.void_event import void_event
from milepost.settings import Settings
from milepost.storage import open_store

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ANA = Holder(HolderKind.ACTOR, "ana@example.com")
SOLVED = {"kind": "count", "of": {"type": "ticket.solved"}}
STREAK = {"kind": "streak", "each": {**SOLVED, "target": 1}, "target": 5}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open an empty store on a clock that stands still."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=lambda: NOW, settings=Settings())
    store.close()


def save_rule(services: Services, criterion: dict[str, Any], **more: Any) -> None:
    """Save a rule and bring it into force."""
    named = {"key": "steady", "name": "Steady", "purpose": "Keep promises", "category": "volume", "state": "live"}
    save_achievement(services, {**named, "criterion": criterion, **more}, author="Ops", note="Agreed with the team")


def solve(services: Services, *days: int) -> dict[str, Any]:
    """Tell that a ticket was solved at ten o'clock on some days of March 2026, and give the last answer."""
    answer: dict[str, Any] = {}
    for day in days:
        moment = datetime(2026, 3, day, 10, tzinfo=UTC)
        event = Event(f"solved-{day}", "ticket.solved", moment, ANA.id, f"ticket-{day}")
        answer = record_event(services, event, told_by="test")
    return answer


def periods(services: Services) -> list[tuple[str, bool]]:
    """Give the kept periods of Ana's streak, and whether each is met."""
    with services.store.reading() as reading:
        return [(one.period, one.met_at is not None) for one in reading.periods("steady", ANA)]


def awards(services: Services) -> list[tuple[str, int]]:
    """Give the status of Ana's awards, and the day of March on which each was earned."""
    with services.store.reading() as reading:
        return [(award.status.value, award.earned_at.day) for award in reading.awards_of("steady", ANA)]


def test_each_day_of_a_streak_is_kept(services: Services) -> None:
    save_rule(services, STREAK)
    solve(services, 2, 3, 5)
    assert periods(services) == [("2026-03-02", True), ("2026-03-03", True), ("2026-03-05", True)]
    assert verify(services).differences == ()


def test_a_late_day_repairs_a_streak_and_one_taken_back_breaks_it(services: Services) -> None:
    save_rule(services, STREAK)
    solve(services, 2, 3, 5, 6)
    assert awards(services) == []
    solve(services, 4)
    assert awards(services) == [("granted", 6)]
    void_event(services, "solved-3", told_by="test")
    assert awards(services) == [("revoked", 6)]
    assert [day for day, _ in periods(services)] == ["2026-03-02", "2026-03-04", "2026-03-05", "2026-03-06"]
    assert verify(services).differences == ()


def test_a_new_version_of_a_streak_judges_every_day_again(services: Services) -> None:
    save_rule(services, STREAK)
    solve(services, 2, 3, 4)
    save_rule(services, {**STREAK, "each": {**SOLVED, "target": 2}})
    assert periods(services) == [("2026-03-02", False), ("2026-03-03", False), ("2026-03-04", False)]
    assert verify(services).differences == ()


def test_a_kept_day_that_is_wrong_is_found(services: Services) -> None:
    save_rule(services, STREAK)
    solve(services, 2, 3)
    with services.store.transaction() as tx:
        (first, _) = tx.periods("steady", ANA)
        tx.put_periods("steady", ANA, [replace(first, met_at=None)])
    assert verify(services).differences == (f"progress of {ANA.id} for steady in 2026-03-02 differs",)


def test_what_is_earned_for_good_shows_what_it_was_earned_with(services: Services) -> None:
    save_rule(services, {**SOLVED, "target": 2})
    answer = solve(services, 2, 3, 4, 5)
    for progress in (answer["progress"][0], show_progress(services, ANA)["progress"][0]):
        assert (progress["state"], progress["current"], progress["target"]) == ("earned", 2, 2)
        assert progress["reason"] == "2 of 2, reached on 2026-03-03"


def test_what_comes_before_an_award_still_moves_it(services: Services) -> None:
    save_rule(services, {**SOLVED, "target": 2})
    solve(services, 4, 5, 9, 10)
    assert awards(services) == [("granted", 5)]
    solve(services, 3)
    assert awards(services) == [("granted", 4)]
    void_event(services, "solved-4", told_by="test")
    assert awards(services) == [("granted", 5)]
    assert verify(services).differences == ()


def test_a_day_off_is_no_part_of_a_streak(services: Services) -> None:
    save_rule(services, STREAK)
    solve(services, 6, 7, 9)
    assert [day for day, _ in periods(services)] == ["2026-03-06", "2026-03-09"]
    assert verify(services).differences == ()
