"""The examples of news, which packs and pages are made from, have the shape of what is really sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from milepost.delivery.base import Outcome, Result
from milepost.engine.events import Event
from milepost.engine.telling import NewsKind
from milepost.operations.compose_messages import compose_all
from milepost.operations.decide_award import review_award
from milepost.operations.save_people import save_actor
from milepost.operations.void_event import void_event
from milepost.operations.watch_streaks import watch_streaks
from milepost.operations.webhook_payloads import news_payload
from milepost.storage import open_store
from tests.operations.deliveries import Post
from tests.operations.telling import ANA, BOSS, SOLVED, SUPPORT, World, at

EXAMPLES = files("milepost") / "schemas" / "examples"
STREAK = {"kind": "streak", "each": {**SOLVED, "target": 1}, "target": 50}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Open an empty store in which Ana works for the support team."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    made = World(store)
    made.hire()
    yield made
    store.close()


def award(world: World) -> None:
    """Let Ana earn something."""
    named = {"key": "clean-close", "name": "Clean Close", "purpose": "Fast resolutions that stay resolved"}
    words = {
        "message": "{{ actor.first_name }} closed {{ progress.current }} ticket under SLA and it did not come back."
    }
    more = {"category": "quality", "tiers": [{"name": "Bronze", "target": 1}], "points": 5}
    world.rule(
        {**SOLVED, "target": 1}, **named, **words, **more, next_step="Keep the reply notes as complete as this one."
    )
    world.tell(Event("zd-123-solved", "ticket.solved", at(2), ANA.id, "ticket-123"))


def revoke(world: World) -> None:
    """Let Ana lose it again."""
    award(world)
    world.now = at(3)
    void_event(world.services, "zd-123-solved", told_by="test")


def risk(world: World) -> None:
    """Let Ana's streak come at risk."""
    named = {"key": "no-day-missed", "name": "No Day Missed", "purpose": "Tickets are solved every day"}
    world.rule(STREAK, **named, category="consistency", next_step="Solve one before you leave.")
    world.solve(at(2))
    world.solve(at(3))
    world.now = at(4, 16)
    watch_streaks(world.services)


def breach(world: World) -> None:
    """Let Ana's streak break."""
    risk(world)
    world.now = at(20)
    watch_streaks(world.services)


def mend(world: World) -> None:
    """Let it become known that it did not."""
    breach(world)
    world.now = at(20, 12)
    world.tell_late(*(at(day) for day in (4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19)))


def review(world: World) -> None:
    """Let an award of Ana's wait for her manager."""
    named = {"key": "clean-close", "name": "Clean Close", "purpose": "Fast resolutions that stay resolved"}
    world.rule({**SOLVED, "target": 1}, **named, category="quality", points=5, review="manager")
    world.tell(Event("zd-123-solved", "ticket.solved", at(2), ANA.id, "ticket-123"))


def decision(world: World) -> None:
    """Let the manager decide."""
    review(world)
    (needed,) = world.news()
    world.now = at(2, 11)
    note = "It was a duplicate of ticket-122."
    review_award(world.services, str(needed.award_id), decision="rejected", note=note, told_by=BOSS.id)


def disable(world: World) -> None:
    """Let the channel of the team be gone."""
    world.now = at(2)
    post = Post(world.store, now=world.now)
    place = post.place(
        transport="slack", audience="team", recipient=SUPPORT, name="#support", address="https://x.example"
    )
    post.owe("msg_1", place)
    post.dispatch(Outcome(Result.GONE, "Slack does not know this channel any more (404)."))


def digest(world: World) -> None:
    """Let Ana's day be told in a digest, with a link."""
    world.settings = replace(world.settings, public_url="https://milepost.example.com")
    wishes = {"messages": {"timings": {"achievement.awarded": "daily"}}}
    save_actor(world.services, {"id": ANA.id, "preferences": wishes})
    award(world)
    world.now = at(3)
    compose_all(world.services)


HAPPENS: dict[NewsKind, Callable[[World], None]] = {
    NewsKind.AWARDED: award,
    NewsKind.REVOKED: revoke,
    NewsKind.STREAK_AT_RISK: risk,
    NewsKind.STREAK_BROKEN: breach,
    NewsKind.STREAK_KEPT: mend,
    NewsKind.REVIEW_NEEDED: review,
    NewsKind.REVIEW_DECIDED: decision,
    NewsKind.SUBSCRIPTION_DISABLED: disable,
    NewsKind.DIGEST_READY: digest,
}


def shape(value: Any) -> Any:
    """Give the keys and the kinds of values; texts are alike."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@pytest.mark.parametrize("kind", HAPPENS, ids=str)
def test_an_example_has_the_shape_of_what_is_sent(kind: NewsKind, world: World) -> None:
    HAPPENS[kind](world)
    (news,) = [one for one in world.news() if one.kind is kind]
    sent = json.loads(json.dumps(news_payload(news)))
    example = json.loads((EXAMPLES / f"{kind}.json").read_text("utf-8"))
    assert shape(example) == shape(sent), json.dumps(sent, indent=2)
