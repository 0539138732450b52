"""What Milepost is measured beside, each started for the run or left out with the reason."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.bench.callers import call_for, request
from tests.bench.figures import Side
from tests.bench.processes import ROOT, Running, free_port, peer, running
from tests.bench.throughput import Pace, noop_side
from tests.postgresql import PostgresqlServer, running_postgresql

GENGINE = Path(__file__).parent / "gengine"
GENGINE_ENVIRONMENT = ROOT / ".venv" / "bench-gengine"
_DONE = GENGINE_ENVIRONMENT / ".installed"


@dataclass(frozen=True)
class Left:
    """Something that is not measured, and why."""

    reason: str


@dataclass(frozen=True)
class Beside:
    """A peer that runs: makes a side of so many callers."""

    side: Callable[[int, Pace], Side]


Peer: TypeAlias = Beside | Left


@contextmanager
def postgresql() -> Iterator[PostgresqlServer | Left]:
    """Run a PostgreSQL server of our own, where one is installed."""
    with ExitStack() as stack:
        try:
            server: PostgresqlServer | Left = stack.enter_context(running_postgresql())
        except pytest.skip.Exception as skipped:
            server = Left(str(skipped))
        yield server


@contextmanager
def redis(folder: Path) -> Iterator[Peer]:
    """Run a Flask application that counts each call in a Redis which syncs each change to disk."""
    program = shutil.which("redis-server")
    if program is None:
        yield Left("redis-server is not installed (apt-get install redis-server)")
        return
    if find_spec("redis") is None:
        yield Left("the Python client is not installed (pip install -r tests/bench/requirements.txt)")
        return
    (folder / "redis").mkdir()
    port, socket = free_port(), folder / "redis" / "socket"
    options = {"port": port, "bind": "127.0.0.1", "unixsocket": socket, "dir": folder / "redis", "save": ""}
    durable = {"appendonly": "yes", "appendfsync": "always"}
    words = [word for name, value in {**options, **durable}.items() for word in (f"--{name}", str(value))]
    with (
        running([program, *words], port=port, log=folder / "redis.log"),
        peer("redis", folder, BENCH_REDIS=str(socket)) as server,
    ):
        yield Beside(lambda callers, pace: noop_side(server, callers, pace))


@contextmanager
def gengine(folder: Path, database: PostgresqlServer | Left) -> Iterator[Peer]:
    """Run `gengine` with two hundred people on PostgreSQL; each call adds 1 to somebody's count."""
    problem = database.reason if isinstance(database, Left) else _install_gengine()
    if problem is not None or isinstance(database, Left):
        yield Left(problem or "")
        return
    database.execute("CREATE DATABASE gengine")
    url = database.url.removesuffix("/milepost") + "/gengine"
    python = str(GENGINE_ENVIRONMENT / "bin" / "python")
    subprocess.run([python, GENGINE / "application.py", url], check=True, capture_output=True)  # noqa: S603 - ours
    ids = cycle(_gengine_people(database, url))
    port = free_port()
    words = ["-m", "waitress", "--listen", f"127.0.0.1:{port}", "--threads", "8", "--call", "application:make"]
    command, log = [python, *words], folder / "gengine.log"
    with running(command, port=port, log=log, BENCH_DATABASE=url, PYTHONPATH=str(GENGINE)) as server:
        yield Beside(lambda callers, pace: _counting_side(server, lambda: next(ids), callers, pace))


def _counting_side(server: Running, next_id: Callable[[], int], callers: int, pace: Pace) -> Side:
    def next_request() -> bytes:
        return request(f"/increase_value/invite_users/{next_id()}", b'{"value": 1}')

    return Side(lambda: call_for(pace.seconds, server.port, next_request, callers=callers))


def _gengine_people(database: PostgresqlServer, url: str) -> list[int]:
    """Add people like those of its demo, and give their ids."""
    database.execute(
        "INSERT INTO subjects (name, subjecttype_id, timezone, created_at) "
        "SELECT 'person ' || number, (SELECT subjecttype_id FROM subjects WHERE name = 'Fritz'), 'UTC', now() "
        "FROM generate_series(1, 200) AS number",
        url,
    )
    return [int(str(one)) for (one,) in database.execute("SELECT id FROM subjects WHERE name LIKE 'person %'", url)]


def _install_gengine() -> str | None:
    """Make its environment, once; give the reason where that fails."""
    if _DONE.exists():
        return None
    python, wanted = GENGINE_ENVIRONMENT / "bin" / "python", GENGINE / "requirements.txt"
    steps = [
        [sys.executable, "-m", "venv", str(GENGINE_ENVIRONMENT)],
        [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(wanted)],
    ]
    for step in steps:
        ended = subprocess.run(step, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if ended.returncode:
            errors = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")] or ["no reason given"]
            return f"it could not be installed on Python {sys.version.split()[0]}: {errors[-1]}"
    _DONE.touch()
    return None
