"""What every store promises about keys, imports and stored answers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from milepost.storage.errors import StoreConflict
from milepost.storage.records import ImportRecord, KeyRecord, SetAside
from tests.storage.examples import NOON, hours

if TYPE_CHECKING:
    from collections.abc import Callable

    from milepost.storage.base import Store

KEY = KeyRecord("k1", "Zapier", "d" * 64, "x9Q4", frozenset({"evaluate", "read"}), NOON)


class RunningPromises:
    """What keeps the service running comes back as it was put."""

    def test_a_key_is_found_by_id_and_by_digest(self, store: Store, reopen: Callable[[], Store]) -> None:
        """After a restart too."""
        used = dataclasses.replace(KEY, last_used_at=hours(1), revoked_at=hours(2), scopes=frozenset())
        with store.transaction() as change:
            change.put_key(KEY)
            change.put_key(used)
        with reopen().reading() as view:
            assert view.key("k1") == used
            assert view.key_by_digest("d" * 64) == used
            assert view.key("k2") is None
            assert view.key_by_digest("e" * 64) is None

    def test_keys_are_given_oldest_first(self, store: Store) -> None:
        """By the moment they were made, then id."""
        old = dataclasses.replace(KEY, id="k9", digest="a", created_at=hours(-1))
        same = dataclasses.replace(KEY, id="k0", digest="b")
        with store.transaction() as change:
            for key in (KEY, old, same):
                change.put_key(key)
        with store.reading() as view:
            assert view.keys() == [old, same, KEY]

    def test_two_keys_with_one_digest_are_refused(self, store: Store) -> None:
        """One secret cannot be two keys."""
        with store.transaction() as change:
            change.put_key(KEY)
        with pytest.raises(StoreConflict), store.transaction() as change:
            change.put_key(dataclasses.replace(KEY, id="k2"))

    def test_an_import_goes_on_where_it_was(self, store: Store) -> None:
        """The newest position counts; rows set aside add up."""
        begun = ImportRecord("i1", "deals.csv", "crm", 500, 1)
        done = dataclasses.replace(begun, position=900, set_aside=2, finished_at=NOON)
        first, second = SetAside("i1", 17, "no date", "a;b"), SetAside("i1", 3, "no id", ";;'\"")
        with store.transaction() as change:
            change.put_import(begun, [first])
            assert change.import_record("i1") == begun
        with store.transaction() as change:
            change.put_import(done, [second])
            change.put_import(ImportRecord("i2", "x.csv", "crm", 0, 0))
        with store.reading() as view:
            assert view.import_record("i1") == done
            assert view.set_aside("i1") == [second, first]
            assert view.set_aside("i2") == []
            assert view.import_record("i3") is None

    def test_a_row_set_aside_twice_is_one(self, store: Store) -> None:
        """A step of an import that is done again adds nothing; two reasons for one line are two."""
        row, other = SetAside("i1", 17, "no date", "a;b"), SetAside("i1", 17, "no id", "a;b")
        with store.transaction() as change:
            change.put_import(ImportRecord("i1", "deals.csv", "crm", 0, 1), [row, other, row])
            change.put_import(ImportRecord("i1", "deals.csv", "crm", 0, 1), [row])
            assert change.set_aside("i1") == [row, other]

    def test_the_first_answer_is_kept(self, store: Store) -> None:
        """Whatever comes later under the same key and scope."""
        with store.transaction() as change:
            change.put_answer("POST /v1/evaluate k1", "abc", "f1", '{"a": 1}', NOON)
            change.put_answer("POST /v1/evaluate k1", "abc", "f2", '{"a": 2}', NOON)
            change.put_answer("POST /v1/awards k1", "abc", "f3", '{"a": 3}', NOON)
        with store.reading() as view:
            assert view.answer("POST /v1/evaluate k1", "abc") == ("f1", '{"a": 1}')
            assert view.answer("POST /v1/awards k1", "abc") == ("f3", '{"a": 3}')
            assert view.answer("POST /v1/evaluate k1", "xyz") is None
