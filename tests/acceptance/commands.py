"""The real command as a person uses it: an empty home, an own folder, no settings."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from tests.acceptance.servers import START_SECONDS, STOP_SECONDS, free_port
from tests.forks import Command, Streams, start_from_nothing, start_milepost

KEY = re.compile(r"\bmp_[0-9A-Za-z]{36}\b")
#: A command on a machine that is busy with other tests.
COMMAND_SECONDS = 60.0


@dataclass(frozen=True)
class Desk:
    """A folder to work in, with an empty home beside it."""

    folder: Path
    #: The URL of a store other than the usual one.
    store: str | None = None
    #: Whether each process imports everything itself, as when a shell starts it.
    from_nothing: bool = False

    def run(self, *words: str, told: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run ``milepost`` to its end; *told* goes to standard input."""
        with TemporaryDirectory() as name:
            streams = Streams(*(Path(name, stream) for stream in ("printed", "complaints", "told")))
            streams.told.write_text(told or "", encoding="utf-8")
            process = self._start(words, streams, settings)
            try:
                code = process.wait(COMMAND_SECONDS)
            finally:
                process.kill()
            written = (streams.printed.read_text("utf-8"), streams.complaints.read_text("utf-8"))
        return subprocess.CompletedProcess(words, code, *written)

    def environment(self, **settings: str) -> dict[str, str]:
        """Give an environment without settings but these and the store."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        usual = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(home)}
        return {**usual, **({"MILEPOST_STORE": self.store} if self.store else {}), **settings}

    @contextmanager
    def running(self, *words: str, ready: str = "Stop with", **settings: str) -> Iterator[Running]:
        """Run ``milepost`` beside the block, from the line that begins with *ready* on."""
        log = self.folder / f"{words[0]}-{free_port()}.log"
        process = self._start(words, Streams(log, log), settings)
        running = Running(process, log)
        try:
            running.wait_for(ready)
            yield running
        finally:
            process.kill()
            process.wait(STOP_SECONDS)

    def _start(self, words: Sequence[str], streams: Streams, settings: Mapping[str, str]) -> Command:
        start = start_from_nothing if self.from_nothing else start_milepost
        return start(words, streams, folder=self.folder, environment=self.environment(**settings))


@dataclass(frozen=True)
class Running:
    """A command that runs."""

    process: Command
    log: Path
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def printed(self) -> str:
        """Give everything it has printed."""
        return self.log.read_text(encoding="utf-8")

    @property
    def key(self) -> str:
        """Give the key it has printed."""
        found = KEY.search(self.printed)
        assert found is not None, self.printed
        return found[0]

    @property
    def url(self) -> str:
        """Give the address it has printed."""
        found = re.search(r"http://127\.0\.0\.1:\d+", self.printed)
        assert found is not None, self.printed
        return found[0]

    def call(self, method: str, path: str, key: str | None = None, **more: Any) -> requests.Response:
        """Send a call with the key it has printed."""
        self.session.trust_env = False
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return self.session.request(method, self.url + path, headers=headers, timeout=30, **more)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def wait_for(self, line: str) -> None:
        """Wait until a line that begins so is printed."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if re.search(rf"^{re.escape(line)}", self.printed, re.MULTILINE):
                return
            time.sleep(0.02)
        raise AssertionError(f"{line!r} was not printed, but this:\n{self.printed}")
