"""What a webhook gets, and what its answers mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from standardwebhooks import Webhook as Verifier

from milepost.delivery.base import Outcome, Parcel, Result
from milepost.delivery.networks import AllowList
from milepost.delivery.signing import make_secret
from milepost.delivery.webhook import Webhook
from tests.delivery.receivers import Receiver, answer

MakeParcel = Callable[..., Parcel]

PAYLOAD = {
    "id": "nw_1",
    "type": "achievement.unlocked",
    "timestamp": "2026-03-02T09:30:00Z",
    "data": {"actor": "ana@example.com", "name": "Zoë\r\n<b>", "points": 5, "tier": None},
}


@pytest.fixture
def webhook(receiver: Receiver) -> Webhook:
    """Make the transport, with a receiver that is allowed."""
    return Webhook(AllowList((receiver.allowed,)))


def test_a_webhook_gets_the_payload_signed(webhook: Webhook, receiver: Receiver, make_parcel: MakeParcel) -> None:
    """The official library verifies the very bytes that arrived."""
    new, old = make_secret(), make_secret()
    parcel = make_parcel(
        receiver.url(), id="nw_1", payload=MappingProxyType(PAYLOAD), secrets=(new, old), at=datetime.now(UTC)
    )
    assert webhook.send(parcel) == Outcome(Result.SENT, "Taken by the receiver.", 200)
    (arrival,) = receiver.arrivals
    assert arrival.json == PAYLOAD
    assert "Zoë".encode() in arrival.body
    for secret in (new, old):
        assert Verifier(secret).verify(arrival.body, arrival.headers) == PAYLOAD


def test_every_attempt_has_the_same_id_and_a_moment_of_its_own(
    webhook: Webhook, receiver: Receiver, make_parcel: MakeParcel
) -> None:
    """So a receiver can leave out what it has already."""
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    for wait in (0, 5, 300):
        webhook.send(make_parcel(receiver.url(), at=at + timedelta(seconds=wait), secrets=(make_secret(),)))
    assert {one.headers["webhook-id"] for one in receiver.arrivals} == {"msg_1"}
    assert [int(one.headers["webhook-timestamp"]) - int(at.timestamp()) for one in receiver.arrivals] == [0, 5, 300]


def test_an_event_needs_no_message(webhook: Webhook, receiver: Receiver, make_parcel: MakeParcel) -> None:
    """A flow gets the news as it is; without a secret it is not signed."""
    assert webhook.send(make_parcel(receiver.url(), message=None)).result is Result.SENT
    assert "webhook-signature" not in receiver.arrivals[0].headers


@pytest.mark.parametrize(
    ("status", "result", "words"),
    [
        (200, Result.SENT, "Taken"),
        (204, Result.SENT, "Taken"),
        (299, Result.SENT, "Taken"),
        (301, Result.PASSING, "has moved (301)"),
        (400, Result.PASSING, "did not take it (400)"),
        (401, Result.PASSING, "did not take it (401)"),
        (404, Result.PASSING, "did not take it (404)"),
        (410, Result.GONE, "wants no more"),
        (413, Result.PASSING, "did not take it (413)"),
        (429, Result.PASSING, "send less"),
        (500, Result.PASSING, "is in trouble (500)"),
        (502, Result.PASSING, "is in trouble (502)"),
        (503, Result.PASSING, "is in trouble (503)"),
        (504, Result.PASSING, "is in trouble (504)"),
    ],
)
def test_a_status_says_what_becomes_of_it(
    status: int, result: Result, words: str, webhook: Webhook, receiver: Receiver, make_parcel: MakeParcel
) -> None:
    """Only 2xx is a yes, and only 410 a last word; a flow that is switched off for a while comes back."""
    receiver.will(answer(status, b"", retry_after="7"))
    outcome = webhook.send(make_parcel(receiver.url()))
    assert (outcome.result, outcome.status_code, words in outcome.words) == (result, status, True)
    assert outcome.retry_after == (timedelta(seconds=7) if result is Result.PASSING else None)
