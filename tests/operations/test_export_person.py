"""The export of a person holds what they were told and what was told of them, and no secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from milepost.operations.export_person import export_person
from tests.operations.composing import ANA, BOSS, TellingWorld
from tests.operations.told_world import CLEO, told_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TellingWorld]:
    """Have Ana and Cleo earn awards, and everybody concerned told of it."""
    with told_world(tmp_path) as made:
        yield made


def exported(world: TellingWorld, actor: str = ANA.id) -> dict[str, Any]:
    """Export somebody, as JSON would carry it."""
    document: dict[str, Any] = orjson.loads(orjson.dumps(export_person(world.services, actor)))
    return document


def test_every_message_is_there_with_where_it_went_and_what_became_of_it(world: TellingWorld) -> None:
    """In the words in which it was told."""
    messages = exported(world)["messages"]
    assert [one["id"] for one in messages] == [one.id for one in reversed(world.records())]
    assert any("Ana solved a ticket in time." in one["text"] for one in messages)
    for one in messages:
        assert {delivery["subscription_id"] for delivery in one["deliveries"]} == {"sub_hers", "sub_mail"}
        assert [attention["act"] for attention in one["attention"]] == ["opened"]


def test_what_is_known_of_the_person_beside_is_there(world: TellingWorld) -> None:
    """News, what they know of what, their reviews, and who looked when."""
    document = exported(world)
    assert {one["data"]["actor"] for one in document["news"] if one["type"] == "achievement.awarded"} == {ANA.id}
    assert {one["told"] for one in document["known"] if one["topic"].startswith("award:")} == {"granted"}
    asked = [one for one in document["reviews"] if one["question"]]
    assert [(one["reviewer"], one["answer"]) for one in asked] == [(BOSS.id, "It was me, Ana: the first one")]
    assert document["looks"] == [{"day": "2026-03-03", "viewer": "other", "times": 1}]


def test_places_are_there_without_what_opens_them(world: TellingWorld) -> None:
    """Their own ones; that of the team names them elsewhere."""
    world.place("sub_slack", address="https://hooks.slack.com/services/T0/B0/secretpart", secret="whsec_tellnobody")
    document = exported(world)
    assert {one["id"] for one in document["subscriptions"]} == {"sub_hers", "sub_slack"}
    assert "secretpart" not in str(document)
    assert "whsec_tellnobody" not in str(document)
    elsewhere = [one for one in document["named_elsewhere"] if one["table"] == "subscriptions"]
    assert {one["record"]["id"]: one["in"] for one in elsewhere} == {
        "sub_team": ["name", "contact"],
        "sub_left": ["address"],
    }


def test_what_others_were_told_is_only_pointed_at(world: TellingWorld) -> None:
    """The manager's messages are the manager's, and name others too."""
    document = exported(world)
    assert "Cleo" not in str(document["messages"])
    pointed = {one["record"]["id"] for one in document["named_elsewhere"] if one["table"] == "messages"}
    assert pointed & {one.id for one in world.records(BOSS)}
    assert exported(world, CLEO.id)["looks"] == []
