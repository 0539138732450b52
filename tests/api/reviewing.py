"""An award that waits for a manager, in a small firm: what tests of reviews begin with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from milepost.engine.people import Holder, HolderKind
from milepost.operations.services import Services
from milepost.storage.outbox import NewsRecord, OwedRecord

ANA, MAX, BEA, ZOE = "ana@example.com", "max@example.com", "bea@example.com", "zoe@example.com"
RULE: dict[str, Any] = {
    "key": "clean-close",
    "name": "Clean Close",
    "purpose": "Fast resolutions that stay resolved",
    "category": "quality",
    "criterion": {"kind": "count", "target": 2, "window": "week", "of": {"type": "ticket.solved"}},
    "review": "manager",
    "points": 5,
    "state": "live",
}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
#: Half of the usual time for a decision.
HALF = timedelta(days=7)


def set_up(admin: Any, **rule: Any) -> None:
    """Let Max manage Ana, and Bea manage Max; Zoe is somebody else."""
    for person, manager in ((BEA, None), (MAX, BEA), (ANA, MAX), (ZOE, None)):
        profile = {"manager": manager} if manager else {}
        assert (
            admin.put(f"/v1/actors/{person}", json={"name": person.split("@")[0].title(), **profile}).status_code == 200
        )
    assert admin.put("/v1/achievements/clean-close", json={**RULE, **rule}).status_code == 200


def tell(admin: Any, number: int = 2, *, first: int = 1, actor: str = ANA) -> dict[str, Any]:
    """Tell that tickets were solved; give the last answer."""
    answer: dict[str, Any] = {}
    for n in range(first, first + number):
        event = {"id": f"zd-{n}", "type": "ticket.solved", "actor": actor, "subject": f"ticket-{n}"}
        answer = admin.post("/v1/evaluate", json={**event, "occurred_at": f"2026-03-02T10:{n:02}:00Z"}).get_json()
    return answer


def earn(admin: Any) -> str:
    """Let Ana reach the target; give the id of the award that waits."""
    (award,) = tell(admin)["awards"]
    assert award["status"] == "in_review"
    return str(award["id"])


def owed_to(services: Services, person: str) -> list[OwedRecord]:
    """Give what a person is owed a word about."""
    recipient = Holder(HolderKind.ACTOR, person)
    with services.store.reading() as reading:
        return reading.owed_to(recipient, by=services.clock() + timedelta(days=100))


def news_of(services: Services, *kinds: str) -> list[NewsRecord]:
    """Give the news of some kinds, newest first."""
    with services.store.reading() as reading:
        return reading.newest_news(kinds)
