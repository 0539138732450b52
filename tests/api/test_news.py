from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import NewsKind
from milepost.operations.services import Services
from milepost.storage.outbox import NewsRecord


def rule(key: str) -> dict[str, Any]:
    """Give a rule that one solved ticket meets."""
    criterion = {"kind": "count", "target": 1, "window": "day", "of": {"type": "ticket.solved"}}
    return {
        "key": key,
        "name": key.title(),
        "purpose": "A good start",
        "category": "volume",
        "criterion": criterion,
        "state": "live",
    }


@pytest.fixture(autouse=True)
def awards(admin: Any, clock: Any) -> None:
    """Let three people meet two rules, one after the other; Ben's progress is private."""
    for key in ("one", "two"):
        assert admin.put(f"/v1/achievements/{key}", json=rule(key)).status_code == 200
    admin.put("/v1/actors/ben@example.com", json={"preferences": {"visibility": "private"}})
    for name in ("ana", "ben", "zoe"):
        clock.move(timedelta(minutes=1))
        event = {"type": "ticket.solved", "actor": f"{name}@example.com", "occurred_at": clock().isoformat()}
        assert admin.post("/v1/evaluate", json={"id": f"zd-{name}", **event}).status_code == 200


def asked(caller: Any, **query: Any) -> list[tuple[str, str]]:
    """Give whose and of which achievement the listed news are."""
    found = caller.get("/v1/news", query_string=query)
    assert found.status_code == 200, found.get_json()
    return [(one["data"]["actor"].split("@")[0], one["data"]["achievement"]) for one in found.get_json()["items"]]


def test_news_are_listed_newest_first(admin: Any) -> None:
    """With the fields that a flow finds in its webhook."""
    assert [name for name, _ in asked(admin)] == ["zoe", "zoe", "ben", "ben", "ana", "ana"]
    newest = admin.get("/v1/news?limit=1").get_json()["items"][0]
    assert set(newest) == {"id", "type", "timestamp", "data"}
    assert (newest["type"], newest["timestamp"]) == ("achievement.awarded", "2026-03-02T12:03:00+00:00")


def test_news_are_narrowed_down_and_come_page_by_page(admin: Any) -> None:
    """Each filter narrows."""
    assert asked(admin, achievement="one") == [("zoe", "one"), ("ben", "one"), ("ana", "one")]
    assert asked(admin, type="achievement.revoked") == []
    page = admin.get("/v1/news?achievement=two&limit=2").get_json()
    rest = asked(admin, achievement="two", limit=2, after=page["next_after"])
    assert rest == [("ana", "two")]


def test_a_kind_of_news_that_does_not_exist_is_refused(admin: Any) -> None:
    """A misspelt filter would list nothing for ever."""
    refused = admin.get("/v1/news?type=achievement.award")
    assert refused.status_code == 422
    assert "Did you mean *achievement.awarded*?" in refused.get_json()["detail"]


def test_a_key_without_manage_sees_no_news_of_private_people(caller_with: Any) -> None:
    """A page is full all the same."""
    reader = caller_with("read")
    assert asked(reader, achievement="one") == [("zoe", "one"), ("ana", "one")]
    assert asked(reader, achievement="one", limit=2) == [("zoe", "one"), ("ana", "one")]
    assert len(asked(caller_with("read", "manage"))) == 6


def test_news_that_speak_to_one_person_are_for_keys_with_manage(
    caller_with: Any, services: Services, clock: Any
) -> None:
    """A manager's digest names people who chose to be private."""
    with services.store.transaction() as tx:
        for number, kind in enumerate((HolderKind.ACTOR, HolderKind.TEAM)):
            tx.put_news(
                NewsRecord(f"nw_{number}", NewsKind.DIGEST_READY, clock(), {"text": "…"}, holder=Holder(kind, "x"))
            )

    def seen(*scopes: str) -> list[str]:
        page = caller_with(*scopes).get("/v1/news?type=digest.ready").get_json()
        return [one["id"] for one in page["items"]]

    assert seen("read") == ["nw_1"]
    assert seen("manage", "read") == ["nw_1", "nw_0"]
