"""What every kind of place can do: say whether an address can be one, and deliver to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from milepost.delivery.message import Message


class Result(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    #: It may go well later.
    PASSING = "passing"
    #: This message will never be taken there.
    PERMANENT = "permanent"
    #: The place itself is no more: nothing will ever be taken there.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went."""

    result: Result
    #: One sentence for people: what happened, and what to do where there is something to do. Never the address.
    words: str
    #: The HTTP or SMTP status, if there was an answer.
    status_code: int | None = None
    #: How long the place asked to be left alone.
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way to one place."""

    #: The id that stays the same on every attempt.
    id: str
    #: A URL or an e-mail address; a secret.
    address: str
    #: What it is signed with, the newest first; empty: not signed.
    secrets: tuple[str, ...]
    #: The moment of this attempt.
    at: datetime
    #: For people; None for an event.
    message: Message | None
    #: What a webhook is sent as JSON: ``id``, ``type``, ``timestamp``, ``data``.
    payload: Mapping[str, Any]


class AddressRefused(Exception):  # noqa: N818 - what happens to the address
    """An address that no message can go to; the text says why, and what to do."""


class Transport(Protocol):
    """The code that can reach one kind of place."""

    def check(self, address: str) -> None:
        """Raise `AddressRefused` for an address that can never work; nothing is sent and no name is looked up."""

    def send(self, parcel: Parcel) -> Outcome:
        """Try once; end within 15 seconds whatever the other side does, and raise nothing that it causes."""
