"""``milepost serve`` as it is started for the first time, stopped, killed and started again."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import orjson
import pytest
import requests

from milepost.storage import open_store
from tests.acceptance.commands import KEY, Desk, Running
from tests.acceptance.servers import free_port
from tests.stores import KINDS, Ground, ground_of

pytestmark = pytest.mark.slow

EVENT = {
    "id": "zd-1",
    "type": "ticket.solved",
    "actor": "ana@example.com",
    "subject": "ticket-1",
    "properties": {"within_sla": "true"},
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Work in one folder, as somebody does whose shell starts every command."""
    return Desk(tmp_path_factory.mktemp("serve"), from_nothing=True)


@pytest.fixture(scope="module")
def server(desk: Desk) -> Iterator[Running]:
    """Serve with no more than a port set."""
    with desk.running("serve", "--port", str(free_port())) as running:
        yield running


@pytest.fixture(scope="module", params=KINDS)
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Take each kind of store in turn."""
    with ground_of(request.param, tmp_path_factory.mktemp("stores")) as ground:
        yield ground


@pytest.fixture
def any_desk(ground: Ground, tmp_path: Path) -> Desk:
    """Work with a new store of any kind."""
    return Desk(tmp_path, ground.fresh_url())


def test_the_first_start_needs_nothing_and_says_what_to_know(server: Running, desk: Desk) -> None:
    """Address, place of the data, a key and how to stop."""
    assert f"Data       {desk.folder / 'milepost.db'}" in server.printed
    assert "It may do everything and is shown this once" in server.printed
    assert server.call("GET", "/v1/me").json()["scopes"] == ["admin"]
    assert (desk.folder / "milepost.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("path", ["/health", "/ready", "/openapi.json", "/docs", "/docs/errors"])
def test_what_is_open_answers_without_a_key(server: Running, path: str) -> None:
    """Whoever looks after the machine has no key."""
    assert requests.get(server.url + path, timeout=30).status_code == 200


def test_an_event_is_answered_and_its_replay_changes_nothing(any_desk: Desk) -> None:
    """The whole product over a real socket; what it says afterwards is what the events say."""
    with any_desk.running("serve", "--port", str(free_port())) as server:
        assert server.call("POST", "/v1/recipes/helpdesk-sla/install", json={}).status_code == 200
        first = server.call("POST", "/v1/evaluate", json=EVENT).json()
        assert (first["unlocked_names"], first["replayed"], first["points_total"]) == ("First Clean Solve", False, 1)
        assert server.call("POST", "/v1/evaluate", json=EVENT).json() == {**first, "replayed": True}
        reopened = {"id": "zd-1-reopened", "type": "ticket.reopened", "subject": "ticket-1"}
        taken_back = server.call("POST", "/v1/evaluate", json=reopened).json()["revoked"]
        assert [award["name"] for award in taken_back] == ["First Clean Solve"]
        assert server.stop() == 0
    verified = any_desk.run("verify")
    assert "All is as the events say" in verified.stdout, verified.stderr


@pytest.mark.usefixtures("server")
def test_a_second_server_on_the_same_file_is_refused(desk: Desk) -> None:
    """One process owns a file."""
    refused = desk.run("serve", "--port", str(free_port()))
    assert refused.returncode == 3
    assert refused.stderr.startswith("Error: Another Milepost process")
    assert "Stop it first" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_that_is_taken_is_refused(server: Running, desk: Desk) -> None:
    """The two would share it without a word otherwise."""
    port = server.url.rpartition(":")[2]
    refused = desk.run("serve", "--port", port, "--store", "other.db")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: Port {port} of 127.0.0.1 is in use")
    assert not KEY.search(refused.stdout)


def test_the_key_is_shown_once(any_desk: Desk) -> None:
    """A second start finds the key that is there, and it still works."""
    with any_desk.running("serve", "--port", str(free_port())) as first:
        key = first.key
        assert first.stop() == 0
        assert first.printed.endswith("Stopped.\n")
    with any_desk.running("serve", "--port", str(free_port())) as second:
        assert not KEY.search(second.printed)
        assert second.call("GET", "/v1/me", key).status_code == 200


def test_no_key_is_made_where_one_is_set(tmp_path: Path) -> None:
    """Whoever sets a key has a way in."""
    with Desk(tmp_path).running("serve", MILEPOST_API_KEY="k" * 24, MILEPOST_PORT=str(free_port())) as server:
        assert not KEY.search(server.printed)
        assert server.call("GET", "/v1/keys", "k" * 24).json()["items"] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_cleanly_and_answers_what_it_was_asked(any_desk: Desk, number: signal.Signals) -> None:
    """A call that is being answered gets its answer; an idle connection holds nobody up."""
    with any_desk.running("serve", "--port", str(free_port())) as server:
        assert server.call("GET", "/v1/me").ok  # its connection stays open
        with begun_call(server) as call:
            begun_at = time.monotonic()
            server.process.send_signal(number)
            time.sleep(0.3)
            call.sendall(orjson.dumps(EVENT))
            assert call.recv(100).startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(10) == 0
        assert time.monotonic() - begun_at < 10
        assert server.printed.endswith("Stopped.\n")
    with closing(open_store(any_desk.store or "")) as store, store.reading() as reading:
        assert reading.row_count("events") == 1


@contextmanager
def begun_call(server: Running) -> Iterator[socket.socket]:
    """Begin to tell the event; the server is already reading, and waits for the body."""
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=15) as call:
        head = (
            "POST /v1/evaluate HTTP/1.1",
            "Host: localhost",
            f"X-API-Key: {server.key}",
            "Content-Type: application/json",
            f"Content-Length: {len(orjson.dumps(EVENT))}",
            "Expect: 100-continue",
        )
        call.sendall("\r\n".join([*head, "", ""]).encode())
        assert call.recv(100).startswith(b"HTTP/1.1 100 ")
        yield call


def test_a_call_that_never_ends_does_not_hold_it_up(tmp_path: Path) -> None:
    """It is cut off, and nothing acknowledged is lost by that."""
    with Desk(tmp_path).running("serve", "--port", str(free_port())) as server, begun_call(server):
        begun_at = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun_at < 10


def test_a_kill_leaves_nothing_that_blocks_the_next_start(any_desk: Desk) -> None:
    """The same store and the same port at once, and nothing told is lost."""
    port = str(free_port())
    with any_desk.running("serve", "--port", port) as killed:
        key = killed.key
        assert killed.call("POST", "/v1/evaluate", json=EVENT).ok
        killed.stop(signal.SIGKILL)
    with any_desk.running("serve", "--port", port) as again:
        assert again.call("GET", "/v1/events/zd-1", key).json()["id"] == "zd-1"


def test_time_passes_by_itself(any_desk: Desk) -> None:
    """A hold settles without anybody calling."""
    rule = {
        "key": "calm",
        "name": "Calm",
        "purpose": "Solved for good",
        "category": "quality",
        "criterion": {
            "kind": "count",
            "target": 1,
            "of": {"type": "ticket.solved", "hold": {"for": "PT2S", "cancelled_by": {"type": "ticket.reopened"}}},
        },
        "state": "live",
    }
    with any_desk.running("serve", "--port", str(free_port())) as server:
        assert server.call("POST", "/v1/achievements", json=rule).status_code in {200, 201}
        assert server.call("POST", "/v1/evaluate", json=EVENT).json()["outcome"] == "held"
        deadline = time.monotonic() + 20
        while not server.call("GET", "/v1/awards").json()["items"]:
            assert time.monotonic() < deadline, server.printed
            time.sleep(0.2)


def test_another_program_on_the_port_is_noticed(tmp_path: Path) -> None:
    """Even one that would share it."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert desk_refuses(Desk(tmp_path), port)


def desk_refuses(desk: Desk, port: int) -> bool:
    """Say whether a start on this port is refused with the sentence for it."""
    refused = desk.run("serve", "--port", str(port))
    return refused.returncode == 1 and f"Port {port} of 127.0.0.1 is in use" in refused.stderr
