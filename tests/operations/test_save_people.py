from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.errors import Conflict
from milepost.operations.load_facts import load_facts
from milepost.operations.record_event import record_event
from milepost.operations.save_achievement import save_achievement
from milepost.operations.save_people import add_leave, save_actor, save_calendar, save_team
from milepost.operations.services import Services
from milepost.operations.show_people import show_actor
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.records import AwardStatus

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ANA = Holder(HolderKind.ACTOR, "ana@example.com")
STREAK = {"kind": "streak", "each": {"kind": "count", "target": 1, "of": {"type": "ticket.solved"}}, "target": 4}
SOLVED = {"kind": "count", "target": 1, "window": "week", "of": {"type": "ticket.solved"}}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open an empty store on a clock that stands still."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=lambda: NOW, settings=Settings())
    store.close()


def save_rule(services: Services, key: str, *, criterion: dict[str, Any] | None = None, **more: Any) -> None:
    """Save a rule and bring it into force."""
    named = {"key": key, "name": key.title(), "purpose": "Keep promises", "category": "volume", "state": "live"}
    save_achievement(services, {**named, "criterion": criterion or SOLVED, **more}, author="Ops")


def solve(services: Services, *days: int, actor: str = ANA.id) -> None:
    """Tell that a ticket was solved at ten o'clock UTC on some days of March 2026."""
    for day in days:
        event = Event(
            id=f"{actor}-{day}",
            type="ticket.solved",
            occurred_at=datetime(2026, 3, day, 10, tzinfo=UTC),
            actor=actor,
            subject=f"{actor}-ticket-{day}",
        )
        record_event(services, event, told_by="test")


def standing(services: Services, holder: Holder = ANA) -> list[str]:
    """Give the achievements of a holder's granted awards."""
    with services.store.reading() as reading:
        awards = reading.awards_of(None, holder)
    return [award.achievement for award in awards if award.status is AwardStatus.GRANTED]


def test_a_role_told_late_brings_the_awards_it_would_have_brought(services: Services) -> None:
    save_rule(services, "for-agents", applies_to={"roles": ["agent"]})
    solve(services, 3)
    assert standing(services) == []
    save_actor(services, {"id": ANA.id, "role": "agent"})
    assert standing(services) == ["for-agents"]


def test_a_new_role_takes_nothing_away(services: Services) -> None:
    save_rule(services, "for-agents", applies_to={"roles": ["agent"]})
    save_actor(services, {"id": ANA.id, "role": "agent"})
    solve(services, 3)
    save_actor(services, {"id": ANA.id, "role": "lead"})
    assert standing(services) == ["for-agents"]


def test_a_role_corrected_from_an_earlier_moment_takes_the_award_back(services: Services) -> None:
    save_rule(services, "for-agents", applies_to={"roles": ["agent"]})
    save_actor(services, {"id": ANA.id, "role": "agent"})
    solve(services, 3)
    save_actor(services, {"id": ANA.id, "role": "lead", "since": "2026-03-01T00:00:00Z"})
    assert standing(services) == []


def test_joining_a_team_from_an_earlier_moment_counts_for_the_team(services: Services) -> None:
    save_rule(services, "team-goal", scope="team")
    save_team(services, {"id": "support"})
    solve(services, 3)
    support = Holder(HolderKind.TEAM, "support")
    assert standing(services, support) == []
    save_actor(services, {"id": ANA.id, "team": "support"})
    assert standing(services, support) == ["team-goal"]


def test_leave_told_late_repairs_a_streak(services: Services) -> None:
    save_rule(services, "steady", criterion=STREAK)
    solve(services, 2, 3, 5, 6)
    assert standing(services) == []
    add_leave(services, ANA.id, {"first_on": "2026-03-04"})
    assert standing(services) == ["steady"]


def test_a_day_off_told_late_repairs_everybodys_streak(services: Services) -> None:
    save_rule(services, "steady", criterion=STREAK)
    solve(services, 2, 3, 5, 6)
    save_calendar(services, {"key": "default", "days_off": ["2026-03-04"]})
    assert standing(services) == ["steady"]


def test_a_calendar_given_to_a_team_is_its_members_calendar(services: Services) -> None:
    save_rule(services, "steady", criterion=STREAK)
    save_calendar(services, {"key": "short-week", "days_off": ["2026-03-04"]})
    save_team(services, {"id": "support"})
    save_actor(services, {"id": ANA.id, "team": "support"})
    solve(services, 2, 3, 5, 6)
    assert standing(services) == []
    save_team(services, {"id": "support", "calendar": "short-week"})
    assert standing(services) == ["steady"]


def test_a_newcomer_to_a_comparison_changes_the_awards_of_others(services: Services) -> None:
    best = {
        "kind": "best",
        "measure": {"aggregate": "count", "of": {"type": "ticket.solved"}},
        "direction": "highest",
        "among": "role",
        "minimum_participants": 2,
        "window": "week",
    }
    save_rule(services, "busiest", criterion=best)
    save_actor(services, {"id": ANA.id, "role": "agent"})
    solve(services, 3, 4)
    solve(services, 3, actor="kim@example.com")
    assert standing(services) == []
    save_actor(services, {"id": "kim@example.com", "role": "agent"})
    assert standing(services) == ["busiest"]


def test_a_refused_actor_changes_nothing(services: Services) -> None:
    save_actor(services, {"id": ANA.id, "name": "Ana", "aliases": {"zendesk": "1"}})
    with pytest.raises(Conflict):
        save_actor(services, {"id": "kim@example.com", "name": "Kim", "aliases": {"crm": "7", "zendesk": "1"}})
    with services.store.reading() as reading:
        assert reading.actor("kim@example.com") is None
        assert reading.actor_by_alias("crm", "7") is None
    assert show_actor(services, ANA.id)["aliases"] == {"zendesk": "1"}


def test_facts_hold_the_actors_asked_for_and_everything_else(services: Services) -> None:
    save_calendar(services, {"key": "nights"})
    save_team(services, {"id": "support"})
    save_actor(services, {"id": ANA.id, "team": "support"})
    save_actor(services, {"id": "kim@example.com"})
    with services.store.reading() as reading:
        everybody = load_facts(reading, actors=None)
        some = load_facts(reading, actors={ANA.id, "stranger"})
    assert sorted(everybody.actors) == [ANA.id, "kim@example.com"]
    assert sorted(some.actors) == [ANA.id, "stranger"]
    assert (sorted(some.teams), sorted(some.calendars)) == (["support"], ["nights"])
