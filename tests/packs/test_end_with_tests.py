"""Nothing that a killed test has started goes on running."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Each of the two that it starts holds the end of a pipe, which is closed when that one ends.
PROGRAM = """
import os, signal, subprocess, sys
from tests.packs.end_with_tests import release, watch

quiet = {"stdout": subprocess.DEVNULL, "start_new_session": True}
left, released = (subprocess.Popen(["sleep", "60"], pass_fds=[int(end)], **quiet) for end in sys.argv[1:])
watch(left.pid)
watch(released.pid)
release(released.pid)
print(released.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_who_is_watched_ends_with_a_test_that_is_killed_and_who_is_released_does_not() -> None:
    """Another process may have the number of one that was released."""
    left, of_left = os.pipe()
    released, of_released = os.pipe()
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, str(of_left), str(of_released)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        pass_fds=[of_left, of_released],
        text=True,
        check=False,
        timeout=30,
    )
    os.close(of_left)
    os.close(of_released)
    try:
        assert select.select([left], [], [], 10)[0] == [left], "it goes on running"
        assert select.select([released], [], [], 0)[0] == [], "it was ended"
    finally:
        os.killpg(int(ended.stdout), signal.SIGKILL)
        os.close(left)
        os.close(released)
