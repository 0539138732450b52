"""The SQLite store keeps every promise, and its questions go through indexes."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

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
from milepost.storage.errors import StoreError
from milepost.storage.statements import Statement
from tests.storage.contract import StoreContract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from milepost.storage.base import Store

#: Whole lists that are short, and what ``check`` and the overview of types look through on purpose.
MAY_SCAN = {"ALL_TEAMS", "ALL_CALENDARS", "ALL_FREEZES", "ALL_KEYS", "ALL_VERSIONS", "ALL_MAPPINGS"}
MAY_SCAN |= {"EVENT_TYPES", "STRAY_TIES", "PUT_ALL_TIES", "HOLDERS"}
#: The places there are, and what is asked once a day or at a start.
MAY_SCAN |= {
    "SUBSCRIPTIONS_KEPT",
    "DELIVERIES_DUE",
    "DELIVERIES_LEASED",
    "VIEWS_ON",
    "DROP_VIEWS",
    "DROP_NEWS",
    "COUNT_TOLD",
}
#: A list of values, and an index of that alone which waits.
MAY_BE_SCANNED = "VIRTUAL TABLE|USING INDEX news_to_hand$"


class TestSqliteStore(StoreContract):
    """The contract on a real file."""


# ---------------------------------------------------------------------- URLs


@pytest.mark.parametrize("form", ["sqlite:///{relative}", "sqlite:///{absolute}", "{relative}", "{absolute}"])
def test_a_store_is_opened_by_url_or_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Three slashes and a path in the working folder, four for a full one, or no scheme."""
    monkeypatch.chdir(tmp_path)
    open_store(form.format(relative="a b?%20#.db", absolute=tmp_path / "a b?%20#.db")).close()
    assert (tmp_path / "a b?%20#.db").stat().st_size > 0


@pytest.mark.parametrize("url", ["", "sqlite:", "sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://x/y"])
def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    """With the form that works."""
    with pytest.raises(StoreError, match=r"sqlite:///path/to/milepost\.db"):
        open_store(url)


# ------------------------------------------------------------------ settings


def test_the_file_is_durable_marked_and_private(path: Path) -> None:
    """It is in WAL mode, has our marks, and is readable for its owner only."""
    open_store(str(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        marks = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert marks == [0x4D696C65, 3]
    assert path.stat().st_mode & 0o077 == 0


def test_a_commit_is_synced_and_relations_hold(store: Store) -> None:
    """The settings are those of the connection that writes."""
    connection: sqlite3.Connection = store._writer  # type: ignore[attr-defined]  # noqa: SLF001
    values = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("synchronous", "foreign_keys", "wal_autocheckpoint", "busy_timeout")
    }
    assert values == {"synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 10_000, "busy_timeout": 5_000}


def _statements() -> dict[str, Statement]:
    modules = (
        *(sql_attending, sql_awards, sql_belonging, sql_deliveries, sql_events),
        *(sql_people, sql_rules, sql_running, sql_telling),
    )
    found = {name: value for module in modules for name, value in vars(module).items() if isinstance(value, Statement)}
    parts: list[tuple[str, ...]] = [("holder_kind", "holder_id"), ("achievement",), ("status",), ("since",)]
    for number in range(5):
        for chosen in combinations(parts, number):
            filters = frozenset(chain(*chosen))
            found[f"page by {sorted(filters)}"] = sql_awards.award_page(filters)
    return found


def _plan(connection: sqlite3.Connection, statement: Statement) -> list[str]:
    values: dict[str, Any] = dict.fromkeys(re.findall(r":(\w+)", statement.text), "[]")
    return [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + statement.text, values)]


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Connect to a file that the store made."""
    path = tmp_path_factory.mktemp("plans") / "milepost.db"
    open_store(str(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.mark.parametrize("name", _statements())
def test_no_statement_scans_a_table(planner: sqlite3.Connection, name: str) -> None:
    """Every question but a few whole lists goes through an index."""
    plan = _plan(planner, _statements()[name])
    scans = [line for line in plan if line.startswith("SCAN") and not re.search(MAY_BE_SCANNED, line)]
    assert bool(scans) == (name in MAY_SCAN), plan


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("OWNED_BY_ACTORS", "PRIMARY KEY (actor=? AND type=? AND occurred_at>? AND occurred_at<?)"),
        ("OWNED_BY_ANYBODY", "events_by_type (type=? AND counts=? AND occurred_at>? AND occurred_at<?)"),
        ("EVENT_BY_ID", "(id=?)"),
        ("ON_SUBJECTS", "events_by_subject (subject=? AND counts=?)"),
        ("EARNINGS_OF_BOTH", "earnings_by_holder (holder_kind=? AND holder_id=? AND achievement=?)"),
        ("EARNINGS_IN", "earnings_by_holder (holder_kind=? AND holder_id=?)"),
        ("GRANTED", "(id=?)"),
        ("DUES_OF", "PRIMARY KEY (holder_kind=? AND holder_id=?)"),
        ("AWARDS_OF_BOTH", "awards_by_holder (holder_kind=? AND holder_id=? AND achievement=?)"),
        ("AWARDS_OF_HOLDER", "awards_by_holder (holder_kind=? AND holder_id=?)"),
        ("POINTS", "awards_by_holder (holder_kind=? AND holder_id=?)"),
        ("DUES_BY", "dues_by_moment (due_at<?)"),
        ("OTHER_TIE", "events_by_subject (subject=? AND counts=? AND actor=? AND type=?)"),
        ("OWED_ABOUT", "owed_by_topic (topic=?)"),
        ("OWED_BY", "owed_by_moment (due_at<?)"),
        ("NEWS_TO_HAND", "SCAN news USING INDEX news_to_hand"),
        ("DELIVERIES_DUE", "deliveries_by_turn (subscription_id=? AND next_at<?)"),
        ("WATCHES_BY", "streak_watches_by_moment (look_at<?)"),
        (
            "MESSAGES_TO",
            "messages_by_recipient (recipient_kind=? AND recipient_id=? AND composed_at>? AND composed_at<?)",
        ),
    ],
)
def test_each_hot_question_uses_its_whole_index(planner: sqlite3.Connection, name: str, index: str) -> None:
    """An index used by half would grow slow with history."""
    assert any(index in line for line in _plan(planner, _statements()[name]))
