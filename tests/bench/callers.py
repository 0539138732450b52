"""Callers who each wait for their answer before they call again, over connections that stay open.

All of them live in one thread and send bytes made beforehand, so that they leave the processor to the server. The
page says what a call costs them.
"""

from __future__ import annotations

import gc
import re
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

#: Nobody answers that late in a healthy round.
PATIENCE_SECONDS = 20.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Round:
    """What came of calling for a while."""

    seconds: float
    #: Milliseconds from the first byte sent to the last byte received, ascending.
    waits: list[float]
    #: Processor time of the callers themselves.
    own_seconds: float

    @property
    def rate(self) -> float:
        """Give the calls answered in a second."""
        return len(self.waits) / self.seconds

    def percentile(self, share: int) -> float:
        """Give the wait that *share* of a hundred calls do not exceed."""
        return self.waits[min(len(self.waits) - 1, len(self.waits) * share // 100)]


@dataclass
class _Connection:
    """One caller; it has one call under way at most."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Receive what there is; say whether the answer is whole. Anything but 200 is an error."""
        part = self.socket.recv(1 << 16)
        self.received += part
        head_ends = self.received.find(_END_OF_HEAD)
        length = _LENGTH.search(self.received, 0, head_ends + 2) if head_ends > 0 else None
        if not part or (head_ends > 0 and length is None):
            raise ConnectionError(f"The server hung up or gave no length: {self.received[:500]!r}")
        if length is None or len(self.received) < head_ends + len(_END_OF_HEAD) + int(length[1]):
            return False
        if not self.received.startswith(b"HTTP/1.1 200 "):
            raise ConnectionError(f"The server refused a call: {self.received[:1000]!r}")
        self.received = b""
        return True


@dataclass
class _Crowd:
    """All callers of one round."""

    next_request: Callable[[], bytes]
    until: float
    waits: list[float] = field(default_factory=list)
    answered_at: float = 0.0

    def call(self, selector: selectors.BaseSelector) -> None:
        """Call until the time is over, and wait for what is under way then."""
        waiting = len(selector.get_map())
        for key in list(selector.get_map().values()):
            key.data.send(self.next_request())
        while waiting:
            ready = selector.select(PATIENCE_SECONDS)
            if not ready:
                raise ConnectionError(f"The server did not answer for {PATIENCE_SECONDS:.0f} seconds.")
            waiting -= sum(self._goes_home(key.data) for key, _ in ready)

    def _goes_home(self, connection: _Connection) -> bool:
        """Take an answer and call again; say whether the caller was told to stop instead."""
        if not connection.is_answered():
            return False
        self.answered_at = time.perf_counter()
        self.waits.append(1000 * (self.answered_at - connection.sent_at))
        if self.answered_at >= self.until:
            return True
        connection.send(self.next_request())
        return False


def call_for(seconds: float, port: int, next_request: Callable[[], bytes], *, callers: int) -> Round:
    """Let so many callers call a server on this machine at the same time."""
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(callers):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, _Connection(connection))
        gc.collect()
        gc.disable()
        stack.callback(gc.enable)
        begun, own = time.perf_counter(), time.thread_time()
        crowd = _Crowd(next_request, begun + seconds)
        crowd.call(selector)
        return Round(crowd.answered_at - begun, sorted(crowd.waits), time.thread_time() - own)


def request(path: str, body: bytes, *, key: str = "") -> bytes:
    """Give a call as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
