"""What an address may be, as far as its text tells, and where its name leads."""

from __future__ import annotations

import queue
import re
import socket
import threading
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from milepost.delivery.base import AddressRefused
from milepost.delivery.networks import Address, AllowList, is_public, read_address

LONGEST_ADDRESS = 2000
#: A name that takes longer to look up counts as not found.
LONGEST_LOOK_UP = timedelta(seconds=5)
_PORTS = {"http": 80, "https": 443}
#: Names that never lead out of one's own network.
_OWN_NAMES = re.compile(r"(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)$")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")

OWN_NETWORK = (
    "This address is inside your own network, so it is blocked by default. If it is your n8n or another server of "
    "yours, whoever runs Milepost can allow it with MILEPOST_ALLOWED_ADDRESSES."
)
NOT_ENCRYPTED = (
    "This address begins with http://, so anybody on the way could read along. Use https://; for a server of your own, "
    "whoever runs Milepost can allow it with MILEPOST_ALLOWED_ADDRESSES."
)


class NameNotFound(Exception):  # noqa: N818 - what happened
    """A host's name leads nowhere at the moment."""


@dataclass(frozen=True, slots=True)
class Url:
    """The address of a place on the web, looked through."""

    scheme: str
    #: In small letters, as it was written otherwise.
    host: str
    port: int
    path: str
    query: str


def read_url(text: str, allowed: AllowList) -> Url:
    """Read the address of a place on the web; raises `AddressRefused` if it can never be one."""
    if len(text) > LONGEST_ADDRESS:
        raise AddressRefused(f"This address is longer than {LONGEST_ADDRESS} characters. Copy it again.")
    if not text.isascii() or not text.isprintable() or re.search(r"[\s\\]", text):
        raise AddressRefused(
            "This address has blanks, backslashes or letters beyond a to z in it. Copy it again; a name with other "
            "letters is written in its xn-- form."
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressRefused("This address cannot be read. Copy it again, from https:// to the end.") from None
    if parts.scheme not in _PORTS:
        raise AddressRefused("This is not the address of a place on the web: it begins with https://.")
    if "%" in parts.netloc:
        raise AddressRefused("The host in this address has a % in it, which no host has. Copy the address again.")
    if "@" in parts.netloc:
        raise AddressRefused("This address has a name or password before the host. Leave that out, up to the @.")
    if port == 0:
        raise AddressRefused("This address names port 0, which does not exist. Leave the port out, or correct it.")
    url = Url(parts.scheme, parts.hostname or "", port or _PORTS[parts.scheme], parts.path, parts.query)
    _check_host(url, allowed)
    return url


def _check_host(url: Url, allowed: AllowList) -> None:
    """Refuse a host that is none, or is seen to be inside; where its name leads is checked when it is reached."""
    address = read_address(url.host)
    if address is None:
        _check_name(url.host)
    if allowed.may_admit(url.host, url.port):
        return
    name = url.host.rstrip(".")
    is_inside = ("." not in name or _OWN_NAMES.search(name)) if address is None else not is_public(address)
    if is_inside:
        raise AddressRefused(OWN_NETWORK)
    if url.scheme == "http":
        raise AddressRefused(NOT_ENCRYPTED)


def _check_name(host: str) -> None:
    """Refuse a name that is none, and numbers that programs read as addresses in different ways."""
    labels = host.removesuffix(".").split(".")
    if not all(_LABEL.fullmatch(one) for one in labels):
        raise AddressRefused("The host in this address is no name that can be looked up. Copy the address again.")
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        raise AddressRefused("The host in this address is a number in an unusual form. Write it as four numbers.")


def find_address(url: Url, allowed: AllowList) -> Address:
    """Look up where a host is, and give the address to connect to.

    Raises `AddressRefused` if it leads where messages may not go, and `NameNotFound`.
    """
    found = look_up(url.host, url.port)
    # a server on this machine often listens on the older of the two only
    address = next((one for one in found if one.is_loopback and one.version == 4), found[0])  # noqa: PLR2004 - IPv4
    if allowed.admits(url.host, url.port, address):
        return address
    if not is_public(address):
        raise AddressRefused(OWN_NETWORK)
    if url.scheme == "http":
        raise AddressRefused(NOT_ENCRYPTED)
    return address


def look_up(host: str, port: int) -> list[Address]:
    """Ask for the addresses of a name, and give up after a while: the asking itself has no limit."""
    literal = read_address(host)
    if literal is not None:
        return [literal]
    answers: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            rows = []
        found = (read_address(str(row[4][0])) for row in rows)
        answers.put([one for one in found if one is not None])

    threading.Thread(target=ask, name="milepost-names", daemon=True).start()
    try:
        found = answers.get(timeout=LONGEST_LOOK_UP.total_seconds())
    except queue.Empty:
        found = []
    if not found:
        raise NameNotFound
    return found
