"""The TinyDB store keeps every promise, in a file that anybody can read, compare and query."""

from __future__ import annotations

import difflib
import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tinydb import TinyDB, where

from milepost.storage import open_store
from milepost.storage.errors import NotStorable, StoreError
from milepost.storage.tiny_file import TinyFile
from tests.storage.contract import StoreContract
from tests.storage.examples import ANA, FULL_ACTOR, award, earning, put, step, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from milepost.storage.base import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a JSON file that does not exist yet."""
    return tmp_path / "pilot.json"


@pytest.fixture
def url(path: Path) -> str:
    """Name the store in it."""
    return f"tinydb:///{path}"


class TestTinyStore(StoreContract):
    """The contract on a real file."""


def put_everything(store: Store) -> None:
    """Keep a row or two in many tables."""
    put(store, told("a", subject="t", properties={"csat": 4.5, "note": "läuft\n"}), told("b", revision=1))
    with store.transaction() as change:
        change.put_event(told("b", revision=2, answer='{"outcome":"revised"}'))
        change.put_actor(FULL_ACTOR)
        change.put_aliases(ANA.id, {"zendesk": "1"})
        change.put_award(award(), step())
        change.replace_earnings("clean-close", ANA, None, [earning(), earning("2026-W11")])


# ---------------------------------------------------------------------- URLs


@pytest.mark.parametrize("form", ["tinydb:///{relative}", "tinydb:///{absolute}", "TinyDB:///{relative}"])
def test_a_store_is_opened_by_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Three slashes and a path in the working folder, four for a full one."""
    monkeypatch.chdir(tmp_path)
    open_store(form.format(relative="a b?%20#.json", absolute=tmp_path / "a b?%20#.json")).close()
    assert (tmp_path / "a b?%20#.json").stat().st_size > 0


@pytest.mark.parametrize("url", ["tinydb:", "tinydb:pilot.json", "tinydb://", "tinydb:///"])
def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    """With the form that works."""
    with pytest.raises(StoreError, match=r"tinydb:///path/to/pilot\.json"):
        open_store(url)


# ------------------------------------------------------------------ the file


def test_anybody_can_query_the_file_with_tinydb(store: Store, path: Path) -> None:
    """Tables by name, rows by number, nested values as real JSON."""
    put_everything(store)
    with closing(TinyDB(path, encoding="utf-8")) as database:
        (event,) = database.table("events").search(where("properties")["csat"] >= 4)
        assert event["properties"] == {"csat": 4.5, "note": "läuft\n"}
        assert "voided_at" not in event
        assert database.table("awards").get(where("holder_id") == ANA.id)["evidence"] == ["zd-1", "zd-2"]
        assert database.tables() >= {"milepost", "events", "other_revisions", "actors", "aliases", "earnings"}


def test_the_file_may_be_changed_with_tinydb_while_milepost_is_stopped(
    store: Store, path: Path, reopen: Callable[[], Store]
) -> None:
    """Through our storage the change is as safe as our own; whose an event is follows what it says then."""
    put_everything(store)
    store.close()
    with closing(TinyDB(path, storage=TinyFile)) as database:
        database.table("events").update({"actor": "ben@example.com"}, where("id") == "a")
    again = reopen()
    with again.reading() as view:
        assert [owned.event.id for owned in view.owned(["ben@example.com"], ["ticket.solved"], [])] == ["a"]
    assert again.check() is None


def test_a_difference_shows_what_changed_and_nothing_else(store: Store, path: Path) -> None:
    """One changed column is one changed line; a new row stands behind the others."""
    put_everything(store)
    before = path.read_text("utf-8").splitlines()
    with store.transaction() as change:
        change.put_award(award(points=7), None)
        change.put_event(told("c"))
    after = path.read_text("utf-8").splitlines()
    changes = [line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[0] in "-+"][2:]
    award_lines = ['-      "points": 5,', '+      "points": 7,']
    assert [line for line in changes if line in award_lines] == award_lines
    new_row = json.loads(path.read_bytes())["events"]["3"]
    assert len(changes) == len(award_lines) + len(new_row) + len(["its number", "its end"])


def test_rows_keep_their_numbers_and_the_file_its_bytes_over_a_restart(
    store: Store, path: Path, reopen: Callable[[], Store]
) -> None:
    """Opening and closing is no change."""
    put_everything(store)
    put(store, told("a", revision=2))
    before = path.read_bytes()
    reopen()
    assert path.read_bytes() == before
    assert [row["id"] for row in json.loads(before)["events"].values()] == ["a", "b"]


def test_a_transaction_that_changes_nothing_writes_nothing(store: Store, path: Path) -> None:
    """The worker looks every second whether something is due."""
    put(store, told())
    before = path.stat()
    with store.transaction() as change:
        assert change.event("zd-1") is not None
    assert path.stat().st_ino == before.st_ino


@pytest.mark.parametrize(
    "text",
    [
        *('{"a":1}', '{ "a": 1 }', '{"a":1,"a":2}', "[1e400]", "[123456789012345678901234567890]", "[1.0,1.50]", "[]"),
        *('"x"', "[", "{", "null", "", "\x00", "{\u2028}", '["\\u00e9"]', '["é"]', "12", "true", "[[[]]]"),
    ],
)
def test_every_text_comes_back_as_it_was(store: Store, reopen: Callable[[], Store], text: str) -> None:
    """A text that looks like JSON is written as such only where nothing of it is lost."""
    put(store, told(answer=text, told_by=text))
    with reopen().reading() as view:
        record = view.event("zd-1")
    assert record is not None
    assert (record.answer, record.told_by) == (text, text)


def _keep_more_than_there_is(store: Store) -> None:
    with store.transaction() as change:
        change.put_event(told())
        change.replace_earnings("clean-close", ANA, None, [earning(value=float("inf"))])


def test_a_number_that_json_does_not_know_is_refused_and_nothing_is_kept(store: Store, path: Path) -> None:
    """It would be read back as another one."""
    before = path.read_bytes()
    with pytest.raises(NotStorable):
        _keep_more_than_there_is(store)
    assert path.read_bytes() == before
    with store.reading() as view:
        assert view.event("zd-1") is None
    put(store, told())
    assert store.check() is None


def test_the_files_are_private_and_the_working_copy_goes_with_the_store(store: Store, path: Path) -> None:
    """Only its owner may read them."""
    folder = path.with_name("pilot.json.working-copy")
    assert path.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    put(store, told())
    assert path.stat().st_mode & 0o077 == 0
    store.close()
    assert {each.name for each in path.parent.iterdir()} == {"pilot.json", "pilot.json.lock"}


def test_a_copy_is_a_store_of_its_own(store: Store, tmp_path: Path) -> None:
    """It has what was there at the moment, and does not follow."""
    put(store, told("a"))
    with closing(store.open_copy(tmp_path / "copy.json")) as copy:
        put(store, told("b"))
        with copy.reading() as view:
            assert [record.event.id for record in view.events()] == ["a"]
        assert copy.check() is None
    assert store.file == tmp_path / "pilot.json"
