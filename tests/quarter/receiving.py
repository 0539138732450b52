"""The places of the desk: a Slack channel for each team, a mailbox for each person, a flow that hears all."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from milepost.delivery.signing import make_secret
from milepost.engine.people import Holder, HolderKind
from milepost.storage.outbox import SubscriptionRecord
from tests.delivery.mail_receivers import Mail, MailReceiver
from tests.delivery.receivers import Arrival, Line, Receiver, answer
from tests.quarter.people import Crowd

EVERYTHING = "/everything"
SENDER = "milepost@example.com"


@dataclass(frozen=True)
class Posted:
    """Something that arrived at the channel of a team, or at the flow."""

    at: datetime
    path: str
    body: Any
    #: What the sender calls it; None in Slack, where nothing does.
    id: str | None
    text: str


@dataclass(frozen=True)
class Mailed:
    """A mail that arrived."""

    at: datetime
    recipient: str
    #: The id of the message, from the header ``Message-ID``.
    id: str
    text: str


class Mailboxes(MailReceiver):
    """A mail server that notes when each mail came."""

    def __init__(self, note: Callable[[Mail], None]) -> None:
        """Take what is to be done with a mail."""
        super().__init__()
        self._note = note

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name is the library's
        """Take it."""
        said = await super().handle_DATA(server, session, envelope)
        self._note(self.mails[-1])
        return said


class Receivers:
    """Everything that hears of the desk, on loopback."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.clock: Callable[[], datetime] = lambda: datetime.max.replace(tzinfo=UTC)
        self.posted: list[Posted] = []
        self.mailed: list[Mailed] = []
        self._lock = threading.Lock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Listen."""
        self._http = self._stack.enter_context(Receiver())
        self._http.will(self._take)
        self._mail = self._stack.enter_context(Mailboxes(self._take_mail))
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._stack.close()

    @property
    def settings(self) -> dict[str, Any]:
        """Give the settings with which messages come here."""
        return {
            "allowed_addresses": (self._http.allowed, f"127.0.0.1:{self._mail.port}"),
            "smtp": self._mail.url(),
            "mail_from": SENDER,
        }

    def places(self, crowd: Crowd, at: datetime) -> Iterator[SubscriptionRecord]:
        """Give the subscriptions that lead here."""
        at -= timedelta(days=1)
        yield SubscriptionRecord("sub_mail", "email", "actor", "", at)
        everything = self._http.url(EVERYTHING)
        yield SubscriptionRecord("sub_everything", "webhook", "all", everything, at, secret=make_secret())
        for team in crowd.teams:
            address = self._http.url(path_of(team))
            holder = Holder(HolderKind.TEAM, team)
            yield SubscriptionRecord(f"sub_{slug(team)}", "slack", "team", address, at, recipient=holder)

    def _take(self, arrival: Arrival, line: Line) -> None:
        posted = Posted(
            self.clock(), arrival.path, arrival.json, arrival.headers.get("webhook-id"), arrival.body.decode()
        )
        with self._lock:
            self.posted.append(posted)
        answer()(arrival, line)

    def _take_mail(self, mail: Mail) -> None:
        message = mail.message
        body = message.get_body(("plain",))
        assert body is not None
        made_id = re.sub(r"^<|@.*", "", str(message["Message-ID"]))
        mailed = Mailed(self.clock(), mail.recipients[0], made_id, str(body.get_content()))
        with self._lock:
            self.mailed.append(mailed)


def slug(team: str) -> str:
    """Write a team's id so that it fits into an address."""
    return team.lower().replace(" ", "-")


def path_of(team: str) -> str:
    """Give the path of a team's channel."""
    return f"/slack/{slug(team)}"
