"""A move fills an empty store with the same, or leaves it empty; the contract of stores says what arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.errors import Conflict
from milepost.operations.hash_state import hash_state
from milepost.operations.install_recipe import install_recipe
from milepost.operations.load_recipe import load_recipe
from milepost.operations.move_store import Stage, move_store
from milepost.operations.play_story import play_story
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.base import Store, Transaction
from milepost.storage.sql_copying import CARRIED
from tests.storage.examples import put, told
from tests.storage.filled import fill

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Store]:
    """Give a store with something in every table."""
    with closing(open_store(str(tmp_path / "source.db"))) as store:
        fill(store)
        yield store


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Store]:
    """Give an empty store."""
    with closing(open_store(str(tmp_path / "target.db"))) as store:
        yield store


def rows_in(store: Store) -> int:
    """Count everything."""
    with store.reading() as view:
        return sum(view.row_count(table) for table in CARRIED)


def test_it_says_how_far_it_is_and_what_came_over(source: Store, target: Store) -> None:
    """The last stage is the whole."""
    stages: list[Stage] = []
    moved = move_store(source, target, stages.append)
    assert (moved.events, moved.rows) == (4, rows_in(source))
    assert [stage.done for stage in stages] == sorted(stage.done for stage in stages)
    assert (stages[-1].done, stages[-1].rows) == (moved.rows, moved.rows)


@pytest.mark.parametrize("table", ["keys", "events"])
def test_a_store_that_holds_anything_is_refused(source: Store, target: Store, table: str) -> None:
    """Nothing is mixed; the sentence says what is there."""
    if table == "events":
        put(target, told())
    else:
        with source.reading() as view, target.transaction() as change:
            change.put_key(view.keys()[0])
    before = rows_in(target)
    with pytest.raises(Conflict, match=f"1 in {table}"):
        move_store(source, target, lambda _stage: None)
    assert rows_in(target) == before


class Leaky:
    """A real transaction that loses an answer on the way in."""

    def __init__(self, change: Transaction) -> None:
        """Wrap a transaction."""
        self._change = change

    def __getattr__(self, name: str) -> Any:
        """Do everything else as ever."""
        return getattr(self._change, name)

    def put_rows(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put all rows in but one."""
        self._change.put_rows(table, rows[1:] if table == "answers" else rows)


class LeakyStore:
    """A real store with such transactions."""

    def __init__(self, store: Store) -> None:
        """Wrap a store."""
        self._store = store

    @contextmanager
    def transaction(self) -> Iterator[Leaky]:
        """Open a transaction that loses one."""
        with self._store.transaction() as change:
            yield Leaky(change)


def test_what_does_not_arrive_whole_is_not_kept(source: Store, target: Store) -> None:
    """The hashes are compared before anything is committed."""
    with pytest.raises(Conflict, match="nothing was kept"):
        move_store(source, LeakyStore(target), lambda _stage: None)  # type: ignore[arg-type] # all that is asked of it
    assert rows_in(target) == 0


def test_a_move_that_is_broken_off_leaves_nothing(source: Store, target: Store) -> None:
    """And can be tried again."""

    def stop(stage: Stage) -> None:
        if stage.table == "awards":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move_store(source, target, stop)
    assert rows_in(target) == 0
    move_store(source, target, lambda _stage: None)


def test_what_was_judged_is_right_in_the_new_place(tmp_path: Path, target: Store) -> None:
    """After the story of a recipe: recomputing finds no difference, and changes no hash."""
    recipe = load_recipe("fulfilment-quality")
    with closing(open_store(str(tmp_path / "played.db"))) as played:
        services = Services(played, lambda: datetime(2026, 1, 1, tzinfo=UTC), Settings())
        install_recipe(services, recipe.slug, author="tests")
        play_story(services, recipe.story, recipe.people)
        later = datetime(2027, 1, 1, tzinfo=UTC)
        assert verify(services.at(later)).differences == ()
        moved = move_store(played, target, lambda _stage: None)
    verified = verify(Services(target, lambda: later, Settings()))
    assert (verified.differences, verified.awards > 0) == ((), True)
    with target.reading() as view:
        assert hash_state(view) == moved.state
