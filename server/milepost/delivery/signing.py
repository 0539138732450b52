"""How a webhook proves that it comes from here: signatures as the Standard Webhooks specification says."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"
_KEY_BYTES = 32
_LEAST, _MOST = 24, 64
_LONGEST_WORDS = 200


class SecretRefused(Exception):  # noqa: N818 - what happens to the secret
    """A secret that is no good; the text says what a good one is, and does not repeat it."""


def make_secret() -> str:
    """Make a secret at random."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def check_secret(text: str) -> None:
    """Raise `SecretRefused` for a secret that cannot be used."""
    _key_of(text)


def sign(body: bytes, *, message_id: str, at: datetime, with_secrets: Iterable[str]) -> dict[str, str]:
    """Give the headers that prove where a body comes from: one signature for each secret; none: no signature."""
    # the library takes the clock's digits as they are, so they must be those of UTC
    moment = at.astimezone(UTC)
    text = body.decode()
    signatures = [Webhook(_key_of(one)).sign(message_id, moment, text) for one in with_secrets]
    headers = {"webhook-id": message_id, "webhook-timestamp": str(int(moment.timestamp()))}
    return {**headers, "webhook-signature": " ".join(signatures)} if signatures else headers


def _key_of(text: str) -> bytes:
    """Give the bytes to sign with: what stands behind ``whsec_`` in base64, or the text itself."""
    if text.startswith(PREFIX):
        try:
            key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not _LEAST <= len(key) <= _MOST:
            raise SecretRefused(f"After whsec_ a secret goes on with {_LEAST} to {_MOST} random bytes in base64.")
        return key
    # libraries disagree about the bytes of other letters
    is_readable = text.isascii() and text.isprintable() and text == text.strip()
    if not _LEAST <= len(text) <= _LONGEST_WORDS or not is_readable:
        raise SecretRefused(
            f"A secret is {_LEAST} to {_LONGEST_WORDS} letters and digits made at random, without blanks around it, "
            "or whsec_ and random bytes in base64. Leave it out, and one is made."
        )
    return text.encode()
