"""The tables of telling people: news, what is owed of it, messages and where they go, and what time makes happen."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index

from milepost.storage.table_words import WORD, holder, partial_index, table, whole, word

#: What happened, as subscriptions to everything get it.
NEWS = table(
    "news",
    word("id", key=True),
    word("kind"),
    word("at"),
    word("holder_kind", optional=True),
    word("holder_id", optional=True),
    word("achievement", optional=True),
    word("award_id", optional=True),
    word("handed_at", optional=True),
    word("document"),
    Index("news_by_moment", "at", "id"),
    partial_index("news_to_hand", "at", "id", where="handed_at IS NULL"),
)

#: What each recipient knows of each topic, and what they are owed.
OWED = table(
    "owed",
    word("recipient_kind", key=True),
    word("recipient_id", key=True),
    word("topic", key=True),
    word("audience"),
    word("kind"),
    word("timing"),
    word("standing"),
    word("told", optional=True),
    word("since"),
    word("due_at", optional=True),
    word("news_id", optional=True),
    word("message_id", optional=True),
    partial_index("owed_by_moment", "due_at", "recipient_kind", "recipient_id", "topic", where="due_at IS NOT NULL"),
    Index("owed_by_topic", "topic"),
    clustered=True,
)

MESSAGES = table(
    "messages",
    word("id", key=True),
    word("recipient_kind", optional=True),
    word("recipient_id", optional=True),
    word("form"),
    word("period", optional=True),
    word("composed_at"),
    word("read_at", optional=True),
    word("document"),
    Index("messages_by_recipient", "recipient_kind", "recipient_id", "composed_at", "id"),
)

SUBSCRIPTIONS = table(
    "subscriptions",
    word("id", key=True),
    word("transport"),
    word("audience"),
    word("recipient_kind", optional=True),
    word("recipient_id", optional=True),
    word("address"),
    word("secret", optional=True),
    word("former_secret", optional=True),
    word("former_until", optional=True),
    word("events"),
    word("achievements"),
    word("name", optional=True),
    word("contact", optional=True),
    word("created_at"),
    word("created_by", optional=True),
    word("status"),
    word("words", optional=True),
    word("failing_since", optional=True),
    whole("failures"),
    word("rests_until", optional=True),
)

DELIVERIES = table(
    "deliveries",
    word("id", key=True),
    Column("message_id", WORD, ForeignKey("messages.id"), nullable=False),
    Column("subscription_id", WORD, ForeignKey("subscriptions.id"), nullable=False),
    word("status"),
    whole("attempts"),
    word("created_at"),
    word("next_at", optional=True),
    word("lease", optional=True),
    word("leased_until", optional=True),
    word("finished_at", optional=True),
    word("words", optional=True),
    partial_index("deliveries_by_turn", "subscription_id", "next_at", "id", where="next_at IS NOT NULL"),
    Index("deliveries_by_message", "message_id"),
    Index("deliveries_by_subscription", "subscription_id", "id"),
)

ATTEMPTS = table(
    "attempts",
    Column("delivery_id", WORD, ForeignKey("deliveries.id"), primary_key=True),
    whole("number", key=True),
    word("at"),
    word("outcome"),
    whole("status_code", optional=True),
    word("words"),
    whole("took_ms"),
    clustered=True,
)

REVIEWS = table(
    "reviews",
    Column("award_id", WORD, ForeignKey("awards.id"), primary_key=True),
    *holder(),
    word("achievement"),
    word("reviewer", optional=True),
    word("state"),
    word("opened_at"),
    word("expires_at"),
    word("escalated_at", optional=True),
    word("question", optional=True),
    word("asked", optional=True),
    word("answer", optional=True),
    word("delegated_by", optional=True),
    word("closed_at", optional=True),
    Index("reviews_by_moment", "state", "expires_at", "award_id"),
    Index("reviews_by_reviewer", "reviewer", "state", "expires_at", "award_id"),
)

ATTENTION = table(
    "attention",
    Column("message_id", WORD, ForeignKey("messages.id"), primary_key=True),
    word("act", key=True),
    word("first_at"),
    word("last_at"),
    whole("times"),
    clustered=True,
)

#: How often somebody's progress was looked at on a day.
VIEWS = table(
    "views",
    word("actor", key=True),
    word("day", key=True),
    word("viewer", key=True),
    whole("times"),
    clustered=True,
)

#: How streaks stood when they were looked at last, and when to look again.
STREAK_WATCHES = table(
    "streak_watches",
    *holder(key=True),
    word("achievement", key=True),
    whole("length"),
    word("state"),
    word("look_at", optional=True),
    word("period", optional=True),
    partial_index(
        "streak_watches_by_moment",
        *("look_at", "achievement", "holder_kind", "holder_id"),
        where="look_at IS NOT NULL",
    ),
    clustered=True,
)

#: What is done once in a while by whichever worker comes first: when it was done last.
CHORES = table("chores", word("name", key=True), word("done_at"), clustered=True)

#: What this place signs its links with.
SIGNING_KEYS = table("signing_keys", word("name", key=True), word("secret"), clustered=True)

#: All of them, in the order in which they stand here.
TELLING = (
    *(NEWS, OWED, MESSAGES, SUBSCRIPTIONS, DELIVERIES, ATTEMPTS),
    *(REVIEWS, ATTENTION, VIEWS, STREAK_WATCHES, CHORES, SIGNING_KEYS),
)
