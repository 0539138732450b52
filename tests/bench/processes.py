"""Processes that are started for a measurement and end with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 15.0
ROOT = Path(__file__).parents[2]
_LOOKS_AGAIN_AFTER_SECONDS = 0.002


@dataclass(frozen=True)
class Running:
    """A process that listens on a port of this machine."""

    pid: int
    port: int
    #: From the start of the process until somebody answered there.
    start_seconds: float

    def resident_megabytes(self) -> float | None:
        """Give the memory of the process and its children, where the system tells."""
        try:
            children = [int(one) for path in Path(f"/proc/{self.pid}/task").glob("*/children") for one in _words(path)]
            return sum(_resident_kilobytes(pid) for pid in (self.pid, *children)) / 1024
        except OSError:
            return None


@contextmanager
def running(command: Sequence[str], *, port: int, log: Path, **environment: str) -> Iterator[Running]:
    """Run a program that listens on *port*, and end it with the block."""
    begun = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the bench's own commands
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_for(process, port, log)
        yield Running(process.pid, port, time.perf_counter() - begun)
    finally:
        _end(process)


@contextmanager
def serving(store: Path, **environment: str) -> Iterator[Running]:
    """Run `milepost serve` on a SQLite file."""
    port = free_port()
    command = [sys.executable, "-m", "milepost", "serve", "--store", f"sqlite:///{store}", "--port", str(port)]
    with running(command, port=port, log=store.with_suffix(".log"), **environment) as server:
        yield server


@contextmanager
def peer(name: str, folder: Path, **environment: str) -> Iterator[Running]:
    """Run one of the applications in `tests.bench.peers` on the server that `milepost serve` is."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.peers", name, str(port)]
    with running(command, port=port, log=folder / f"{name}.log", **environment) as server:
        yield server


def two_processes(application: str, port: int) -> list[str]:
    """Give the command that serves an application with two worker processes."""
    options: Mapping[str, str] = {
        "--port": str(port),
        "--workers": "2",
        "--blocking-threads": "8",
        "--log-level": "error",
    }
    words = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", *words, application]


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(_LOOKS_AGAIN_AFTER_SECONDS)
    raise RuntimeError(f"{process.args!r} did not come up. It printed:\n{log.read_text('utf-8', 'replace')[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _words(path: Path) -> list[str]:
    return path.read_text("ascii").split()


def _resident_kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
