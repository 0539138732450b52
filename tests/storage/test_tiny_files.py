"""The TinyDB store refuses every file and place it should, has one owner, and survives hard ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

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
from milepost.storage.rule_log import first_break
from milepost.storage.tables import SCHEMA_VERSION
from tests.storage.examples import ANA, award, owners, put, step, told
from tests.storage.older_files import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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


def refusal(path: Path, kind: type[StoreError]) -> str:
    """Open a file that must be refused, and give the sentence; the file stays, and nothing is left beside it."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(kind) as refused:
        open_store(f"tinydb:///{path}")
    assert type(refused.value) is kind
    assert (path.read_bytes() if path.is_file() else None) == before
    return str(refused.value)


def filled(path: Path, number: int = 20) -> Path:
    """Make a file with events and an award, and close it."""
    with closing(open_store(f"tinydb:///{path}")) as store:
        put(store, *(told(f"e{each:04}", subject=f"t{each}", properties={"note": "x" * 20}) for each in range(number)))
        with store.transaction() as change:
            change.put_award(award(), step())
    return path


@contextmanager
def changed_by_hand(path: Path) -> Iterator[dict[str, Any]]:
    """Change a closed file as somebody with an editor does."""
    content = json.loads(path.read_text("utf-8"))
    yield content
    path.write_text(json.dumps(content, indent=4), "utf-8")


def ids(store: Store) -> list[str]:
    """Give the ids of all events."""
    with store.reading() as view:
        return [record.event.id for record in view.events()]


# ------------------------------------------------------------------ one owner


def test_a_second_opener_is_refused_by_any_name(store: Store, path: Path, tmp_path: Path) -> None:
    """A link to the file is the same file; the first owner goes on."""
    (tmp_path / "link.json").symlink_to(path)
    for name in (path, tmp_path / "link.json"):
        with pytest.raises(StoreInUse, match=rf"number {os.getpid()}\b.*pilot\.json open"):
            open_store(f"tinydb:///{name}")
    put(store, told())
    assert store.check() is None


def test_closing_twice_leaves_the_next_owner_alone(store: Store, reopen: Callable[[], Store]) -> None:
    """The working copy is another's by then."""
    again = reopen()
    store.close()
    put(again, told())
    assert again.check() is None


def test_a_store_is_not_used_across_a_fork(store: Store) -> None:
    """And a child that ends takes nothing from its parent."""
    child = os.fork()
    if child == 0:
        try:
            with store.reading():
                os._exit(0)
        except RuntimeError:
            store.close()
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    put(store, told())
    assert store.check() is None


# -------------------------------------------------------------- wrong files


def test_an_empty_file_is_refused_and_stays(path: Path) -> None:
    """It held something, or it is somebody else's."""
    path.touch()
    assert "0 bytes" in refusal(path, StoreDamaged)


@pytest.mark.parametrize("content", [b"name;amount\n1;2\n", b"\0" * 8192, b"[]", b"12", b"SQLite format 3\0"])
def test_a_file_that_is_no_json_object_is_refused_and_stays(path: Path, content: bytes) -> None:
    """Text, zeros, a list, a database."""
    path.write_bytes(content)
    assert "no Milepost file" in refusal(path, StoreForeign)


@pytest.mark.parametrize(
    "content", ["{}", '{"_default": {"1": {"a": 1}}}', '{"milepost": 1}', '{"milepost": {"1": {"schema": "2"}}}']
)
def test_json_that_is_not_ours_is_refused_and_stays(path: Path, content: str) -> None:
    """Also that of another program which uses TinyDB."""
    path.write_text(content)
    assert "not written by Milepost" in refusal(path, StoreForeign)


def test_a_newer_schema_is_refused(path: Path) -> None:
    """An older program must not write what it does not know."""
    with changed_by_hand(filled(path)) as content:
        content["milepost"]["1"]["schema"] = SCHEMA_VERSION + 1
    assert "newer Milepost" in refusal(path, StoreTooNew)


@pytest.mark.parametrize("left", [1, 10, 0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(path: Path, left: float) -> None:
    """Wherever it was cut; the sentence says what to do."""
    size = filled(path).stat().st_size
    os.truncate(path, int(left if left >= 1 else size * left))
    assert "backup" in refusal(path, StoreDamaged)


@pytest.mark.parametrize("rubbish", [b"\xa5" * 50, b"\0" * 50, b"<<<<<<< HEAD\n"])
def test_rubbish_in_the_middle_is_refused(path: Path, rubbish: bytes) -> None:
    """Bytes that are no text, or the marks of a merge."""
    content = filled(path).read_bytes()
    middle = content.index(b'"properties"')
    path.write_bytes(content[:middle] + rubbish + content[middle + len(rubbish) :])
    assert "backup" in refusal(path, StoreDamaged)


@pytest.mark.parametrize(
    ("table", "number", "change"),
    [
        *(("events", "3", {"id": "e0001"}), ("events", "3", {"type": None}), ("events", "3", {"revision": "one"})),
        *(("events", "3", {"colour": "red"}), ("events", "3", {"too_late": 2**70}), ("belongs", "1", {"actor": "a"})),
        *(("awards", "1", {"id": "aw_2"}), ("rubbish", "1", {"id": "1"}), ("events", "three", {"id": "e3"})),
        *(("alembic_version", "1", {"version_num": "1"}), ("sqlite_master", "1", {"name": "x"})),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_name(
    path: Path, table: str, number: str, change: dict[str, object]
) -> None:
    """Whoever changed the file by hand learns which row to correct."""
    with changed_by_hand(filled(path)) as content:
        content.setdefault(table, {}).setdefault(number, {}).update(change)
    sentence = refusal(path, StoreDamaged)
    assert f"'{table}'" in sentence or "'awards'" in sentence
    assert "by hand" in sentence or "no list of rows" in sentence


def test_a_sound_change_by_hand_is_taken(path: Path) -> None:
    """Whose an event is follows it; the file is brought back into its form."""
    with changed_by_hand(filled(path, 3)) as content:
        content["events"]["2"]["actor"] = "ben@example.com"
        content["events"]["2"]["note"] = content["events"]["2"].pop("told_by", None)
        del content["events"]["2"]["note"]
    with closing(open_store(f"tinydb:///{path}")) as store:
        assert set(owners(store, "e0001")) == {"ben@example.com"}
        assert store.check() is None
    assert '"properties": {"note":"' in path.read_text()


# ---------------------------------------------------------------- bad places


@pytest.mark.parametrize("place", ["file/pilot.json", "missing/pilot.json", "folder"])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, place: str) -> None:
    """Below a file, in a folder that is missing, or a folder itself."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    assert place in refusal(tmp_path / place, StoreUnavailable)


@pytest.mark.slow
@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o555, 0o666), (0o555, None), (0o777, 0o444), (0o000, 0o666)])
def test_a_read_only_folder_or_file_is_refused(public_folder: Path, folder_mode: int, file_mode: int | None) -> None:
    """As somebody who is no superuser: those may write anywhere."""
    if file_mode is not None:
        filled(public_folder / "pilot.json").chmod(file_mode)
        (public_folder / "pilot.json.lock").unlink()
    code = """
        import os, sys, milepost.storage as s
        os.chmod(sys.argv[1], int(sys.argv[2]))
        if os.getuid() == 0:
            os.setuid(65534)
        s.open_store("tinydb:///" + sys.argv[1] + "/pilot.json")
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(public_folder), str(folder_mode)]
    complaint = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stderr  # noqa: S603  (our own words)
    assert re.search(r"StoreUnavailable: .*(be writable|allowed to|into its folder)", complaint)


def _fill(store: Store, kept: list[str]) -> None:
    for number in range(1_000):
        put(store, told(f"e{number:04}", properties={"note": "x" * 20_000}))
        kept.append(f"e{number:04}")


def test_a_full_disk_loses_nothing_and_heals(small_disk: Path) -> None:
    """Changes are refused in plain words, questions answered; freeing space is enough."""
    path = small_disk / "pilot.json"
    store = open_store(f"tinydb:///{path}")
    (small_disk / "ballast").write_bytes(b"x" * 3 * 2**20)
    kept: list[str] = []
    with pytest.raises(StoreFull, match="No space is left"):
        _fill(store, kept)
    assert ids(store) == kept
    assert list(json.loads(path.read_bytes())["events"]) == [str(number) for number in range(1, len(kept) + 1)]
    with pytest.raises(StoreFull):
        put(store, told("still-full", properties={"note": "x" * 2_000_000}))
    (small_disk / "ballast").unlink()
    put(store, told("healed"))
    assert ids(store) == [*kept, "healed"]
    assert store.check() is None
    store.close()
    with closing(open_store(f"tinydb:///{path}")) as again:
        assert ids(again) == [*kept, "healed"]
    assert len(kept) > 10


# ------------------------------------------------------- while it is running


def test_what_another_program_wrote_is_never_overwritten(store: Store, path: Path) -> None:
    """Somebody saves the file in an editor, or restores a backup, while Milepost has it open."""
    put(store, told("ours"))
    theirs = path.read_bytes().replace(b"ours", b"them")
    path.write_bytes(theirs)
    assert "another program" in str(store.check())
    with pytest.raises(StoreUnavailable, match=r"changed by another program.*Stop Milepost"):
        put(store, told("later"))
    assert path.read_bytes() == theirs
    assert ids(store) == ["ours"]
    store.close()
    with closing(open_store(f"tinydb:///{path}")) as again:
        assert ids(again) == ["them"]


def test_a_file_that_was_removed_is_written_again_with_the_next_change(store: Store, path: Path) -> None:
    """Everything is still known."""
    put(store, told("a"))
    path.unlink()
    assert "removed" in str(store.check())
    put(store, told("b"))
    assert len(json.loads(path.read_bytes())["events"]) == 2
    assert store.check() is None


def _change_that_fails_at_its_commit(store: Store) -> None:
    writer = store._writer  # type: ignore[attr-defined]  # noqa: SLF001  (no change of ours fails this late)
    with store.transaction() as change:
        change.put_event(told("b"))
        writer.execute("PRAGMA defer_foreign_keys = ON")
        writer.execute("DELETE FROM events WHERE id = 'a'")


def test_a_change_that_the_working_copy_refuses_last_is_not_in_the_file(store: Store, path: Path) -> None:
    """The file was replaced already, and is put back."""
    put(store, told("a"))
    before = path.read_bytes()
    with pytest.raises(StoreError):
        _change_that_fails_at_its_commit(store)
    assert path.read_bytes() == before
    put(store, told("c"))
    assert ids(store) == ["a", "c"]
    assert store.check() is None


def test_a_damaged_working_copy_is_named_and_made_anew(store: Store, reopen: Callable[[], Store]) -> None:
    """Nothing is lost with it: the file is the truth."""
    put(store, told("a"))
    writer = store._writer  # type: ignore[attr-defined]  # noqa: SLF001  (somebody else's doing)
    writer.execute("UPDATE belongs SET actor = 'ben'")
    assert "Start Milepost again" in str(store.check())
    again = reopen()
    assert again.check() is None
    assert set(owners(again, "a")) == {ANA.id}


# ------------------------------------------------------------ older files


def test_a_file_of_an_older_schema_is_upgraded_and_kept_beside(path: Path) -> None:
    """It is loaded as it was, migrated like any other store, and written as it is now."""
    rows = {
        table: {
            str(number): {name: value for name, value in row.items() if value is not None}
            for number, row in enumerate(found, start=1)
        }
        for table, found in ROWS.items()
        if table != "belongs"
    }
    path.write_text(json.dumps({"milepost": {"1": {"schema": 1}}, **rows}))
    before = path.read_bytes()
    with closing(open_store(f"tinydb:///{path}")) as store:
        assert store.check() is None
        with store.reading() as view:
            assert [version.key for version in sorted(view.achievement_versions(), key=lambda one: one.sequence)] == [
                *("z-first", "b-second", "a-third", "z-first")
            ]
            assert first_break(view.achievement_versions()) is None
            assert len(view.owned([ANA.id], ["ticket.solved"], [])) == 3
    assert json.loads(path.read_bytes())["milepost"] == {"1": {"schema": SCHEMA_VERSION}}
    kept = path.with_name(f"pilot.json.before-{SCHEMA_VERSION:04}")
    assert kept.read_bytes() == before
    assert kept.stat().st_mode & 0o077 == 0


# ---------------------------------------------------------------- hard ends


def test_what_a_killed_process_left_is_removed_at_the_next_start(path: Path) -> None:
    """People's data does not lie about in files nobody knows of."""
    filled(path)
    path.with_name("pilot.json.new").write_bytes(b"half")
    leftover = path.with_name("pilot.json.working-copy")
    leftover.mkdir()
    (leftover / "rows.db-wal").write_bytes(b"rows")
    open_store(f"tinydb:///{path}").close()
    assert {each.name for each in path.parent.iterdir()} == {"pilot.json", "pilot.json.lock"}


def test_a_working_copy_stays_while_its_file_is_damaged(path: Path) -> None:
    """Somebody may want to look into it."""
    filled(path).write_bytes(b'{"milepost"')
    leftover = path.with_name("pilot.json.working-copy")
    leftover.mkdir()
    refusal(path, StoreDamaged)
    assert leftover.exists()


def test_a_missing_file_with_its_working_copy_left_is_refused(path: Path) -> None:
    """Somebody removed the file after a hard end: the rows are in there still."""
    leftover = path.with_name("pilot.json.working-copy")
    leftover.mkdir()
    assert "Put the file back" in refusal(path, StoreDamaged)
    assert leftover.exists()
