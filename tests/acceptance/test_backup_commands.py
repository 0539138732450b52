"""The real commands beside a real server: a backup while it runs, and a restore once it has stopped."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.commands import Desk
from tests.acceptance.servers import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Give an empty folder to work in."""
    return Desk(tmp_path_factory.mktemp("backups"))


def test_a_backup_beside_a_running_server_brings_back_what_was_there(desk: Desk) -> None:
    """The store in use is refused with the way to ask its server; what came after the backup is moved aside."""
    event = {"id": "zd-1", "type": "ticket.solved", "actor": "ana"}
    with desk.running("serve", "--port", str(free_port())) as server:
        assert server.call("POST", "/v1/evaluate", json=event).ok
        refused = desk.run("backup")
        assert (refused.returncode, "milepost backup --url" in refused.stderr) == (3, True), refused.stderr
        asked = {"MILEPOST_URL": server.url, "MILEPOST_KEY": server.key}
        made = desk.run("backup", **asked)
        assert (made.returncode, ": 1 events, " in made.stdout) == (0, True), made.stderr
        listed = desk.run("backup", "--list", **asked).stdout
        assert server.call("POST", "/v1/evaluate", json={**event, "id": "zd-2"}).ok
        in_use = desk.run("restore", "--latest")
        assert (in_use.returncode, "Stop it first" in in_use.stderr) == (3, True)
        assert server.stop() == 0
    assert desk.run("backup", "--list").stdout == listed
    restored = desk.run("restore", "--latest")
    assert re.search(r"^Restored .*milepost\.db\.backups/.*: 1 events", restored.stdout), restored.stderr
    (aside,) = desk.folder.glob("milepost.db.replaced-*")
    assert desk.run("restore", str(aside)).stdout.startswith(f"Restored {aside}: 2 events")


def test_what_makes_no_sense_is_said(desk: Desk) -> None:
    """Nothing is made where there was nothing, and nothing is restored by accident."""
    for words, code, says in (
        (["backup"], 3, "There is no store at"),
        (["backup", "--list"], 1, "There are no backups"),
        (["restore"], 2, "--latest"),
        (["restore", "--latest"], 1, "There is no good backup"),
        (["restore", "nothing.db"], 2, "does not exist"),
    ):
        done = desk.run(*words)
        assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    assert not (desk.folder / "milepost.db").exists()
