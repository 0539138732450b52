"""A mail server on loopback that records what arrives and refuses as it is told."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass(frozen=True)
class Mail:
    """One mail as it came in."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    #: The connection was encrypted.
    was_encrypted: bool

    @property
    def message(self) -> EmailMessage:
        """Give it read as a mail program would."""
        return BytesParser(policy=default).parsebytes(self.content)  # type: ignore[return-value]


@dataclass
class MailReceiver:
    """A mail server that takes everything, unless it is told what to answer."""

    tls: ssl.SSLContext | None = None
    #: Encrypted from the first byte; otherwise after STARTTLS, if there is *tls*.
    wraps: bool = False
    #: Whoever sends must log in with these.
    name: str = ""
    password: str = ""
    #: Answers to the recipient and to the content: ``"550 5.1.1 no such mailbox"``.
    to_recipient: str = "250 OK"
    to_content: str = "250 OK"
    to_sender: str = "250 OK"
    #: Takes the content and then says nothing for so many seconds.
    hangs: float = 0
    mails: list[Mail] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Listen on a free port."""
        options: dict[str, Any] = {}
        if self.name:
            options = {"authenticator": self._authenticate, "auth_require_tls": False}
        if self.tls is not None and not self.wraps:
            options |= {"tls_context": self.tls}
        self._controller = _Controller(self, "127.0.0.1", 0, ssl_context=self.tls if self.wraps else None, **options)
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._controller.stop()

    @property
    def port(self) -> int:
        """Give the port it listens on."""
        return int(self._controller.port)

    def url(self, *, host: str = "127.0.0.1") -> str:
        """Give the address for the settings."""
        login = f"{self.name}:{self.password}@" if self.name else ""
        return f"{'smtps' if self.wraps else 'smtp'}://{login}{host}:{self.port}"

    async def handle_MAIL(  # noqa: N802 - the name is the library's
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to the sender."""
        if self.name and not session.authenticated:
            return "530 5.7.0 who are you"
        if self.to_sender.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.to_sender

    async def handle_RCPT(  # noqa: N802 - the name is the library's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to a recipient."""
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802 - the name is the library's
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Answer to the content."""
        if self.hangs:
            await asyncio.sleep(self.hangs)
        if self.to_content.startswith("250"):
            encrypted = bool(server.transport and server.transport.get_extra_info("sslcontext"))
            content = bytes(envelope.content or b"")
            self.mails.append(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, encrypted))
        return self.to_content

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        self.logins.append(given)
        return AuthResult(success=given == (self.name, self.password), handled=False)


class _Controller(Controller):
    """Listens on a port that the system chooses."""

    def _trigger_server(self) -> None:
        """Learn the port first."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
