"""The real command as a person uses it: an empty home, an own folder, no settings."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.acceptance.servers import START_SECONDS, STOP_SECONDS, free_port

KEY = re.compile(r"\bmp_[0-9A-Za-z]{36}\b")
#: A command on a machine that is busy with other tests.
COMMAND_SECONDS = 60.0


@dataclass(frozen=True)
class Desk:
    """A folder to work in, with an empty home beside it."""

    folder: Path
    #: The URL of a store other than the usual one.
    store: str | None = None

    def run(self, *words: str, told: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run ``milepost`` to its end; *told* goes to standard input."""
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "milepost", *words],
            cwd=self.folder,
            env=self.environment(**settings),
            input=told or "",
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

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
        with log.open("wb") as written:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "milepost", *words],
                cwd=self.folder,
                env=self.environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        running = Running(process, log)
        try:
            running.wait_for(ready)
            yield running
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait(STOP_SECONDS)


@dataclass(frozen=True)
class Running:
    """A command that runs."""

    process: subprocess.Popen[bytes]
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
