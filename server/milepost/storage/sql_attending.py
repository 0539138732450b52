"""Reviews, what people look at, streaks under watch, chores and signing keys, in SQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import cache

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from milepost.engine.people import Holder
from milepost.storage.outbox import AttentionRecord, ReviewRecord, ReviewState, StreakWatchRecord, ViewRecord
from milepost.storage.shapes import Shape, holder_columns
from milepost.storage.statements import SqlPart, Statement, add_missing, among, same, upsert
from milepost.storage.tables_telling import ATTENTION, CHORES, REVIEWS, SIGNING_KEYS, STREAK_WATCHES, VIEWS
from milepost.storage.texts import json_list, moment_text, read_moment

_REVIEW = Shape(REVIEWS, ReviewRecord)
_ATTENTION = Shape(ATTENTION, AttentionRecord)
_VIEW = Shape(VIEWS, ViewRecord)
_WATCH = Shape(STREAK_WATCHES, StreakWatchRecord)

REVIEW_OF = Statement(select(*_REVIEW.columns).where(*same(REVIEWS, "award_id")))
PUT_REVIEW = upsert(REVIEWS)
ATTENTION_TO = Statement(
    select(*_ATTENTION.columns)
    .where(among(ATTENTION.c.message_id, "ids"))
    .order_by(ATTENTION.c.message_id, ATTENTION.c.act)
)
PUT_ATTENTION = upsert(ATTENTION)
VIEWS_ON = Statement(
    select(*_VIEW.columns)
    .where(VIEWS.c.day >= bindparam("first"), VIEWS.c.day <= bindparam("last"))
    .order_by(VIEWS.c.actor, VIEWS.c.day, VIEWS.c.viewer)
)
COUNT_VIEW = Statement(
    insert(VIEWS)
    .values({"actor": bindparam("actor"), "day": bindparam("day"), "viewer": bindparam("viewer"), "times": 1})
    .on_conflict_do_update(index_elements=list(VIEWS.primary_key), set_={"times": VIEWS.c.times + 1})
)
DROP_VIEWS = Statement(delete(VIEWS).where(VIEWS.c.day < bindparam("before")))
WATCH_OF = Statement(select(*_WATCH.columns).where(*same(STREAK_WATCHES, "achievement", "holder_kind", "holder_id")))
WATCHES_BY = Statement(
    select(*_WATCH.columns)
    .where(STREAK_WATCHES.c.look_at <= bindparam("by"))
    .order_by(
        STREAK_WATCHES.c.look_at,
        STREAK_WATCHES.c.achievement,
        STREAK_WATCHES.c.holder_kind,
        STREAK_WATCHES.c.holder_id,
    )
    .limit(bindparam("limit"))
)
PUT_WATCH = upsert(STREAK_WATCHES)
CHORE = Statement(select(CHORES.c.done_at).where(*same(CHORES, "name")))
PUT_CHORE = upsert(CHORES)
SIGNING_KEY = Statement(select(SIGNING_KEYS.c.secret).where(*same(SIGNING_KEYS, "name")))
ADD_SIGNING_KEY = add_missing(SIGNING_KEYS)


@cache
def review_page(filters: frozenset[str]) -> Statement:
    """Make the question for a page of reviews under some filters; there are few, so each is made once."""
    page = select(*_REVIEW.columns).where(among(REVIEWS.c.state, "states"))
    if "reviewer" in filters:
        page = page.where(*same(REVIEWS, "reviewer"))
    if "expires_by" in filters:
        page = page.where(REVIEWS.c.expires_at <= bindparam("expires_by"))
    if "after_at" in filters:
        page = page.where(
            (REVIEWS.c.expires_at > bindparam("after_at"))
            | ((REVIEWS.c.expires_at == bindparam("after_at")) & (REVIEWS.c.award_id > bindparam("after_id")))
        )
    return Statement(page.order_by(REVIEWS.c.expires_at, REVIEWS.c.award_id).limit(bindparam("limit")))


class AttendingReading(SqlPart):
    """Questions about what waits for people, and what they looked at."""

    __slots__ = ()

    def review(self, award_id: str) -> ReviewRecord | None:
        """Give the review of an award."""
        return self._one(REVIEW_OF, _REVIEW.read, {"award_id": award_id})

    def reviews(
        self,
        states: Collection[ReviewState],
        *,
        reviewer: str | None = None,
        expires_by: datetime | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> list[ReviewRecord]:
        """Give reviews in some states (of one reviewer), by expires_at and award, from the one behind *after*."""
        filters: dict[str, str] = {}
        if reviewer is not None:
            filters["reviewer"] = reviewer
        if expires_by is not None:
            filters["expires_by"] = moment_text(expires_by)
        if after is not None:
            filters |= {"after_at": moment_text(after[0]), "after_id": after[1]}
        values = {**filters, "states": json_list(map(str, states)), "limit": limit}
        return self._all(review_page(frozenset(filters)), _REVIEW.read, values)

    def attention(self, message_ids: Collection[str]) -> list[AttentionRecord]:
        """Give how often some messages were opened and followed."""
        return self._all(ATTENTION_TO, _ATTENTION.read, {"ids": json_list(message_ids)})

    def views(self, *, first: date, last: date) -> list[ViewRecord]:
        """Give the looks at progress on some days, by actor, day and viewer; both ends are included."""
        return self._all(VIEWS_ON, _VIEW.read, {"first": first.isoformat(), "last": last.isoformat()})

    def streak_watch(self, achievement: str, holder: Holder) -> StreakWatchRecord | None:
        """Give how a streak stood when it was looked at last."""
        return self._one(WATCH_OF, _WATCH.read, {"achievement": achievement, **holder_columns("holder", holder)})

    def streak_watches(self, *, by: datetime, limit: int) -> list[StreakWatchRecord]:
        """Give the streaks to look at again by a moment, the oldest first."""
        return self._all(WATCHES_BY, _WATCH.read, {"by": moment_text(by), "limit": limit})

    def chore_done_at(self, name: str) -> datetime | None:
        """Give when a chore was done last."""
        return self._one(CHORE, lambda row: read_moment(row[0]), {"name": name})

    def signing_key(self, name: str) -> str | None:
        """Give a secret that this place signs with."""
        return self._one(SIGNING_KEY, lambda row: str(row[0]), {"name": name})


class AttendingWriting(AttendingReading):
    """Changes of what waits for people, and of what they looked at."""

    __slots__ = ()

    def put_review(self, review: ReviewRecord) -> None:
        """Add or replace a review."""
        self._change(PUT_REVIEW, _REVIEW.values(review))

    def put_attention(self, attention: AttentionRecord) -> None:
        """Note how often a message was opened or followed."""
        self._change(PUT_ATTENTION, _ATTENTION.values(attention))

    def count_view(self, actor: str, day: date, viewer: str) -> None:
        """Count one more look at a person's progress."""
        self._change(COUNT_VIEW, {"actor": actor, "day": day.isoformat(), "viewer": viewer})

    def drop_views(self, *, before: date) -> None:
        """Forget the looks at progress from before a day."""
        self._change(DROP_VIEWS, {"before": before.isoformat()})

    def put_streak_watch(self, watch: StreakWatchRecord) -> None:
        """Note how a streak stands and when to look again."""
        self._change(PUT_WATCH, _WATCH.values(watch))

    def put_chore(self, name: str, done_at: datetime) -> None:
        """Note when a chore was done."""
        self._change(PUT_CHORE, {"name": name, "done_at": moment_text(done_at)})

    def put_signing_key(self, name: str, secret: str) -> None:
        """Keep a secret that this place signs with; one that is there already stays."""
        self._change(ADD_SIGNING_KEY, {"name": name, "secret": secret})
