"""Room for telling people: news, what is owed of it, messages, the places they go to, and what time makes happen."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from milepost.storage.migrations.wording import CLUSTERED, STRICT, whole, word

revision = "0003"
down_revision = "0002"

_HOLDER = ("holder_kind", "holder_id")
_RECIPIENT = ("recipient_kind", "recipient_id")


def upgrade() -> None:
    """Make the tables; nothing that was kept so far changes."""
    _make_news()
    _make_messages()
    _make_deliveries()
    _make_reviews()
    _make_attention()
    _table("chores", word("name", key=True), word("done_at"), clustered=True)
    _table("signing_keys", word("name", key=True), word("secret"), clustered=True)


def _table(name: str, *columns: sa.Column[Any], clustered: bool = False) -> None:
    op.create_table(name, *columns, **(CLUSTERED if clustered else STRICT))


def _index(name: str, table: str, *columns: str, where: str | None = None) -> None:
    some = None if where is None else sa.text(where)
    op.create_index(name, table, list(columns), sqlite_where=some, postgresql_where=some)


def _make_news() -> None:
    _table(
        "news",
        *(word("id", key=True), word("kind"), word("at")),
        *(word(name, optional=True) for name in (*_HOLDER, "achievement", "award_id", "handed_at")),
        word("document"),
    )
    _index("news_by_moment", "news", "at", "id")
    _index("news_to_hand", "news", "at", "id", where="handed_at IS NULL")
    _table(
        "owed",
        *(word(name, key=True) for name in (*_RECIPIENT, "topic")),
        *(word(name) for name in ("audience", "kind", "timing", "standing")),
        *(word("told", optional=True), word("since")),
        *(word(name, optional=True) for name in ("due_at", "news_id", "message_id")),
        clustered=True,
    )
    _index("owed_by_moment", "owed", "due_at", *_RECIPIENT, "topic", where="due_at IS NOT NULL")
    _index("owed_by_topic", "owed", "topic")


def _make_messages() -> None:
    _table(
        "messages",
        word("id", key=True),
        *(word(name, optional=True) for name in _RECIPIENT),
        *(word("form"), word("period", optional=True), word("composed_at"), word("read_at", optional=True)),
        word("document"),
    )
    _index("messages_by_recipient", "messages", *_RECIPIENT, "composed_at", "id")
    _table(
        "subscriptions",
        *(word("id", key=True), word("transport"), word("audience")),
        *(word(name, optional=True) for name in _RECIPIENT),
        word("address"),
        *(word(name, optional=True) for name in ("secret", "former_secret", "former_until")),
        *(word("events"), word("achievements")),
        *(word("name", optional=True), word("contact", optional=True)),
        *(word("created_at"), word("created_by", optional=True), word("status")),
        *(word("words", optional=True), word("failing_since", optional=True)),
        *(whole("failures"), word("rests_until", optional=True)),
    )


def _make_deliveries() -> None:
    _table(
        "deliveries",
        word("id", key=True),
        word("message_id", sa.ForeignKey("messages.id")),
        word("subscription_id", sa.ForeignKey("subscriptions.id")),
        *(word("status"), whole("attempts"), word("created_at")),
        *(word(name, optional=True) for name in ("next_at", "lease", "leased_until", "finished_at", "words")),
    )
    _index("deliveries_by_turn", "deliveries", "subscription_id", "next_at", "id", where="next_at IS NOT NULL")
    _index("deliveries_by_message", "deliveries", "message_id")
    _index("deliveries_by_subscription", "deliveries", "subscription_id", "id")
    _table(
        "attempts",
        word("delivery_id", sa.ForeignKey("deliveries.id"), key=True),
        *(whole("number", key=True), word("at"), word("outcome")),
        *(whole("status_code", optional=True), word("words"), whole("took_ms")),
        clustered=True,
    )


def _make_reviews() -> None:
    _table(
        "reviews",
        word("award_id", sa.ForeignKey("awards.id"), key=True),
        *(word(name) for name in (*_HOLDER, "achievement")),
        *(word("reviewer", optional=True), word("state"), word("opened_at"), word("expires_at")),
        *(word(name, optional=True) for name in ("escalated_at", "question", "asked", "answer")),
        *(word("delegated_by", optional=True), word("closed_at", optional=True)),
    )
    _index("reviews_by_moment", "reviews", "state", "expires_at", "award_id")
    _index("reviews_by_reviewer", "reviews", "reviewer", "state", "expires_at", "award_id")


def _make_attention() -> None:
    _table(
        "attention",
        word("message_id", sa.ForeignKey("messages.id"), key=True),
        *(word("act", key=True), word("first_at"), word("last_at"), whole("times")),
        clustered=True,
    )
    _table("views", *(word(name, key=True) for name in ("actor", "day", "viewer")), whole("times"), clustered=True)
    _table(
        "streak_watches",
        *(word(name, key=True) for name in (*_HOLDER, "achievement")),
        *(whole("length"), word("state"), word("look_at", optional=True), word("period", optional=True)),
        clustered=True,
    )
    _index(
        "streak_watches_by_moment", "streak_watches", "look_at", "achievement", *_HOLDER, where="look_at IS NOT NULL"
    )
