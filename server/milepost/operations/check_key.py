"""Find out who is calling by the key that was sent along."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from milepost.errors import KeyMissing, KeyMistyped, KeyRevoked, KeyUnknown, ScopeMissing
from milepost.operations.make_key import digest_of, is_whole
from milepost.operations.services import Services
from milepost.schemas.keys import Scope
from milepost.storage.errors import StoreUnavailable
from milepost.storage.records import KeyRecord

log = structlog.get_logger()

#: The id under which calls with the key from the settings are recorded.
SETTINGS_KEY = "settings"
#: Of a key shorter than this, the end would be too much of it.
SHORTEST_SHOWN = 16
#: A use is noted at most this often, so that reading does not become writing.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: one key and what it may do."""

    key_id: str
    name: str
    scopes: frozenset[str]

    def may(self, scope: Scope) -> bool:
        """Say whether the key has the scope, or all of them."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def require(self, scope: Scope) -> None:
        """Refuse a caller without the scope."""
        if not self.may(scope):
            had = ", ".join(sorted(self.scopes)) or "nothing"
            raise ScopeMissing(
                f"The key {self.name!r} may do {had}; this needs {scope}. "
                "Use a key with that scope, or make one with POST /v1/keys."
            )


def check_key(services: Services, secret: str | None) -> Caller:
    """Give the caller that a key stands for, or raise the problem that says what is wrong with it."""
    if not secret:
        raise KeyMissing("Send your API key in the header Authorization: Bearer mp_… (or X-API-Key: mp_…).")
    if _is_settings_key(services, secret):
        return Caller(SETTINGS_KEY, "MILEPOST_API_KEY", frozenset({Scope.ADMIN}))
    if not is_whole(secret):
        raise KeyMistyped(
            f"The key {_ending(secret)} and is not whole: a character is missing or wrong. "
            "Copy it again, or make a new one with `milepost key create`."
        )
    with services.store.reading() as reading:
        record = reading.key_by_digest(digest_of(secret))
    if record is None:
        raise KeyUnknown(
            f"The key {_ending(secret)}. It was made for another Milepost, or its store was replaced. "
            "Make a new one with `milepost key create`."
        )
    _refuse_revoked(record)
    _note_use(services, record)
    return Caller(record.id, record.name, record.scopes)


def _is_settings_key(services: Services, secret: str) -> bool:
    expected = services.settings.api_key
    return expected is not None and hmac.compare_digest(secret.encode(), expected.encode())


def _ending(secret: str) -> str:
    """Name a key by its end; of a very short one nothing is repeated."""
    return f"ends in …{secret[-4:]}" if len(secret) >= SHORTEST_SHOWN else "is very short"


def _refuse_revoked(record: KeyRecord) -> None:
    if record.revoked_at is not None:
        day = f"{record.revoked_at.day} {record.revoked_at:%b %Y}"
        raise KeyRevoked(
            f"The key {record.name!r}, which ends in …{record.hint}, was revoked on {day}. "
            "Make a new one with `milepost key create`."
        )


def _note_use(services: Services, record: KeyRecord) -> None:
    """Note that the key was used, unless that was done in the last minute."""
    now = services.clock()
    if record.last_used_at is not None and now - record.last_used_at < NOTED_EVERY:
        return
    try:
        with services.store.transaction() as transaction:
            transaction.lock([f"key:{record.id}"])
            # Read again under the lock: the key may have been revoked in between.
            current = transaction.key(record.id)
            if current is not None:
                transaction.put_key(replace(current, last_used_at=now))
    except StoreUnavailable as error:
        # A full disk must not keep anybody from reading.
        log.warning("key_use_not_noted", key_id=record.id, reason=str(error))
