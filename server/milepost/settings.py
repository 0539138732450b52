"""What can be set from outside, read from the environment once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import ip_network
from urllib.parse import urlsplit

from milepost.errors import SettingsError

#: The storage URLs that can be opened.
STORE_SCHEMES = ("sqlite", "postgresql", "tinydb")
#: Shorter keys could be guessed.
SHORTEST_API_KEY = 20
#: Before that, flows repeat their calls and dashboards look back.
SHORTEST_RETENTION_DAYS = 30
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; the defaults need no set-up at all."""

    #: Where everything is kept: ``sqlite:///file``, ``tinydb:///file`` or ``postgresql://name:password@host/database``.
    store: str = field(default="sqlite:///milepost.db", repr=False)
    #: The address to listen on; the default is reached from this machine only.
    host: str = "127.0.0.1"
    port: int = 8400
    #: A key with all scopes, beside those that are made with ``POST /v1/keys``.
    api_key: str | None = field(default=None, repr=False)
    #: An event told later than this after it occurred is recorded, but not counted.
    late_limit: timedelta = timedelta(days=35)
    #: Of a store that is a file, a backup is made every day, and so many are kept; 0 makes none.
    backups: int = 7
    #: What is kept of events and people after this long is only what judging needs; None keeps all.
    retention: timedelta | None = None
    #: Of an event that is told, only the properties that some rule looks at are kept.
    keeps_minimal_properties: bool = False
    #: Where people reach this server, for links in messages: ``https://milepost.example.com``; None: no links.
    public_url: str | None = None
    #: The mail server, ``smtp://name:password@host:587`` or ``smtps://…``; None: no e-mail.
    smtp: str | None = field(default=None, repr=False)
    #: Whom e-mail comes from.
    mail_from: str | None = None
    #: Places in the owner's own network that messages may go to: names, addresses and networks, with port or without.
    allowed_addresses: tuple[str, ...] = ()
    #: Opens and clicks of messages are counted.
    counts_attention: bool = True
    #: The person who is told what nobody else would hear of, such as a place that does not answer any more.
    contact: str | None = None
    #: The most instant messages to one person in a day; what is more waits for the digest.
    daily_messages: int = 5
    #: The most messages to one channel in an hour.
    hourly_messages: int = 12
    #: How long a review may take.
    review_time: timedelta = timedelta(days=14)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables; a blank one counts as not set.

    Raises `SettingsError` with one sentence that says what to do.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    default = Settings()
    return Settings(
        store=_read_store(given.get("MILEPOST_STORE", default.store)),
        host=given.get("MILEPOST_HOST", default.host),
        port=_read_number(given, "MILEPOST_PORT", default=default.port, least=1, most=HIGHEST_PORT),
        api_key=_read_api_key(given.get("MILEPOST_API_KEY")),
        late_limit=timedelta(
            days=_read_number(given, "MILEPOST_LATE_LIMIT_DAYS", default=default.late_limit.days, least=1, most=3660)
        ),
        backups=_read_number(given, "MILEPOST_BACKUPS", default=default.backups, least=0, most=1000),
        retention=_read_retention(given),
        keeps_minimal_properties=_read_word(given, "MILEPOST_PROPERTIES", ("all", "minimal")) == "minimal",
        public_url=_read_public_url(given.get("MILEPOST_PUBLIC_URL")),
        smtp=_read_smtp(given.get("MILEPOST_SMTP")),
        mail_from=_read_mail_from(given),
        allowed_addresses=_read_allowed_addresses(given.get("MILEPOST_ALLOWED_ADDRESSES", "")),
        counts_attention=_read_word(given, "MILEPOST_ATTENTION", ("on", "off")) == "on",
        contact=given.get("MILEPOST_CONTACT"),
        daily_messages=_read_number(
            given, "MILEPOST_DAILY_MESSAGES", default=default.daily_messages, least=0, most=100
        ),
        hourly_messages=_read_number(
            given, "MILEPOST_HOURLY_MESSAGES", default=default.hourly_messages, least=1, most=1000
        ),
        review_time=timedelta(
            days=_read_number(given, "MILEPOST_REVIEW_DAYS", default=default.review_time.days, least=1, most=365)
        ),
    )


def split_allowed(entry: str) -> tuple[str, int | None]:
    """Split an entry of `allowed_addresses` into a host, an address or a network, and its port; None: every port.

    Raises `ValueError` if it is none.
    """
    found = re.fullmatch(r"\[([^\]]+)\](?::([1-9]\d{0,4}))?|([^:]+):([1-9]\d{0,4})", entry)
    host, port = (found[1] or found[3], found[2] or found[4]) if found else (entry, None)
    if port is not None and int(port) > HIGHEST_PORT:
        raise ValueError(entry)
    if re.fullmatch(r"(?=.*[a-zA-Z])[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*\.?", host) is None:
        ip_network(host, strict=False)
    return host, int(port) if port else None


def _read_allowed_addresses(text: str) -> tuple[str, ...]:
    """Read hosts, addresses and networks, with a comma between them."""
    entries = tuple(one.strip() for one in text.split(",") if one.strip())
    for one in entries:
        try:
            split_allowed(one)
        except ValueError:
            raise SettingsError(
                f"MILEPOST_ALLOWED_ADDRESSES names {one[:60]!r}, which is no host: set it to names, addresses or "
                "networks with commas between them, such as n8n.example.internal:5678, 10.0.0.0/8."
            ) from None
    return entries


def _read_public_url(text: str | None) -> str | None:
    """Read where people reach this server; a slash at the end is left out."""
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1) and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good or not text.isascii() or re.search(r"[\s\\\"'<>?#]", text):
        raise SettingsError(
            "MILEPOST_PUBLIC_URL cannot be used: set it to the address at which people reach this server, such as "
            "https://milepost.example.com."
        )
    return text.rstrip("/")


def _read_smtp(url: str | None) -> str | None:
    """Refuse what is no mail server, without repeating it: it may hold a password."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"smtp", "smtps"} and parts.hostname and (parts.port or 1)
    except ValueError:
        good = False
    if (
        not good
        or parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
        or (parts.username and not parts.password)
    ):
        raise SettingsError(
            "MILEPOST_SMTP is not a mail server's address: set it to smtp://name:password@host:587 or "
            "smtps://name:password@host:465; write characters such as @ / : # in the password as %40 %2F %3A %23."
        )
    return url


def _read_mail_from(given: Mapping[str, str]) -> str | None:
    """Read whom e-mail comes from; needed where e-mail is sent."""
    text = given.get("MILEPOST_MAIL_FROM")
    if text is None and "MILEPOST_SMTP" not in given:
        return None
    address = parseaddr(text or "")[1]
    if not text or not text.isprintable() or re.fullmatch(r"[^@\s]+@[^@\s]+", address) is None:
        raise SettingsError(
            "MILEPOST_MAIL_FROM names nobody whom e-mail can come from: set it to an address, such as "
            "Milepost <milepost@example.com>."
        )
    return text


def _read_store(url: str) -> str:
    """Refuse a URL that no store can be made from, without repeating it: it may hold a password."""
    scheme, separator, _ = url.partition("://")
    if scheme.lower() not in STORE_SCHEMES or not separator:
        raise SettingsError(
            "MILEPOST_STORE is not a store's address: set it to a file, such as sqlite:///milepost.db or "
            "sqlite:////var/lib/milepost/milepost.db, or to a database, such as postgresql://name:password@host/milepost."
        )
    return url


def _read_retention(given: Mapping[str, str]) -> timedelta | None:
    """Read after how many days what judging does not need goes; not set: never."""
    name = "MILEPOST_RETENTION_DAYS"
    if name not in given:
        return None
    return timedelta(days=_read_number(given, name, default=365, least=SHORTEST_RETENTION_DAYS, most=36600))


def _read_word(given: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """Read one of a few words; the first is the default."""
    text = given.get(name, words[0])
    if text not in words:
        raise SettingsError(f"{name} is {text[:40]!r}: set it to {' or '.join(words)}.")
    return text


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
