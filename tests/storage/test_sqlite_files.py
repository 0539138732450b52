"""The SQLite store refuses every file and place it should, has one owner, and survives hard ends."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from milepost.storage import open_store
from milepost.storage.errors import (
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreFull,
    StoreInUse,
    StoreTooNew,
    StoreUnavailable,
)
from milepost.storage.tables import SCHEMA_VERSION
from tests.storage.examples import put, told

if TYPE_CHECKING:
    from milepost.storage.base import Store


def in_another_process(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Run Python code in a process of its own."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603  (our own words)


def refusal(path: Path, kind: type[StoreError]) -> str:
    """Open a file that must be refused, and give the sentence."""
    with pytest.raises(kind) as refused:
        open_store(str(path))
    assert type(refused.value) is kind
    return str(refused.value)


def filled(path: Path, number: int = 300) -> Path:
    """Make a file with events and close it."""
    store = open_store(str(path))
    put(store, *(told(f"e{each:04}", subject=f"t{each}", properties={"note": "x" * 200}) for each in range(number)))
    store.close()
    return path


# ------------------------------------------------------------------ one owner


@pytest.mark.slow
def test_a_second_opener_is_refused(store: Store, path: Path) -> None:
    """In this process and in another; the sentence names the file and the owner."""
    assert store.check() is None
    assert re.search(rf"number {os.getpid()}\b.*milepost\.db open", refusal(path, StoreInUse))
    other = in_another_process("import sys, milepost.storage as s; s.open_store(sys.argv[1])", path)
    _, complaint = other.communicate(timeout=60)
    assert "StoreInUse: Another Milepost process" in complaint


def test_a_second_opener_is_refused_by_any_name(store: Store, path: Path, tmp_path: Path) -> None:
    """A link to the file is the same file."""
    (tmp_path / "link.db").symlink_to(path)
    assert store.check() is None
    refusal(tmp_path / "link.db", StoreInUse)


@pytest.mark.slow
def test_the_next_owner_may_open_after_closing_or_dying(path: Path) -> None:
    """The lock file stays, the lock does not."""
    filled(path)
    code = "import os, sys, milepost.storage as s; s.open_store(sys.argv[1]); os.kill(os.getpid(), 9)"
    other = in_another_process(code, path)
    other.communicate(timeout=60)
    assert other.returncode == -signal.SIGKILL
    open_store(str(path)).close()


def test_a_store_is_not_used_across_a_fork(store: Store) -> None:
    """SQLite's connections must not be shared by two processes."""
    child = os.fork()
    if child == 0:
        try:
            with store.reading():
                os._exit(0)
        except RuntimeError:
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.slow
def test_another_programs_lock_is_reported_not_waited_for_ever(store: Store, path: Path) -> None:
    """Somebody has the file open in a tool, in the middle of a change."""
    with closing(sqlite3.connect(path, isolation_level=None)) as tool:
        tool.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked by another program"):
            put(store, told())
    put(store, told())


# -------------------------------------------------------------- wrong files


def test_an_empty_file_is_refused_and_stays(path: Path) -> None:
    """SQLite itself would begin anew in it."""
    path.touch()
    assert "0 bytes" in refusal(path, StoreDamaged)
    assert path.stat().st_size == 0


@pytest.mark.parametrize("content", [b"name;amount\n1;2\n" * 50, b"x", b"\0" * 8192, b"SQLite format 3\0"])
def test_a_file_that_is_no_database_is_refused_and_stays(path: Path, content: bytes) -> None:
    """Text, zeros, or a beginning only."""
    path.write_bytes(content)
    assert "no Milepost database" in refusal(path, StoreForeign)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_stays(path: Path) -> None:
    """It is not changed in any way."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE events (id)")
    content = path.read_bytes()
    assert "another program" in refusal(path, StoreForeign)
    assert path.read_bytes() == content


def test_a_newer_schema_is_refused(path: Path) -> None:
    """An older program must not write what it does not know."""
    filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert "newer Milepost" in refusal(path, StoreTooNew)


@pytest.mark.parametrize("left", [100, 4096, 5000, 0.5, 0.99])
def test_a_truncated_file_is_refused(path: Path, left: float) -> None:
    """Wherever it was cut; the sentence says what to do."""
    size = filled(path).stat().st_size
    os.truncate(path, int(left if left > 1 else size * left))
    assert "backup" in refusal(path, StoreDamaged)


def test_a_page_of_rubbish_is_refused(path: Path) -> None:
    """Wherever it lies in the file."""
    pages = filled(path).stat().st_size // 4096
    content = path.read_bytes()
    for page in range(1, pages, 7):
        path.write_bytes(content[: page * 4096] + b"\xa5" * 4096 + content[(page + 1) * 4096 :])
        assert "backup" in refusal(path, StoreDamaged)


def test_damage_that_comes_up_while_running_is_named(path: Path) -> None:
    """A check finds it, and a question that meets it says the same."""
    store = open_store(str(filled(path)))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    fault = store.check()
    assert fault is not None
    assert "put the last good backup" in fault
    with pytest.raises(StoreDamaged), store.reading() as view:
        list(view.events())
    store.close()


def test_a_row_that_cannot_be_read_is_damage(path: Path) -> None:
    """Also where SQLite itself finds nothing wrong."""
    filled(path, 3)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE events SET properties = '{' WHERE id = 'e0001'")
    with closing(open_store(str(path))) as store, store.reading() as view:
        assert view.event("e0000") is not None
        with pytest.raises(StoreDamaged):
            view.event("e0001")
        with pytest.raises(StoreDamaged):
            view.owned(None, ["ticket.solved"], [])


def test_events_tied_to_the_wrong_actor_are_found(path: Path) -> None:
    """What is derived is compared with what it derives from."""
    filled(path, 3)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE belongs SET actor = 'ben' WHERE event_id = 'e0001'")
    with closing(open_store(str(path))) as store:
        assert "wrong actors" in str(store.check())


def test_a_missing_file_with_its_log_left_is_refused(path: Path) -> None:
    """The newest changes are in there."""
    filled(path).unlink()
    path.with_name("milepost.db-wal").write_bytes(b"log")
    assert "Put the file back" in refusal(path, StoreDamaged)
    assert not path.exists()


def test_a_half_made_file_is_made_again(path: Path) -> None:
    """A file is made under another name, so a crash meanwhile leaves nothing in its place."""
    path.with_name("milepost.db.new").write_bytes(b"half")
    open_store(str(path)).close()
    assert {each.name for each in path.parent.iterdir()} == {"milepost.db", "milepost.db.lock"}


# ---------------------------------------------------------------- bad places


@pytest.mark.parametrize("place", ["file/milepost.db", "missing/milepost.db", "folder"])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, place: str) -> None:
    """Below a file, in a folder that is missing, or a folder itself."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    assert place in refusal(tmp_path / place, StoreUnavailable)


def complaint_of_a_plain_user(folder: Path, mode: int) -> str:
    """Open the store in *folder* without a superuser's rights: those may write anywhere."""
    code = """
        import os, sys, milepost.storage as s
        os.chmod(sys.argv[1], int(sys.argv[2]))
        if os.getuid() == 0:
            os.setuid(65534)
        s.open_store(sys.argv[1] + "/milepost.db")
    """
    return in_another_process(code, folder, mode).communicate(timeout=60)[1]


@pytest.mark.slow
@pytest.mark.parametrize("exists", [True, False])
def test_a_read_only_folder_is_refused(public_folder: Path, *, exists: bool) -> None:
    """Whether the file is there already or not."""
    if exists:
        filled(public_folder / "milepost.db").chmod(0o666)
        (public_folder / "milepost.db.lock").unlink()
    complaint = complaint_of_a_plain_user(public_folder, 0o555)
    assert re.search(r"StoreUnavailable: .*folder must exist and be writable", complaint)


@pytest.mark.slow
def test_a_folder_that_may_not_be_entered_is_refused(public_folder: Path) -> None:
    """With a sentence of ours, too."""
    assert "StoreUnavailable: " in complaint_of_a_plain_user(public_folder, 0o000)


@pytest.mark.slow
def test_a_read_only_file_is_refused(public_folder: Path) -> None:
    """The folder may be written, the file may not."""
    filled(public_folder / "milepost.db").chmod(0o444)
    (public_folder / "milepost.db.lock").unlink()
    assert re.search(
        r"StoreUnavailable: .*allowed to read and write it", complaint_of_a_plain_user(public_folder, 0o777)
    )


def _fill(store: Store, kept: list[str]) -> None:
    for number in range(1_000):
        put(store, told(f"e{number:04}", properties={"note": "x" * 20_000}))
        kept.append(f"e{number:04}")


def test_a_full_disk_loses_nothing_and_heals(small_disk: Path) -> None:
    """Changes are refused in plain words, questions answered; freeing space is enough."""
    store = open_store(str(small_disk / "milepost.db"))
    (small_disk / "ballast").write_bytes(b"x" * 2**20)
    kept: list[str] = []
    with pytest.raises(StoreFull, match="No space is left"):
        _fill(store, kept)
    with store.reading() as view:
        assert [record.event.id for record in view.events()] == kept
    with pytest.raises(StoreFull):
        put(store, told("still-full", properties={"note": "x" * 2_000_000}))
    (small_disk / "ballast").unlink()
    put(store, told("healed"))
    with store.reading() as view:
        assert [record.event.id for record in view.events()] == [*kept, "healed"]
    assert store.check() is None
    store.close()
    assert len(kept) > 10


# ---------------------------------------------------------------- hard ends


@pytest.mark.slow
def test_a_killed_writer_loses_nothing_it_confirmed(path: Path) -> None:
    """What it said was committed is there, whole, and the file is sound."""
    code = """
        import itertools, sys
        from milepost.storage import open_store
        from tests.storage.examples import put, told
        store = open_store(sys.argv[1])
        for number in itertools.count():
            put(store, told(f"a{number:06}", subject="t"), told(f"b{number:06}", subject="t", actor=None))
            print(number, flush=True)
    """
    writer = in_another_process(code, path)
    assert writer.stdout is not None
    for _ in range(200):
        writer.stdout.readline()
    writer.kill()
    confirmed = 200 + len(writer.communicate(timeout=60)[0].splitlines())
    with closing(open_store(str(path))) as store, store.reading() as view:
        assert store.check() is None
        ids = [record.event.id for record in view.events()]
        pairs = len(ids) // 2
        assert ids == [f"{side}{number:06}" for side in "ab" for number in range(pairs)]
        assert confirmed <= pairs <= confirmed + 1
