"""One HTTP request to a place that nobody here knows: it may be slow, hostile, or not where it seems to be."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, ClassVar

import requests
from requests.adapters import HTTPAdapter
from requests_hardened import Config, Manager
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from milepost import __version__
from milepost.delivery.addresses import NameNotFound, Url, find_address, read_url
from milepost.delivery.base import AddressRefused, Outcome, Result
from milepost.delivery.deadline import LONGEST_ATTEMPT, Deadline
from milepost.delivery.networks import Address, AllowList
from milepost.delivery.trust import trusted_context

#: As much of an answer is read; the rest is nobody's.
MOST_ANSWER_BYTES = 64 * 1024
LONGEST_RETRY_AFTER = timedelta(hours=24)
_LONGEST_CONNECT = 5.0

_NEVER_REDIRECTED = Manager(
    # addresses are judged in `networks`, which knows the owner's allow-list and uses the library's table
    Config(ip_filter_enable=False, ip_filter_allow_loopback_ips=False, never_redirect=True, default_timeout=(5, 15))
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status_code: int
    body: bytes
    retry_after: timedelta | None


def post(url: str, body: bytes, headers: Mapping[str, str], *, at: datetime, allowed: AllowList) -> Answer | Outcome:
    """Send one request and read what comes back, or say why there is no answer; ends within `LONGEST_ATTEMPT`."""
    deadline = Deadline()
    try:
        with deadline:
            place = read_url(url, allowed)
            return _post(place, url, body, headers, at, find_address(place, allowed), deadline)
    except AddressRefused as refused:
        return Outcome(Result.PERMANENT, str(refused))
    except NameNotFound:
        return _passing("The name of its server cannot be found. Check the address; it is tried again.")
    except requests.exceptions.SSLError:
        return _no_answer(deadline, "Its certificate is not valid, so it may be somebody else. It is tried again.")
    except requests.exceptions.ConnectTimeout:
        return _passing("Its server cannot be reached. It is tried again.")
    except (requests.RequestException, HTTPError, OSError):
        return _no_answer(deadline, "Its server cannot be reached, or hung up without an answer. It is tried again.")


def _post(
    place: Url, url: str, body: bytes, headers: Mapping[str, str], at: datetime, address: Address, deadline: Deadline
) -> Answer:
    session = _NEVER_REDIRECTED.get_session()
    session.trust_env = False
    # where it would lead is of no interest, and looking reads the whole body and unzips it
    session.get_redirect_target = lambda _: None
    session.mount(f"{place.scheme}://", _PinnedAdapter(place, address, deadline))
    sent = {
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "User-Agent": f"Milepost/{__version__}",
        "Connection": "close",
        **headers,
    }
    limits = (_LONGEST_CONNECT, LONGEST_ATTEMPT.total_seconds())
    with session, session.post(url, data=body, headers=sent, timeout=limits, stream=True) as response:
        if deadline.is_over:
            # cut in its headers, an answer reads as if it had ended there
            raise TimeoutError
        return Answer(response.status_code, _read(response), read_retry_after(response.headers.get("Retry-After"), at))


def _read(response: requests.Response) -> bytes:
    """Read the beginning of an answer as it is; the status counts, even if this is broken off."""
    with suppress(HTTPError, OSError):
        return bytes(response.raw.read(MOST_ANSWER_BYTES, decode_content=False))
    return b""


def read_retry_after(text: str | None, at: datetime) -> timedelta | None:
    """Read how long to wait: seconds or a date, a day at most."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    else:
        try:
            wait = parsedate_to_datetime(text) - at
        except (TypeError, ValueError, OverflowError):
            return None
    return max(timedelta(), min(wait, LONGEST_RETRY_AFTER))


def read_status(answer: Answer, *, name: str, sent: str) -> Outcome:
    """Say what a status means wherever nothing more is known: a yes, or something that may pass."""
    status = answer.status_code
    match status // 100:
        case 2:
            return Outcome(Result.SENT, sent, status)
        case 3:
            words = f"{name} says it has moved ({status}), which is not followed. Enter its new address."
        case _ if status == HTTPStatus.TOO_MANY_REQUESTS:
            words = f"{name} asks to send less ({status}). It is tried again."
        case 4:
            words = f"{name} did not take it ({status}). Check the address and what it expects; it is tried again."
        case _:
            words = f"{name} is in trouble ({status}). It is tried again."
    return Outcome(Result.PASSING, words, status, answer.retry_after)


def _no_answer(deadline: Deadline, words: str) -> Outcome:
    if deadline.is_over:
        seconds = LONGEST_ATTEMPT.total_seconds()
        return _passing(f"It did not answer in full within {seconds:.0f} seconds. It is tried again.")
    return _passing(words)


def _passing(words: str) -> Outcome:
    return Outcome(Result.PASSING, words)


class _PinnedAdapter(HTTPAdapter):
    """Connects to the one address that was looked up and judged, under the name that was asked for."""

    def __init__(self, place: Url, address: Address, deadline: Deadline) -> None:
        """Take what was found out."""
        self._place = place
        self._address = address
        self._deadline = deadline
        super().__init__()

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Put the address in the place of the name, and check the certificate against the name."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = self._place.host
        port = "" if host["port"] is None else f":{host['port']}"
        request.headers["Host"] = (f"[{name}]" if ":" in name else name) + port
        names: dict[str, Any] = {}
        if self._place.scheme == "https":
            names = {"server_hostname": name.rstrip("."), "ssl_context": trusted_context("http")}
        host["host"] = f"[{self._address}]" if self._address.version == 6 else f"{self._address}"  # noqa: PLR2004 - IPv6
        return host, pool | names

    def cert_verify(self, conn: Any, url: str | None, verify: Any, cert: Any) -> None:
        """Leave the certificate to the context, which has read the authorities already."""

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        """Have every connection watched."""
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = type("Watched", (_Watched, pool.ConnectionCls), {"deadline": self._deadline})
        return pool


class _Watched(HTTPConnection):
    """A connection that ends with the attempt, also in the middle of a handshake."""

    deadline: ClassVar[Deadline]

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        self.deadline.watch(connection)
        return connection
