"""Ask a running server over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import click
import orjson

from milepost import __version__
from milepost.cli.failures import Failure, WrongUse, problem_text

Command = TypeVar("Command", bound=Callable[..., Any])

_TIMEOUT_SECONDS = 60


def server_options(command: Command) -> Command:
    """Add ``--url`` and ``--key``."""
    url = click.option("--url", envvar="MILEPOST_URL", help="Ask the server at this address. [MILEPOST_URL]")
    key = click.option("--key", envvar="MILEPOST_KEY", help="The API key for it. [MILEPOST_KEY]")
    return url(key(command))


@dataclass(frozen=True, slots=True)
class Server:
    """A running Milepost."""

    url: str
    key: str | None = field(default=None, repr=False)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send one call and give the JSON of its answer; None where it has no body."""
        request = Request(  # noqa: S310 - the scheme is checked by `_opener_for`
            self.url.rstrip("/") + path,
            data=None if body is None else orjson.dumps(body),
            method=method,
            headers=self._headers(),
        )
        try:
            with _opener_for(self.url).open(request, timeout=_TIMEOUT_SECONDS) as response:
                content = response.read()
                return None if response.status == HTTPStatus.NO_CONTENT else _read(content, self.url)
        except HTTPError as error:
            raise Failure(_refusal(error, self.url)) from None
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise Failure(
                f"No server answers at {self.url} ({reason}). "
                "Start one with `milepost serve`, or name another address with --url."
            ) from None

    def ask_all(self, path: str, *, most: int = 1_000) -> list[Any]:
        """Give the items of a list, page by page, up to some number."""
        found: list[Any] = []
        separator, after = "&" if "?" in path else "?", ""
        while True:
            page = self.ask("GET", f"{path}{separator}limit=200{after}")
            found += page["items"]
            if page["next_after"] is None or len(found) >= most:
                return found[:most]
            after = f"&after={quote(page['next_after'], safe='')}"

    def _headers(self) -> dict[str, str]:
        sent = {"Content-Type": "application/json", "User-Agent": f"milepost/{__version__}"}
        return sent | ({"Authorization": f"Bearer {self.key}"} if self.key else {})


def _opener_for(url: str) -> Any:
    """Give what opens the address; a proxy is not asked for this machine itself."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise WrongUse(f"{url[:80]!r} is no address of a server. Write it like http://127.0.0.1:8400.")
    return build_opener(ProxyHandler({})) if _is_this_machine(parts.hostname) else build_opener()


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(content: bytes, url: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Failure(f"What answers at {url} is no Milepost server. Name another address with --url.") from None


def _refusal(error: HTTPError, url: str) -> str:
    """Say what a server refused, in its own words."""
    document = _read(error.read(), url)
    text = problem_text(document) if isinstance(document, dict) else f"{url} answered {error.code}."
    if error.code == HTTPStatus.UNAUTHORIZED:
        text += " On the command line it is given with --key or MILEPOST_KEY."
    return text
