from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.operations.rule_book import RuleBook, rule_book
from milepost.storage import open_store
from milepost.storage.base import Store
from milepost.storage.records import AchievementVersion

START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open an empty store."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield store
    store.close()


def document(key: str, *, state: str = "live", criterion: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Give the document of a rule."""
    return {
        "key": key,
        "name": key.title(),
        "purpose": "Keep promises",
        "category": "quality",
        "state": state,
        "criterion": criterion or {"kind": "count", "target": 5, "window": "week", "of": {"type": "ticket.solved"}},
        **more,
    }


def put(store: Store, *documents: dict[str, Any]) -> RuleBook:
    """Save documents as the next versions of their keys, an hour apart, and read the rule book."""
    with store.transaction() as transaction:
        for rule in documents:
            number = len(transaction.achievement_versions(rule["key"])) + 1
            version = AchievementVersion(rule["key"], number, rule, START + timedelta(hours=number), "Ops")
            transaction.put_achievement_version(version)
    with store.reading() as reading:
        return rule_book(reading)


def earned(*keys: str) -> dict[str, Any]:
    """Give a criterion that builds on other achievements."""
    return {"kind": "earned", "achievements": list(keys)}


def test_only_live_and_shadow_achievements_are_judged(store: Store) -> None:
    book = put(store, *(document(state, state=state) for state in ("draft", "shadow", "live", "retired")))
    assert book.keys() == ("draft", "live", "retired", "shadow")
    assert [rule.key for rule in book.judged()] == ["live", "shadow"]
    assert book.by_type("ticket.solved") == ("live", "shadow")


def test_the_newest_version_decides_about_the_state(store: Store) -> None:
    put(store, document("clean-close"))
    book = put(store, document("clean-close", state="retired"))
    assert book.judged() == []
    assert [version.number for version in book.history("clean-close")] == [1, 2]


def test_drafts_between_do_not_govern_any_window(store: Store) -> None:
    book = put(
        store,
        document("clean-close", state="draft"),
        document("clean-close"),
        document("clean-close", state="draft", points=1),
        document("clean-close", points=2),
    )
    assert [version.number for version in book.versions("clean-close")] == [2, 4]


def test_of_a_rule_never_in_force_the_newest_version_is_the_one_to_try(store: Store) -> None:
    book = put(store, document("clean-close", state="draft"), document("clean-close", state="draft", points=1))
    assert [version.number for version in book.versions("clean-close")] == [2]
    current = book.current("clean-close")
    assert current is not None
    assert current.achievement.points == 1


def test_a_rule_is_found_by_every_type_it_names(store: Store) -> None:
    selector = {
        "type": ["ticket.solved", "ticket.closed"],
        "hold": {"for": "PT72H", "cancelled_by": {"type": "ticket.reopened"}},
        "confirmed_by": {"type": "review.passed"},
    }
    steps = [{"type": "lead.found"}, {"type": "meeting.booked"}]
    both = [{"kind": "count", "target": 5, "of": selector}, {"kind": "sequence", "steps": steps}]
    guardrail = {"kind": "average", "property": "csat", "of": {"type": "ticket.rated"}, "at_least": 4.5}
    book = put(store, document("wide", criterion={"kind": "all_of", "criteria": both}, guardrails=[guardrail]))
    tickets = {"ticket.solved", "ticket.closed", "ticket.reopened", "ticket.rated"}
    assert book.event_types() == tickets | {"review.passed", "lead.found", "meeting.booked"}
    assert book.by_type("ticket.created") == ()


def test_types_of_an_earlier_version_still_find_the_rule(store: Store) -> None:
    put(store, document("clean-close"))
    book = put(
        store, document("clean-close", criterion={"kind": "count", "target": 5, "of": {"type": "ticket.closed"}})
    )
    assert book.by_type("ticket.solved") == ("clean-close",)
    assert book.by_type("ticket.closed") == ("clean-close",)


def test_an_achievement_is_judged_after_those_it_builds_on(store: Store) -> None:
    book = put(
        store,
        document("a-top", criterion=earned("m-middle", "z-base")),
        document("m-middle", criterion=earned("z-base")),
        document("z-base"),
    )
    assert [rule.key for rule in book.judged()] == ["z-base", "m-middle", "a-top"]
    assert book.dependents("z-base") == ("m-middle", "a-top")


def test_two_achievements_that_changed_places_make_no_circle(store: Store) -> None:
    put(store, document("one", criterion=earned("two")), document("two"))
    book = put(store, document("one"), document("two", criterion=earned("one")))
    assert [rule.key for rule in book.judged()] == ["one", "two"]


def test_rules_that_compare_people_are_known(store: Store) -> None:
    measure = {"aggregate": "average", "property": "minutes", "of": {"type": "ticket.solved"}}
    best = {"kind": "best", "measure": measure, "direction": "lowest", "among": "team", "window": "week"}
    assert put(store, document("clean-close"), document("fastest", criterion=best)).compared() == ("fastest",)


def test_two_stores_with_the_same_numbers_have_books_of_their_own(store: Store, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    first, second = put(store, document("clean-close", points=1)), put(other, document("clean-close", points=2))
    other.close()
    assert [rule.points for book in (first, second) for rule in book.judged()] == [1, 2]


def test_reading_an_unchanged_rule_book_again_parses_nothing(store: Store) -> None:
    book = put(store, document("clean-close"))
    with store.reading() as reading:
        assert rule_book(reading) is book
