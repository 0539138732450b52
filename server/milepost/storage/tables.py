"""The tables of the SQL stores.

Types are the portable few: text, whole numbers, floating-point numbers. Moments are ISO
text in UTC (see ``texts.py``), yes and no are 1 and 0, nested values are JSON text.
Text sorts by code point in every database, as it does in Python.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import REAL, Column, Double, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

#: Rises with each change of the tables; an older program refuses a newer number.
SCHEMA_VERSION = 3
#: The migration that leads here, by its name in ``migrations/versions``.
SCHEMA_REVISION = f"{SCHEMA_VERSION:04}"

METADATA = MetaData()

WORD = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
NUMBER: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")


def _word(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    return Column(name, WORD, primary_key=key, nullable=optional)


def _whole(name: str, *, key: bool = False, optional: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=key, nullable=optional)


def _holder(*, key: bool = False) -> tuple[Column[str], Column[str]]:
    return _word("holder_kind", key=key), _word("holder_id", key=key)


def _table(name: str, *parts: Column[Any] | Index, clustered: bool = False) -> Table:
    """Make a table; *clustered* keeps its rows in the order of the key."""
    return Table(name, METADATA, *parts, sqlite_strict=True, sqlite_with_rowid=not clustered)


def _telling() -> list[Column[Any]]:
    """Give the columns of one telling of an event; the long ones stand last, where SQLite skips them cheaply."""
    return [
        _word("type"),
        _word("occurred_at"),
        _word("actor", optional=True),
        _word("subject", optional=True),
        _word("revised_at", optional=True),
        _word("received_at"),
        _word("voided_at", optional=True),
        _whole("too_late"),
        _word("fingerprint"),
        _word("told_by", optional=True),
        _word("properties"),
        _word("answer", optional=True),
    ]


# -------------------------------------------------------------------- events

#: The telling that counts, of every event.
EVENTS = _table(
    "events",
    _word("id", key=True),
    _whole("revision"),
    _whole("counts"),
    *_telling(),
    Index("events_by_type", "type", "counts", "occurred_at"),
    Index("events_by_subject", "subject", "counts", "actor", "type"),
)

#: All other tellings of an event: its history is these and the counting one.
OTHER_REVISIONS = _table(
    "other_revisions",
    Column("id", WORD, ForeignKey("events.id"), primary_key=True),
    _whole("revision", key=True),
    *_telling(),
)

#: Which counting event belongs to whom. An actor's own event has one row, with its own type as
#: *through*; an event without actor has one for each actor and type of that actor's events on its subject.
BELONGS = _table(
    "belongs",
    _word("actor", key=True),
    _word("type", key=True),
    _word("occurred_at", key=True),
    Column("event_id", WORD, ForeignKey("events.id"), primary_key=True),
    _word("through", key=True),
    Index("belongs_by_event", "event_id"),
    clustered=True,
)

# -------------------------------------------------------------------- people

ACTORS = _table(
    "actors",
    _word("id", key=True),
    _word("name", optional=True),
    # id and name in lower case, to look for a part of
    _word("search_text"),
    _word("document"),
)

ALIASES = _table(
    "aliases",
    _word("source", key=True),
    _word("alias", key=True),
    _word("actor"),
    Index("aliases_by_actor", "actor", "source", unique=True),
    clustered=True,
)

TEAMS = _table(
    "teams",
    _word("id", key=True),
    _word("name", optional=True),
    _word("zone", optional=True),
    _word("calendar", optional=True),
)

CALENDARS = _table("calendars", _word("key", key=True), _word("document"))

FREEZES = _table(
    "freezes",
    _word("achievement", key=True),
    *_holder(key=True),
    _word("day", key=True),
    _word("set_by"),
    _word("note", optional=True),
    Index("freezes_by_holder", "holder_kind", "holder_id", "day"),
)

# --------------------------------------------------------------------- rules

#: Every change of a rule; together they are one log, in the order of *sequence*, chained by hashes (``rule_log.py``).
ACHIEVEMENT_VERSIONS = _table(
    "achievement_versions",
    _word("key", key=True),
    _whole("number", key=True),
    _word("effective_at"),
    _word("author"),
    _word("note", optional=True),
    _word("document"),
    _whole("sequence"),
    _word("past", optional=True),
    _word("starts_at", optional=True),
    _word("chained"),
    Index("achievement_versions_by_sequence", "sequence", unique=True),
)

MAPPINGS = _table("mappings", _word("source", key=True), _word("recipe", optional=True), _word("document"))

# ---------------------------------------------------------- what was earned

EARNINGS = _table(
    "earnings",
    _whole("row_number", key=True),
    _word("achievement"),
    *_holder(),
    _word("window"),
    _whole("ordinal"),
    _word("tier", optional=True),
    _word("earned_at"),
    Column("value", NUMBER, nullable=False),
    Column("target", NUMBER, nullable=False),
    _whole("rule_version"),
    _word("evidence"),
    Index("earnings_by_holder", "holder_kind", "holder_id", "achievement", "window"),
)

AWARDS = _table(
    "awards",
    _word("id", key=True),
    _word("achievement"),
    _word("name"),
    *_holder(),
    _word("slot"),
    _word("tier", optional=True),
    _word("status"),
    _whole("points"),
    _word("earned_at"),
    _word("changed_at"),
    _whole("rule_version", optional=True),
    _word("evidence"),
    _word("reason_code"),
    _word("reason"),
    _word("source"),
    _word("message", optional=True),
    _word("next_step", optional=True),
    _word("decision", optional=True),
    _word("decided_by", optional=True),
    _word("note", optional=True),
    Index("awards_by_holder", "holder_kind", "holder_id", "achievement", "earned_at"),
    Index("awards_by_achievement", "achievement", "holder_kind", "holder_id"),
    Index("awards_by_status", "status", "id"),
)

AWARD_CHANGES = _table(
    "award_changes",
    _whole("row_number", key=True),
    Column("award_id", WORD, ForeignKey("awards.id"), nullable=False),
    _word("at"),
    _word("change"),
    _word("reason_code"),
    _word("reason"),
    _word("cause", optional=True),
    Index("award_changes_by_award", "award_id"),
)

#: What the periods of streaks came to, so that an event is judged by the events around it and not by all.
PERIODS = _table(
    "periods",
    *_holder(key=True),
    _word("achievement", key=True),
    _word("period", key=True),
    _whole("rule_version"),
    _word("met_at", optional=True),
    _word("due_at", optional=True),
    _word("evidence"),
    clustered=True,
)

DUES = _table(
    "dues",
    *_holder(key=True),
    _word("achievement", key=True),
    _word("window", key=True),
    _word("due_at"),
    Index("dues_by_moment", "due_at", "achievement", "holder_kind", "holder_id", "window"),
    clustered=True,
)

# -------------------------------------------------------------- telling people

#: What happened, as subscriptions to everything get it.
NEWS = _table(
    "news",
    _word("id", key=True),
    _word("kind"),
    _word("at"),
    _word("holder_kind", optional=True),
    _word("holder_id", optional=True),
    _word("achievement", optional=True),
    _word("award_id", optional=True),
    _word("handed_at", optional=True),
    _word("document"),
    Index("news_by_moment", "at", "id"),
    Index("news_to_hand", "handed_at", "at"),
)

#: What each recipient knows of each topic, and what they are owed.
OWED = _table(
    "owed",
    _word("recipient_kind", key=True),
    _word("recipient_id", key=True),
    _word("topic", key=True),
    _word("audience"),
    _word("kind"),
    _word("timing"),
    _word("standing"),
    _word("told", optional=True),
    _word("since"),
    _word("due_at", optional=True),
    _word("news_id", optional=True),
    _word("message_id", optional=True),
    Index("owed_by_moment", "due_at", "recipient_kind", "recipient_id", "topic"),
    Index("owed_by_topic", "topic"),
    clustered=True,
)

MESSAGES = _table(
    "messages",
    _word("id", key=True),
    _word("recipient_kind", optional=True),
    _word("recipient_id", optional=True),
    _word("form"),
    _word("period", optional=True),
    _word("composed_at"),
    _word("read_at", optional=True),
    _word("document"),
    Index("messages_by_recipient", "recipient_kind", "recipient_id", "composed_at", "id"),
)

SUBSCRIPTIONS = _table(
    "subscriptions",
    _word("id", key=True),
    _word("transport"),
    _word("audience"),
    _word("recipient_kind", optional=True),
    _word("recipient_id", optional=True),
    _word("address"),
    _word("secret", optional=True),
    _word("former_secret", optional=True),
    _word("former_until", optional=True),
    _word("events"),
    _word("achievements"),
    _word("name", optional=True),
    _word("contact", optional=True),
    _word("created_at"),
    _word("created_by", optional=True),
    _word("status"),
    _word("words", optional=True),
    _word("failing_since", optional=True),
    _whole("failures"),
    _word("rests_until", optional=True),
)

DELIVERIES = _table(
    "deliveries",
    _word("id", key=True),
    Column("message_id", WORD, ForeignKey("messages.id"), nullable=False),
    Column("subscription_id", WORD, ForeignKey("subscriptions.id"), nullable=False),
    _word("status"),
    _whole("attempts"),
    _word("created_at"),
    _word("next_at", optional=True),
    _word("lease", optional=True),
    _word("leased_until", optional=True),
    _word("finished_at", optional=True),
    _word("words", optional=True),
    Index("deliveries_by_moment", "next_at", "id"),
    Index("deliveries_by_message", "message_id"),
    Index("deliveries_by_subscription", "subscription_id", "id"),
)

ATTEMPTS = _table(
    "attempts",
    Column("delivery_id", WORD, ForeignKey("deliveries.id"), primary_key=True),
    _whole("number", key=True),
    _word("at"),
    _word("outcome"),
    _whole("status_code", optional=True),
    _word("words"),
    _whole("took_ms"),
    clustered=True,
)

REVIEWS = _table(
    "reviews",
    Column("award_id", WORD, ForeignKey("awards.id"), primary_key=True),
    *_holder(),
    _word("achievement"),
    _word("reviewer", optional=True),
    _word("state"),
    _word("opened_at"),
    _word("expires_at"),
    _word("escalated_at", optional=True),
    _word("question", optional=True),
    _word("answer", optional=True),
    _word("delegated_by", optional=True),
    _word("closed_at", optional=True),
    Index("reviews_by_moment", "state", "expires_at", "award_id"),
    Index("reviews_by_reviewer", "reviewer", "state", "expires_at", "award_id"),
)

ATTENTION = _table(
    "attention",
    Column("message_id", WORD, ForeignKey("messages.id"), primary_key=True),
    _word("act", key=True),
    _word("first_at"),
    _word("last_at"),
    _whole("times"),
    clustered=True,
)

#: How often somebody's progress was looked at on a day.
VIEWS = _table(
    "views",
    _word("actor", key=True),
    _word("day", key=True),
    _word("viewer", key=True),
    _whole("times"),
    clustered=True,
)

#: How streaks stood when they were looked at last, and when to look again.
STREAK_WATCHES = _table(
    "streak_watches",
    *_holder(key=True),
    _word("achievement", key=True),
    _whole("length"),
    _word("state"),
    _word("look_at", optional=True),
    _word("period", optional=True),
    Index("streak_watches_by_moment", "look_at", "achievement", "holder_kind", "holder_id"),
    clustered=True,
)

# ------------------------------------------------------------------- running

#: What is done once in a while by whichever worker comes first: when it was done last.
CHORES = _table("chores", _word("name", key=True), _word("done_at"), clustered=True)

#: What this place signs its links with.
SIGNING_KEYS = _table("signing_keys", _word("name", key=True), _word("secret"), clustered=True)

KEYS = _table(
    "keys",
    _word("id", key=True),
    _word("name"),
    _word("digest"),
    _word("hint"),
    _word("scopes"),
    _word("created_at"),
    _word("revoked_at", optional=True),
    _word("last_used_at", optional=True),
    Index("keys_by_digest", "digest", unique=True),
)

IMPORTS = _table(
    "imports",
    _word("id", key=True),
    _word("file_name"),
    _word("mapping"),
    _whole("position"),
    _whole("set_aside"),
    _word("finished_at", optional=True),
)

SET_ASIDE = _table(
    "set_aside",
    Column("import_id", WORD, ForeignKey("imports.id"), primary_key=True),
    _whole("line", key=True),
    _word("reason", key=True),
    _word("row"),
)

ANSWERS = _table(
    "answers",
    _word("scope", key=True),
    _word("key", key=True),
    _word("fingerprint"),
    _word("answer"),
    _word("at"),
    Index("answers_by_moment", "at"),
)

#: A random word for each topic, another one after every change: what was worked out under the same word still holds.
GENERATIONS = _table("generations", _word("topic", key=True), _word("token"), clustered=True)
