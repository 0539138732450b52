"""The secrets that webhooks are signed with: make one, refuse one that cannot be used."""

from __future__ import annotations

import base64
import binascii
import secrets

from milepost.errors import invalid

#: How a secret begins that is bytes in base64 (Standard Webhooks).
PREFIX = "whsec_"
#: As many bytes as Standard Webhooks asks for.
LEAST_BYTES, MOST_BYTES = 24, 64


def make_secret() -> str:
    """Make a secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def refuse_unusable(secret: str) -> None:
    """Refuse a secret that announces base64 and is none; any other text is used as its bytes."""
    if not secret.startswith(PREFIX):
        return
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise invalid("/secret", f"What follows {PREFIX} must be base64. Leave the secret out, and one is made.") from None
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise invalid(
            "/secret", f"What follows {PREFIX} must be {LEAST_BYTES} to {MOST_BYTES} bytes in base64; it is {len(key)}."
        )
