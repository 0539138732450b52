"""The PostgreSQL store keeps every promise, and its questions go through indexes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from milepost.storage import (
    open_store,
    sql_attending,
    sql_awards,
    sql_belonging,
    sql_deliveries,
    sql_events,
    sql_people,
    sql_rules,
    sql_running,
    sql_telling,
)
from milepost.storage.statements import Statement
from tests.postgresql import PostgresqlServer
from tests.storage.contract import StoreContract

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.slow

#: Whole lists that are short, and what ``check`` and the overview of types look through on purpose.
MAY_SCAN = {"EVENT_TYPES", "PUT_ALL_TIES", "STRAY_TIES"}
#: These are not asked every second.
MAY_SCAN |= {"COUNT_TOLD", "DELIVERIES_LEASED", "DROP_NEWS"}
LARGE = "events|belongs|earnings|news|owed|messages|deliveries"
#: As many events as make looking through all of them slower than an index.
_MANY = """
    INSERT INTO events (id, revision, counts, type, occurred_at, actor, subject, received_at, too_late, fingerprint,
                        properties)
    SELECT 'e' || n, 1, 1, 't' || n % 7, to_char(n, 'FM0000000'), 'a' || n % 40, 's' || n % 5000, '', 0, '', '{}'
    FROM generate_series(1, 40000) AS n;
    INSERT INTO belongs SELECT actor, type, occurred_at, id, type FROM events;
    INSERT INTO earnings (achievement, holder_kind, holder_id, "window", ordinal, earned_at, value, target,
                          rule_version, evidence)
    SELECT 'k' || n % 5, 'actor', 'a' || n % 300, 'w' || n % 50, n, '', 1, 1, 1, '[]'
    FROM generate_series(1, 40000) AS n;
    INSERT INTO news (id, kind, at, document, handed_at)
    SELECT 'n' || n, 'k', to_char(n, 'FM0000000'), '{}', CASE WHEN n > 10 THEN '9' END
    FROM generate_series(1, 20000) AS n;
    INSERT INTO owed (recipient_kind, recipient_id, topic, audience, kind, timing, standing, since, due_at)
    SELECT 'actor', 'a' || n % 300, 't' || n, '', '', '', '', '', CASE WHEN n % 100 = 0 THEN to_char(n, 'FM0000000') END
    FROM generate_series(1, 20000) AS n;
    INSERT INTO messages (id, recipient_kind, recipient_id, form, composed_at, document)
    SELECT 'm' || n, 'actor', 'a' || n % 300, '', to_char(n, 'FM0000000'), '{}' FROM generate_series(1, 20000) AS n;
    INSERT INTO subscriptions (id, transport, audience, address, events, achievements, created_at, status, failures)
    SELECT 's' || n, '', '', '', '', '', '', 'active', 0 FROM generate_series(1, 20) AS n;
    INSERT INTO deliveries (id, message_id, subscription_id, status, attempts, created_at, next_at)
    SELECT 'd' || n, 'm' || n, 's' || n % 20 + 1, 'sent', 0, '', CASE WHEN n % 100 = 0 THEN to_char(n, 'FM0000000') END
    FROM generate_series(1, 20000) AS n;
    ANALYZE
"""


@pytest.fixture
def url(server: PostgresqlServer, tables: str) -> str:
    """Name a schema in which all tables are empty."""
    server.clear(tables)
    return tables


class TestPostgresqlStore(StoreContract):
    """The contract on a real server."""


# ----------------------------------------------------------------- questions


def _statements() -> dict[str, Statement]:
    modules = (
        *(sql_attending, sql_awards, sql_belonging, sql_deliveries, sql_events),
        *(sql_people, sql_rules, sql_running, sql_telling),
    )
    return {name: value for module in modules for name, value in vars(module).items() if isinstance(value, Statement)}


@pytest.fixture(scope="module")
def planner(server: PostgresqlServer) -> Iterator[psycopg.Connection[Any]]:
    """Connect to a database that holds many events, where statements are planned once for all values."""
    url = server.fresh_url()
    open_store(url).close()
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute(_MANY)
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute("SET enable_seqscan = off")  # it is still used where there is no other way
        yield connection


def _plan(connection: psycopg.Connection[Any], statement: Statement) -> str:
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement.postgresql.text)))
    text = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement.postgresql.text)
    connection.execute("DEALLOCATE ALL")
    connection.execute(f"PREPARE question AS {text}")  # type: ignore[call-overload]
    values = ", ".join(["NULL"] * len(names))
    rows = connection.execute(f"EXPLAIN EXECUTE question{f'({values})' if names else ''}")  # type: ignore[call-overload]
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("name", sorted(_statements().keys() - MAY_SCAN))
def test_no_statement_scans_a_table_of_events(planner: psycopg.Connection[Any], name: str) -> None:
    """Every question but a few can go through an index."""
    plan = _plan(planner, _statements()[name])
    assert not re.search(rf"Seq Scan on ({LARGE})\b", plan), plan


@pytest.mark.parametrize(
    ("name", "index", "columns"),
    [
        ("OWNED_BY_ACTORS", "belongs_pkey", "actor type occurred_at"),
        ("OWNED_BY_ANYBODY", "events_by_type", "type counts occurred_at"),
        ("EVENT_BY_ID", "events_pkey", "id"),
        ("ON_SUBJECTS", "events_by_subject", "subject counts"),
        ("EARNINGS_OF_BOTH", "earnings_by_holder", "achievement holder_kind holder_id"),
        ("OTHER_TIE", "events_by_subject", "subject counts actor type"),
        ("OWED_ABOUT", "owed_by_topic", "topic"),
        ("OWED_BY", "owed_by_moment", "due_at"),
        ("NEWS_TO_HAND", "news_to_hand", ""),
        ("DELIVERIES_DUE", "deliveries_by_turn", "subscription_id next_at"),
        ("MESSAGES_TO", "messages_by_recipient", "recipient_kind recipient_id composed_at"),
    ],
)
def test_each_hot_question_uses_its_whole_index(
    planner: psycopg.Connection[Any], name: str, index: str, columns: str
) -> None:
    """An index used by half would grow slow with history."""
    plan = _plan(planner, _statements()[name])
    assert f" {index}" in plan, plan
    condition = "".join(line for line in plan.splitlines() if "Index Cond" in line)
    assert [column for column in columns.split() if column not in condition] == [], plan
