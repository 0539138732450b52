"""Where a server listens, and how it is told to stop."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import click

from milepost.cli.failures import Failure

_REFUSALS = {
    errno.EADDRINUSE: "Port {port} of {host} is in use by another program. Stop that program, or choose another port, "
    "such as --port {next_port}.",
    errno.EACCES: "Port {port} needs the rights of an administrator. Choose one from 1024 on with --port.",
    errno.EADDRNOTAVAIL: "{host} is no address of this machine. Choose 127.0.0.1, or 0.0.0.0 for all, with --host.",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens: a numeric address and a port."""

    host: str
    port: int

    @property
    def reached_at(self) -> str:
        """Give the host to call it at from this machine."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound

    @property
    def url(self) -> str:
        """Give the address to call it at from this machine."""
        host = self.reached_at
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def free_address(host: str, port: int) -> Address:
    """Give the address to listen on, or say why it cannot be had.

    The server itself would share the port with another one without a word (SO_REUSEPORT).
    Port 0 stands for any free one.
    """
    try:
        family, *_, found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            if os.name == "posix":  # a port that was left a moment ago is free; elsewhere this would mean: share it
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found)
            return Address(str(found[0]), probe.getsockname()[1])
    except socket.gaierror:
        raise Failure(f"{host[:80]!r} is no address. Choose 127.0.0.1, or 0.0.0.0 for all, with --host.") from None
    except OSError as error:
        sentence = _REFUSALS.get(error.errno or 0, "{host}:{port} cannot be listened on ({error}). Choose another.")
        next_port = port + 1 if port < 65535 else 8400  # noqa: PLR2004 - the last port there is
        raise Failure(sentence.format(host=host, port=port, next_port=next_port, error=error.strerror)) from None


@contextmanager
def until_stopped() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block at any moment, also before the server minds them itself."""

    def interrupt(*_signal: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    with suppress(KeyboardInterrupt):
        yield
    click.echo("Stopped.")
