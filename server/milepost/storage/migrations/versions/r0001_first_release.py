"""The tables of the first release."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from milepost.storage.migrations.wording import CLUSTERED, STRICT, number, whole, word

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of an empty store."""
    _make_events()
    _make_people()
    _make_rules()
    _make_awards()
    _make_running()


def _table(name: str, *columns: sa.Column[Any], clustered: bool = False) -> None:
    op.create_table(name, *columns, **(CLUSTERED if clustered else STRICT))


def _holder(*, key: bool = False) -> tuple[sa.Column[str], sa.Column[str]]:
    return word("holder_kind", key=key), word("holder_id", key=key)


def _telling() -> tuple[sa.Column[Any], ...]:
    return (
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
    )


def _make_events() -> None:
    _table("events", word("id", key=True), whole("revision"), whole("counts"), *_telling())
    op.create_index("events_by_subject", "events", ["subject", "counts", "actor", "type"])
    op.create_index("events_by_type", "events", ["type", "counts", "occurred_at"])
    event = sa.ForeignKey("events.id")
    _table("other_revisions", word("id", event, key=True), whole("revision", key=True), *_telling())
    _table(
        "belongs",
        word("actor", key=True),
        word("type", key=True),
        word("occurred_at", key=True),
        word("event_id", sa.ForeignKey("events.id"), key=True),
        word("through", key=True),
        clustered=True,
    )
    op.create_index("belongs_by_event", "belongs", ["event_id"])


def _make_people() -> None:
    _table("actors", word("id", key=True), word("name", optional=True), word("search_text"), word("document"))
    _table("aliases", word("source", key=True), word("alias", key=True), word("actor"), clustered=True)
    op.create_index("aliases_by_actor", "aliases", ["actor", "source"], unique=True)
    _table(
        "teams",
        word("id", key=True),
        word("name", optional=True),
        word("zone", optional=True),
        word("calendar", optional=True),
    )
    _table("calendars", word("key", key=True), word("document"))
    _table(
        "freezes",
        word("achievement", key=True),
        *_holder(key=True),
        word("day", key=True),
        word("set_by"),
        word("note", optional=True),
    )
    op.create_index("freezes_by_holder", "freezes", ["holder_kind", "holder_id", "day"])


def _make_rules() -> None:
    _table(
        "achievement_versions",
        word("key", key=True),
        whole("number", key=True),
        word("effective_at"),
        word("author"),
        word("note", optional=True),
        word("document"),
    )
    _table("mappings", word("source", key=True), word("recipe", optional=True), word("document"))


def _make_awards() -> None:
    _table(
        "earnings",
        whole("row_number", key=True),
        word("achievement"),
        *_holder(),
        word("window"),
        whole("ordinal"),
        word("tier", optional=True),
        word("earned_at"),
        number("value"),
        number("target"),
        whole("rule_version"),
        word("evidence"),
    )
    op.create_index("earnings_by_holder", "earnings", ["achievement", "holder_kind", "holder_id", "window"])
    _table("awards", *_award())
    op.create_index("awards_by_achievement", "awards", ["achievement", "holder_kind", "holder_id"])
    op.create_index("awards_by_holder", "awards", ["holder_kind", "holder_id", "achievement", "earned_at"])
    op.create_index("awards_by_status", "awards", ["status", "id"])
    _table(
        "award_changes",
        whole("row_number", key=True),
        word("award_id", sa.ForeignKey("awards.id")),
        word("at"),
        word("change"),
        word("reason_code"),
        word("reason"),
        word("cause", optional=True),
    )
    op.create_index("award_changes_by_award", "award_changes", ["award_id"])
    _table(
        "dues",
        word("achievement", key=True),
        *_holder(key=True),
        word("window", key=True),
        word("due_at"),
        clustered=True,
    )
    op.create_index("dues_by_moment", "dues", ["due_at", "achievement", "holder_kind", "holder_id", "window"])


def _award() -> tuple[sa.Column[Any], ...]:
    return (
        word("id", key=True),
        word("achievement"),
        word("name"),
        *_holder(),
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
    )


def _make_running() -> None:
    _table(
        "keys",
        word("id", key=True),
        word("name"),
        word("digest"),
        word("hint"),
        word("scopes"),
        word("created_at"),
        word("revoked_at", optional=True),
        word("last_used_at", optional=True),
    )
    op.create_index("keys_by_digest", "keys", ["digest"], unique=True)
    _table(
        "imports",
        word("id", key=True),
        word("file_name"),
        word("mapping"),
        whole("position"),
        whole("set_aside"),
        word("finished_at", optional=True),
    )
    _table(
        "set_aside",
        word("import_id", sa.ForeignKey("imports.id"), key=True),
        whole("line", key=True),
        word("reason", key=True),
        word("row"),
    )
    _table(
        "answers",
        word("scope", key=True),
        word("key", key=True),
        word("fingerprint"),
        word("answer"),
        word("at"),
    )
