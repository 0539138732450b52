"""What every store promises about changes made together, and at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from milepost.engine.people import Actor
from milepost.storage.errors import StoreError, StoreUnavailable
from tests.storage.examples import ANA, NOON, award, earning, hours, put, step, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from milepost.storage.base import Reading, Store


class _MisfortuneError(Exception):
    """Something goes wrong in the middle."""


@contextmanager
def _misfortune() -> Iterator[None]:
    with pytest.raises(_MisfortuneError):
        yield


def _write_a_bit_of_everything(store: Store) -> None:
    with store.transaction() as change:
        change.put_event(told(subject="t"))
        change.put_event(told("rated", type="ticket.rated", actor=None, subject="t"))
        change.put_award(award(), step())
        change.replace_earnings("clean-close", ANA, None, [earning()])
        change.set_due("clean-close", ANA, "2026-W10", hours(1))
        change.put_actor(Actor(ANA.id))
        change.put_aliases(ANA.id, {"zendesk": "1"})
        raise _MisfortuneError


def _is_empty(view: Reading) -> bool:
    found = [
        list(view.events()),
        view.owned(None, ["ticket.solved", "ticket.rated"], ["ticket.solved"]),
        view.awards_of(None, ANA),
        view.award_changes("aw_1"),
        view.earnings("clean-close", ANA),
        view.due(by=hours(99)),
        view.actors(),
        list(view.aliases(ANA.id)),
    ]
    return not any(found)


class TransactionPromises:
    """All or nothing, one after the other, and on disk."""

    def test_an_exception_leaves_nothing(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Not now and not after a restart."""
        with _misfortune():
            _write_a_bit_of_everything(store)
        with store.reading() as view:
            assert _is_empty(view)
        with reopen().reading() as view:
            assert _is_empty(view)

    def test_an_exception_brings_back_what_was_there(self, store: Store) -> None:
        """Also for changes and removals."""
        put(store, told(subject="t"), told("rated", type="ticket.rated", actor=None, subject="t"))
        with _misfortune(), store.transaction() as change:
            change.put_event(told(subject="t", revision=2, voided_at=NOON))
            raise _MisfortuneError
        with store.reading() as view:
            assert view.revisions("zd-1") == [told(subject="t")]
            assert len(view.owned([ANA.id], ["ticket.rated"], ["ticket.solved"])) == 1

    def test_the_store_goes_on_after_an_exception(self, store: Store) -> None:
        """The next transaction is a new one."""
        with _misfortune():
            _write_a_bit_of_everything(store)
        put(store, told("after"))
        with store.reading() as view:
            assert [record.event.id for record in view.events()] == ["after"]

    def test_a_refused_change_that_is_passed_over_is_never_committed_by_halves(self, store: Store) -> None:
        """Either the whole block is undone, or everything but the refused change is kept."""
        try:
            with store.transaction() as change:
                change.put_event(told("before"))
                with pytest.raises(StoreError):
                    change.put_event(told("half \ud83d", subject="t"))
                change.put_event(told("behind"))
        except StoreError:
            expected: list[str] = []
        else:
            expected = ["before", "behind"]
        with store.reading() as view:
            assert [record.event.id for record in view.events()] == expected

    def test_a_transaction_sees_its_own_changes(self, store: Store) -> None:
        """Judging reads what was just told."""
        with store.transaction() as change:
            change.put_event(told())
            assert change.event("zd-1") == told()
            assert len(change.owned([ANA.id], ["ticket.solved"], [])) == 1

    def test_a_reader_does_not_see_what_is_not_committed(self, store: Store) -> None:
        """Nor after it was undone."""
        with _misfortune(), store.transaction() as change:
            change.put_event(told())
            with store.reading() as view:
                assert view.event("zd-1") is None
            raise _MisfortuneError

    def test_a_reader_keeps_its_view_while_others_write(self, store: Store) -> None:
        """Two questions of one view never disagree; a new view sees the news."""
        put(store, told("a"))
        with store.reading() as view:
            assert view.event("a") == told("a")
            put(store, told("a", revision=2), told("b"))
            assert view.event("a") == told("a")
            assert view.event("b") is None
            assert view.revisions("a") == [told("a")]
        with store.reading() as view:
            assert view.event("b") == told("b")

    def test_readers_never_see_half_a_transaction(self, store: Store) -> None:
        """Two events are always revised together."""
        put(store, told("a", revision=1), told("b", revision=1))

        def look(_: int) -> bool:
            with store.reading() as view:
                first = view.event("a")
                second = view.event("b")
            return first is not None and second is not None and first.revision == second.revision

        with ThreadPoolExecutor(6) as threads:
            looks = threads.map(look, range(300))
            for revision in range(2, 40):
                put(store, told("a", revision=revision), told("b", revision=revision))
            assert all(looks)

    def test_a_closed_view_answers_nothing(self, store: Store) -> None:
        """It would mix two states."""
        with store.reading() as view:
            pass
        with store.transaction() as change:
            pass
        with pytest.raises(RuntimeError):
            view.event("zd-1")
        with pytest.raises(RuntimeError):
            change.put_event(told())

    def test_a_transaction_within_a_transaction_is_refused(self, store: Store) -> None:
        """It would wait for itself for ever."""
        with store.transaction() as change:
            change.put_event(told())
            with pytest.raises(RuntimeError), store.transaction():
                pass
        with store.reading() as view:
            assert view.event("zd-1") == told()

    def test_of_32_who_tell_the_same_event_one_is_first(self, store: Store) -> None:
        """Look first, then write: nobody comes in between, and no telling is lost."""
        together = Barrier(32)

        def tell(number: int) -> bool:
            together.wait()
            with store.transaction() as change:
                change.lock(["ana@example.com", "ticket-1"])
                known = change.event("zd-1")
                revision = known.revision + 1 if known else 1
                change.put_event(told(revision=revision, fingerprint=f"f{number}"))
            return known is None

        with ThreadPoolExecutor(32) as threads:
            firsts = list(threads.map(tell, range(32)))
        assert firsts.count(True) == 1
        with store.reading() as view:
            revisions = view.revisions("zd-1")
        assert [record.revision for record in revisions] == list(range(1, 33))
        assert {record.fingerprint for record in revisions} == {f"f{number}" for number in range(32)}

    def test_many_threads_write_different_things_at_once(self, store: Store) -> None:
        """All of it is kept."""

        def tell(number: int) -> None:
            put(store, told(f"e{number:03}", actor=f"a{number % 7}"))

        with ThreadPoolExecutor(16) as threads:
            list(threads.map(tell, range(160)))
        with store.reading() as view:
            assert [record.event.id for record in view.events()] == [f"e{number:03}" for number in range(160)]
        assert store.check() is None

    def test_what_was_committed_is_there_after_reopening(self, store: Store, reopen: Callable[[], Store]) -> None:
        """And can be built upon."""
        put(store, told(subject="t"))
        again = reopen()
        put(again, told("rated", type="ticket.rated", actor=None, subject="t"))
        with reopen().reading() as view:
            assert len(view.owned([ANA.id], ["ticket.rated"], ["ticket.solved"])) == 1

    def test_a_sound_store_has_nothing_to_complain_about(self, store: Store) -> None:
        """Empty or not."""
        assert store.check() is None
        put(store, told())
        assert store.check() is None

    def test_a_closed_store_says_so_and_may_be_closed_twice(self, store: Store) -> None:
        """Instead of failing somewhere deep."""
        store.close()
        store.close()
        with pytest.raises(StoreUnavailable), store.transaction():
            pass
        with pytest.raises(StoreUnavailable), store.reading():
            pass
