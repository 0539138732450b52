"""Count that messages are opened and followed, and that people look at their progress: by message, and by day.

Nobody is followed around: no cookies, no addresses, nothing of the device. Those who opted out are not counted.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock

from milepost.engine.people import Holder, HolderKind
from milepost.operations.links import LinkSigner, Purpose, link_signer
from milepost.operations.load_facts import load_facts
from milepost.operations.services import Services
from milepost.operations.visibility import wants_no_messages
from milepost.storage.base import Reading
from milepost.storage.errors import StoreUnavailable
from milepost.storage.outbox import AttentionRecord, MessageRecord

OPENED = "opened"
CLICKED = "clicked"
#: By the page of a message, which only its link opens.
SELF = "self"
#: By a program with a key, for whomever.
OTHER = "other"
#: Looks at one person's progress within this time are one look, so that reading seldom becomes writing.
ONE_LOOK = timedelta(minutes=10)
#: Looks remembered; with more, the oldest are forgotten all at once and may count twice.
_REMEMBERED = 10_000


class Looks:
    """Who was looked at lately, as far as this process knows."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._until: dict[tuple[str, str], datetime] = {}
        self._lock = Lock()

    def is_new(self, actor: str, viewer: str, at: datetime) -> bool:
        """Say whether this is another look, and remember it."""
        with self._lock:
            until = self._until.get((actor, viewer))
            if until is not None and at < until:
                return False
            if len(self._until) >= _REMEMBERED:
                self._until.clear()
            self._until[actor, viewer] = at + ONE_LOOK
            return True


def count_look(services: Services, looks: Looks, actor: str, viewer: str) -> None:
    """Count a look at a person's progress, unless that is switched off or they opted out.

    A store that cannot be written keeps nobody from looking.
    """
    now = services.clock()
    if not services.settings.counts_attention or not looks.is_new(actor, viewer, now):
        return
    with services.store.reading() as reading:
        if reading.actor(actor) is None or _opted_out(reading, actor):
            return
    with suppress(StoreUnavailable), services.store.transaction() as tx:
        tx.count_view(actor, now.astimezone(UTC).date(), viewer)


def count_attention(services: Services, message_id: str, act: str) -> None:
    """Count that a message was opened or a link in it followed, unless that is switched off or they opted out."""
    if not services.settings.counts_attention:
        return
    with services.store.reading() as reading:
        message = reading.message(message_id)
        if message is None or _is_about_opted_out(reading, message):
            return
    with suppress(StoreUnavailable), services.store.transaction() as tx:
        tx.lock([f"message:{message_id}"])
        if tx.message(message_id) is None:  # it was let go of meanwhile
            return
        known = next((one for one in tx.attention([message_id]) if one.act == act), None)
        now = services.clock()
        first_at, times = (known.first_at, known.times) if known else (now, 0)
        tx.put_attention(AttentionRecord(message_id, act, first_at, now, times + 1))


def message_of_link(services: Services, purpose: Purpose, token: str) -> tuple[LinkSigner, MessageRecord] | None:
    """Give the message that a link leads to, or None for one that was not made here or whose message is gone."""
    with services.store.reading() as reading:
        signer = link_signer(reading)
        message_id = signer and signer.read(purpose, token)
        message = reading.message(message_id) if message_id else None
        return (signer, message) if signer and message else None


def _is_about_opted_out(reading: Reading, message: MessageRecord) -> bool:
    recipient = message.recipient
    return recipient is None or (recipient.kind is HolderKind.ACTOR and _opted_out(reading, recipient.id))


def _opted_out(reading: Reading, actor: str) -> bool:
    return wants_no_messages(Holder(HolderKind.ACTOR, actor), load_facts(reading, actors=[actor]))
