"""E-mail, by the mail server that the owner set."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from milepost.delivery.addresses import NameNotFound, look_up
from milepost.delivery.base import AddressRefused, Outcome, Parcel, Result
from milepost.delivery.deadline import LONGEST_ATTEMPT, Deadline
from milepost.delivery.mail_text import mail_of
from milepost.delivery.networks import AllowList, read_address
from milepost.delivery.trust import trusted_context

_PORTS = {"smtp": 587, "smtps": 465}
LONGEST_ADDRESS = 254
_MAILBOX = re.compile(
    r"[!#-'*+\-/-9=?A-Z^-~.]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}",
    re.IGNORECASE | re.ASCII,
)
#: The mailbox itself is wrong, by RFC 3463: unknown, moved away, badly written, disabled.
_GONE = re.compile(r"\b5\.(?:1\.[136]|2\.1)\b")
_FINAL = 5
_LONGEST_CONNECT = 5.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail."""

    host: str
    port: int
    #: Encrypted from the first byte; otherwise encryption is asked for before anything is said.
    is_wrapped: bool
    #: On one's own machine or network, mail may be handed over in the open.
    may_be_open: bool
    name: str = ""
    password: str = field(default="", repr=False)


def read_server(url: str, allowed: AllowList) -> MailServer:
    """Read the address of the mail server, as the settings have checked it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    address = read_address(host)
    is_here = host == "localhost" or (address is not None and address.is_loopback)
    return MailServer(
        host,
        port,
        is_wrapped=parts.scheme == "smtps",
        may_be_open=is_here or allowed.names(host, port),
        name=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


@dataclass(frozen=True, slots=True)
class Email:
    """Sends messages as mail."""

    server: MailServer
    #: Whom it comes from: ``Milepost <milepost@example.com>``.
    sender: str

    def check(self, address: str) -> None:
        """Raise `AddressRefused` for what is no mailbox."""
        if len(address) > LONGEST_ADDRESS or not address.isprintable() or _MAILBOX.fullmatch(address) is None:
            raise AddressRefused("This is not an e-mail address such as ana@example.com.")

    def send(self, parcel: Parcel) -> Outcome:
        """Try once."""
        if parcel.message is None:
            return Outcome(Result.PERMANENT, "An event is for programs; a mailbox gets messages.")
        deadline = Deadline()
        try:
            self.check(parcel.address)
            mail = mail_of(parcel.message, sender=self.sender, recipient=parcel.address, at=parcel.at)
            with deadline, _Connection(self, deadline) as connection:
                connection.hand_over(mail)
        except AddressRefused as refused:
            return Outcome(Result.PERMANENT, str(refused))
        except smtplib.SMTPException as failure:
            return _slow() if deadline.is_over else _judge(failure)
        except ssl.SSLError:
            words = "The mail server's certificate is not valid for its name, so nothing was sent. It is tried again."
            return _slow() if deadline.is_over else Outcome(Result.PASSING, words)
        except (NameNotFound, OSError):
            words = "The mail server in MILEPOST_SMTP cannot be reached. It is tried again."
            return _slow() if deadline.is_over else Outcome(Result.PASSING, words)
        return Outcome(Result.SENT, "Handed to the mail server.", 250)


class _NotEncrypted(smtplib.SMTPException):
    """Whatever is said would be read by anybody on the way."""


class _Connection(smtplib.SMTP):
    """A connection to the mail server that ends with the attempt, also in the middle of a handshake."""

    def __init__(self, email: Email, deadline: Deadline) -> None:
        """Connect, and hear whom we speak to."""
        self._server = email.server
        self._deadline = deadline
        # else the machine's own name is looked up, which may take long
        own_name = parseaddr(email.sender)[1].rpartition("@")[2]
        super().__init__(email.server.host, email.server.port, own_name, LONGEST_ATTEMPT.total_seconds())

    def hand_over(self, mail: EmailMessage) -> None:
        """Encrypt, log in and send."""
        self.ehlo_or_helo_if_needed()
        if self.has_extn("starttls") and not self._server.is_wrapped:
            self.starttls(context=trusted_context("mail"))
        elif not (self._server.is_wrapped or self._server.may_be_open):
            raise _NotEncrypted
        if self._server.name:
            self.login(self._server.name, self._server.password)
        self.send_message(mail)

    def __exit__(self, *_: object) -> None:
        """Take leave without waiting for an answer: what was handed over stays so."""
        with suppress(OSError, smtplib.SMTPException):
            self.putcmd("quit")
        self.close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = _connect(host, port)
        self._deadline.watch(connection)
        connection.settimeout(timeout)
        if not self._server.is_wrapped:
            return connection
        return trusted_context("mail").wrap_socket(connection, server_hostname=host)


def _connect(host: str, port: int) -> socket.socket:
    """Connect to the first address of a name that answers; two are tried, since the time is short."""
    *others, last = look_up(host, port)[:2]
    for address in others:
        with suppress(OSError):
            return socket.create_connection((str(address), port), _LONGEST_CONNECT)
    return socket.create_connection((str(last), port), _LONGEST_CONNECT)


def _slow() -> Outcome:
    seconds = LONGEST_ATTEMPT.total_seconds()
    return Outcome(
        Result.PASSING, f"The mail server did not answer in full within {seconds:.0f} seconds. It is tried again."
    )


def _judge(failure: smtplib.SMTPException) -> Outcome:
    """Read what the mail server says. What the owner can set right is tried again."""
    match failure:
        case smtplib.SMTPAuthenticationError():
            words = (
                "The mail server does not take the name and password in MILEPOST_SMTP. Correct them; it is tried again."
            )
        case smtplib.SMTPSenderRefused():
            words = "The mail server takes no mail from MILEPOST_MAIL_FROM, or wants a password. It is tried again."
        case smtplib.SMTPRecipientsRefused():
            status, text = next(iter(failure.recipients.values()))
            return _refused(status, is_gone=_GONE.search(_text(text)) is not None)
        case smtplib.SMTPResponseException():
            return _refused(failure.smtp_code, is_gone=False)
        case smtplib.SMTPServerDisconnected():
            words = "The mail server hung up in the middle. It is tried again."
        case _NotEncrypted():
            words = "The mail server does not encrypt (STARTTLS), so nothing was sent. Use smtps://, or another server."
        case _:
            words = (
                "The mail server does not let in with a password. Leave it out of MILEPOST_SMTP, or use another server."
            )
    return Outcome(Result.PASSING, words, getattr(failure, "smtp_code", None))


def _refused(status: int, *, is_gone: bool) -> Outcome:
    if status // 100 != _FINAL:
        return Outcome(
            Result.PASSING, f"The mail server did not take it for now ({status}). It is tried again.", status
        )
    if is_gone:
        words = "The mail server says that there is no such mailbox. Correct the address."
        return Outcome(Result.GONE, words, status)
    return Outcome(Result.PERMANENT, f"The mail server does not take this message ({status}).", status)


def _text(text: bytes | str) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "replace")
