"""A review as people meet it: the real server and its worker, a message with a link, scanners first, then a person."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from tests.acceptance.servers import Server, free_port, running, session

pytestmark = pytest.mark.slow

ANA, MAX = "ana@example.com", "max@example.com"
RULE = {
    "key": "clean-close",
    "name": "Clean Close",
    "purpose": "Fast resolutions that stay resolved",
    "category": "quality",
    "criterion": {"kind": "count", "target": 1, "window": "week", "of": {"type": "ticket.solved"}},
    "review": "manager",
    "state": "live",
}
#: What opens links before a person does, by the names they give themselves; the last one gives none.
SCANNERS = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36",
]
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15"
}
#: The worker looks about once a second, on a machine that is busy with other tests.
PATIENCE_SECONDS = 20.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server that knows how people reach it."""
    tmp_path, port = tmp_path_factory.mktemp("reviewing"), free_port()
    known = {"MILEPOST_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with running(Server(f"sqlite:///{tmp_path / 'milepost.db'}", tmp_path / "server.log", port, known)) as server:
        yield server


def _wait_for_message(api: requests.Session, url: str, person: str, *, beside: int = 0) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = api.get(f"{url}/v1/feed", params={"actor": person}).json()["items"]
        if len(found) > beside:
            newest: dict[str, Any] = found[0]
            return newest
        time.sleep(0.1)
    raise AssertionError(f"{person} was told nothing")


def _links(message: dict[str, Any]) -> dict[str, str]:
    return {one["label"]: one["url"] for one in message["actions"]}


def _press(link: str, action: str, text: str) -> requests.Response:
    """Open the page as a browser does, and press a button."""
    page = requests.get(link, headers=BROWSER, timeout=10)
    seen = re.findall(r'name="seen" value="(\w+)"', page.text)
    return requests.post(link, {"action": action, "text": text, "seen": seen}, headers=BROWSER, timeout=10)


def test_scanners_open_every_link_and_the_person_decides(server: Server) -> None:
    """From the event to the word that tells how it ended."""
    api, v1 = session(), f"{server.url}/v1"
    wishes = {"preferences": {"messages": {"outside_working_hours": True}}}
    api.put(f"{v1}/actors/{MAX}", json={"name": "Max", **wishes}).raise_for_status()
    api.put(f"{v1}/actors/{ANA}", json={"name": "Ana", "manager": MAX, **wishes}).raise_for_status()
    api.put(f"{v1}/achievements/clean-close", json=RULE).raise_for_status()
    event = {"id": "zd-1", "type": "ticket.solved", "actor": ANA, "subject": "ticket-1"}
    (award,) = api.post(f"{v1}/evaluate", json=event).json()["awards"]
    links = _links(_wait_for_message(api, server.url, MAX))
    assert set(links) == {"Review Clean Close for Ana", "Open in Milepost"}
    for agent in SCANNERS:
        for link in links.values():
            for ask in (requests.head, requests.get):
                assert ask(link, headers={"User-Agent": agent}, timeout=10, allow_redirects=True).status_code == 200
    (waiting,) = api.get(f"{v1}/reviews").json()["items"]
    assert (waiting["award_id"], waiting["state"], waiting["reviewer"]) == (award["id"], "waiting", MAX)
    review = links["Review Clean Close for Ana"]
    assert "Your question is on its way" in _press(review, "asked", "Was it one customer?").text
    answer = _links(_wait_for_message(api, server.url, ANA))["Answer the question"]
    assert "Your answer is on its way" in _press(answer, "answered", "It was, I called back.").text
    assert "It was, I called back." in html.unescape(requests.get(review, timeout=10).text)
    assert _press(review, "approved", "Thank you").status_code == 200
    assert _press(review, "rejected", "No").status_code == 409
    assert "Clean Close" in _wait_for_message(api, server.url, ANA, beside=1)["text"]
    assert api.get(f"{v1}/awards/{award['id']}").json()["decided_by"] == MAX


def test_a_page_loads_its_style_and_nothing_else(server: Server) -> None:
    """Also the page that a dead link leads to, as a browser would ask for it."""
    page = requests.get(f"{server.url}/review/none", headers=BROWSER, timeout=10)
    assert page.status_code == 404
    (sheet,) = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    style = requests.get(urljoin(page.url, sheet), timeout=10)
    assert style.headers["Content-Type"].startswith("text/css")
    assert "url(" not in style.text
    assert "@import" not in style.text
