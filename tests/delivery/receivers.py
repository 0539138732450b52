"""Receivers on loopback that record what arrives and answer as they are told, also badly."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

#: How much a zipped answer comes to when somebody unzips it.
BOMB_BYTES = 256 * 1024 * 1024
HUGE_BYTES = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Arrival:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    #: Seconds that only rise.
    at: float

    @property
    def json(self) -> Any:
        """Give the body read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Line:
    """The open connection to who asked: what is written goes out as it is."""

    write: Callable[[bytes], object]
    #: Waits so many seconds; True: the receiver is closing, so come to an end.
    is_closing: Callable[[float], bool]


#: How a receiver answers one request.
Behaviour = Callable[[Arrival, Line], None]


def answer(status: int = 200, body: bytes = b"ok", **headers: str) -> Behaviour:
    """Answer properly; ``retry_after="3"`` becomes the header ``Retry-After``."""

    def behave(_: Arrival, line: Line) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
        line.write("\r\n".join([*lines, "", ""]).encode() + body)

    return behave


def redirect(to: str, status: int = 302) -> Behaviour:
    """Send the caller elsewhere."""
    return answer(status, b"elsewhere", location=to)


def hang() -> Behaviour:
    """Take the request and never say anything."""

    def behave(_: Arrival, line: Line) -> None:
        while not line.is_closing(0.2):
            pass

    return behave


def drip(head: bytes = b"HTTP/1.1 200 OK\r\nX-Slow: ", every: float = 1.0) -> Behaviour:
    """Answer one byte a second, so that no single read ever takes long."""

    def behave(_: Arrival, line: Line) -> None:
        line.write(head)
        while not line.is_closing(every):
            line.write(b"a")

    return behave


def drip_body() -> Behaviour:
    """Say at once that all is well, and then drip a body that never ends."""
    return drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")


def endless_headers() -> Behaviour:
    """Send headers for as long as anybody reads them."""

    def behave(_: Arrival, line: Line) -> None:
        line.write(b"HTTP/1.1 200 OK\r\n")
        while not line.is_closing(0):
            line.write(b"X-More: and more\r\n" * 64)

    return behave


def endless_continue() -> Behaviour:
    """Say for ever that one may go on."""

    def behave(_: Arrival, line: Line) -> None:
        while not line.is_closing(0.05):
            line.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    return behave


def gzip_bomb(status: int = 200) -> Behaviour:
    """Answer a quarter of a megabyte that unzips to a quarter of a gigabyte."""
    return answer(status, _bomb(), content_encoding="gzip", location="https://elsewhere.example/")


@cache
def _bomb() -> bytes:
    zipped = gzip.compress(bytes(1024 * 1024), compresslevel=9)
    # gzip allows several parts one after the other
    return zipped * (BOMB_BYTES // (1024 * 1024))


def huge_body(status: int = 200) -> Behaviour:
    """Answer a gigabyte, as fast as it is taken."""

    def behave(_: Arrival, line: Line) -> None:
        head = f"HTTP/1.1 {status} OK\r\nContent-Length: {HUGE_BYTES}\r\nLocation: https://elsewhere.example/\r\n\r\n"
        line.write(head.encode())
        piece = bytes(64 * 1024)
        for _number in range(HUGE_BYTES // len(piece)):
            if line.is_closing(0):
                return
            line.write(piece)

    return behave


def reset() -> Behaviour:
    """Take the request and hang up without a word."""
    return lambda _arrival, _line: None


def nonsense() -> Behaviour:
    """Answer something that is not HTTP."""
    return lambda _, line: line.write(b"220 mail.example ESMTP\r\n") and None


@dataclass
class Receiver:
    """An HTTP server that plays Slack, Teams and webhooks; each path may behave in its own way."""

    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    #: Everything that arrived, in the order of arrival.
    arrivals: list[Arrival] = field(default_factory=list)
    _plans: dict[str, list[Behaviour]] = field(default_factory=dict)
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _closing: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        """Listen on a free port."""
        self._server = _Server((self.host, 0), _handler_of(self))
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of everybody who still waits."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Give the port it listens on."""
        return int(self._server.server_address[1])

    @property
    def allowed(self) -> str:
        """Give the entry for the settings that lets messages come here."""
        return f"{self.host}:{self.port}"

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        """Give the address of a path."""
        return f"{'https' if self.tls else 'http'}://{host or self.host}:{self.port}{path}"

    def will(self, *behaviours: Behaviour, path: str = "") -> None:
        """Behave so towards the next requests; the last one stays. *path*: only there."""
        with self._lock:
            self._plans[path] = list(behaviours)

    def at(self, path: str) -> list[Arrival]:
        """Give what arrived at one path."""
        with self._lock:
            return [one for one in self.arrivals if one.path == path]

    def wait_for(self, count: int, *, within: float = 10.0) -> list[Arrival]:
        """Wait until so many requests arrived; give all there are."""
        with self._lock:
            self._lock.wait_for(lambda: len(self.arrivals) >= count, within)
            return list(self.arrivals)

    def take(self, arrival: Arrival, line: Line) -> None:
        """Record a request and answer it."""
        with self._lock:
            self.arrivals.append(arrival)
            self._lock.notify_all()
            plan = self._plans.get(arrival.path) or self._plans.get("") or [answer()]
            behaviour = plan[0] if len(plan) == 1 else plan.pop(0)
        behaviour(arrival, line)

    def is_closing(self, seconds: float) -> bool:
        """Wait, and say whether the receiver is closing."""
        return self._closing.wait(seconds) if seconds else self._closing.is_set()


class _Server(ThreadingHTTPServer):
    """Answers many at a time, and keeps quiet about those that hang up."""

    request_queue_size = 128
    daemon_threads = True
    # who hangs or drips is told to end by `is_closing`
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave out what callers that hung up cause."""


def _handler_of(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Reads one request."""

        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            """Take it, whatever the method."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            arrival = Arrival(self.command, self.path, headers, body, time.monotonic())
            with suppress(OSError):  # the caller had enough
                receiver.take(arrival, Line(self.wfile.write, receiver.is_closing))
            self.close_connection = True

        do_GET = do_POST  # noqa: N815 - the name is the library's

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


class Canary:
    """A listener that nobody may ever reach; it counts who tries, at every address of this machine."""

    def __init__(self) -> None:
        """Listen."""
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        self._listener = socket.create_server(("", 0), family=family, dualstack_ipv6=both)
        self._listener.settimeout(0.05)
        self.connections = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Give the port it listens on."""
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """Stop listening, after everybody who already stands at the door was counted."""
        self._closing.set()
        self._thread.join()
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except TimeoutError:
                if self._closing.is_set():
                    return
            else:
                self.connections += 1
                caller.close()


@contextmanager
def silent_listener() -> Iterator[int]:
    """Take connections on a port and never say a word, not even to greet in TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])
