"""One request to a place that nobody knows: what is sent, what is read, and when it ends."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from milepost.delivery import addresses, deadline, wire
from milepost.delivery.base import Outcome, Parcel, Result
from milepost.delivery.networks import AllowList
from milepost.delivery.webhook import Webhook
from milepost.delivery.wire import MOST_ANSWER_BYTES, Answer, post
from tests.delivery import receivers
from tests.delivery.certificates import NAME, Certificates
from tests.delivery.conftest import AT
from tests.delivery.receivers import Behaviour, Receiver, answer

MakeParcel = Callable[..., Parcel]
SOON = timedelta(seconds=0.4)


def ask(receiver: Receiver, url: str | None = None) -> Answer | Outcome:
    """Send something to a receiver that is allowed."""
    allowed = AllowList((receiver.allowed, f"{NAME}:{receiver.port}"))
    return post(url or receiver.url(), b'{"a":1}', {"x-own": "1"}, at=AT, allowed=allowed)


def test_a_request_says_who_it_is_from_and_asks_for_nothing_zipped(receiver: Receiver) -> None:
    """Nothing else goes along: no cookies, no login."""
    assert ask(receiver, receiver.url("/hook?key=1")) == Answer(200, b"ok", None)
    (arrival,) = receiver.arrivals
    assert (arrival.method, arrival.path, arrival.body) == ("POST", "/hook?key=1", b'{"a":1}')
    assert arrival.headers.pop("user-agent").startswith("Milepost/")
    assert arrival.headers == {
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
        "content-length": "7",
        "content-type": "application/json",
        "host": f"127.0.0.1:{receiver.port}",
        "x-own": "1",
    }


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("0", timedelta()),
        ("120", timedelta(minutes=2)),
        (" 7 ", timedelta(seconds=7)),
        ("999999999999999999999", timedelta(hours=24)),
        ("Mon, 02 Mar 2026 09:40:00 GMT", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 10:40:00 +0100", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 09:00:00 GMT", timedelta()),
        ("Mon, 09 Mar 2026 09:00:00 GMT", timedelta(hours=24)),
        ("Mon, 02 Mar 2026 09:40:00 -0000", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("\u0663", None),
        ("Mon, 02 Mar 99999 09:40:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_and_as_a_date(text: str, wait: timedelta | None) -> None:
    """A day at most; what cannot be read counts as not said."""
    assert wire.read_retry_after(text, AT) == wait


def test_retry_after_comes_with_the_answer(receiver: Receiver) -> None:
    """Whatever the status."""
    receiver.will(answer(503, b"", retry_after="30"))
    assert ask(receiver) == Answer(503, b"", timedelta(seconds=30))


@pytest.mark.parametrize(
    "behaviour", [receivers.huge_body(), receivers.gzip_bomb(), receivers.gzip_bomb(302), receivers.huge_body(302)]
)
def test_of_a_large_answer_a_little_is_read_and_nothing_unzipped(behaviour: Behaviour, receiver: Receiver) -> None:
    """Neither time nor memory goes into what nobody needs."""
    receiver.will(behaviour)
    tracemalloc.start()
    try:
        found = ask(receiver)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(found, Answer)
    assert len(found.body) == MOST_ANSWER_BYTES
    assert most < 8 * 1024 * 1024
    # as it came: zeros, or the sign of something zipped
    assert found.body[:2] in {b"\x00\x00", b"\x1f\x8b"}


@pytest.mark.parametrize("behaviour", [receivers.endless_headers(), receivers.reset(), receivers.nonsense()])
def test_what_is_no_answer_is_one_that_may_come_later(behaviour: Behaviour, receiver: Receiver) -> None:
    """Headers without end are left after a hundred."""
    receiver.will(behaviour)
    found = ask(receiver)
    assert isinstance(found, Outcome)
    assert (found.result, found.status_code) == (Result.PASSING, None)
    assert "hung up" in found.words


@pytest.mark.parametrize(
    "behaviour",
    [receivers.hang(), receivers.drip(every=0.05), receivers.endless_continue(), receivers.drip(b"H", 0.05)],
)
def test_an_answer_that_does_not_come_is_cut(
    behaviour: Behaviour, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit holds for all of it, not for each read."""
    monkeypatch.setattr(deadline, "LONGEST_ATTEMPT", SOON)
    receiver.will(behaviour)
    began = time.monotonic()
    found = ask(receiver)
    assert isinstance(found, Outcome)
    assert (found.result, "did not answer in full" in found.words) == (Result.PASSING, True)
    assert time.monotonic() - began < 2


def test_a_status_counts_even_if_its_body_never_ends(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver has said that it took the message; telling it again would be a second one."""
    monkeypatch.setattr(deadline, "LONGEST_ATTEMPT", SOON)
    receiver.will(receivers.drip_body())
    assert ask(receiver) == Answer(200, b"", None)


def test_a_handshake_that_does_not_come_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encryption is part of the attempt."""
    monkeypatch.setattr(deadline, "LONGEST_ATTEMPT", SOON)
    with receivers.silent_listener() as port:
        found = post(f"https://127.0.0.1:{port}/", b"", {}, at=AT, allowed=AllowList(("127.0.0.1",)))
    assert isinstance(found, Outcome)
    assert "did not answer in full" in found.words


def test_a_name_that_nobody_answers_for_is_given_up(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up has no limit of its own."""
    waits = threading.Event()
    monkeypatch.setattr(addresses, "LONGEST_LOOK_UP", SOON)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: waits.wait(10) and [])
    found = ask(receiver, f"http://{NAME}:{receiver.port}/")
    waits.set()
    assert isinstance(found, Outcome)
    assert (found.result, "cannot be found" in found.words) == (Result.PASSING, True)


def test_nobody_at_home_is_something_that_may_pass() -> None:
    """A server that is down comes back."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    found = post(f"http://127.0.0.1:{port}/", b"", {}, at=AT, allowed=AllowList(("127.0.0.1",)))
    assert isinstance(found, Outcome)
    assert (found.result, "cannot be reached" in found.words) == (Result.PASSING, True)
    assert str(port) not in found.words


def test_a_server_beside_milepost_is_reached_where_it_listens(receiver: Receiver, names: dict[str, list[str]]) -> None:
    """Its name has two addresses, and many servers listen on the older one only."""
    names["localhost"] = ["::1 127.0.0.1"]
    url = receiver.url(host="localhost")
    assert post(url, b"{}", {}, at=AT, allowed=AllowList((f"localhost:{receiver.port}",))) == Answer(200, b"ok", None)


@pytest.mark.usefixtures("names")
def test_a_certificate_is_checked_against_the_name_and_not_the_address(trusting: Certificates) -> None:
    """Connected to is an address; trusted is a name."""
    with Receiver(tls=trusting.server) as receiver:
        named = ask(receiver, receiver.url(host=NAME))
        dotted = ask(receiver, receiver.url(host=f"{NAME}."))
        other = ask(receiver, receiver.url())
    assert (named, dotted) == (Answer(200, b"ok", None), Answer(200, b"ok", None))
    hosts = [one.headers["host"] for one in receiver.arrivals]
    assert hosts == [f"{NAME}:{receiver.port}", f"{NAME}.:{receiver.port}"]
    assert isinstance(other, Outcome)
    assert (other.result, "certificate is not valid" in other.words) == (Result.PASSING, True)


@pytest.mark.usefixtures("names")
def test_a_certificate_that_nobody_vouches_for_gets_nothing(certificates: Certificates) -> None:
    """Not a byte of the message."""
    with Receiver(tls=certificates.server) as receiver:
        unknown = ask(receiver, receiver.url(host=NAME))
    assert isinstance(unknown, Outcome)
    assert (unknown.result, "certificate is not valid" in unknown.words) == (Result.PASSING, True)
    assert receiver.arrivals == []


def test_nothing_is_left_open(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither threads nor connections pile up, whatever happens."""
    monkeypatch.setattr(deadline, "LONGEST_ATTEMPT", SOON)
    before = threading.active_count()
    for behaviour in (answer(), receivers.reset(), receivers.endless_headers(), receivers.hang()):
        receiver.will(behaviour)
        ask(receiver)
    receiver.__exit__()
    for _ in range(100):
        if threading.active_count() < before:
            break
        time.sleep(0.02)
    # the receiver's own thread has gone
    assert threading.active_count() < before


@pytest.mark.slow
def test_no_attempt_takes_longer_than_fifteen_seconds(receiver: Receiver, make_parcel: MakeParcel) -> None:
    """With the limit as it is, and everybody misbehaving at once."""
    plans: dict[str, Behaviour] = {
        "/hang": receivers.hang(),
        "/drip": receivers.drip(),
        "/body": receivers.drip_body(),
        "/continue": receivers.endless_continue(),
        "/headers": receivers.endless_headers(),
        "/bomb": receivers.gzip_bomb(),
    }
    for path, behaviour in plans.items():
        receiver.will(behaviour, path=path)
    webhook = Webhook(AllowList((receiver.allowed, "127.0.0.1")))

    def time_of(url: str) -> float:
        began = time.monotonic()
        webhook.send(make_parcel(url))
        return time.monotonic() - began

    with receivers.silent_listener() as port, ThreadPoolExecutor(len(plans) + 1) as pool:
        urls: list[Any] = [*map(receiver.url, plans), f"https://127.0.0.1:{port}/"]
        times = dict(zip([*plans, "silence"], pool.map(time_of, urls), strict=True))
    print({name: round(seconds, 2) for name, seconds in times.items()})
    assert max(times.values()) < 16
    # a greeting is waited for as long as a connection is, which is less
    assert {name for name, seconds in times.items() if seconds > 14} == {"/hang", "/drip", "/body", "/continue"}
