"""The tables of the SQL stores.

Types are the portable few: text, whole numbers, floating-point numbers. Moments are ISO
text in UTC (see ``texts.py``), yes and no are 1 and 0, nested values are JSON text.
Text sorts by code point in every database, as it does in Python.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index

from milepost.storage import table_words
from milepost.storage.table_words import NUMBER, WORD, holder, table, whole, word
from milepost.storage.tables_telling import TELLING

#: Rises with each change of the tables; an older program refuses a newer number.
SCHEMA_VERSION = 3
#: The migration that leads here, by its name in ``migrations/versions``.
SCHEMA_REVISION = f"{SCHEMA_VERSION:04}"

#: All tables, those of telling people too.
METADATA = table_words.GATHERED


def _telling() -> list[Column[Any]]:
    """Give the columns of one telling of an event; the long ones stand last, where SQLite skips them cheaply."""
    return [
        word("type"),
        word("occurred_at"),
        word("actor", optional=True),
        word("subject", optional=True),
        word("revised_at", optional=True),
        word("received_at"),
        word("voided_at", optional=True),
        whole("too_late"),
        word("fingerprint"),
        word("told_by", optional=True),
        word("properties"),
        word("answer", optional=True),
    ]


# -------------------------------------------------------------------- events

#: The telling that counts, of every event.
EVENTS = table(
    "events",
    word("id", key=True),
    whole("revision"),
    whole("counts"),
    *_telling(),
    Index("events_by_type", "type", "counts", "occurred_at"),
    Index("events_by_subject", "subject", "counts", "actor", "type"),
)

#: All other tellings of an event: its history is these and the counting one.
OTHER_REVISIONS = table(
    "other_revisions",
    Column("id", WORD, ForeignKey("events.id"), primary_key=True),
    whole("revision", key=True),
    *_telling(),
)

#: Which counting event belongs to whom. An actor's own event has one row, with its own type as
#: *through*; an event without actor has one for each actor and type of that actor's events on its subject.
BELONGS = table(
    "belongs",
    word("actor", key=True),
    word("type", key=True),
    word("occurred_at", key=True),
    Column("event_id", WORD, ForeignKey("events.id"), primary_key=True),
    word("through", key=True),
    Index("belongs_by_event", "event_id"),
    clustered=True,
)

# -------------------------------------------------------------------- people

ACTORS = table(
    "actors",
    word("id", key=True),
    word("name", optional=True),
    # id and name in lower case, to look for a part of
    word("search_text"),
    word("document"),
)

ALIASES = table(
    "aliases",
    word("source", key=True),
    word("alias", key=True),
    word("actor"),
    Index("aliases_by_actor", "actor", "source", unique=True),
    clustered=True,
)

TEAMS = table(
    "teams",
    word("id", key=True),
    word("name", optional=True),
    word("zone", optional=True),
    word("calendar", optional=True),
)

CALENDARS = table("calendars", word("key", key=True), word("document"))

FREEZES = table(
    "freezes",
    word("achievement", key=True),
    *holder(key=True),
    word("day", key=True),
    word("set_by"),
    word("note", optional=True),
    Index("freezes_by_holder", "holder_kind", "holder_id", "day"),
)

# --------------------------------------------------------------------- rules

#: Every change of a rule; together they are one log, in the order of *sequence*, chained by hashes (``rule_log.py``).
ACHIEVEMENT_VERSIONS = table(
    "achievement_versions",
    word("key", key=True),
    whole("number", key=True),
    word("effective_at"),
    word("author"),
    word("note", optional=True),
    word("document"),
    whole("sequence"),
    word("past", optional=True),
    word("starts_at", optional=True),
    word("chained"),
    Index("achievement_versions_by_sequence", "sequence", unique=True),
)

MAPPINGS = table("mappings", word("source", key=True), word("recipe", optional=True), word("document"))

# ---------------------------------------------------------- what was earned

EARNINGS = table(
    "earnings",
    whole("row_number", key=True),
    word("achievement"),
    *holder(),
    word("window"),
    whole("ordinal"),
    word("tier", optional=True),
    word("earned_at"),
    Column("value", NUMBER, nullable=False),
    Column("target", NUMBER, nullable=False),
    whole("rule_version"),
    word("evidence"),
    Index("earnings_by_holder", "holder_kind", "holder_id", "achievement", "window"),
)

AWARDS = table(
    "awards",
    word("id", key=True),
    word("achievement"),
    word("name"),
    *holder(),
    word("slot"),
    word("tier", optional=True),
    word("status"),
    whole("points"),
    word("earned_at"),
    word("changed_at"),
    whole("rule_version", optional=True),
    word("evidence"),
    word("reason_code"),
    word("reason"),
    word("source"),
    word("message", optional=True),
    word("next_step", optional=True),
    word("decision", optional=True),
    word("decided_by", optional=True),
    word("note", optional=True),
    Index("awards_by_holder", "holder_kind", "holder_id", "achievement", "earned_at"),
    Index("awards_by_achievement", "achievement", "holder_kind", "holder_id"),
    Index("awards_by_status", "status", "id"),
)

AWARD_CHANGES = table(
    "award_changes",
    whole("row_number", key=True),
    Column("award_id", WORD, ForeignKey("awards.id"), nullable=False),
    word("at"),
    word("change"),
    word("reason_code"),
    word("reason"),
    word("cause", optional=True),
    Index("award_changes_by_award", "award_id"),
)

#: What the periods of streaks came to, so that an event is judged by the events around it and not by all.
PERIODS = table(
    "periods",
    *holder(key=True),
    word("achievement", key=True),
    word("period", key=True),
    whole("rule_version"),
    word("met_at", optional=True),
    word("due_at", optional=True),
    word("evidence"),
    clustered=True,
)

DUES = table(
    "dues",
    *holder(key=True),
    word("achievement", key=True),
    word("window", key=True),
    word("due_at"),
    Index("dues_by_moment", "due_at", "achievement", "holder_kind", "holder_id", "window"),
    clustered=True,
)

# ------------------------------------------------------------------- running

KEYS = table(
    "keys",
    word("id", key=True),
    word("name"),
    word("digest"),
    word("hint"),
    word("scopes"),
    word("created_at"),
    word("revoked_at", optional=True),
    word("last_used_at", optional=True),
    Index("keys_by_digest", "digest", unique=True),
)

IMPORTS = table(
    "imports",
    word("id", key=True),
    word("file_name"),
    word("mapping"),
    whole("position"),
    whole("set_aside"),
    word("finished_at", optional=True),
)

SET_ASIDE = table(
    "set_aside",
    Column("import_id", WORD, ForeignKey("imports.id"), primary_key=True),
    whole("line", key=True),
    word("reason", key=True),
    word("row"),
)

ANSWERS = table(
    "answers",
    word("scope", key=True),
    word("key", key=True),
    word("fingerprint"),
    word("answer"),
    word("at"),
    Index("answers_by_moment", "at"),
)

#: A random word for each topic, another one after every change: what was worked out under the same word still holds.
GENERATIONS = table("generations", word("topic", key=True), word("token"), clustered=True)

#: Every table, in the order in which a readable store shows them.
TABLES = (*(one for one in METADATA.tables.values() if one not in TELLING), *TELLING)
