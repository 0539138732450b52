"""The end of an attempt, whatever the other side does."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Self

#: An attempt is cut after this long: names, connection, encryption, answer and all.
LONGEST_ATTEMPT = timedelta(seconds=15)


class Deadline:
    """Cuts the connections it watches when the time is over.

    A time limit on a socket holds for each read, so a byte a second would hold an attempt for ever.
    """

    def __init__(self) -> None:
        """Prepare; the time runs from entering the context."""
        self.is_over = False
        self._timer = threading.Timer(LONGEST_ATTEMPT.total_seconds(), self._cut)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []

    def __enter__(self) -> Self:
        """Begin."""
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of everything."""
        self._timer.cancel()
        with self._lock:
            while self._watched:
                self._watched.pop().close()

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection as well; raises `TimeoutError` if the time is over already."""
        with self._lock:
            if self.is_over:
                connection.close()
                raise TimeoutError
            # a second handle: encrypting takes the first one away from its object
            self._watched.append(connection.dup())

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            for connection in self._watched:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
