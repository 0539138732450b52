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
from milepost.storage.outbox import AttentionRecord, MessageRecord, ViewRecord

OPENED = "opened"
CLICKED = "clicked"
#: By the page of a message, which only its link opens.
SELF = "self"
#: By a program with a key, for whomever.
OTHER = "other"
#: Looks at one person's progress within this time are one look, so that reading seldom becomes writing.
ONE_LOOK = timedelta(minutes=10)
#: Looks of programs are written together, by the first one after this time; a server that is stopped loses them.
WRITTEN_AFTER = timedelta(seconds=30)
#: Looks remembered; with more, all are forgotten at once and may count twice.
_REMEMBERED = 10_000
#: Looks written at once.
_CHUNK = 500


class Looks:
    """Who was looked at lately, as far as this process knows, and what of it is still to be written."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._counted_until: dict[tuple[str, str], datetime] = {}
        self._waiting: list[ViewRecord] = []
        self._write_at: datetime | None = None
        self._lock = Lock()

    def note(self, actor: str, viewer: str, at: datetime) -> None:
        """Remember a look, unless it is the same as the one before."""
        with self._lock:
            until = self._counted_until.get((actor, viewer))
            if until is not None and at < until:
                return
            if len(self._counted_until) >= _REMEMBERED:
                self._counted_until.clear()
            self._counted_until[actor, viewer] = at + ONE_LOOK
            self._waiting.append(ViewRecord(actor, at.astimezone(UTC).date(), viewer))
            write_at = at if viewer == SELF else at + WRITTEN_AFTER
            self._write_at = min(self._write_at or write_at, write_at)

    def take(self, at: datetime) -> list[ViewRecord]:
        """Give what is to be written by now, once."""
        with self._lock:
            if self._write_at is None or at < self._write_at:
                return []
            taken, self._waiting = self._waiting[:_CHUNK], self._waiting[_CHUNK:]
            self._write_at = at if self._waiting else None
            return taken


def count_look(services: Services, looks: Looks, actor: str, viewer: str) -> None:
    """Count a look at a person's progress, unless that is switched off.

    A program's is written with the next one, a little later. A store that cannot be written keeps nobody from looking.
    """
    if not services.settings.counts_attention:
        return
    now = services.clock()
    looks.note(actor, viewer, now)
    taken = looks.take(now)
    if not taken:
        return
    with services.store.reading() as reading:
        facts = load_facts(reading, actors=None)
    people = {one for one in facts.actors if not wants_no_messages(Holder(HolderKind.ACTOR, one), facts)}
    with suppress(StoreUnavailable), services.store.transaction() as tx:
        for look in taken:
            if look.actor in people:
                tx.count_view(look.actor, look.day, look.viewer)


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
