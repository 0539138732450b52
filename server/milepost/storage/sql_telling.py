"""News, what is owed of it to whom, and the messages that tell it, in SQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, delete, func, select

from milepost.engine.people import Holder
from milepost.storage.outbox import DeliveryStatus, MessageRecord, NewsRecord, OwedRecord
from milepost.storage.shapes import Shape, holder_columns
from milepost.storage.statements import NO_LIMIT, SqlPart, Statement, among, same, upsert
from milepost.storage.tables_telling import ATTEMPTS, ATTENTION, DELIVERIES, MESSAGES, NEWS, OWED
from milepost.storage.texts import EARLIEST, LATEST, json_list, moment_text

_NEWS = Shape(NEWS, NewsRecord)
_OWED = Shape(OWED, OwedRecord)
_MESSAGE = Shape(MESSAGES, MessageRecord)
_TO = ("recipient_kind", "recipient_id")

NEWS_BY_ID = Statement(select(*_NEWS.columns).where(*same(NEWS, "id")))
NEWS_TO_HAND = Statement(
    select(*_NEWS.columns).where(NEWS.c.handed_at.is_(None)).order_by(NEWS.c.at, NEWS.c.id).limit(bindparam("limit"))
)
PUT_NEWS = upsert(NEWS)

_ALL_OWED = select(*_OWED.columns)
OWED_ONE = Statement(_ALL_OWED.where(*same(OWED, *_TO, "topic")))
OWED_ABOUT = Statement(_ALL_OWED.where(*same(OWED, "topic")).order_by(OWED.c.recipient_kind, OWED.c.recipient_id))
OWED_TO = Statement(
    _ALL_OWED.where(*same(OWED, *_TO), OWED.c.due_at <= bindparam("by")).order_by(OWED.c.since, OWED.c.topic)
)
OWED_BY = Statement(
    _ALL_OWED.where(OWED.c.due_at <= bindparam("by"))
    .order_by(OWED.c.due_at, OWED.c.recipient_kind, OWED.c.recipient_id, OWED.c.topic)
    .limit(bindparam("limit"))
)
PUT_OWED = upsert(OWED)

MESSAGE_BY_ID = Statement(select(*_MESSAGE.columns).where(*same(MESSAGES, "id")))
MESSAGES_TO = Statement(
    select(*_MESSAGE.columns)
    .where(
        *same(MESSAGES, *_TO),
        MESSAGES.c.composed_at >= bindparam("since"),
        (MESSAGES.c.composed_at < bindparam("before_at"))
        | ((MESSAGES.c.composed_at == bindparam("before_at")) & (MESSAGES.c.id < bindparam("before_id"))),
    )
    .order_by(MESSAGES.c.composed_at.desc(), MESSAGES.c.id.desc())
    .limit(bindparam("limit"))
)
PUT_MESSAGE = upsert(MESSAGES)

_UNFINISHED = select(DELIVERIES.c.message_id).where(DELIVERIES.c.status == DeliveryStatus.WAITING.value)
_TOLD = select(MESSAGES.c.id).where(MESSAGES.c.composed_at < bindparam("before"), MESSAGES.c.id.not_in(_UNFINISHED))
COUNT_TOLD = Statement(select(func.count()).select_from(_TOLD.subquery()))
_TOLD_DELIVERIES = select(DELIVERIES.c.id).where(DELIVERIES.c.message_id.in_(_TOLD))
DROP_TOLD = tuple(
    map(
        Statement,
        (
            delete(ATTEMPTS).where(ATTEMPTS.c.delivery_id.in_(_TOLD_DELIVERIES)),
            delete(ATTENTION).where(ATTENTION.c.message_id.in_(_TOLD)),
            delete(DELIVERIES).where(DELIVERIES.c.message_id.in_(_TOLD)),
            delete(MESSAGES).where(MESSAGES.c.id.in_(_TOLD)),
        ),
    )
)
DROP_NEWS = Statement(delete(NEWS).where(NEWS.c.handed_at < bindparam("before")))


@cache
def news_page(*, is_first: bool, is_filtered: bool) -> Statement:
    """Make the question for the newest news; there are four, so each is made once."""
    page = select(*_NEWS.columns).where(among(NEWS.c.kind, "kinds"))
    if is_filtered:
        page = page.where(among(NEWS.c.achievement, "achievements"))
    if not is_first:
        page = page.where(
            (NEWS.c.at < bindparam("before_at"))
            | ((NEWS.c.at == bindparam("before_at")) & (NEWS.c.id < bindparam("before_id")))
        )
    return Statement(page.order_by(NEWS.c.at.desc(), NEWS.c.id.desc()).limit(bindparam("limit")))


class TellingReading(SqlPart):
    """Questions about what is told."""

    __slots__ = ()

    def news(self, news_id: str) -> NewsRecord | None:
        """Give a piece of news by id."""
        return self._one(NEWS_BY_ID, _NEWS.read, {"id": news_id})

    def newest_news(
        self, kinds: Collection[str], *, achievements: Collection[str] = (), before: str | None = None, limit: int = 50
    ) -> list[NewsRecord]:
        """Give the newest news of some kinds (and of some achievements, if any are named), newest first."""
        values: dict[str, object] = {"kinds": json_list(kinds), "limit": limit}
        if achievements:
            values["achievements"] = json_list(achievements)
        if before is not None:
            last = self.news(before)
            if last is None:
                return []
            values |= {"before_at": moment_text(last.at), "before_id": last.id}
        return self._all(news_page(is_first=before is None, is_filtered=bool(achievements)), _NEWS.read, values)

    def news_to_hand(self, *, limit: int) -> list[NewsRecord]:
        """Give the oldest news that was not handed to the subscriptions."""
        return self._all(NEWS_TO_HAND, _NEWS.read, {"limit": limit})

    def owed(self, recipient: Holder, topic: str) -> OwedRecord | None:
        """Give what a recipient knows of a topic."""
        return self._one(OWED_ONE, _OWED.read, {**holder_columns("recipient", recipient), "topic": topic})

    def owed_about(self, topic: str) -> list[OwedRecord]:
        """Give what everybody knows of a topic, by recipient."""
        return self._all(OWED_ABOUT, _OWED.read, {"topic": topic})

    def owed_to(self, recipient: Holder, *, by: datetime) -> list[OwedRecord]:
        """Give what is owed to a recipient and due by a moment, by since, then topic."""
        return self._all(OWED_TO, _OWED.read, {**holder_columns("recipient", recipient), "by": moment_text(by)})

    def owed_by(self, *, by: datetime, limit: int) -> list[OwedRecord]:
        """Give what is owed to anybody and due by a moment, the oldest first."""
        return self._all(OWED_BY, _OWED.read, {"by": moment_text(by), "limit": limit})

    def message(self, message_id: str) -> MessageRecord | None:
        """Give a message by id."""
        return self._one(MESSAGE_BY_ID, _MESSAGE.read, {"id": message_id})

    def messages_to(
        self, recipient: Holder, *, since: datetime | None = None, before: str | None = None, limit: int | None = 50
    ) -> list[MessageRecord]:
        """Give a recipient's messages (*limit* None: all), newest first, from *since* on."""
        last = self.message(before) if before is not None else None
        if before is not None and last is None:
            return []
        values = {
            **holder_columns("recipient", recipient),
            "since": EARLIEST if since is None else moment_text(since),
            "before_at": LATEST if last is None else moment_text(last.composed_at),
            "before_id": LATEST if last is None else last.id,
            "limit": NO_LIMIT if limit is None else limit,
        }
        return self._all(MESSAGES_TO, _MESSAGE.read, values)

    def old_messages(self, *, before: datetime) -> int:
        """Count the messages from before a moment of which no delivery waits."""
        return self._one(COUNT_TOLD, lambda row: int(row[0]), {"before": moment_text(before)}) or 0


class TellingWriting(TellingReading):
    """Changes of what is told."""

    __slots__ = ()

    def put_news(self, news: NewsRecord) -> None:
        """Add or replace a piece of news."""
        self._change(PUT_NEWS, _NEWS.values(news))

    def put_owed(self, owed: OwedRecord) -> None:
        """Note what a recipient knows of a topic and is owed."""
        self._change(PUT_OWED, _OWED.values(owed))

    def put_message(self, message: MessageRecord) -> None:
        """Add or replace a message."""
        self._change(PUT_MESSAGE, _MESSAGE.values(message))

    def drop_told(self, *, before: datetime) -> int:
        """Forget messages from before a moment with their deliveries and attempts, and news handed before it."""
        dropped = self.old_messages(before=before)
        for statement in (*(DROP_TOLD if dropped else ()), DROP_NEWS):
            self._change(statement, {"before": moment_text(before)})
        return dropped
