"""Real logs, carried through every kind of store by the real command, are the same in each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.acceptance.commands import Desk
from tests.postgresql import PostgresqlServer, running_postgresql

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real logs are not beside this checkout"),
]
STATE = re.compile(r"^State(?: of both)?: ([0-9a-f]{64})$", re.MULTILINE)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Import the people of a sales log and a service desk's incidents into ``milepost.db``."""
    desk = Desk(tmp_path_factory.mktemp("move"))
    run(desk, "recipe", "install", "helpdesk-sla")
    run(desk, "import", str(DATA / "crm_teams.csv"), "-m", "crm-teams")
    run(desk, "import", str(DATA / "servicenow_incidents.csv"), "-m", "servicenow-incidents")
    return desk


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgresqlServer]:
    """Run a database server, or skip with the reason why there is none."""
    with running_postgresql() as server:
        yield server


def run(desk: Desk, *words: str, code: int = 0) -> str:
    """Run a command that ends with *code*, and give what it printed."""
    done = desk.run(*words)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def state(printed: str) -> str:
    """Give the hash in what a command printed."""
    found = STATE.search(printed)
    assert found, printed
    return found[1]


def move(desk: Desk, source: str, target: str) -> str:
    """Move a store, and give the hash that both have."""
    printed = run(desk, "move", "--store", source, "--to", target)
    assert "Moved 901 events" in printed
    assert "MILEPOST_STORE=" in printed
    return state(printed)


def test_the_file_stores_carry_everything_there_and_back(desk: Desk) -> None:
    """The same hash after each step, and no difference when everything is recomputed at the end."""
    before = state(run(desk, "verify"))
    bytes_before = sha256((desk.folder / "milepost.db").read_bytes()).hexdigest()
    assert move(desk, "milepost.db", "tinydb:///pilot.json") == before
    assert move(desk, "tinydb:///pilot.json", "sqlite:///back.db") == before
    verified = run(desk, "verify", "--store", "back.db")
    assert (state(verified), "All is as the events say" in verified) == (before, True)
    assert sha256((desk.folder / "milepost.db").read_bytes()).hexdigest() == bytes_before


def test_a_database_server_carries_everything_there_and_back(desk: Desk, postgresql: PostgresqlServer) -> None:
    """It sorts words in its own way, and still has the same hash."""
    url = postgresql.fresh_url()
    before = move(desk, "milepost.db", url)
    assert state(run(desk, "verify", "--store", url)) == before
    assert move(desk, url, "sqlite:///from-server.db") == before
    assert move(desk, "from-server.db", "tinydb:///from-server.json") == before


def test_a_second_move_into_the_same_place_is_refused(desk: Desk) -> None:
    """And so is one to itself, from nowhere, and of a server's store into a backup."""
    run(desk, "move", "--to", "twice.db")
    assert "holds something already" in run(desk, "move", "--to", "twice.db", code=1)
    assert "to itself" in run(desk, "move", "--to", "milepost.db", code=2)
    assert "There is no store at" in run(desk, "move", "--store", "nowhere.db", "--to", "other.db", code=3)
    assert not {"nowhere.db", "other.db"} & {path.name for path in desk.folder.iterdir()}


def test_a_server_is_backed_up_by_its_own_tools(desk: Desk, postgresql: PostgresqlServer) -> None:
    """No backup is pretended: the sentence names the tools."""
    for words in (["backup"], ["backup", "--list"], ["restore", "--latest"]):
        assert re.search("pg_dump .*pg_restore", run(desk, *words, "--store", postgresql.fresh_url(), code=1))
