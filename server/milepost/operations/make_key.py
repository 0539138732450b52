"""Make, list and revoke API keys; a key's secret is shown once and kept only as its hash."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Collection
from dataclasses import dataclass, replace

from milepost.errors import NotFound, invalid
from milepost.operations.services import Services
from milepost.schemas.base import unknown_word
from milepost.schemas.keys import Scope
from milepost.storage.records import KeyRecord

PREFIX = "mp_"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: 30 characters of base 62 carry 178 bits.
RANDOM_LENGTH = 30
#: Six characters of base 62 hold any 32 bit checksum.
CHECKSUM_LENGTH = 6


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key, and the secret that is not kept anywhere."""

    record: KeyRecord
    secret: str


def make_key(services: Services, *, name: str, scopes: Collection[str]) -> MadeKey:
    """Make a key with *scopes*; only the answer carries its secret."""
    for scope in scopes:
        if scope not in set(Scope):
            raise invalid("/scopes", unknown_word(scope, [str(known) for known in Scope], what="a scope"))
    secret = make_secret()
    record = KeyRecord(
        id=f"key_{_random_text(12)}",
        name=name.strip(),
        digest=digest_of(secret),
        hint=secret[-4:],
        scopes=frozenset(str(scope) for scope in scopes),
        created_at=services.clock(),
    )
    with services.store.transaction() as transaction:
        transaction.put_key(record)
    return MadeKey(record, secret)


def revoke_key(services: Services, key_id: str) -> KeyRecord:
    """Take a key out of use for good; a second time changes nothing."""
    with services.store.transaction() as transaction:
        transaction.lock([f"key:{key_id}"])
        record = transaction.key(key_id)
        if record is None:
            raise NotFound(f"There is no key {key_id[:60]!r}. GET /v1/keys lists the ids of all keys.")
        if record.revoked_at is None:
            record = replace(record, revoked_at=services.clock())
            transaction.put_key(record)
    return record


def list_keys(services: Services) -> list[KeyRecord]:
    """Give all keys, oldest first, revoked ones included."""
    with services.store.reading() as reading:
        return reading.keys()


def make_secret() -> str:
    """Make a key's text: prefix, 178 random bits, checksum."""
    body = PREFIX + _random_text(RANDOM_LENGTH)
    return body + _checksum(body)


def is_whole(secret: str) -> bool:
    """Say whether the checksum fits, so that a cut or mistyped key is told from an unknown one."""
    body, checksum = secret[:-CHECKSUM_LENGTH], secret[-CHECKSUM_LENGTH:]
    return body.startswith(PREFIX) and len(body) == len(PREFIX) + RANDOM_LENGTH and checksum == _checksum(body)


def digest_of(secret: str) -> str:
    """Hash a key as it is kept; a slow hash is not needed, since nobody can try 178 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _random_text(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))


def _checksum(body: str) -> str:
    rest, text = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(BASE62))
        text = BASE62[digit] + text
    return text
