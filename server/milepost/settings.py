"""What can be set from outside, read from the environment once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from milepost.errors import SettingsError

#: The storage URLs that can be opened.
STORE_SCHEMES = ("sqlite",)
#: Shorter keys could be guessed.
SHORTEST_API_KEY = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; the defaults need no set-up at all."""

    #: Where everything is kept: ``sqlite:///file``.
    store: str = "sqlite:///milepost.db"
    #: The address to listen on; the default is reached from this machine only.
    host: str = "127.0.0.1"
    port: int = 8400
    #: A key with all scopes, beside those that are made with ``POST /v1/keys``.
    api_key: str | None = field(default=None, repr=False)
    #: An event told later than this after it occurred is recorded, but not counted.
    late_limit: timedelta = timedelta(days=35)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables; a blank one counts as not set.

    Raises `SettingsError` with one sentence that says what to do.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    default = Settings()
    return Settings(
        store=_read_store(given.get("MILEPOST_STORE", default.store)),
        host=given.get("MILEPOST_HOST", default.host),
        port=_read_number(given, "MILEPOST_PORT", default=default.port, least=1, most=65535),
        api_key=_read_api_key(given.get("MILEPOST_API_KEY")),
        late_limit=timedelta(
            days=_read_number(given, "MILEPOST_LATE_LIMIT_DAYS", default=default.late_limit.days, least=1, most=3660)
        ),
    )


def _read_store(url: str) -> str:
    """Refuse a URL that no store can be made from."""
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme not in STORE_SCHEMES or "://" not in url:
        raise SettingsError(
            "MILEPOST_STORE is not a store's address: set it to a file, such as sqlite:///milepost.db or "
            "sqlite:////var/lib/milepost/milepost.db."
        )
    return url


def _read_number(given: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    """Read a whole number within bounds."""
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise SettingsError(
            f"{name} is {text[:40]!r}: set it to a whole number from {least} to {most}, such as {default}."
        )
    return int(text)


def _read_api_key(text: str | None) -> str | None:
    """Refuse a key that could be guessed or cannot be sent in a header."""
    if text is None:
        return None
    if len(text) < SHORTEST_API_KEY or not text.isascii() or not text.isprintable() or " " in text:
        raise SettingsError(
            f"MILEPOST_API_KEY cannot be used: set it to at least {SHORTEST_API_KEY} letters and digits "
            "without blanks, made at random."
        )
    return text
