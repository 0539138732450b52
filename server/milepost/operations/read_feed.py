"""The feed: what one person or team was told, newest first, and what of it was seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from milepost.engine.people import Holder, HolderKind
from milepost.errors import NotFound
from milepost.operations.services import Services
from milepost.storage.base import Reading
from milepost.storage.outbox import MessageForm, MessageRecord

_WORDS = ("title", "text", "sections", "actions", "footer")


@dataclass(frozen=True, slots=True)
class FeedQuery:
    """Whose messages, and which of them."""

    recipient: Holder
    is_unread: bool = False
    limit: int = 50
    #: The id of the last message of the page before.
    after: str | None = None


def read_feed(services: Services, query: FeedQuery) -> list[dict[str, Any]]:
    """Give a page of messages, newest first; whoever was told nothing has none."""
    with services.store.reading() as reading:
        found = (one for one in _newest(reading, query) if not query.is_unread or one.read_at is None)
        return [message_document(one) for one in islice(found, query.limit)]


def mark_read(services: Services, recipient: Holder, *, until: str) -> int:
    """Mark the messages up to one of them as read, that one included; count those that were not read before."""
    with services.store.transaction() as tx:
        tx.lock([f"feed:{recipient.kind.value}:{recipient.id}"])
        last = tx.message(until)
        if last is None or last.recipient != recipient:
            raise NotFound(f"There is no message {until[:80]!r} in this feed. GET /v1/feed lists what there is.")
        older = tx.messages_to(recipient, before=until, limit=None)
        unread = [one for one in (last, *older) if one.read_at is None]
        for one in unread:
            tx.put_message(replace(one, read_at=services.clock()))
    return len(unread)


def message_document(message: MessageRecord) -> dict[str, Any]:
    """Give a message as it is shown; of an event what the webhook gets, too."""
    is_event = message.form is MessageForm.EVENT
    said = {"title": message.document["type"], "text": ""} if is_event else message.document
    recipient = message.recipient
    return {
        "id": message.id,
        "form": message.form.value,
        **{kind.value: recipient.id if recipient and recipient.kind is kind else None for kind in HolderKind},
        "period": message.period,
        "composed_at": message.composed_at,
        "read_at": message.read_at,
        **{name: said.get(name) or ([] if name in {"sections", "actions"} else None) for name in _WORDS},
        "payload": message.document if is_event else None,
    }


def _newest(reading: Reading, query: FeedQuery) -> Iterator[MessageRecord]:
    before = query.after
    while page := reading.messages_to(query.recipient, before=before, limit=query.limit):
        yield from page
        before = page[-1].id
