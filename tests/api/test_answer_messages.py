from __future__ import annotations

from typing import Any

import pytest

from milepost.storage.tables import METADATA
from tests.delivery.shapes import card_texts, slack_problems, slack_texts, teams_problems

RULE = {
    "key": "clean-close",
    "name": "Clean Close",
    "purpose": "Fast resolutions that stay resolved",
    "category": "quality",
    "criterion": {"kind": "count", "target": 1, "window": "week", "of": {"type": "ticket.solved"}},
    "tiers": [{"name": "Bronze", "target": 1}],
    "message": "{{ actor.first_name }} closed {{ progress.current }} ticket under SLA.",
    "next_step": "Keep the notes as complete.",
    "audience": {"actor": "instant", "manager": "weekly", "team": "daily"},
    "state": "live",
}
SOLVED = {"id": "zd-1", "type": "ticket.solved", "actor": "ana@example.com", "subject": "ticket-1"}


@pytest.fixture
def answer(admin: Any) -> dict[str, Any]:
    """Give the answer to an event that earned something."""
    assert admin.put("/v1/achievements/clean-close", json=RULE).status_code == 200
    assert admin.put("/v1/actors/ana@example.com", json={"name": "Ana <!channel> Sol"}).status_code == 200
    given: dict[str, Any] = admin.post("/v1/evaluate", json=SOLVED).get_json()
    return given


def test_each_audience_has_its_words_as_every_place_takes_them(answer: dict[str, Any]) -> None:
    said = {message["audience"]: slack_texts(message["slack"]) for message in answer["messages"]}
    assert said == {
        "actor": ["Clean Close (Bronze)", "Ana closed 1 ticket under SLA.", "Keep the notes as complete."],
        "manager": ["Ana <!channel> Sol earned Clean Close (Bronze)", "Ana closed 1 ticket under SLA."],
        "team": ["Clean Close (Bronze)", "Ana <!channel> Sol earned Clean Close (Bronze)."],
    }
    for message in answer["messages"]:
        assert [text.replace("\\", "") for text in card_texts(message["teams"])] == said[message["audience"]]


def test_slack_and_teams_take_them_as_they_are(answer: dict[str, Any]) -> None:
    assert len(answer["messages"]) == 3
    for message in answer["messages"]:
        assert slack_problems(message["slack"]) == []
        assert teams_problems(message["teams"]) == []
        assert "<!" not in str(message["slack"])


def test_a_replay_says_the_same(admin: Any, answer: dict[str, Any]) -> None:
    again = admin.post("/v1/evaluate", json=SOLVED).get_json()
    assert again == {**answer, "replayed": True}


@pytest.mark.parametrize("name", ["Ana_Maria *Sol*", "Sol & Søn <Ana>", "Ana\u200b Maria\u202e Sol", "1. Ana -Sol"])
def test_an_erased_person_is_in_no_shape_of_a_message(admin: Any, services: Any, name: str) -> None:
    """The name goes also where it was escaped or cleaned for a place."""
    assert admin.put("/v1/achievements/clean-close", json=RULE).status_code == 200
    assert admin.put("/v1/actors/ana_sol@example.com", json={"name": name}).status_code == 200
    assert admin.post("/v1/evaluate", json={**SOLVED, "actor": "ana_sol@example.com"}).get_json()["unlocked"]
    assert "Sol" in everything(services)
    erased = admin.post("/v1/actors/ana_sol@example.com/erasure", json={"confirm": "ana_sol@example.com"})
    assert erased.status_code == 200
    after = everything(services)
    assert [part for part in ("Sol", "sol@", "Ana", "Søn") if part in after] == []


def everything(services: Any) -> str:
    """Give all rows of all tables as one text."""
    with services.store.reading() as reading:
        rows = [row for table in METADATA.tables for page in reading.pages(table) for row in page]
    return "\n".join(str(value) for row in rows for value in row.values())
