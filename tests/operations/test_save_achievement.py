from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.achievements import State
from milepost.engine.events import Event
from milepost.engine.facts import Past
from milepost.engine.people import Holder, HolderKind
from milepost.errors import Invalid, NotFound
from milepost.operations.record_event import record_event
from milepost.operations.save_achievement import roll_back, save_achievement, set_state
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.records import AwardStatus

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANA = Holder(HolderKind.ACTOR, "ana@example.com")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open an empty store on a clock that stands still."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=lambda: NOW, settings=Settings())
    store.close()


@pytest.fixture
def told(services: Services) -> Services:
    """Have two solved tickets of Ana's."""
    for number in (1, 2):
        event = Event(
            id=f"zd-{number}",
            type="ticket.solved",
            occurred_at=datetime(2026, 3, 2, 9 + number, tzinfo=UTC),
            actor=ANA.id,
            subject=f"ticket-{number}",
        )
        record_event(services, event, told_by="test")
    return services


def rule(key: str = "clean-close", *, target: int = 2, **more: Any) -> dict[str, Any]:
    """Give the document of a rule."""
    return {
        "key": key,
        "name": "Clean Close",
        "purpose": "Fast resolutions that stay resolved",
        "category": "volume",
        "criterion": {"kind": "count", "target": target, "window": "week", "of": {"type": "ticket.solved"}},
        **more,
    }


def standing(services: Services) -> list[str]:
    """Give the achievements of Ana's granted awards."""
    with services.store.reading() as reading:
        awards = reading.awards_of(None, ANA)
    return sorted(award.achievement for award in awards if award.status is AwardStatus.GRANTED)


def test_a_draft_awards_nothing_and_going_live_awards_what_was_earned(told: Services) -> None:
    save_achievement(told, rule(), author="Ops")
    assert standing(told) == []
    set_state(told, "clean-close", State.LIVE, author="Ops")
    assert standing(told) == ["clean-close"]


def test_shadow_is_judged_but_awards_nothing(told: Services) -> None:
    save_achievement(told, rule(state="shadow"), author="Ops")
    assert standing(told) == []
    with told.store.reading() as reading:
        assert len(reading.earnings("clean-close", ANA)) == 1


def test_a_recomputed_rule_is_judged_again(told: Services) -> None:
    save_achievement(told, rule(state="live"), author="Ops")
    save_achievement(told, rule(target=3), author="Ops", past=Past.RECOMPUTE)
    assert standing(told) == []
    roll_back(told, "clean-close", 1, author="Ops")
    assert standing(told) == ["clean-close"]


def test_what_builds_on_a_changed_rule_follows(told: Services) -> None:
    save_achievement(told, rule(state="live"), author="Ops")
    builds_on = {"kind": "earned", "achievements": ["clean-close"]}
    save_achievement(told, rule("sum-of-all") | {"criterion": builds_on, "state": "live"}, author="Ops")
    assert standing(told) == ["clean-close", "sum-of-all"]
    save_achievement(told, rule(target=3), author="Ops")
    assert standing(told) == ["clean-close", "sum-of-all"]
    save_achievement(told, rule(target=4), author="Ops", past=Past.RECOMPUTE)
    assert standing(told) == []


def test_retiring_keeps_what_was_earned(told: Services) -> None:
    save_achievement(told, rule(state="live"), author="Ops")
    set_state(told, "clean-close", State.RETIRED, author="Ops")
    assert standing(told) == ["clean-close"]


def test_every_problem_of_a_document_is_told_with_its_place(services: Services) -> None:
    with pytest.raises(Invalid) as caught:
        save_achievement(services, rule(pionts=5, scope="everybody"), author="Ops")
    assert sorted(error.pointer for error in caught.value.errors) == ["/pionts", "/scope"]


@pytest.mark.parametrize("document", [[], "rule", None, 5])
def test_what_is_no_object_is_refused(services: Services, document: Any) -> None:
    with pytest.raises(Invalid):
        save_achievement(services, document, author="Ops")


def test_an_unknown_achievement_has_no_state_to_set(services: Services) -> None:
    with pytest.raises(NotFound):
        set_state(services, "clean-close", State.LIVE, author="Ops")


def test_advice_counts_the_live_rules_for_the_same_people(services: Services) -> None:
    for number in range(6):
        agents = {"roles": ["agent"]}
        save_achievement(services, rule(f"rule-{number}", state="live", applies_to=agents), author="Ops")
    for_agents = save_achievement(services, rule("one-more", applies_to={"roles": ["agent"]}), author="Ops")
    for_others = save_achievement(services, rule("others", applies_to={"roles": ["picker"]}), author="Ops")
    only_agents = {advice.code for advice in for_agents.advice} - {advice.code for advice in for_others.advice}
    assert len(only_agents) == 1
