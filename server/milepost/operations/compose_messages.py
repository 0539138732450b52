"""Make messages of what is owed: for one recipient after the other, in a transaction for each.

What is told is marked in the transaction that keeps the message, so two composers at once never tell anything twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from milepost.delivery.adaptive_card import teams_payload
from milepost.delivery.block_kit import slack_payload
from milepost.delivery.message import Message
from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import NewsKind, Timing
from milepost.operations.award_summaries import holder_name
from milepost.operations.compose_digest import Beside, digest_message, look_beside
from milepost.operations.compose_instant import instant_message
from milepost.operations.decide_telling import Contents, Digest, Item, Occasion, Plan
from milepost.operations.frame_message import OPEN, Frame
from milepost.operations.links import links_of
from milepost.operations.load_facts import load_facts
from milepost.operations.news_documents import about
from milepost.operations.owe_news import news_id
from milepost.operations.post_message import places_of, post_message
from milepost.operations.services import Services
from milepost.operations.telling_times import wishes_of
from milepost.operations.word_owed import Wording
from milepost.storage.base import Transaction
from milepost.storage.outbox import MessageForm, MessageRecord, NewsRecord, SubscriptionRecord

#: Rows looked at to find whose turn it is.
_CHUNK = 200
_TOLD = ("title", "text", "sections", "actions", "footer")


def compose_all(services: Services) -> int:
    """Compose everything that is due; count the messages."""
    composed, seen = 0, set[Holder]()
    while recipients := _whose_turn(services) - seen:
        for recipient in sorted(recipients):
            composed += compose_for(services, recipient)
        seen |= recipients
    return composed


def compose_for(services: Services, recipient: Holder) -> int:
    """Compose what is owed to one recipient; count the messages."""
    beside = _look_beside(services, recipient)
    with services.store.transaction() as tx:
        tx.lock_everything()
        composing = _Composing.begin(tx, services, recipient)  # the time when the others are done
        plan = composing.occasion.plan()
        composed = composing.tell_now(plan) + sum(
            composing.tell_digest(digest, beside.get(digest.contents)) for digest in plan.digests
        )
        for row in plan.changed:
            tx.put_owed(row)
    return composed


def _whose_turn(services: Services) -> set[Holder]:
    with services.store.reading() as reading:
        return {row.recipient for row in reading.owed_by(by=services.clock(), limit=_CHUNK)}


def _look_beside(services: Services, recipient: Holder) -> dict[Contents, Beside]:
    """Look up beforehand what takes its time, so that nobody waits for it."""
    with services.store.reading() as reading:
        facts, now = load_facts(reading, actors=None), services.clock()
        digests = Occasion(reading, recipient, now, facts, services.settings).plan().digests
        return {one.contents: look_beside(reading, recipient, one.contents, facts, now) for one in digests}


@dataclass(frozen=True, slots=True)
class _Composing:
    """One recipient's turn."""

    tx: Transaction
    occasion: Occasion
    frame: Frame
    wording: Wording

    @classmethod
    def begin(cls, tx: Transaction, services: Services, recipient: Holder) -> _Composing:
        """Read the clock and the people."""
        now, facts, settings = services.clock(), load_facts(tx, actors=None), services.settings
        frame = Frame(recipient, facts, links_of(tx, settings), settings.contact)
        return cls(tx, Occasion(tx, recipient, now, facts, settings), frame, Wording(tx, recipient, facts, now))

    def tell_now(self, plan: Plan) -> int:
        """Tell in one message what is told at once."""
        if not plan.instant:
            return 0
        message = instant_message(self.frame, self.wording, plan.instant)
        self._post(message, MessageForm.INSTANT, plan.instant)
        return 1

    def tell_digest(self, digest: Digest, beside: Beside | None) -> int:
        """Tell a day or a week, as news too; where there is nothing to say, what was owed is done with."""
        occasion = self.occasion
        if beside is None:  # it has become due meanwhile
            beside = look_beside(self.tx, occasion.recipient, digest.contents, occasion.facts, occasion.now)
        message = digest_message(self.frame, self.wording, digest, beside)
        if message is None:
            self._mark_told(digest.items, digest.timing, None)
            return 0
        self._post(message, digest.form, digest.items, digest.period)
        self.tx.put_news(_digest_news(message, digest, occasion))
        return 1

    def _post(self, message: Message, form: MessageForm, items: Sequence[Item], period: str | None = None) -> None:
        occasion = self.occasion
        record = MessageRecord(message.id, occasion.recipient, form, occasion.now, message.document(), period)
        places = places_of(occasion.recipient, self.tx.subscriptions())
        wanted = _Wanted(occasion.recipient, occasion.facts, items, is_digest=form is not MessageForm.INSTANT)
        post_message(self.tx, record, filter(wanted.at, places))
        self._mark_told(items, Timing(form.value), message.id)

    def _mark_told(self, items: Iterable[Item], timing: Timing, message_id: str | None) -> None:
        """Note what was said, and how soon: what is said of it later comes as soon, and no sooner."""
        for row in (item.row for item in items):
            told_by = message_id or row.message_id
            self.tx.put_owed(replace(row, timing=timing, told=row.standing, due_at=None, message_id=told_by))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which places get a message: those that want one of its pieces of news, and that the person did not mute."""

    recipient: Holder
    facts: Facts
    items: Sequence[Item]
    is_digest: bool

    def at(self, place: SubscriptionRecord) -> bool:
        """Say whether a place gets it."""
        kinds = [item.row.kind for item in self.items]
        achievements = {item.news.achievement for item in self.items if item.news}
        wants_kind = not place.events or any(kind in place.events for kind in self._kinds_to_want(kinds))
        wants_achievement = not place.achievements or bool(achievements.intersection(place.achievements))
        return wants_kind and wants_achievement and not self._is_muted(place.transport, kinds)

    def _kinds_to_want(self, kinds: Sequence[NewsKind]) -> Sequence[NewsKind]:
        return [*kinds, NewsKind.DIGEST_READY] if self.is_digest else kinds

    def _is_muted(self, transport: str, kinds: Iterable[NewsKind]) -> bool:
        muted = {one.kind for one in wishes_of(self.recipient, self.facts).mutes if one.transport in (None, transport)}
        if None in muted or (self.is_digest and NewsKind.DIGEST_READY in muted):
            return True
        return all(kind in muted for kind in kinds)


def _digest_news(message: Message, digest: Digest, occasion: Occasion) -> NewsRecord:
    """Make news of a digest, for a flow that delivers it; what only the recipient may do is left out."""
    recipient = occasion.recipient
    said = replace(message, actions=tuple(one for one in message.actions if one.label == OPEN), pixel=None)
    document = {
        "recipient": recipient.id,
        "recipient_kind": recipient.kind.value,
        "holder": holder_name(recipient),
        **about(recipient, occasion.facts, occasion.now),
        "visibility": "private" if recipient.kind is HolderKind.ACTOR else "team",  # it speaks to one person
        "form": digest.form.value,
        "period": digest.period,
        "message_id": message.id,
        **{name: value for name, value in said.document().items() if name in _TOLD},
        "slack": slack_payload(said),
        "teams": teams_payload(said),
    }
    made_id = news_id(NewsKind.DIGEST_READY, message.id)
    return NewsRecord(made_id, NewsKind.DIGEST_READY, occasion.now, document, recipient)
