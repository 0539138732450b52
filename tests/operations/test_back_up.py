"""Backups are whole, are made while others write, are pruned with care, and find their way back."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from milepost.errors import NotFound
from milepost.operations.back_up import back_up, back_up_daily, count_sound_events, kept_backups
from milepost.operations.hash_state import hash_state
from milepost.operations.restore import restore, restore_newest
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.backups import folder_of, unfinished_backup
from milepost.storage.base import Store
from milepost.storage.errors import StoreDamaged, StoreFull, StoreInUse, StoreUnavailable
from tests.storage.examples import put, told
from tests.storage.filled import fill
from tests.storage.older_files import released_file

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BACKUPS_UNDER_LOAD = 20
WRITERS = 8


@pytest.fixture(params=["sqlite", "tinydb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name a store of each kind that is one file."""
    return f"{request.param}:///{tmp_path / 'milepost.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Open an empty store."""
    with closing(open_store(url)) as store:
        yield store


@pytest.fixture
def at(store: Store) -> Callable[..., Services]:
    """Give services at a moment."""

    def services(hours: float = 0, keep: int = 7) -> Services:
        return Services(store, lambda: NOON + timedelta(hours=hours), Settings(backups=keep))

    return services


def state_of(url: str) -> str:
    """Give the hash of a closed store."""
    with closing(open_store(url)) as store, store.reading() as view:
        return hash_state(view)


def names(file: Path | None) -> list[str]:
    """Give what lies in the folder of backups."""
    assert file is not None
    return sorted(path.name for path in folder_of(file).iterdir() if path.name != "making.lock")


# ------------------------------------------------------------------ making them


def test_a_backup_holds_everything_and_is_private(url: str, store: Store, at: Callable[..., Services]) -> None:
    """It can be opened as a store by itself, and only its owner may read it."""
    fill(store)
    made = back_up(at())
    assert (made.events, made.backup.made_at, made.removed) == (4, NOON, ())
    assert made.backup.path.name == "2026-03-02T120000.000000Z.db"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (made.backup.path, made.backup.path.parent)]
    assert modes == [0o600, 0o700]
    copy = made.backup.path.with_name("copy.db")
    shutil.copy(made.backup.path, copy)
    with store.reading() as view:
        assert state_of(f"{url.partition(':')[0]}:///{copy}") == hash_state(view)


def test_nothing_deleted_is_left_in_a_backup(store: Store, at: Callable[..., Services]) -> None:
    """What was replaced before is nowhere in its bytes."""
    put(store, told(properties={"name": "Oldname"}), told("other"))
    put(store, told(properties={"name": "Newname"}))
    content = back_up(at()).backup.path.read_bytes()
    assert (b"Oldname" in content, b"Newname" in content) == (False, True)


@pytest.mark.slow
def test_backups_under_load_hold_all_that_was_acknowledged_before(store: Store, at: Callable[..., Services]) -> None:
    """Eight threads write; each backup opens, passes the check, and lacks nothing acknowledged before it began."""
    acknowledged: list[str] = []
    over = threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not over.is_set():
            event_id = f"{writer}-{number:05}"
            put(store, told(event_id, subject=f"t{number}", properties={"note": "x" * 300}))
            acknowledged.append(event_id)
            number += 1

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for number in range(BACKUPS_UNDER_LOAD):
            before = set(acknowledged)
            made = back_up(at(hours=number, keep=1))
            with closing(type(store)(made.backup.path)) as copy, copy.reading() as view:  # type: ignore[call-arg]
                assert copy.check() is None
                ids = {record.event.id for record in view.events()}
            assert len(ids) == made.events
            assert before <= ids
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert len(acknowledged) > 2 * WRITERS


def test_two_backups_are_not_made_at_once(store: Store, at: Callable[..., Services]) -> None:
    """The second is told to come again; the first goes on."""
    file = store.file
    assert file is not None
    with unfinished_backup(file), pytest.raises(StoreUnavailable, match="A backup is being made"):
        back_up(at())
    back_up(at())


def test_an_unfinished_backup_is_no_backup(store: Store, at: Callable[..., Services]) -> None:
    """One that a killed process left is passed over, and gone after the next."""
    fill(store)
    first = back_up(at()).backup.path
    (first.with_name("unfinished.db")).write_bytes(b"half")
    (first.with_name("notes.db")).write_bytes(b"mine")
    assert [one.path for one in kept_backups(at())] == [first]
    back_up(at(1))
    assert names(store.file) == ["2026-03-02T120000.000000Z.db", "2026-03-02T130000.000000Z.db", "notes.db"]


def test_the_newest_are_kept(at: Callable[..., Services]) -> None:
    """As many as are wanted; none is pruned where backups are off and made by hand only."""
    for hour in range(4):
        back_up(at(hour, keep=0))
    made = back_up(at(4, keep=2))
    assert [one.made_at.hour for one in made.removed] == [12, 13, 14]
    assert [one.made_at.hour for one in kept_backups(at())] == [15, 16]


@pytest.mark.parametrize("kind", ["sqlite", "tinydb"])
def test_a_failed_backup_leaves_the_old_ones(small_disk: Path, kind: str) -> None:
    """On a full disk nothing is pruned, and nothing half-made stays; freeing space is enough."""
    with closing(open_store(f"{kind}:///{small_disk / 'milepost.db'}")) as store:
        services = Services(store, lambda: NOON, Settings(backups=1))
        put(store, *(told(f"e{number}", properties={"note": "x" * 10_000}) for number in range(100)))
        first = back_up(services).backup.path
        content = first.read_bytes()
        free = shutil.disk_usage(small_disk).free
        (small_disk / "ballast").write_bytes(b"x" * (free - 500_000))
        with pytest.raises(StoreFull):
            back_up(services.at(NOON + timedelta(hours=1)))
        assert names(store.file) == [first.name]
        assert first.read_bytes() == content
        (small_disk / "ballast").unlink()
        assert back_up(services.at(NOON + timedelta(hours=2))).events == 100


# ------------------------------------------------------------------ once a day


def test_one_is_made_a_day(store: Store, at: Callable[..., Services]) -> None:
    """Counted from the last, by hand or not, whatever ran in between."""
    put(store, told())
    assert back_up_daily(at()) is not None
    assert [back_up_daily(at(hour)) for hour in (0.1, 12, 23.9)] == [None, None, None]
    back_up(at(20))
    assert back_up_daily(at(25)) is None
    assert back_up_daily(at(45)) is not None
    assert [one.made_at for one in kept_backups(at())] == [NOON + timedelta(hours=hour) for hour in (0, 20, 45)]


def test_none_is_made_of_nothing_or_where_they_are_off(store: Store, at: Callable[..., Services]) -> None:
    """The folder is not even made."""
    assert back_up_daily(at()) is None
    put(store, told())
    assert back_up_daily(at(keep=0)) is None
    file = store.file
    assert file is not None
    assert not folder_of(file).exists()


def test_a_backup_from_the_future_does_not_stop_them(store: Store, at: Callable[..., Services]) -> None:
    """A clock that was wrong once costs one backup, not all that follow; the new one is never the one pruned."""
    put(store, told())
    back_up(at(1000))
    made = back_up_daily(at(keep=1))
    assert made is not None
    assert kept_backups(at()) == [made.backup]


# ------------------------------------------------------------------ the way back


def test_a_restored_store_is_as_it_was(url: str, store: Store, at: Callable[..., Services]) -> None:
    """What was there since is moved aside whole, and can itself be restored."""
    fill(store)
    made = back_up(at())
    put(store, told("later"))
    store.close()
    then, since = state_of(f"{url.partition(':')[0]}:///{made.backup.path}"), state_of(url)
    restored = restore(url, made.backup.path, NOON)
    assert (restored.events, state_of(url)) == (4, then)
    assert made.backup.path.exists()
    (aside,) = restored.moved_aside
    assert aside.name == "milepost.db.replaced-2026-03-02T120000.000000Z"
    assert restore(url, aside, NOON + timedelta(hours=1)).events == 5
    assert state_of(url) == since


def test_a_lost_or_broken_store_is_restored(url: str, store: Store, at: Callable[..., Services]) -> None:
    """Whatever lies in its place is kept, with the log beside it."""
    fill(store)
    back_up(at())
    file = store.file
    assert file is not None
    store.close()
    file.write_bytes(b"rubbish")
    log = file.with_name("milepost.db-wal")
    log.write_bytes(b"its log")
    restored = restore_newest(url, NOON)
    assert [path.read_bytes() for path in restored.moved_aside] == [b"rubbish", b"its log"]
    assert not log.exists()
    file.unlink()
    assert restore_newest(url, NOON).moved_aside == ()
    with closing(open_store(url)) as store_again:
        assert count_sound_events(store_again) == 4


def test_a_restore_that_was_killed_half_way_is_finished_by_the_next(
    url: str, store: Store, at: Callable[..., Services]
) -> None:
    """The main file was moved aside, its log not yet: nobody takes that for a store, and nothing is lost."""
    fill(store)
    back_up(at())
    file = store.file
    assert file is not None
    store.close()
    log = file.with_name("milepost.db-wal")
    log.write_bytes(b"its log")
    file.rename(file.with_name("milepost.db.replaced-before"))
    file.with_name("milepost.db.restoring").write_bytes(b"half")
    with pytest.raises(StoreDamaged, match=r"a restore was broken off.*`milepost restore --latest"):
        open_store(url)
    restored = restore_newest(url, NOON)
    assert (restored.events, [path.read_bytes() for path in restored.moved_aside]) == (4, [b"its log"])
    assert file.with_name("milepost.db.replaced-before").exists()


def test_the_newest_good_one_is_taken(url: str, store: Store, at: Callable[..., Services]) -> None:
    """Broken ones are passed over and named; where all are broken nothing is touched."""
    fill(store)
    good, cut, empty = (back_up(at(hour)).backup.path for hour in range(3))
    store.close()
    os.truncate(cut, cut.stat().st_size // 2)
    os.truncate(empty, 0)
    restored = restore_newest(url, NOON)
    assert restored.backup == good
    for bad, problem in zip((empty, cut), restored.unusable, strict=True):
        assert bad.name in problem
    good.write_bytes(b"no backup at all")
    before = state_of(url)
    with pytest.raises(NotFound, match=good.name):
        restore_newest(url, NOON)
    assert state_of(url) == before


def test_a_bad_backup_is_refused_before_anything_is_touched(url: str, store: Store, tmp_path: Path) -> None:
    """The sentence names the backup, not the copy that was tried; nothing is left beside the store."""
    fill(store)
    store.close()
    before, around = state_of(url), sorted(tmp_path.iterdir())
    bad = tmp_path.parent / "bad.db"
    bad.write_text("no store", encoding="utf-8")
    with pytest.raises(StoreDamaged, match=r"bad\.db cannot be restored, so nothing was changed") as refused:
        restore(url, bad, NOON)
    assert "restoring" not in str(refused.value)
    assert (state_of(url), sorted(tmp_path.iterdir())) == (before, around)


def test_an_older_versions_backup_is_upgraded_on_the_way(tmp_path: Path) -> None:
    """The backup itself stays as it was, and no copy of it is left beside the store."""
    older = released_file(tmp_path / "older.db")
    content = older.read_bytes()
    place = tmp_path / "place" / "milepost.db"
    place.parent.mkdir()
    restored = restore(f"sqlite:///{place}", older, NOON)
    assert restored.moved_aside == ()
    assert {path.name for path in place.parent.iterdir()} == {"milepost.db", "milepost.db.lock"}
    with closing(open_store(f"sqlite:///{place}")) as store:
        assert count_sound_events(store) == restored.events > 0
    assert older.read_bytes() == content


def test_a_store_in_use_is_not_replaced(url: str, store: Store, at: Callable[..., Services]) -> None:
    """Stop it first."""
    fill(store)
    made = back_up(at())
    with pytest.raises(StoreInUse):
        restore(url, made.backup.path, NOON)
    assert store.check() is None
