from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from milepost.api.context import EXTENSION
from milepost.delivery.transports import make_transports
from milepost.operations.dispatch_deliveries import dispatch_due
from milepost.operations.let_time_pass import let_time_pass
from milepost.operations.services import Services
from tests.delivery.receivers import Receiver, answer

RULE = {
    "key": "first-win",
    "name": "First Win",
    "purpose": "A good start",
    "category": "volume",
    "criterion": {"kind": "count", "target": 1, "window": "day", "of": {"type": "ticket.solved"}},
    "state": "live",
}
SOLVED = {"id": "zd-1", "type": "ticket.solved", "actor": "ana@example.com", "occurred_at": "2026-03-02T11:00:00Z"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listen for messages on loopback."""
    with Receiver() as one:
        yield one


@pytest.fixture
def server(app: Flask, services: Services, receiver: Receiver, admin: Any) -> Services:
    """Give services that may send to the receiver, and know a rule."""
    allowed = replace(services, settings=replace(services.settings, allowed_addresses=(receiver.allowed,)))
    app.extensions[EXTENSION] = allowed
    assert admin.put("/v1/achievements/first-win", json=RULE).status_code == 200
    assert admin.put("/v1/actors/ana@example.com", json={"name": "Ana"}).status_code == 200
    return allowed


def added(admin: Any, url: str, **wish: Any) -> Any:
    """Add a place."""
    made = admin.post("/v1/subscriptions", json={"url": url, **wish})
    assert made.status_code == 201, made.get_json()
    return made.get_json()


def work(server: Services) -> None:
    """Let the worker do what is due."""
    let_time_pass(server)
    dispatch_due(server, make_transports(server.settings))


def deliveries(admin: Any, **query: Any) -> Any:
    """List deliveries."""
    listed = admin.get("/v1/deliveries", query_string=query)
    assert listed.status_code == 200, listed.get_json()
    return listed.get_json()["items"]


def test_an_award_reaches_a_webhook_and_its_delivery_says_so(admin: Any, server: Services, receiver: Receiver) -> None:
    """The whole way, from the event to the receiver."""
    place = added(admin, receiver.url("/hook/12345678"), name="Zap 7", events=["achievement.awarded"])
    assert admin.post("/v1/evaluate", json=SOLVED).status_code == 200
    assert receiver.arrivals == []
    work(server)
    (arrival,) = receiver.arrivals
    (one,) = deliveries(admin, subscription=place["id"])
    assert (one["status"], one["transport"], one["place"], one["attempts"]) == ("sent", "webhook", "Zap 7", 1)
    shown = admin.get(f"/v1/deliveries/{one['id']}").get_json()
    assert [(step["number"], step["outcome"], step["status_code"]) for step in shown["history"]] == [(1, "sent", 200)]
    assert shown["message"]["payload"] == arrival.json
    assert arrival.headers["webhook-id"] == shown["message"]["id"] == arrival.json["id"]


def test_news_are_listed_as_the_webhook_got_them(admin: Any, server: Services, receiver: Receiver) -> None:
    """Whoever builds a flow on the list is not surprised by what arrives."""
    added(admin, receiver.url("/hook"))
    admin.post("/v1/evaluate", json=SOLVED)
    admin.delete("/v1/events/zd-1")
    work(server)
    arrived = {arrival.json["id"]: arrival.json for arrival in receiver.arrivals}
    listed = admin.get("/v1/news").get_json()["items"]
    assert {one["id"]: one for one in listed} == arrived
    assert sorted(one["type"] for one in listed) == ["achievement.awarded", "achievement.revoked"]


def test_a_test_message_goes_the_way_of_every_message(admin: Any, server: Services, receiver: Receiver) -> None:
    """It says whether the place works, and is nobody's news."""
    place = added(admin, receiver.url("/hook"))
    posted = admin.post(f"/v1/subscriptions/{place['id']}/test")
    assert posted.status_code == 202
    work(server)
    (arrival,) = receiver.arrivals
    assert (arrival.json["type"], arrival.json["id"]) == ("subscription.test", posted.get_json()["message_id"])
    shown = admin.get(f"/v1/deliveries/{posted.get_json()['delivery_id']}").get_json()
    assert (shown["status"], shown["message"]["title"]) == ("sent", "subscription.test")
    assert admin.get("/v1/news").get_json()["items"] == []


def test_a_test_message_to_a_persons_place_is_a_message_outside_of_the_feed(
    admin: Any, server: Services, receiver: Receiver
) -> None:
    """Also at night: somebody waits for it."""
    admin.put("/v1/actors/ana@example.com", json={"zone": "Asia/Tokyo"})
    place = added(admin, receiver.url("/ana"), actor="ana@example.com")
    admin.post(f"/v1/subscriptions/{place['id']}/test")
    work(server)
    (arrival,) = receiver.arrivals
    assert (arrival.json["type"], arrival.json["data"]["title"]) == ("message", "Test message")
    assert admin.get("/v1/feed?actor=ana@example.com").get_json()["items"] == []


@pytest.mark.usefixtures("server")
def test_a_place_that_is_switched_off_gets_no_test(admin: Any, receiver: Receiver) -> None:
    """The answer says what to do first."""
    place = added(admin, receiver.url("/hook"))
    admin.call("PATCH", f"/v1/subscriptions/{place['id']}", json={"status": "disabled"})
    refused = admin.post(f"/v1/subscriptions/{place['id']}/test")
    assert refused.status_code == 409
    assert '{"status": "active"}' in refused.get_json()["detail"]


def test_what_failed_is_replayed_after_the_place_is_switched_on_again(
    admin: Any, server: Services, receiver: Receiver, clock: Any
) -> None:
    """With the same id, so that the receiver can tell."""
    receiver.will(answer(410), answer(200))
    place = added(admin, receiver.url("/hook"), contact=None)
    admin.post("/v1/evaluate", json=SOLVED)
    work(server)
    (one,) = deliveries(admin, status="failed")
    assert admin.get(f"/v1/subscriptions/{place['id']}").get_json()["status"] == "disabled"
    refused = admin.post(f"/v1/deliveries/{one['id']}/replay")
    assert (refused.status_code, "switched off" in refused.get_json()["detail"]) == (409, True)
    admin.call("PATCH", f"/v1/subscriptions/{place['id']}", json={"status": "active"})
    assert admin.post(f"/v1/deliveries/{one['id']}/replay").get_json()["status"] == "waiting"
    clock.move(timedelta(minutes=1))
    work(server)
    assert deliveries(admin, subscription=place["id"], message=one["message_id"])[0]["status"] == "sent"
    assert receiver.arrivals[0].json == receiver.arrivals[1].json


def test_a_person_is_told_that_a_place_is_off_unless_somebody_saw_to_it_before(
    admin: Any, server: Services, receiver: Receiver, clock: Any
) -> None:
    """Nobody is alarmed about what is repaired."""
    feeds = []
    for is_repaired in (True, False):
        receiver.will(answer(410))
        place = added(admin, receiver.url("/hook"), contact="ana@example.com", events=["streak.broken"])
        admin.post(f"/v1/subscriptions/{place['id']}/test")
        work(server)
        if is_repaired:
            admin.call("PATCH", f"/v1/subscriptions/{place['id']}", json={"status": "active"})
        clock.move(timedelta(minutes=1))
        work(server)
        feeds.append(len(admin.get("/v1/feed?actor=ana@example.com").get_json()["items"]))
    assert feeds == [0, 1]


def test_many_are_replayed_at_once_by_place_and_time(admin: Any, server: Services, receiver: Receiver) -> None:
    """The call that counts them names what it means."""
    receiver.will(answer(410))
    place = added(admin, receiver.url("/hook"))
    admin.post("/v1/evaluate", json=SOLVED)
    work(server)
    admin.call("PATCH", f"/v1/subscriptions/{place['id']}", json={"status": "active"})
    replay = "/v1/deliveries/replay"
    assert admin.post(replay, json={}).status_code == 422
    assert admin.post(replay, json={"since": "2026-03-03T00:00:00Z"}).get_json() == {"replayed": 0}
    assert admin.post(replay, json={"until": "2026-03-02T00:00:00Z"}).get_json() == {"replayed": 0}
    assert admin.post(replay, json={"subscription": place["id"]}).get_json() == {"replayed": 1}
    assert admin.post(replay, json={"all": True}).get_json() == {"replayed": 0}


def test_deliveries_are_listed_by_what_is_asked_for_page_by_page(
    admin: Any, server: Services, receiver: Receiver
) -> None:
    """Each filter narrows, and every delivery comes once."""
    places = [added(admin, receiver.url(f"/hook/{number}"))["id"] for number in range(3)]
    admin.post("/v1/evaluate", json=SOLVED)
    let_time_pass(server)
    first = admin.get("/v1/deliveries?limit=2&status=waiting").get_json()
    rest = admin.get("/v1/deliveries", query_string={"limit": 2, "after": first["next_after"]}).get_json()
    found = [one["subscription_id"] for one in first["items"] + rest["items"]]
    assert (sorted(found), rest["next_after"]) == (sorted(places), None)
    at_one = admin.get(f"/v1/subscriptions/{places[0]}/deliveries").get_json()["items"]
    assert [one["subscription_id"] for one in at_one] == places[:1]
    assert deliveries(admin, since="2026-03-02T12:00:01Z") == []
    assert deliveries(admin, status="failed") == []
    assert admin.get("/v1/deliveries?status=lost").status_code == 422


def test_an_unknown_delivery_is_told_so(admin: Any) -> None:
    """On both of its addresses."""
    assert admin.get("/v1/deliveries/dl_none").status_code == 404
    assert admin.post("/v1/deliveries/dl_none/replay").status_code == 404


def test_no_answer_shows_an_address_or_a_secret(admin: Any, server: Services, receiver: Receiver) -> None:
    """Neither in lists nor in the words of attempts."""
    receiver.will(answer(500))
    place = added(admin, receiver.url("/hook/very-secret-path-1234"))
    admin.post("/v1/evaluate", json=SOLVED)
    work(server)
    delivery_id = deliveries(admin)[0]["id"]
    for path in (
        "/v1/subscriptions",
        "/v1/deliveries",
        f"/v1/deliveries/{delivery_id}",
        f"/v1/subscriptions/{place['id']}/deliveries",
    ):
        text = admin.get(path).get_data(as_text=True)
        assert "very-secret" not in text
        assert place["secret"] not in text
