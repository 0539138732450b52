"""Nobody can make Milepost call what is inside: not by spelling, names, redirects or proxies."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3.util.connection

from milepost.delivery.addresses import Url, find_address
from milepost.delivery.base import AddressRefused, Parcel, Result
from milepost.delivery.networks import AllowList
from milepost.delivery.transports import make_transports
from milepost.settings import Settings
from tests.delivery.receivers import Canary, Receiver, redirect

MakeParcel = Callable[..., Parcel]

#: Ways to write a host that is not outside; a port is added to each.
SPELLINGS = (
    *("127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0", "127.1", "127.0.1"),  # noqa: S104 - nothing is bound
    *("2130706433", "017700000001", "0x7f000001", "0x7f.1", "0x7f.0x0.0x0.0x1", "0177.0.0.1", "0177.0.1"),
    *("localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "inside.localhost", "n8n", "n8n.local"),
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "100.127.255.254"),
    *(
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "metadata.google.internal",
    ),
    *("192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]"),
    *("[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]"),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]"),
    *("[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:5ef5:79fd::1]", "[2001:db8::1]", "[2001:20::1]"),
    *("[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[5f00::1]", "[3fff::1]", "[100::1]"),
    *("name@127.0.0.1", "hooks.example.com@127.0.0.1", "hooks.example.com:443@127.0.0.1", "①②⑦.⓪.⓪.①"),
    *(
        "127。0。0。1",
        "ⓛocalhost",
        "%6cocalhost",
        "127.0.0.1%00.example.com",
        "[fe80::1%25lo]",
        "127.0.0.1\\.example.com",
    ),
)


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """Listen on every address of this machine; in the end nobody may have come."""
    listening = Canary()
    yield listening
    listening.close()
    assert listening.connections == 0


@pytest.fixture(autouse=True)
def inner_names(names: dict[str, list[str]]) -> None:
    """Let names of one's own network lead to the canary."""
    for name in ("localhost", "LOCALHOST", "localhost.localdomain", "inside.localhost", "n8n", "n8n.local"):
        names[name] = ["127.0.0.1"]
    names["metadata.google.internal"] = ["127.0.0.1"]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_reaches_inside(spelling: str, scheme: str, canary: Canary, make_parcel: MakeParcel) -> None:
    """Neither where it is entered nor where it is sent to."""
    for transport in make_transports(Settings()).values():
        address = f"{scheme}://{spelling}:{canary.port}/services/hook"
        with pytest.raises(AddressRefused):
            transport.check(address)
        assert transport.send(make_parcel(address)).result is Result.PERMANENT


@pytest.mark.parametrize("spelling", [one for one in SPELLINGS if one.isascii() and not set(one) & set("@%\\")])
def test_no_address_is_inside_when_it_is_reached(spelling: str, canary: Canary) -> None:
    """Even if the text had passed: what counts is where a name leads."""
    with pytest.raises(AddressRefused):
        find_address(Url("https", spelling.strip("[]").lower(), canary.port, "/", ""), AllowList())


def test_there_are_many_spellings_and_the_canary_would_sing() -> None:
    """The tests above can fail."""
    assert len(SPELLINGS) >= 45
    listening = Canary()
    for address in ("127.0.0.1", "127.0.0.2"):
        with socket.create_connection((address, listening.port)):
            pass
    listening.close()
    assert listening.connections == 2


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"])
def test_a_public_name_that_leads_inside_is_not_followed(
    inside: str, canary: Canary, names: dict[str, list[str]], make_parcel: MakeParcel
) -> None:
    """The name looks good where it is entered; it is the address that counts."""
    names["hooks.example.com"] = [inside]
    webhook = make_transports(Settings())["webhook"]
    address = f"https://hooks.example.com:{canary.port}/"
    webhook.check(address)
    outcome = webhook.send(make_parcel(address))
    assert (outcome.result, outcome.status_code) == (Result.PERMANENT, None)
    assert "inside your own network" in outcome.words


@pytest.fixture
def connector(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note where a connection would be made, and make none."""
    tried: list[Any] = []

    def create_connection(address: Any, *_: object, **__: object) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(urllib3.util.connection, "create_connection", create_connection)
    return tried


def test_a_name_that_changes_between_check_and_connection_changes_nothing(
    names: dict[str, list[str]], connector: list[Any], make_parcel: MakeParcel
) -> None:
    """It is looked up once, and that very address is connected to; the next attempt judges anew."""
    names["hooks.example.com"] = ["93.184.215.14", "127.0.0.1", "93.184.215.14"]
    webhook = make_transports(Settings())["webhook"]
    parcel = make_parcel("https://hooks.example.com/")
    assert [webhook.send(parcel).result for _ in range(3)] == [Result.PASSING, Result.PERMANENT, Result.PASSING]
    assert connector == [("93.184.215.14", 443), ("93.184.215.14", 443)]


def test_a_name_that_is_allowed_may_not_be_turned_to_the_inner_addresses_of_a_cloud(
    names: dict[str, list[str]], connector: list[Any], make_parcel: MakeParcel
) -> None:
    """The owner allowed their n8n, not whatever its name is made to mean."""
    names["n8n"] = ["10.0.0.5", "169.254.169.254", "0.0.0.0", "224.0.0.1"]  # noqa: S104 - nothing is bound
    webhook = make_transports(Settings(allowed_addresses=("n8n:5678",)))["webhook"]
    results = [webhook.send(make_parcel("http://n8n:5678/")).result for _ in range(4)]
    assert results == [Result.PASSING, Result.PERMANENT, Result.PERMANENT, Result.PERMANENT]
    assert connector == [("10.0.0.5", 5678)]


def test_a_name_in_an_allowed_network_is_reached_there_and_nowhere_else(
    names: dict[str, list[str]], connector: list[Any], make_parcel: MakeParcel
) -> None:
    """Without encryption only inside."""
    names["n8n.internal"] = ["10.0.0.5", "10.9.0.5", "93.184.215.14"]
    webhook = make_transports(Settings(allowed_addresses=("10.0.0.0/16",)))["webhook"]
    results = [webhook.send(make_parcel("http://n8n.internal/")).result for _ in range(3)]
    assert results == [Result.PASSING, Result.PERMANENT, Result.PERMANENT]
    assert connector == [("10.0.0.5", 80)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(
    status: int, receiver: Receiver, canary: Canary, make_parcel: MakeParcel
) -> None:
    """Wherever it leads, also to another path of the same server."""
    webhook = make_transports(Settings(allowed_addresses=(receiver.allowed,)))["webhook"]
    for target in (f"http://127.0.0.1:{canary.port}/", receiver.url("/elsewhere"), "file:///etc/passwd"):
        receiver.will(redirect(target, status))
        outcome = webhook.send(make_parcel(receiver.url()))
        assert (outcome.result, outcome.status_code) == (Result.PASSING, status)
    assert [one.path for one in receiver.arrivals] == ["/"] * 3


def test_no_proxy_is_asked_and_no_password_file_read(
    receiver: Receiver, canary: Canary, make_parcel: MakeParcel, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """What the environment says about the web is not said about us."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    netrc = tmp_path / "netrc"
    netrc.write_text("default login inside password s3cret\n", "ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    webhook = make_transports(Settings(allowed_addresses=(receiver.allowed,)))["webhook"]
    assert webhook.send(make_parcel(receiver.url())).result is Result.SENT
    assert "authorization" not in receiver.arrivals[0].headers
