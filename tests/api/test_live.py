from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.slow

KEY = "live-settings-key-0123456789"
HEADERS = {"Authorization": f"Bearer {KEY}"}
EVENT = {"id": "zd-1", "type": "ticket.solved", "actor": "ana@example.com", "occurred_at": "2026-03-02T10:00:00Z"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the real server on a free port of this machine."""
    folder = tmp_path_factory.mktemp("live")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "MILEPOST_STORE": f"sqlite:///{folder / 'milepost.db'}", "MILEPOST_API_KEY": KEY}
    with (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own server
            [*command, "--factory", "milepost.wsgi:make_app"], env=environment, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process, Path(folder) / "log")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server is ready, and show its log if it does not get so far."""
    for _ in range(150):
        if process.poll() is not None:
            break
        try:
            if requests.get(f"{address}/ready", timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    pytest.fail(log.read_text())


def test_an_event_is_told_to_the_real_server(server: str) -> None:
    """From the environment to the answer, over a socket."""
    answer = requests.post(f"{server}/v1/evaluate", json=EVENT, headers=HEADERS, timeout=5)
    assert (answer.status_code, answer.json()["event_id"]) == (200, "zd-1")


def test_a_body_in_chunks_is_read(server: str) -> None:
    """Some tools do not know the length before they send."""
    body = iter([b'{"type": "ticket.solved", ', b'"actor": "ana", "occurred_at": "2026-03-02T10:00:00Z"}'])
    headers = {**HEADERS, "Content-Type": "application/json"}
    assert requests.post(f"{server}/v1/evaluate", data=body, headers=headers, timeout=5).status_code == 200


def test_a_large_body_is_refused_by_the_real_server(server: str) -> None:
    """With and without its length announced."""
    headers = {**HEADERS, "Content-Type": "application/json"}
    for body in (b"x" * 10_000_000, iter([b"x" * 1_000_000] * 10)):
        answer = requests.post(f"{server}/v1/evaluate", data=body, headers=headers, timeout=10)
        assert answer.status_code == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert requests.get(f"{server}/health", timeout=5).ok
