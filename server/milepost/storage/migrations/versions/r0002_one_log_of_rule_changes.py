"""All rule changes form one chained log; dues and earnings are found by holder, stored answers by age."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from milepost.storage.migrations.wording import CLUSTERED, STRICT, whole, word

revision = "0002"
down_revision = "0001"

_VERSIONS = "achievement_versions"
_KEPT = ("key", "number", "effective_at", "author", "note", "document")
_DUES = "dues"
_BY_HOLDER = ("holder_kind", "holder_id", "achievement", "window")


def upgrade() -> None:
    """Chain the rule changes; put what is asked for by holder in that order; make room for signs of change.

    A table is made anew where its columns change, which both databases do alike, and which leaves the same table as
    a new store has.
    """
    _chain_versions()
    _reorder_dues()
    op.drop_index("earnings_by_holder", "earnings")
    op.create_index("earnings_by_holder", "earnings", _BY_HOLDER)
    op.create_index("answers_by_moment", "answers", ["at"])
    generations = op.create_table("generations", word("topic", key=True), word("token"), **CLUSTERED)
    op.bulk_insert(generations, [{"topic": topic, "token": secrets.token_hex(16)} for topic in ("people", "rules")])
    op.create_table(
        "periods",
        *(word(name, key=True) for name in ("holder_kind", "holder_id", "achievement", "period")),
        whole("rule_version"),
        word("met_at", optional=True),
        word("due_at", optional=True),
        word("evidence"),
        **CLUSTERED,
    )


def _chain_versions() -> None:
    versions = sa.table(_VERSIONS, *map(sa.column, _KEPT))
    in_order = sa.select(versions).order_by(versions.c.effective_at, versions.c.key, versions.c.number)
    rows = [dict(row) for row in op.get_bind().execute(in_order).mappings()]
    op.drop_table(_VERSIONS)
    table = _make_versions()
    if rows:
        op.bulk_insert(table, _chained(rows))


def _reorder_dues() -> None:
    op.execute("CREATE TABLE dues_before AS SELECT * FROM dues")
    op.drop_table(_DUES)
    dues = op.create_table(_DUES, *(word(name, key=True) for name in _BY_HOLDER), word("due_at"), **CLUSTERED)
    before = sa.table("dues_before", *(sa.column(column.name) for column in dues.c))
    op.execute(sa.insert(dues).from_select(list(dues.c), sa.select(before).order_by(*before.c)))
    op.drop_table("dues_before")
    op.create_index("dues_by_moment", _DUES, ["due_at", "achievement", "holder_kind", "holder_id", "window"])


def _make_versions() -> sa.Table:
    table = op.create_table(
        _VERSIONS,
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
        **STRICT,
    )
    op.create_index("achievement_versions_by_sequence", _VERSIONS, ["sequence"], unique=True)
    return table


def _chained(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each row its place and the hash over itself and the hash before; frozen as it was at this revision."""
    before = ""
    for place, row in enumerate(rows, start=1):
        row.update(sequence=place, past=None, starts_at=None)
        content = {**row, "document": orjson.loads(row["document"])}
        canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        before = row["chained"] = hashlib.sha256(before.encode() + b"\n" + canonical).hexdigest()
    return rows
