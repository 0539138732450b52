"""Processes that end with the tests, also when the tests are killed: whoever waits for them cannot then do it.

A process of its own is told whom to end (`watch`) and whom not any more (`release`); it ends who is left when the tests
are gone, which it sees by the end of its input.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache

_WATCH, _RELEASE = "watch", "release"


def watch(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """End the group of processes that this one leads, by this signal, when the tests are gone."""
    _tell(_WATCH, pid, number)


def release(pid: int) -> None:
    """Leave it alone; it has ended."""
    _tell(_RELEASE, pid, 0)


def _tell(word: str, pid: int, number: int) -> None:
    line = f"{word} {pid} {number}\n"
    stream = _guard().stdin
    assert stream is not None
    stream.write(line.encode())
    stream.flush()


@cache
def _guard() -> subprocess.Popen[bytes]:
    """Start the process that stays; in a session of its own, so that it is not killed with the tests."""
    guard = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - this file
    atexit.register(guard.communicate)  # tests that come to their end wait for it
    return guard


def _end_who_is_left() -> None:
    watched: dict[int, int] = {}
    for line in sys.stdin:
        word, pid, number = line.split()
        if word == _WATCH:
            watched[int(pid)] = int(number)
        else:
            watched.pop(int(pid), None)
    for group, number in watched.items():
        with suppress(ProcessLookupError):
            os.killpg(group, number)


if __name__ == "__main__":
    _end_who_is_left()
