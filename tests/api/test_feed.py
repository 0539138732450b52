from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from milepost.delivery.message import Line, Message, Section
from milepost.engine.people import Holder, HolderKind
from milepost.operations.post_message import post_message
from milepost.operations.services import Services
from milepost.storage.outbox import MessageForm, MessageRecord

ANA = Holder(HolderKind.ACTOR, "ana@example.com")
SUPPORT = Holder(HolderKind.TEAM, "support")


def told(services: Services, clock: Any, recipient: Holder, number: int) -> str:
    """Tell somebody something, a minute after what was said before."""
    clock.move(timedelta(minutes=1))
    said = Message(f"msg_{number}", "Well done", f"Message {number}", (Section((Line("A line", "and more"),)),))
    with services.store.transaction() as tx:
        post_message(tx, MessageRecord(said.id, recipient, MessageForm.INSTANT, clock(), said.document()), [])
    return said.id


@pytest.fixture
def five(services: Services, clock: Any) -> list[str]:
    """Tell Ana five things, and her team one."""
    told(services, clock, SUPPORT, 0)
    return [told(services, clock, ANA, number) for number in range(1, 6)]


def feed(caller: Any, **query: Any) -> Any:
    """Give the ids of a page of Ana's feed, and where the next one begins."""
    page = caller.get("/v1/feed", query_string={"actor": "Ana@example.com", **query}).get_json()
    return [one["id"] for one in page["items"]], page["next_after"]


def test_a_feed_is_shown_newest_first_page_by_page(admin: Any, five: list[str]) -> None:
    """Every message comes once."""
    first, after = feed(admin, limit=2)
    second, after_that = feed(admin, limit=2, after=after)
    rest, end = feed(admin, limit=2, after=after_that)
    assert first + second + rest == five[::-1]
    assert end is None


def test_a_message_is_shown_whole(admin: Any, five: list[str]) -> None:
    """With what a page needs to show it."""
    shown = admin.get("/v1/feed?actor=ana@example.com&limit=1").get_json()["items"][0]
    assert shown["id"] == five[-1]
    assert (shown["actor"], shown["team"], shown["form"]) == ("ana@example.com", None, "instant")
    assert (shown["title"], shown["text"], shown["read_at"]) == ("Well done", "Message 5", None)
    assert shown["sections"] == [{"heading": None, "lines": [{"text": "A line", "detail": "and more"}]}]


def test_what_was_seen_is_marked_up_to_a_message(admin: Any, five: list[str], clock: Any) -> None:
    """A second time marks nothing; what comes later is new."""
    seen = {"actor": "ana@example.com", "until": five[2]}
    assert [admin.post("/v1/feed/read", json=seen).get_json() for _ in "ab"] == [{"read": 3}, {"read": 0}]
    assert feed(admin, unread="true")[0] == [five[4], five[3]]
    assert feed(admin, unread="true", limit=1) == ([five[4]], five[4])
    shown = admin.get("/v1/feed?actor=ana@example.com").get_json()["items"]
    assert [one["read_at"] for one in shown] == [None, None, *[clock().isoformat()] * 3]


def test_only_messages_of_the_feed_itself_mark_it(admin: Any, five: list[str]) -> None:
    """Nobody marks another's feed by chance."""
    assert len(five) == 5
    for until in ("msg_0", "msg_none"):
        assert admin.post("/v1/feed/read", json={"actor": "ana@example.com", "until": until}).status_code == 404


def test_what_a_person_was_told_needs_manage_and_what_a_team_was_told_does_not(
    caller_with: Any, five: list[str]
) -> None:
    """What a manager is told names people who chose to be private."""
    reader, keeper = caller_with("read"), caller_with("read", "manage")
    assert reader.get("/v1/feed?actor=ana@example.com").status_code == 403
    assert feed(keeper)[0] == five[::-1]
    assert [one["id"] for one in reader.get("/v1/feed?team=support").get_json()["items"]] == ["msg_0"]
    assert reader.post("/v1/feed/read", json={"team": "support", "until": "msg_0"}).status_code == 403


def test_a_feed_is_somebodys(admin: Any) -> None:
    """One person's or one team's; whoever was told nothing has an empty one."""
    assert admin.get("/v1/feed").status_code == 422
    assert admin.get("/v1/feed?actor=a&team=b").status_code == 422
    assert admin.get("/v1/feed?actor=nobody@example.com").get_json() == {"items": [], "next_after": None}
