"""Which addresses of the network are anybody's, which are the owner's own, and which are nobody's business."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from requests import RequestException
from requests_hardened.ip_filter import filter_host

from milepost.settings import split_allowed

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: What one's own servers have. A name in the allow-list may lead here, and to public addresses, but never to others:
#: those of a cloud's metadata, for example, must be named themselves.
_OWN: tuple[Network, ...] = tuple(
    ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7")
)
#: Everything public in IPv6 lies in here; what embeds an IPv4 address in another way does not, or is named below.
_PUBLIC_6 = IPv6Network("2000::/3")
#: Public by the book, but never a place for messages: Teredo, and the inner address of a cloud.
_EXTRA: tuple[Network, ...] = (ip_network("2001::/32"), ip_network("168.63.129.16/32"))


def read_address(text: str) -> Address | None:
    """Read an address; an IPv4 address in the clothes of IPv6 is what it is underneath. None: it is a name."""
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: Address) -> bool:
    """Say whether an address is one that anybody may be sent to."""
    if not address.is_global or address.is_multicast or address.is_reserved or _is_in(address, _EXTRA):
        return False
    if isinstance(address, IPv6Address) and address not in _PUBLIC_6:
        return False
    text = f"{address}"
    try:
        # knows ranges that Python's own tables lack; a literal address asks nobody
        filter_host(text, 443, allow_loopback=False)
    except RequestException:
        return False
    return True


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One thing the owner allowed."""

    name: str | None
    network: Network | None
    port: int | None


class AllowList:
    """The places in their own network that the owner lets messages go to."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        """Read the entries of the setting."""
        self._entries = tuple(_read_entry(one) for one in entries)

    def names(self, host: str, port: int) -> bool:
        """Say whether a host is on the list as it is written: a name, or an address by itself or in a network."""
        address = read_address(host)
        if address is not None:
            return self._holds(address, port)
        return any(one.name == host.rstrip(".") for one in self._at(port))

    def may_admit(self, host: str, port: int) -> bool:
        """Say whether a host could be admitted once its address is known."""
        if read_address(host) is not None:
            return self.names(host, port)
        return self.names(host, port) or any(one.network is not None for one in self._at(port))

    def admits(self, host: str, port: int, address: Address) -> bool:
        """Say whether the host may be reached at this very address."""
        if self._holds(address, port):
            return True
        return self.names(host, port) and (is_public(address) or _is_in(address, _OWN))

    def _holds(self, address: Address, port: int) -> bool:
        return _is_in(address, (one.network for one in self._at(port) if one.network is not None))

    def _at(self, port: int) -> Iterable[_Entry]:
        return (one for one in self._entries if one.port in {None, port})


def _read_entry(text: str) -> _Entry:
    host, port = split_allowed(text)
    try:
        return _Entry(None, ip_network(host, strict=False), port)
    except ValueError:
        return _Entry(host.lower().rstrip("."), None, port)
