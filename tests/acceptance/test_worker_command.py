"""``milepost worker``: servers that only answer calls, and workers beside them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.commands import Desk, Running
from tests.acceptance.servers import free_port
from tests.delivery.receivers import Receiver, answer, hang
from tests.stores import ground_of

pytestmark = pytest.mark.slow

RULE = {
    "key": "solved",
    "name": "Solved",
    "purpose": "Tickets that are solved",
    "category": "volume",
    "criterion": {"kind": "count", "target": 1, "of": {"type": "ticket.solved"}},
    "repeats": "every_target",
    "state": "live",
}
PLACES = 4


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listen for messages."""
    with Receiver() as receiver:
        yield receiver


def earn(server: Running, number: int) -> None:
    """Tell of one solved ticket, which earns an award."""
    told = {"id": f"zd-{number}", "type": "ticket.solved", "actor": "ana@example.com", "subject": f"ticket-{number}"}
    assert server.call("POST", "/v1/evaluate", json=told).json()["unlocked"]


def test_workers_beside_a_server_send_each_message_once(tmp_path: Path, receiver: Receiver) -> None:
    """Two of them share the work; the server alone sends nothing."""
    settings = {"MILEPOST_ALLOWED_ADDRESSES": receiver.allowed, "MILEPOST_PORT": str(free_port())}
    with ExitStack() as stack:
        desk = Desk(tmp_path, stack.enter_context(ground_of("postgresql", tmp_path)).fresh_url())
        server = stack.enter_context(desk.running("serve", "--no-worker", **settings))
        assert server.call("PUT", "/v1/achievements/solved", json=RULE).ok
        for number in range(PLACES):
            assert server.call("POST", "/v1/subscriptions", json={"url": receiver.url(f"/{number}")}).ok
        earn(server, 0)
        time.sleep(2)
        assert receiver.arrivals == []
        workers = [stack.enter_context(desk.running("worker", **settings)) for _ in range(2)]
        for number in range(1, 6):
            earn(server, number)
        receiver.wait_for(6 * PLACES, within=20)
        assert [worker.stop() for worker in workers] == [0, 0]
        assert "Stopped." in workers[0].printed
        earn(server, 6)
    arrived = [(one.path, one.headers["webhook-id"]) for one in receiver.arrivals]
    assert len(arrived) == len(set(arrived)) == 6 * PLACES


def test_a_place_that_hangs_does_not_keep_the_server_from_stopping(tmp_path: Path, receiver: Receiver) -> None:
    """After the next start the message is sent at once: nobody waits for the lease of a process that is gone."""
    receiver.will(hang(), answer())
    settings = {"MILEPOST_ALLOWED_ADDRESSES": receiver.allowed, "MILEPOST_PORT": str(free_port())}
    desk = Desk(tmp_path)
    with desk.running("serve", **settings) as server:
        assert server.call("PUT", "/v1/achievements/solved", json=RULE).ok
        assert server.call("POST", "/v1/subscriptions", json={"url": receiver.url("/")}).ok
        earn(server, 0)
        receiver.wait_for(1)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 10
    with desk.running("serve", **settings):
        first, second = receiver.wait_for(2, within=15)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.parametrize(
    ("words", "store"), [(("worker",), "milepost.db"), (("serve", "--no-worker"), "tinydb:///pilot.json")]
)
def test_a_file_has_its_worker_in_the_server(tmp_path: Path, words: tuple[str, ...], store: str) -> None:
    """The refusal says what to start instead, and makes no file."""
    refused = Desk(tmp_path).run(*words, "--store", store)
    assert refused.returncode == 2
    assert "start `milepost serve`" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
