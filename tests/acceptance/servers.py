"""The real server, started as a process of its own, killed and started again by the tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.forks import Command, Streams, start_milepost

API_KEY = "acceptance-key-0123456789-abcdef"
#: A start on a machine that is busy with other tests.
START_SECONDS = 30.0
#: An orderly end; a harder one follows.
STOP_SECONDS = 15.0


@dataclass
class Server:
    """One server on one store and port; it may run, be killed and run again."""

    #: The URL of the store.
    store: str
    #: Where what it prints is kept; it grows with every start.
    log_path: Path
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    process: Command | None = None

    @property
    def url(self) -> str:
        """Give the address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Give the number of the process; it leads a process group of the same number."""
        assert self.process is not None, "the server was not started"
        return self.process.pid

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        environment = {**os.environ, **self._settings(), **self.environment}
        self.process = start_milepost(["serve"], Streams(self.log_path, self.log_path), environment=environment)
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait for ``/ready``; show what the process printed if it does not come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            with suppress(requests.RequestException):
                if requests.get(f"{self.url}/ready", timeout=5).ok:
                    return
            time.sleep(0.02)
        raise AssertionError(f"The server did not become ready. It printed:\n{self.printed()}")

    def kill(self) -> None:
        """End the whole process group at once, as a power cut would, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._reap()

    def terminate(self, seconds: float = STOP_SECONDS) -> int:
        """Ask the process to end, and give its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self) -> None:
        """End the process in whatever state it is; a second time does nothing."""
        if self.process is None or self.process.poll() is not None:
            return
        try:
            self.terminate()
        except subprocess.TimeoutExpired:
            self.kill()

    def printed(self) -> str:
        """Give the end of what the process printed."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")[-8000:] if self.log_path.exists() else ""

    def _settings(self) -> dict[str, str]:
        return {
            "MILEPOST_STORE": self.store,
            "MILEPOST_HOST": "127.0.0.1",
            "MILEPOST_PORT": str(self.port),
            "MILEPOST_API_KEY": API_KEY,
        }

    def _reap(self) -> None:
        """Wait for the leader, then until no member of its group is left, which may still hold the store."""
        assert self.process is not None
        self.process.wait(STOP_SECONDS)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            try:
                os.killpg(self.process.pid, 0)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(0.002)


@contextmanager
def running_server(store: Path, **environment: str) -> Iterator[Server]:
    """Run the server on the SQLite file *store*, and end it with the block.

    Keyword arguments are further environment variables.
    """
    log_path = store.with_name(store.name + ".log")
    with running(Server(f"sqlite:///{store}", log_path, free_port(), environment)) as server:
        yield server


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Run a server, and end it with the block."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """Give a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def session() -> requests.Session:
    """Open a session that calls with every scope."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {API_KEY}"
    return session
