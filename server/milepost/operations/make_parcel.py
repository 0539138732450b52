"""Turn a kept message into what goes to one place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from milepost.delivery.adaptive_card import teams_payload
from milepost.delivery.base import Parcel
from milepost.delivery.block_kit import slack_payload
from milepost.delivery.message import Message, message_of
from milepost.operations.post_message import address_for
from milepost.operations.webhook_payloads import event_payload
from milepost.storage.outbox import MessageForm, MessageRecord, SubscriptionRecord

#: The type of a message to a person or team, where a webhook gets it.
MESSAGE_TYPE = "message"


def make_parcel(message: MessageRecord, place: SubscriptionRecord, at: datetime) -> Parcel:
    """Pack a message for one attempt at *at*; the id is the same on every one."""
    said = None if message.form is MessageForm.EVENT else message_of(message.document)
    return Parcel(
        id=message.id,
        address=address_for(place, message.recipient),
        secrets=secrets_of(place, at),
        at=at,
        message=said,
        payload=dict(message.document) if said is None else message_payload(message, said),
    )


def secrets_of(place: SubscriptionRecord, at: datetime) -> tuple[str, ...]:
    """Give what is signed with, the newest first: for a while after a change the secret before signs along."""
    if place.secret is None:
        return ()
    if place.former_secret is None or place.former_until is None or at >= place.former_until:
        return (place.secret,)
    return (place.secret, place.former_secret)


def message_payload(message: MessageRecord, said: Message) -> dict[str, Any]:
    """Give what the webhook of a person or team gets: the words, and ready shapes to pass on."""
    document = said.document()
    data = {
        "recipient": message.recipient.id if message.recipient else None,
        "recipient_kind": message.recipient.kind.value if message.recipient else None,
        "form": message.form.value,
        "period": message.period,
        **{name: document[name] for name in ("title", "text", "sections", "actions")},
        "slack": slack_payload(said),
        "teams": teams_payload(said),
    }
    return event_payload(message.id, MESSAGE_TYPE, message.composed_at, data)
