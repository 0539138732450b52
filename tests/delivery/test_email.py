"""What a mail server gets, and what its words mean."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from milepost.delivery import deadline
from milepost.delivery.base import AddressRefused, Outcome, Parcel, Result
from milepost.delivery.email import Email, read_server
from milepost.delivery.mail_text import mail_of
from milepost.delivery.networks import AllowList
from tests.delivery.certificates import NAME, Certificates
from tests.delivery.conftest import AT, MESSAGE
from tests.delivery.mail_receivers import MailReceiver
from tests.delivery.receivers import silent_listener

MakeParcel = Callable[..., Parcel]
SENDER = "Milepost <milepost@example.com>"
ANA = "ana@example.com"


def email(url: str, *allowed: str) -> Email:
    """Make the transport."""
    return Email(read_server(url, AllowList(allowed)), SENDER)


def test_a_mail_arrives_as_it_was_shaped(make_parcel: MakeParcel) -> None:
    """On one's own machine in the open, and without a login."""
    with MailReceiver() as receiver:
        outcome = email(receiver.url()).send(make_parcel(ANA))
    assert outcome == Outcome(Result.SENT, "Handed to the mail server.", 250)
    (mail,) = receiver.mails
    assert (mail.sender, mail.recipients, mail.was_encrypted) == ("milepost@example.com", (ANA,), False)
    expected = mail_of(MESSAGE, sender=SENDER, recipient=ANA, at=AT)
    headers = set(expected.keys()) - {"Content-Type"}
    assert {name: mail.message[name] for name in headers} == {name: expected[name] for name in headers}
    texts = [part.get_content().replace("\r\n", "\n") for part in mail.message.iter_parts()]
    assert texts == [part.get_content() for part in expected.iter_parts()]


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("wraps", [True, False])
def test_elsewhere_a_mail_goes_encrypted_and_with_a_login(
    wraps: bool,  # noqa: FBT001 - given by pytest
    trusting: Certificates,
    make_parcel: MakeParcel,
) -> None:
    """From the first byte, or before anything is said; the password may hold any letters."""
    password = "p@ss:w/rd#1"
    with MailReceiver(tls=trusting.server, wraps=wraps, name="ana", password=password) as receiver:
        url = receiver.url(host=NAME).replace(password, "p%40ss%3Aw%2Frd%231")
        outcome = email(url).send(make_parcel(ANA))
    assert outcome.result is Result.SENT
    assert receiver.logins == [("ana", password)]
    assert [one.was_encrypted for one in receiver.mails] == [True]


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("wraps", [True, False])
def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    wraps: bool,  # noqa: FBT001 - given by pytest
    certificates: Certificates,
    make_parcel: MakeParcel,
) -> None:
    """Not even the password."""
    with MailReceiver(tls=certificates.server, wraps=wraps, name="ana", password="s3cret") as receiver:
        outcome = email(receiver.url(host=NAME)).send(make_parcel(ANA))
    assert (outcome.result, "certificate is not valid" in outcome.words) == (Result.PASSING, True)
    assert (receiver.logins, receiver.mails) == ([], [])


@pytest.mark.usefixtures("names")
def test_a_server_elsewhere_that_does_not_encrypt_gets_nothing(make_parcel: MakeParcel) -> None:
    """Unless the owner allowed it."""
    with MailReceiver(name="ana", password="s3cret") as receiver:
        refused = email(receiver.url(host=NAME)).send(make_parcel(ANA))
        assert (refused.result, "does not encrypt" in refused.words) == (Result.PASSING, True)
        assert (receiver.logins, receiver.mails) == ([], [])
        assert email(receiver.url(host=NAME), NAME).send(make_parcel(ANA)).result is Result.SENT
    assert receiver.logins == [("ana", "s3cret")]


@pytest.mark.parametrize(
    ("answers", "result", "status", "words"),
    [
        ({"to_recipient": "450 4.2.0 greylisted"}, Result.PASSING, 450, "for now (450)"),
        ({"to_recipient": "452 4.2.2 mailbox full"}, Result.PASSING, 452, "for now (452)"),
        ({"to_recipient": "550 5.1.1 no such mailbox"}, Result.GONE, 550, "no such mailbox"),
        ({"to_recipient": "550 5.2.1 mailbox disabled"}, Result.GONE, 550, "no such mailbox"),
        ({"to_recipient": "550 5.7.1 relaying denied"}, Result.PERMANENT, 550, "does not take this message (550)"),
        ({"to_recipient": "554 no"}, Result.PERMANENT, 554, "does not take this message (554)"),
        ({"to_content": "451 4.3.0 later"}, Result.PASSING, 451, "for now (451)"),
        ({"to_content": "552 5.3.4 too large"}, Result.PERMANENT, 552, "does not take this message (552)"),
        ({"to_content": "554 5.1.1 looks like spam"}, Result.PERMANENT, 554, "does not take this message (554)"),
        ({"to_sender": "550 5.7.1 not you"}, Result.PASSING, 550, "MILEPOST_MAIL_FROM"),
    ],
)
def test_what_a_mail_server_says_is_read(
    answers: dict[str, str], result: Result, status: int, words: str, make_parcel: MakeParcel
) -> None:
    """Whether it passes, whether the message or the mailbox is at fault; what the owner can set right passes."""
    with MailReceiver(**answers) as receiver:  # type: ignore[arg-type]
        outcome = email(receiver.url()).send(make_parcel(ANA))
    assert (outcome.result, outcome.status_code) == (result, status)
    assert words in outcome.words
    assert "example.com" not in outcome.words


def test_a_wrong_password_is_said_and_not_shown(make_parcel: MakeParcel) -> None:
    """Once it is corrected, what waits goes out."""
    with MailReceiver(name="ana", password="right") as receiver:
        transport = email(receiver.url().replace("right", "wr0ng"))
        outcome = transport.send(make_parcel(ANA))
    assert (outcome.result, "MILEPOST_SMTP" in outcome.words) == (Result.PASSING, True)
    assert "wr0ng" not in repr(transport) + repr(outcome)


def test_a_mail_server_is_found_at_its_second_address(make_parcel: MakeParcel, names: dict[str, list[str]]) -> None:
    """A name such as localhost has two, and often only one of them answers."""
    with MailReceiver() as receiver:
        names["localhost"] = ["::1 127.0.0.1"]
        assert email(receiver.url(host="localhost")).send(make_parcel(ANA)).result is Result.SENT


def test_a_password_that_nobody_asks_for_is_said(make_parcel: MakeParcel) -> None:
    """The server offers no login at all."""
    with MailReceiver() as receiver:
        outcome = email(receiver.url().replace("://", "://ana:s3cret@")).send(make_parcel(ANA))
    assert (outcome.result, "does not let in" in outcome.words) == (Result.PASSING, True)


def test_a_mail_server_that_says_nothing_is_cut(make_parcel: MakeParcel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it greets, in its handshake, and after it has the content."""
    monkeypatch.setattr(deadline, "LONGEST_ATTEMPT", timedelta(seconds=0.3))
    began = time.monotonic()
    with silent_listener() as port, MailReceiver(hangs=30) as receiver:
        urls = (f"smtp://127.0.0.1:{port}", f"smtps://127.0.0.1:{port}", receiver.url())
        outcomes = [email(url).send(make_parcel(ANA)) for url in urls]
    assert {one.result for one in outcomes} == {Result.PASSING}
    assert all("did not answer in full" in one.words for one in outcomes)
    assert time.monotonic() - began < 5


def test_a_mail_server_that_is_down_comes_back(make_parcel: MakeParcel) -> None:
    """Its name and port are the owner's and stay out of the words."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    outcome = email(f"smtp://127.0.0.1:{port}").send(make_parcel(ANA))
    assert (outcome.result, "cannot be reached" in outcome.words) == (Result.PASSING, True)
    assert str(port) not in outcome.words


@pytest.mark.parametrize("address", [ANA, "a.b+tag@mail.example.co.uk", "o'neil@xn--bcher-kva.example", "1@a1.de"])
def test_mailboxes_are_taken(address: str) -> None:
    """The usual forms."""
    email("smtp://localhost").check(address)


@pytest.mark.parametrize(
    "address",
    [
        *("", "ana", "@example.com", "ana@", "ana@localhost", "ana@[127.0.0.1]", "ana@exa mple.com", "-"),
        *("ana@example.com\r\nBcc: x@example.com", "ana @example.com", "Ana <ana@example.com>", "aña@example.com"),
        *("ana@example.com,bo@example.com", "ana@example.com\x00", '"ana"@example.com', "ana@example.com\n"),
        *("a" * 65 + "@example.com", "ana@" + "a." * 130 + "com"),
    ],
)
def test_what_is_no_mailbox_is_refused_and_nothing_is_sent(address: str, make_parcel: MakeParcel) -> None:
    """Nothing can be smuggled into a mail by an address."""
    with MailReceiver() as receiver:
        transport = email(receiver.url())
        with pytest.raises(AddressRefused, match="not an e-mail address"):
            transport.check(address)
        assert transport.send(make_parcel(address)).result is Result.PERMANENT
    assert receiver.mails == []


def test_a_mailbox_gets_no_events(make_parcel: MakeParcel) -> None:
    """Those are for programs."""
    assert email("smtp://localhost").send(make_parcel(ANA, message=None)).result is Result.PERMANENT


def test_ports_are_those_of_the_scheme() -> None:
    """Unless they are named."""
    urls = ("smtp://mail.example.com", "smtps://mail.example.com", "smtp://mail.example.com:25")
    assert [read_server(url, AllowList()).port for url in urls] == [587, 465, 25]
    assert ssl.create_default_context().check_hostname
