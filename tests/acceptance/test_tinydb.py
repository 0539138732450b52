"""``milepost serve`` on one readable JSON file: told of its reach, killed, started again, mailed as it is."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.acceptance.commands import Desk
from tests.acceptance.servers import Server, free_port, session

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Work in one folder."""
    return Desk(tmp_path)


def told_by_eight(server: Server, first: int) -> set[str]:
    """Tell forty events from eight callers, and give the ids of those that were acknowledged."""

    def tell(number: int) -> str:
        event = {
            "id": f"zd-{number}",
            "type": "ticket.solved",
            "actor": f"agent-{number % 5}@example.com",
            "subject": f"ticket-{number}",
            "properties": {"within_sla": "true"},
        }
        with session() as caller:
            caller.post(f"{server.url}/v1/evaluate", json=event, timeout=30).raise_for_status()
        return event["id"]

    with ThreadPoolExecutor(8) as callers:
        return set(callers.map(tell, range(first, first + 40)))


def test_a_server_on_a_json_file_loses_nothing_when_it_is_killed(desk: Desk) -> None:
    """Everything acknowledged stands in the file, readable, at any moment."""
    path = desk.folder / "pilot.json"
    server = Server(f"tinydb:///{path}", desk.folder / "log", free_port())
    try:
        server.start()
        with session() as caller:
            caller.post(f"{server.url}/v1/recipes/helpdesk-sla/install", json={}, timeout=30).raise_for_status()
        told = told_by_eight(server, 0)
        # asked only now: the first calls may be answered before all is printed
        assert "quick up to about 10,000 events" in server.printed()
        server.kill()
        assert {row["id"] for row in json.loads(path.read_bytes())["events"].values()} == told
        server.start()
        told |= told_by_eight(server, 40)
    finally:
        server.stop()
    content = json.loads(path.read_bytes())
    assert {row["id"] for row in content["events"].values()} == told
    assert len(content["awards"]) >= 5
    assert not (desk.folder / "pilot.json.working-copy").exists()
    checked = desk.run("verify", "--store", f"tinydb:///{path}")
    assert "All is as the events say" in checked.stdout, checked.stderr


def test_the_doctor_makes_no_file(desk: Desk) -> None:
    """It says what a start would do."""
    checked = desk.run("doctor", "--store", f"tinydb:///{desk.folder / 'pilot.json'}")
    assert "pilot.json is not there yet" in checked.stdout
    assert not (desk.folder / "pilot.json").exists()


def test_a_file_that_cannot_be_used_stops_the_start_with_what_to_do(desk: Desk) -> None:
    """And it stays as it is."""
    path = desk.folder / "pilot.json"
    path.write_bytes(b"{")
    refused = desk.run("serve", "--port", str(free_port()), "--store", f"tinydb:///{path}")
    assert refused.returncode != 0
    assert "correct what was changed by hand" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert path.read_bytes() == b"{"
