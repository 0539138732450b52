"""What every store promises about being carried elsewhere."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from milepost.operations.hash_state import hash_state
from milepost.operations.move_store import move_store
from milepost.storage import open_store
from milepost.storage.sql_copying import CARRIED, PAGE
from tests.storage.examples import ANA, NOON, award, earning, put, step, told
from tests.storage.filled import fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from milepost.storage.base import Store


def every_row(store: Store) -> dict[str, list[Any]]:
    """Give the rows of all tables as they would be carried."""
    with store.reading() as view:
        return {table: [dict(row) for page in view.pages(table) for row in page] for table in CARRIED}


def state_of(store: Store) -> str:
    """Give the hash of a store's state."""
    with store.reading() as view:
        return hash_state(view)


class CopyingPromises:
    """Whatever is in a store can be put into another one, and is the same there."""

    def test_the_example_leaves_no_table_empty(self, store: Store) -> None:
        """Otherwise the promises below would say little."""
        fill(store)
        assert [table for table, rows in every_row(store).items() if not rows] == []

    def test_everything_arrives_as_it_was(self, store: Store, reopen: Callable[[], Store], tmp_path: Path) -> None:
        """From a SQLite file, row by row and by hash, also after a restart."""
        with closing(open_store(str(tmp_path / "source.db"))) as source:
            fill(source)
            moved = move_store(source, store, lambda _stage: None)
            assert every_row(reopen()) == every_row(source)
            assert state_of(reopen()) == state_of(source) == moved.state

    def test_everything_leaves_as_it_is(self, store: Store, tmp_path: Path) -> None:
        """Into a SQLite file; the store itself stays as it was, and goes on."""
        fill(store)
        before = every_row(store)
        with closing(open_store(str(tmp_path / "target.db"))) as target:
            move_store(store, target, lambda _stage: None)
            assert every_row(target) == before == every_row(store)
            assert target.check() is None
        put(store, told("after"))

    def test_a_store_that_was_filled_by_a_move_goes_on(self, store: Store, tmp_path: Path) -> None:
        """New rows come after those that were carried, in the history of an award and in the log of rules."""
        with closing(open_store(str(tmp_path / "source.db"))) as source:
            fill(source)
            move_store(source, store, lambda _stage: None)
        with store.transaction() as change:
            change.put_award(award("aw_9"), step("aw_9", "revoked"))
            change.replace_earnings("clean-close", ANA, ["ever"], [])
        with store.reading() as view:
            assert [one.change for one in view.award_changes("aw_9")] == ["granted", "revoked", "restored", "revoked"]
            assert {one.window for one in view.earnings("clean-close", ANA)} == {"2026-W10"}
        assert store.check() is None

    def test_more_than_a_page_is_carried_once(self, store: Store) -> None:
        """In the order of the key, by code points, whatever a page ends with."""
        ids = [f"{letter}{number:04}" for letter in "bAä" for number in range(PAGE // 2)]
        put(store, *(told(event_id, subject=None) for event_id in ids))
        pages = [len(page) for page in self._pages(store)]
        assert pages == [PAGE, PAGE // 2]
        assert [row["id"] for page in self._pages(store) for row in page] == sorted(ids)

    def test_any_change_changes_the_hash(self, store: Store) -> None:
        """And taking it back gives the old one again."""
        put(store, told(properties={"amount": 1}))
        before = state_of(store)
        for other in (
            told(properties={"amount": 2}),
            told(occurred_at=NOON.replace(microsecond=1)),
            told(too_late=True),
        ):
            put(store, other)
            assert state_of(store) != before
        put(store, told(properties={"amount": 1}))
        assert state_of(store) == before

    def test_the_order_in_which_earnings_were_put_does_not_count(self, store: Store) -> None:
        """They are put in anew whenever somebody is judged; what they say counts."""
        earned = [earning("2026-W10", number, tier=tier) for number in (1, 2) for tier in (None, "Gold")]
        states = set()
        for order in (earned, earned[::-1], [earned[2], *earned[:2], earned[3]]):
            with store.transaction() as change:
                change.replace_earnings("clean-close", ANA, None, order)
            states.add(state_of(store))
        assert len(states) == 1
        with store.transaction() as change:
            change.replace_earnings("clean-close", ANA, None, earned[:3])
        assert state_of(store) not in states

    def _pages(self, store: Store) -> list[list[Any]]:
        with store.reading() as view:
            return list(view.pages("events"))
