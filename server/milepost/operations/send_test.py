"""Post a test message to one place; it goes the way of every message."""

from __future__ import annotations

import secrets
from typing import Any

from milepost.delivery.message import Message
from milepost.engine.people import Holder, HolderKind
from milepost.errors import Conflict, invalid
from milepost.operations.check_place import refuse_unknown_actor
from milepost.operations.post_message import ALL, id_of_delivery, post_message
from milepost.operations.services import Services
from milepost.operations.show_subscriptions import known_subscription
from milepost.operations.webhook_payloads import event_payload
from milepost.storage.outbox import DeliveryStatus, MessageForm, MessageRecord, SubscriptionRecord, SubscriptionStatus

#: What an event for a flow is called that is only a test.
TEST_KIND = "subscription.test"


def send_test(services: Services, subscription_id: str, *, actor: str | None = None) -> dict[str, Any]:
    """Owe a place one test message; nothing is sent from here."""
    with services.store.transaction() as tx:
        place = known_subscription(tx, subscription_id)
        if place.status is not SubscriptionStatus.ACTIVE:
            raise Conflict(
                f"This place is disabled: {place.words or 'it was switched off'} "
                f'Switch it on first: PATCH /v1/subscriptions/{{id}} with {{"status": "active"}}.'
            )
        recipient = _recipient(place, actor)
        if actor is not None:
            refuse_unknown_actor(tx, "/actor", actor)
        message = _test_message(services, place, recipient)
        post_message(tx, message, [place])
    return {
        "delivery_id": id_of_delivery(message.id, place.id),
        "message_id": message.id,
        "status": DeliveryStatus.WAITING.value,
    }


def _recipient(place: SubscriptionRecord, actor: str | None) -> Holder | None:
    """Give who must be named so that the place has an address; where it has one, the test is nobody's message."""
    if place.address:
        return None
    if place.recipient is None and actor is None:
        raise invalid("/actor", "This place is for each person. Say to whom the test goes: give an *actor*.")
    return place.recipient or Holder(HolderKind.ACTOR, str(actor))


def _test_message(services: Services, place: SubscriptionRecord, recipient: Holder | None) -> MessageRecord:
    message_id, at = f"msg_{secrets.token_hex(12)}", services.clock()
    text = "This is a test from Milepost. Messages will arrive here."
    if place.audience == ALL:
        document = event_payload(
            message_id, TEST_KIND, at, {"subscription": place.id, "name": place.name, "text": text}
        )
        return MessageRecord(message_id, None, MessageForm.EVENT, at, document)
    said = Message(
        message_id, title="Test message", text=text, footer="Somebody asked for this test; nothing happened."
    )
    return MessageRecord(message_id, recipient, MessageForm.INSTANT, at, said.document())
