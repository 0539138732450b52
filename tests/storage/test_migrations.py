"""Older stores become the present ones when they are opened: the same tables, nothing lost, whatever happens."""

from __future__ import annotations

import ast
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import time
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from milepost.storage import migrations, open_store
from milepost.storage.errors import StoreDamaged, StoreFull, StoreTooNew, StoreUnavailable
from milepost.storage.rule_log import first_break
from milepost.storage.schema import OLDER_REVISIONS
from milepost.storage.sqlite_file import make_file
from milepost.storage.sqlite_schema import make_tables, read_revision, upgrade_tables
from milepost.storage.tables import METADATA, SCHEMA_REVISION, SCHEMA_VERSION
from tests.forks import FORKS
from tests.project.sources import PACKAGE
from tests.storage.older_files import ROWS, many_events, open_and_close, released_file

COPY = f"milepost.db.before-{SCHEMA_REVISION}"


def definitions(path: Path) -> set[tuple[str, str]]:
    """Give the name and the words of every table and index."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return {(name, " ".join(text.split())) for name, text in found}


def rows_of(path: Path, table: str) -> list[dict[str, Any]]:
    """Give the rows of a table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608  (ours)


def numbers(path: Path) -> tuple[str | None, int]:
    """Give both numbers by which programs know the tables of a file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return read_revision(connection), connection.execute("PRAGMA user_version").fetchone()[0]


def sorted_rows(rows: list[dict[str, Any]]) -> list[str]:
    """Give rows in an order that does not depend on where they were kept."""
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


# ------------------------------------------------------------------- the same


def test_an_upgraded_file_has_the_tables_of_a_fresh_one(path: Path, tmp_path: Path) -> None:
    """Word for word; what is upgraded for years must not differ from what is new."""
    fresh = tmp_path / "fresh.db"
    make_file(fresh)
    open_store(str(released_file(path))).close()
    assert definitions(path) == definitions(fresh)
    assert numbers(path) == numbers(fresh) == (SCHEMA_REVISION, SCHEMA_VERSION)


def test_the_first_revision_makes_what_the_first_release_made(path: Path, tmp_path: Path) -> None:
    """Beside the note of its revision: so that nobody mends a revision that was released."""
    made = tmp_path / "made.db"
    make_file(made, revision="0001")
    names = {"alembic_version", "sqlite_autoindex_alembic_version_1"}
    assert {each for each in definitions(made) if each[0] not in names} == definitions(released_file(path))


def test_nothing_is_left_to_change_after_all_revisions(tmp_path: Path) -> None:
    """Alembic itself finds no difference between what the revisions made and the tables the program knows."""
    path = tmp_path / "made.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        make_tables(connection, revision="0001")
        upgrade_tables(connection)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_every_revision_up_to_the_present_one_is_there_once() -> None:
    """They follow each other by number, and the program knows which one it needs."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert sorted(found) == sorted({*OLDER_REVISIONS, SCHEMA_REVISION})


def test_revisions_do_not_look_at_the_tables_of_today() -> None:
    """They must go on meaning what they meant when files were upgraded by them."""
    folder = Path(migrations.__file__).parent
    for path in [*folder.glob("versions/*.py"), folder / "wording.py"]:
        tree = ast.parse(path.read_text("utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        ours = {name for name in imported if name and name.startswith("milepost")}
        assert ours <= {"milepost.storage.migrations.wording"}, path.name


@pytest.mark.slow
def test_revisions_are_found_wherever_the_package_lies(path: Path, tmp_path: Path) -> None:
    """Copied out of the checkout, as an installation does, to a place whose name is awkward; -S keeps ours out."""
    place = tmp_path / "100%d of it"
    shutil.copytree(PACKAGE, place / "milepost", ignore=shutil.ignore_patterns("__pycache__"))
    code = "import sys; sys.path[:0] = sys.argv[2:]; import milepost.storage as s; s.open_store(sys.argv[1]).close()"
    command = [sys.executable, "-S", "-c", code, released_file(path), place, sysconfig.get_path("purelib")]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  (ours)
    assert numbers(path) == (SCHEMA_REVISION, SCHEMA_VERSION)


@pytest.mark.slow
def test_a_start_does_without_alembic(path: Path) -> None:
    """It costs a third of a second, and hardly any start needs it."""
    code = "import sys, milepost.storage as s; s.open_store(sys.argv[1]); print('alembic' in sys.modules)"
    for _ in ("made", "opened"):
        done = subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True, text=True)  # noqa: S603  (ours)
        assert done.stdout == "False\n"


# -------------------------------------------------------------------- the rows


@pytest.mark.parametrize("table", ROWS)
def test_every_row_is_there_after_an_upgrade(path: Path, table: str) -> None:
    """With everything it held before."""
    open_store(str(released_file(path))).close()
    names = ROWS[table][0].keys()
    kept = [{name: row[name] for name in names} for row in rows_of(path, table)]
    assert sorted_rows(kept) == sorted_rows(ROWS[table])


def test_earlier_rule_changes_become_one_chained_log(path: Path) -> None:
    """In the order in which they took effect; what is changed afterwards goes on from there."""
    released_file(path)
    with closing(open_store(str(path))) as store:
        with store.reading() as view:
            log = sorted(view.achievement_versions(), key=lambda version: version.sequence)
        assert [(one.sequence, one.key) for one in log] == [
            (1, "z-first"),
            (2, "b-second"),
            (3, "a-third"),
            (4, "z-first"),
        ]
        assert first_break(log) is None
        with store.transaction() as change:
            change.put_achievement_version(log[0].__class__("new", 1, {}, log[0].effective_at, "Ops"))
            assert first_break(change.achievement_versions()) is None


def test_rows_kept_under_an_older_revision_can_be_taken_in_and_upgraded() -> None:
    """As a store does that keeps its rows elsewhere: empty tables of that revision, the rows, then the upgrade."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        make_tables(connection, revision="0001")
        assert read_revision(connection) == "0001"
        connection.execute("INSERT INTO achievement_versions VALUES ('tidy', 1, '2026-03-02', 'Ops', NULL, '{}')")
        upgrade_tables(connection)
        assert read_revision(connection) == SCHEMA_REVISION
        assert connection.execute("SELECT key, sequence FROM achievement_versions").fetchall() == [("tidy", 1)]
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


# -------------------------------------------------------------------- the copy


def test_a_copy_of_the_file_before_is_kept(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Whole, for the same eyes only, ready to be put back for the older program; the log names it."""
    released_file(path)
    before = definitions(path)
    open_store(str(path)).close()
    copy = path.with_name(COPY)
    said = capfd.readouterr()
    assert str(copy) in said.out + said.err
    assert definitions(copy) == before
    assert numbers(copy) == ("0001", 1)
    assert sorted_rows(rows_of(copy, "events")) == sorted_rows(ROWS["events"])
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert {each.name for each in path.parent.iterdir()} == {"milepost.db", "milepost.db.lock", COPY}


def test_a_copy_holds_what_was_only_in_the_log(path: Path) -> None:
    """A killed program leaves its newest changes beside the file."""
    released_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE events SET subject = 'late' WHERE id = 'e00001'")
        shutil.copy(path, path.with_name("killed.db"))
        shutil.copy(path.with_name("milepost.db-wal"), path.with_name("killed.db-wal"))
    killed = path.with_name("killed.db")
    open_store(str(killed)).close()
    for each in (killed, killed.with_name(f"killed.db.before-{SCHEMA_REVISION}")):
        assert [row["subject"] for row in rows_of(each, "events") if row["id"] == "e00001"] == ["late"]


def test_the_copy_can_be_put_back_and_upgraded_again(path: Path) -> None:
    """The way back to the older program is to put the copy in the file's place."""
    open_store(str(released_file(path))).close()
    path.with_name(COPY).replace(path)
    open_store(str(path)).close()
    assert numbers(path) == (SCHEMA_REVISION, SCHEMA_VERSION)
    assert path.with_name(COPY).exists()


def test_a_present_file_is_not_copied(path: Path) -> None:
    """Only an upgrade needs the way back."""
    for _ in range(2):
        open_store(str(path)).close()
    assert {each.name for each in path.parent.iterdir()} == {"milepost.db", "milepost.db.lock"}


def test_without_a_copy_nothing_is_upgraded(path: Path) -> None:
    """Something that cannot be replaced lies in its place; the older file stays as it is."""
    released_file(path)
    (path.with_name(COPY) / "inside").mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match=COPY):
        open_store(str(path))
    assert numbers(path) == ("0001", 1)
    assert {each.name for each in path.parent.iterdir()} == {"milepost.db", "milepost.db.lock", COPY}


def test_an_upgrade_without_space_changes_nothing(path: Path, tmp_path: Path) -> None:
    """The sentence says so, and the next start with space upgrades."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if mount is None or subprocess.run(command, check=False, capture_output=True).returncode:  # noqa: S603  (ours)
        pytest.skip("no right to mount a small disk here")
    try:
        released_file(path, rows={**ROWS, "events": list(many_events(1_500))})
        small = Path(shutil.copy(path, disk / "milepost.db"))
        with pytest.raises(StoreFull, match="No space is left"):
            open_store(str(small))
        assert numbers(small) == ("0001", 1)
        assert not small.with_name(COPY).exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)  # noqa: S603, S607  (found as mount was)


# ------------------------------------------------------------------- refusals


@pytest.mark.parametrize("revision", ["0004", "ae1027a6acf"])
def test_a_revision_that_is_not_known_is_refused(path: Path, revision: str) -> None:
    """Whether it is newer or was never ours."""
    make_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    with pytest.raises(StoreTooNew, match=f"newer Milepost.*{revision}"):
        open_store(str(path))


def test_a_file_that_lost_its_revision_is_refused(path: Path) -> None:
    """It cannot be told what is in it."""
    make_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM alembic_version")
    with pytest.raises(StoreDamaged, match="no schema"):
        open_store(str(path))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("UPDATE achievement_versions SET document = '{' WHERE key = 'a-third'", "cannot be read"),
        ("UPDATE belongs SET event_id = 'gone' WHERE event_id = 'e00001'", "'events' that is missing"),
    ],
)
def test_an_older_file_with_broken_rows_is_refused_and_stays(path: Path, change: str, complaint: str) -> None:
    """As it was, with its copy beside it."""
    released_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(change)
    before = definitions(path)
    with pytest.raises(StoreDamaged, match=complaint):
        open_store(str(path))
    assert definitions(path) == before
    assert numbers(path) == ("0001", 1)


def test_a_damaged_older_file_is_refused_before_anything_is_done(path: Path) -> None:
    """Neither upgraded nor copied: a copy of rubbish is no way back."""
    released_file(path, rows={**ROWS, "events": list(many_events(300))})
    content = path.read_bytes()
    path.write_bytes(content[:-8192] + b"\xa5" * 4096 + content[-4096:])
    with pytest.raises(StoreDamaged, match="backup"):
        open_store(str(path))
    assert not path.with_name(COPY).exists()


# ------------------------------------------------------------------ hard ends

EVENTS = 20_000
RULES = 1_000
CALLS = 10_000
KILLS = 20


def big_file(path: Path) -> Path:
    """Make a file of the first release whose upgrade takes a while in each of its steps."""
    rule = ROWS["achievement_versions"][0]
    rules = [{**rule, "key": f"rule-{number:04}"} for number in range(RULES)]
    answers = [{**ROWS["answers"][0], "key": f"call-{number:05}"} for number in range(CALLS)]
    dues = [{**ROWS["dues"][0], "holder_id": f"p{number:05}"} for number in range(CALLS)]
    rows = {"events": list(many_events(EVENTS)), "achievement_versions": rules, "answers": answers, "dues": dues}
    return released_file(path, rows=rows)


def counted(path: Path) -> tuple[int, ...]:
    """Check a file as a whole, and count what it holds."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        tables = ("events", "achievement_versions", "answers", "dues")
        return tuple(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)  # noqa: S608  (ours)


def upgrading(path: Path) -> BaseProcess:
    """Start a process that opens a file; Alembic is loaded in it already, so that its time goes into the upgrade."""
    process = FORKS.Process(target=open_and_close, args=(str(path),))
    process.start()
    return process


def seconds_of_an_upgrade(older: Path, path: Path) -> float:
    """Upgrade a copy of a file, undisturbed, and say how long it took."""
    begun = time.monotonic()
    put_back(older, path)
    process = upgrading(path)
    process.join(timeout=60)
    assert process.exitcode == 0
    return time.monotonic() - begun


def put_back(older: Path, path: Path) -> None:
    """Begin again with the older file, and nothing beside it."""
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copy(older, path)


@pytest.mark.slow
def test_an_upgrade_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    """Old or new, never between; the next start finishes it."""
    older, path = big_file(tmp_path / "older.db"), tmp_path / "milepost.db"
    whole, before = counted(older), definitions(older)
    length = min(seconds_of_an_upgrade(older, path) for _ in range(3))
    after, found = definitions(path), []
    for kill in range(KILLS):
        put_back(older, path)
        process = upgrading(path)
        time.sleep(random.uniform(kill, kill + 1) * 1.3 * length / KILLS)  # noqa: S311  (no secret)
        process.kill()
        process.join(timeout=60)
        assert counted(path) == whole
        found.append((numbers(path), definitions(path)))
        copy = path.with_name(COPY)
        assert not copy.exists() or (counted(copy), definitions(copy)) == (whole, before)
        open_store(str(path)).close()
        assert (numbers(path), definitions(path), counted(path)) == ((SCHEMA_REVISION, SCHEMA_VERSION), after, whole)
    print(f"{length:.2f} s; killed while old:", sum(each == (("0001", 1), before) for each in found))
    assert ("0001", 1) in {each for each, _ in found}
    assert all(tables == (before if each == ("0001", 1) else after) for each, tables in found)
