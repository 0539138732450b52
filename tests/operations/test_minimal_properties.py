"""With minimal properties, only what rules look at is kept of an event, and everything comes to the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.achievements import State
from milepost.engine.events import Event
from milepost.operations.minimal_properties import properties_read
from milepost.operations.record_event import record_event
from milepost.operations.rule_book import rule_book
from milepost.operations.save_achievement import save_achievement, set_state
from milepost.operations.services import Services
from milepost.operations.show_event import show_event
from milepost.settings import Settings
from milepost.storage import open_store

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
#: Looks at a property in every place where a rule may.
EVERYWHERE: dict[str, Any] = {
    "award_at": "close",
    "criterion": {
        "kind": "sum", "target": 1, "window": "week", "property": "in_sum",
        "of": {
            "type": "a.done",
            "where": [
                {"property": "in_test.deep", "is": "x"},
                {"complete": ["in_complete"]},
                {"any": [{"elapsed": {"from": "in_start", "to": "in_end"}, "at_most": "PT2H"}]},
                {"not": {"property": "in_not", "present": True}},
            ],
            "once_per": "in_once",
            "hold": {"for": "PT1H", "cancelled_by": {"type": "a.undone", "where": [{"property": "in_hold", "is": 1}]}},
        },
    },
    "guardrails": [
        {"kind": "average", "property": "in_average", "of": {"type": "a.rated"}, "at_least": 4, "window": "week"},
        {
            "kind": "best", "direction": "lowest", "window": "week",
            "measure": {"of": {"type": "a.done"}, "aggregate": "median", "property": "in_measure"},
        },
        {
            "kind": "rate", "at_least": 0.5, "window": "week", "of": {"type": "a.done"},
            "good": {"where": [{"property": "in_quality", "is": "x"}]},
        },
    ],
}  # fmt: skip
IN_DONE = {
    *("in_sum", "in_test", "in_complete", "in_start", "in_end", "in_not", "in_once", "in_measure", "in_quality"),
}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open a store that keeps minimal properties."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=lambda: NOW, settings=Settings(keeps_minimal_properties=True))
    store.close()


def save_rule(services: Services, key: str, *, state: str = "live", **more: Any) -> None:
    """Save a rule."""
    named = {"key": key, "name": key.title(), "purpose": "Keep promises", "category": "quality", "state": state}
    save_achievement(services, {**named, **more}, author="Ops")


def tell(services: Services, event_id: str = "zd-1", **properties: Any) -> dict[str, Any]:
    """Tell that something was done."""
    event = Event(event_id, "a.done", NOW, "ana@example.com", event_id, properties)
    return record_event(services, event, told_by="test")


def counted(target: int = 1) -> dict[str, Any]:
    """Give a rule that looks at one property."""
    of = {"type": "a.done", "where": [{"property": "good", "is": "true"}]}
    return {"criterion": {"kind": "count", "target": target, "window": "week", "of": of}}


def test_every_place_where_a_rule_may_look_is_found(services: Services) -> None:
    """A new one that is forgotten would take away what a rule needs."""
    save_rule(services, "all", **EVERYWHERE)
    with services.store.reading() as reading:
        read = properties_read(rule_book(reading))
    assert read["a.done"] >= IN_DONE
    assert "in_hold" in read["a.undone"]
    assert "in_average" in read["a.rated"]
    assert set(read) == {"a.done", "a.undone", "a.rated"}


def test_only_what_some_rule_looks_at_is_kept(services: Services) -> None:
    """A draft looks as well: it may be tried on what is told now."""
    save_rule(services, "good", **counted())
    looking = {"type": "a.done", "where": [{"property": "drafted", "present": True}]}
    save_rule(
        services, "draft", state="draft", criterion={"kind": "count", "target": 1, "window": "week", "of": looking}
    )
    answer = tell(services, good="true", drafted=1, customer="Wile E.")
    assert (answer["outcome"], answer["unlocked"]) == ("counted", True)
    assert show_event(services, "zd-1")["properties"] == {"good": "true", "drafted": 1}


def test_a_replay_and_a_revision_are_known_by_what_was_told(services: Services) -> None:
    """Also where the difference is not kept."""
    save_rule(services, "good", **counted())
    assert not tell(services, good="true", note="a")["replayed"]
    assert tell(services, good="true", note="a")["replayed"]
    assert tell(services, good="true", note="b")["outcome"] == "revised"
    assert show_event(services, "zd-1")["properties"] == {"good": "true"}


def test_a_retired_rule_looks_at_nothing(services: Services) -> None:
    """Nor does one of another type of event."""
    save_rule(services, "good", **counted())
    set_state(services, "good", State.RETIRED, author="Ops")
    tell(services, good="true")
    assert show_event(services, "zd-1")["properties"] == {}


def test_everything_is_kept_unless_it_is_set(services: Services) -> None:
    """That is the default, since a rule written later may need it."""
    tell(replace(services, settings=Settings()), anything="x")
    assert show_event(services, "zd-1")["properties"] == {"anything": "x"}
