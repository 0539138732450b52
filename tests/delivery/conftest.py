"""What the tests of delivery share."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.delivery.base import Parcel
from milepost.delivery.message import Action, Line, Message, Section
from milepost.delivery.trust import trusted_context
from tests.delivery.certificates import NAME, Certificates, make_certificates
from tests.delivery.receivers import Receiver

NPM_PACKAGE = "standardwebhooks@1.1.1"
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MESSAGE = Message(
    id="msg_1",
    title="Clean Close",
    text="Ana closed 5 tickets under SLA and none came back.",
    sections=(Section((Line("5 of 5 tickets this week", "Keep the reply notes as complete."),), "This week"),),
    actions=(Action("See why", "https://milepost.example.com/awards/aw_1"),),
    footer="You get this because you earned it.",
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Start a receiver on loopback."""
    with Receiver() as started:
        yield started


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Make certificates once."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusting(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Certificates]:
    """Let this machine trust the authority of the tests, as the owner of one would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    trusted_context.cache_clear()
    yield certificates
    trusted_context.cache_clear()


@pytest.fixture
def make_parcel() -> Callable[..., Parcel]:
    """Make a parcel for an address."""

    def make(address: str, **changes: Any) -> Parcel:
        values: dict[str, Any] = {
            "id": "msg_1",
            "secrets": (),
            "at": AT,
            "message": MESSAGE,
            "payload": {"id": "msg_1", "type": "message", "timestamp": "2026-03-02T09:30:00Z", "data": {}},
        }
        return Parcel(address=address, **(values | changes))

    return make


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Let names lead where a test says, one answer after the other; the last stays. Nobody outside is asked.

    An answer is an address, or several with blanks between.
    """
    known: dict[str, list[str]] = {NAME: ["127.0.0.1"]}
    ask = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else str(host)
        answers = known.get(text.rstrip("."))
        if answers is None:
            return ask(host, port, *rest, **{**options, "flags": socket.AI_NUMERICHOST})
        address = answers[0] if len(answers) == 1 else answers.pop(0)
        return [row for one in address.split() for row in ask(one, port, *rest, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture(scope="session")
def npm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the official library for Node."""
    folder = tmp_path_factory.mktemp("npm")
    npm = shutil.which("npm")
    assert npm is not None, "install nodejs and npm: the official library for Node verifies our signatures"
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder), NPM_PACKAGE]
    subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 - our own words
    return folder
