"""What the text of an address tells, and what the owner allowed."""

from __future__ import annotations

import pytest

from milepost.delivery.addresses import read_url
from milepost.delivery.base import AddressRefused
from milepost.delivery.networks import AllowList, is_public, read_address

NOBODY = AllowList()


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.example.com/receive?key=1",
        "https://hooks.example.com:8443/",
        "https://HOOKS.example.com./x",
        "https://xn--bcher-kva.example/hook",
        "https://93.184.215.14/hook",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hook",
        "https://n8n.example.com/webhook/5f-_~!$&'()*+,;=:@%20",
    ],
)
def test_an_address_on_the_web_is_taken(address: str) -> None:
    """Nothing is looked up, and nothing is sent."""
    assert read_url(address, NOBODY).scheme == "https"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "begins with https://"),
        ("hooks.example.com/x", "begins with https://"),
        ("ftp://hooks.example.com/x", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("gopher://127.0.0.1:6379/_x", "begins with https://"),
        ("javascript:alert(1)", "begins with https://"),
        ("https://", "no name"),
        ("https:///path", "no name"),
        ("https://.example.com/", "no name"),
        ("https://hooks..example.com/", "no name"),
        ("https://-hooks.example.com/", "no name"),
        ("https://hooks.example.com:0/", "port 0"),
        ("https://hooks.example.com:65536/", "cannot be read"),
        ("https://hooks.example.com:x/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://name:password@hooks.example.com/", "before the host"),
        ("https://hooks.example.com@127.0.0.1/", "before the host"),
        ("https://hooks.example.com\\@127.0.0.1/", "backslashes"),
        ("https://hooks.example.com/ x", "blanks"),
        ("https://hooks.example.com/\r\nHost: inside", "blanks"),
        ("https://hooks.example.com/\x00", "blanks"),
        ("https://\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54/", "letters beyond a to z"),
        ("https://bücher.example/", "letters beyond a to z"),
        ("https://127。0。0。1/", "letters beyond a to z"),
        ("https://%31%32%37.0.0.1/", "% in it"),
        ("https://[fe80::1%25eth0]/", "% in it"),
        ("https://2130706433/", "unusual form"),
        ("https://0x7f000001/", "unusual form"),
        ("https://0177.0.0.1/", "unusual form"),
        ("https://127.1/", "unusual form"),
        ("https://1.2.3.4.5/", "unusual form"),
        ("https://hooks.example.com/" + "x" * 2000, "longer than 2000"),
        ("http://hooks.example.com/x", "read along"),
        ("https://localhost/", "own network"),
        ("https://localhost./", "own network"),
        ("https://n8n/", "own network"),
        ("https://n8n.LOCAL/", "own network"),
        ("https://metadata.google.internal/", "own network"),
        ("https://10.0.0.5/", "own network"),
        ("http://169.254.169.254/latest/meta-data", "own network"),
        ("https://[::1]/", "own network"),
    ],
)
def test_what_can_never_work_is_refused_in_words_without_the_address(address: str, words: str) -> None:
    """Whoever enters it learns what to do."""
    with pytest.raises(AddressRefused, match=words) as refused:
        read_url(address, NOBODY)
    assert "example.com" not in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("n8n", "http://n8n/x"),
        ("n8n:5678", "http://n8n:5678/x"),
        ("N8N.Local.", "http://n8n.local/x"),
        ("10.0.0.0/8", "http://10.1.2.3/x"),
        ("10.0.0.0/8:5678", "http://10.1.2.3:5678/x"),
        ("192.168.1.5", "https://192.168.1.5/x"),
        ("[fd00::1]:5678", "http://[fd00::1]:5678/x"),
        ("fd00::/8", "http://[fd00::7]/x"),
        # the same address in the clothes of IPv6
        ("10.0.0.0/8", "http://[::ffff:10.1.2.3]/x"),
        # where the name leads is seen when it is reached
        ("10.0.0.0/8", "http://n8n.internal/x"),
        ("hooks.example.com", "http://hooks.example.com/x"),
    ],
)
def test_what_the_owner_allowed_is_taken(entry: str, address: str) -> None:
    """By name, by address, by network; with a port or for all of them."""
    assert read_url(address, AllowList((entry,))).port in {80, 443, 5678}


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("n8n:5678", "http://n8n:5679/x"),
        ("n8n", "http://xn8n/x"),
        ("example.com", "http://hooks.example.com/x"),
        ("10.0.0.0/8", "http://11.0.0.1/x"),
        ("10.0.0.0/8:5678", "http://10.1.2.3/x"),
        ("10.0.0.0/8:5678", "http://n8n.internal/x"),
        ("192.168.1.5", "http://192.168.1.6/x"),
        ("n8n", "http://127.0.0.1/x"),
        ("127.0.0.1", "http://[::1]/x"),
    ],
)
def test_what_the_owner_did_not_allow_stays_refused(entry: str, address: str) -> None:
    """An entry opens what it names and nothing beside it."""
    with pytest.raises(AddressRefused):
        read_url(address, AllowList((entry,)))


def test_a_name_that_is_allowed_leads_to_own_and_public_addresses_only() -> None:
    """The inner addresses of a cloud are allowed by themselves or not at all."""
    allowed = AllowList(("n8n", "169.254.170.2"))
    for address, admitted in (
        ("10.0.0.5", True),
        ("127.0.0.1", True),
        ("fd00::5", True),
        ("93.184.215.14", True),
        ("169.254.169.254", False),
        ("169.254.170.2", True),
        ("224.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nothing is bound
        ("::", False),
    ):
        found = read_address(address)
        assert found is not None
        assert allowed.admits("n8n", 80, found) is admitted, address


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "223.255.255.254", "2606:4700:4700::1111", "2a00::1", "::ffff:1.1.1.1"]
)
def test_public_addresses_are_public(address: str) -> None:
    """The refusals do not go too far."""
    found = read_address(address)
    assert found is not None
    assert is_public(found)
