from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from milepost.engine.people import Holder, HolderKind
from milepost.operations.services import Services
from milepost.storage.outbox import (
    AttentionRecord,
    DeliveryRecord,
    DeliveryStatus,
    MessageForm,
    MessageRecord,
    SubscriptionRecord,
)
from tests.api.conftest import MONDAY

PEOPLE = [f"p{n}@example.com" for n in range(6)]
PLACES = ("email", "slack")


@pytest.fixture(autouse=True)
def people(admin: Any, services: Services) -> None:
    """Know six people and two places."""
    for person in PEOPLE:
        admin.put(f"/v1/actors/{person}", json={"name": person})
    with services.store.transaction() as tx:
        for place in PLACES:
            tx.put_subscription(SubscriptionRecord(f"sub_{place}", place, "actor", "", MONDAY))


def _send(services: Services, person: str, *acts: str, to: Any = PLACES, form: Any = MessageForm.INSTANT) -> None:
    """Have a message sent, and opened or followed."""
    at, name = services.clock(), person.partition("@")[0]
    message_id = f"msg_{name}_{at:%j}_{form}"
    recipient = None if form is MessageForm.EVENT else Holder(HolderKind.ACTOR, person)
    with services.store.transaction() as tx:
        tx.put_message(MessageRecord(message_id, recipient, form, at, {}))
        for place in to:
            one = DeliveryRecord(f"dl_{message_id}_{place}", message_id, f"sub_{place}", DeliveryStatus.SENT, at)
            tx.put_delivery(one)
        for act in acts:
            tx.put_attention(AttentionRecord(message_id, act, at, at, 3))


def _report(caller: Any, **query: Any) -> Any:
    answer = caller.get("/v1/reports/attention", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_each_message_counts_once_in_its_week_and_place(admin: Any, services: Services, clock: Any) -> None:
    """However often it was opened; that is seen of e-mail only."""
    for person in PEOPLE:
        _send(services, person, *(["opened", "clicked"] if person in PEOPLE[:2] else []))
    clock.move(timedelta(hours=1))
    report = _report(admin)
    rows = {one["place"]: one for one in report["messages"]}
    assert {place: (one["people"], one["sent"], one["opened"], one["clicked"]) for place, one in rows.items()} == {
        "any": (6, 6, 2, 2),
        "email": (6, 6, 2, 2),
        "slack": (6, 6, None, 2),
    }
    assert {one["week"] for one in rows.values()} == {"2026-W10"}


def test_nothing_is_said_about_fewer_than_five_people(admin: Any, services: Services, clock: Any) -> None:
    """Not even how many they are; a fifth one changes that."""
    for person in PEOPLE[:4]:
        _send(services, person, "clicked", to=("slack",))
    clock.move(timedelta(hours=1))
    for row in _report(admin)["messages"]:
        assert (row["too_few_people"], row["people"], row["sent"], row["clicked"]) == (True, None, None, None)
    _send(services, PEOPLE[4], to=("slack",))
    clock.move(timedelta(hours=1))
    assert [one["clicked"] for one in _report(admin)["messages"]] == [4, 4]


def test_events_for_flows_are_no_messages_to_people(admin: Any, services: Services, clock: Any) -> None:
    """Programs pay no attention."""
    _send(services, PEOPLE[0], form=MessageForm.EVENT)
    clock.move(timedelta(hours=1))
    assert _report(admin)["messages"] == []


def test_people_who_looked_are_counted_by_week(admin: Any, services: Services) -> None:
    """Those who opted out since are not, and programs neither."""
    with services.store.transaction() as tx:
        for person in PEOPLE[:3]:
            tx.count_view(person, date(2026, 2, 24), "self")
            tx.count_view(person, date(2026, 2, 25), "self")
        tx.count_view(PEOPLE[3], date(2026, 2, 25), "other")
    assert _report(admin)["looks"] == [{"week": "2026-W09", "people_who_looked": 3}]
    admin.put(f"/v1/actors/{PEOPLE[0]}", json={"preferences": {"opt_out": True}})
    assert _report(admin)["looks"] == [{"week": "2026-W09", "people_who_looked": 2}]
    admin.put(f"/v1/actors/{PEOPLE[1]}", json={"preferences": {"opt_out": True}})
    assert _report(admin)["looks"] == [{"week": "2026-W09", "people_who_looked": None}]


def test_a_report_is_about_the_time_asked_for(admin: Any, services: Services, clock: Any) -> None:
    """Eight weeks if nothing is asked."""
    for person in PEOPLE:
        _send(services, person)
    clock.move(timedelta(weeks=8, seconds=1))
    assert _report(admin)["messages"] == []
    assert len(_report(admin, since="2026-03-01T00:00:00Z", until="2026-03-08T00:00:00Z")["messages"]) == 3
    wrong = admin.get("/v1/reports/attention?since=2026-03-08T00:00:00Z&until=2026-03-01T00:00:00Z")
    assert (wrong.status_code, wrong.get_json()["errors"][0]["pointer"]) == (422, "/until")
