"""Links for mail and chat that carry their own right: signed here, read here, and they name nobody."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from itsdangerous import BadData, Signer, URLSafeSerializer

from milepost.settings import Settings
from milepost.storage.base import Reading, Transaction

#: The name of the secret that links are signed with.
KEY_NAME = "links"
#: A message's page can be opened for so long after it was composed.
PAGES_OPEN_FOR = timedelta(days=90)


class Purpose(StrEnum):
    """What a link is for; one made for one purpose is no link for another."""

    REVIEW = "review"
    PAGE = "m"
    FOLLOW = "r"
    PIXEL = "o"


@dataclass(frozen=True, slots=True)
class ReviewToken:
    """What a review link says: which award, for whom, and until when."""

    award_id: str
    #: `LinkSigner.mark_of` the reviewer.
    mark: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Writes and reads the signed part of links."""

    key: str

    def write(self, purpose: Purpose, content: Any) -> str:
        """Sign a content for a purpose: always the same text for the same content."""
        return str(self._serializer(purpose).dumps(content))

    def read(self, purpose: Purpose, token: str) -> Any:
        """Give what a token says, or None for one that was not made here for this purpose."""
        try:
            return self._serializer(purpose).loads(token)
        except BadData:
            return None

    def read_review(self, token: str) -> ReviewToken | None:
        """Give what a review link says, or None for one that was not made here."""
        content = self.read(Purpose.REVIEW, token)
        if content is None:
            return None
        award_id, mark, seconds = content
        return ReviewToken(award_id, mark, datetime.fromtimestamp(seconds, tz=UTC))

    def mark_of(self, person: str) -> str:
        """Stand for a person in a link: an erased one must not be read from old messages, nor tried out."""
        signer = Signer(self.key, salt="milepost.person", digest_method=hashlib.sha256, key_derivation="hmac")
        return signer.get_signature(person).decode("ascii")[:22]

    def _serializer(self, purpose: Purpose) -> URLSafeSerializer:
        options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        return URLSafeSerializer(self.key, salt=f"milepost.{purpose}", signer_kwargs=options)


@dataclass(frozen=True, slots=True)
class Links:
    """Makes whole links to this server."""

    public_url: str
    signer: LinkSigner
    counts_attention: bool

    def review(self, award_id: str, reviewer: str, expires_at: datetime) -> str:
        """Link to the page on which a reviewer decides about an award."""
        content = [award_id, self.signer.mark_of(reviewer), int(expires_at.timestamp())]
        return self._link(Purpose.REVIEW, content)

    def page(self, message_id: str) -> str:
        """Link to the page of a message."""
        return self._link(Purpose.PAGE, message_id)

    def follow(self, message_id: str) -> str:
        """Link to the page of a message and count who follows, unless that is switched off."""
        return self._link(Purpose.FOLLOW if self.counts_attention else Purpose.PAGE, message_id)

    def pixel(self, message_id: str) -> str | None:
        """Give the address of a picture that counts a mail as opened; None where that is switched off."""
        return f"{self._link(Purpose.PIXEL, message_id)}.gif" if self.counts_attention else None

    def _link(self, purpose: Purpose, content: Any) -> str:
        return f"{self.public_url.rstrip('/')}/{purpose}/{self.signer.write(purpose, content)}"


def links_of(tx: Transaction, settings: Settings) -> Links | None:
    """Give what makes links, with the key that is made once; None where nobody said how people reach this server."""
    if settings.public_url is None:
        return None
    if tx.signing_key(KEY_NAME) is None:
        tx.put_signing_key(KEY_NAME, secrets.token_urlsafe(32))
    signer = link_signer(tx)
    assert signer is not None  # noqa: S101 - the key was just put there
    return Links(settings.public_url, signer, settings.counts_attention)


def link_signer(reading: Reading) -> LinkSigner | None:
    """Give what reads links; None where none was ever made."""
    key = reading.signing_key(KEY_NAME)
    return LinkSigner(key) if key else None
