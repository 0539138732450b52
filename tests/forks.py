"""Processes of their own, forked from one that has imported everything: an import takes longer than most tests."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol

#: Whoever forks takes it from here: there is one process to fork from, and the first fork decides what it has imported.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "milepost.cli.commands",
        "milepost.cli.listening",
        "milepost.storage.migrate",
        "milepost.storage.migrate_postgresql",
        "tests.storage.older_files",
        __name__,
    ]
)


@dataclass(frozen=True)
class Streams:
    """The files that a process reads and writes in place of a terminal; *printed* and *complaints* grow."""

    printed: Path
    complaints: Path
    told: Path = Path(os.devnull)


class Command(Protocol):
    """A ``milepost`` command that runs: what the tests need of `subprocess.Popen`."""

    @property
    def pid(self) -> int:
        """Give the number of the process."""

    def poll(self) -> int | None:
        """Give the exit code, negative after a signal; None while it runs."""

    def wait(self, seconds: float | None = None, /) -> int:
        """Wait for the exit code."""

    def send_signal(self, number: signal.Signals, /) -> None:
        """Send a signal, unless it has ended already."""

    def kill(self) -> None:
        """End it at once."""


class ForkedCommand:
    """One that was forked."""

    def __init__(self, process: ForkServerProcess, words: Sequence[str]) -> None:
        """Look at a process that was started."""
        self._process = process
        self._words = words

    @property
    def pid(self) -> int:
        """Give the number of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Give the exit code, negative after a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the exit code."""
        self._process.join(seconds)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(["milepost", *self._words], seconds or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended already."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def start_milepost(
    words: Sequence[str], streams: Streams, *, folder: Path | None = None, environment: Mapping[str, str]
) -> Command:
    """Run ``milepost`` in a process that leads a group, with this environment and no other."""
    at = (folder or Path.cwd()).absolute()
    for path in (streams.printed, streams.complaints):
        path.touch()  # whoever reads it may be quicker than the process
    process = FORKS.Process(target=_become_milepost, args=(tuple(words), streams, at, dict(environment)), daemon=True)
    process.start()
    return ForkedCommand(process, words)


def start_from_nothing(
    words: Sequence[str], streams: Streams, *, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Run ``python -m milepost`` as a shell does, with all that it imports."""
    with (
        streams.told.open("rb") as told,
        streams.printed.open("ab") as printed,
        streams.complaints.open("ab") as errors,
    ):
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "milepost", *words],
            cwd=folder,
            env=dict(environment),
            stdin=told,
            stdout=printed,
            stderr=errors,
            start_new_session=True,
        )


def _become_milepost(words: Sequence[str], streams: Streams, folder: Path, environment: Mapping[str, str]) -> None:
    """Do what a shell and ``python -m milepost`` do."""
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore it
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path, flags in (
        (0, streams.told, os.O_RDONLY),
        (1, streams.printed, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, streams.complaints, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  (for as long as the process lives)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  (the same)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115  (the same)
    sys.argv = ["milepost", *words]
    from milepost.cli.commands import main  # noqa: PLC0415  (the process to fork from has it; those who fork need not)

    main(words, prog_name="milepost")
