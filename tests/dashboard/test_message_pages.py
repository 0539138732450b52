from __future__ import annotations

import html
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin

import pytest

from milepost.api.context import EXTENSION
from milepost.delivery.message import Action, Line, Message, Section
from milepost.engine.people import Holder, HolderKind
from milepost.operations.links import Links, links_of
from milepost.operations.services import Services
from milepost.storage.outbox import MessageForm, MessageRecord
from tests.api.conftest import MONDAY
from tests.dashboard.conftest import BROWSER, PUBLIC

ANA = "ana@example.com"
PREVIEWERS = [
    {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
    {"User-Agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com"},
    {"User-Agent": "python-requests/2.32"},
    {"User-Agent": ""},
    {**BROWSER, "Sec-Purpose": "prefetch;prerender"},
    {**BROWSER, "X-Moz": "prefetch"},
]


@pytest.fixture
def message_id(admin: Any, services: Services, links: Links) -> str:
    """Have a message to Ana."""
    admin.put(f"/v1/actors/{ANA}", json={"name": "Ana"})
    message = Message(
        id="msg_1",
        title="You earned <Clean Close>",
        text="You earned Clean Close.",
        sections=(Section((Line("5 of 5 tickets & none came back", "Next: <b>keep on</b>"),), "This week"),),
        actions=(
            Action("Open in Milepost", links.follow("msg_1")),
            Action("Decide", f"{PUBLIC}/review/abc"),
            Action("Bad", "javascript:alert(1)"),
        ),
        footer="You get this because it is yours.",
        pixel=links.pixel("msg_1"),
    )
    record = MessageRecord("msg_1", Holder(HolderKind.ACTOR, ANA), MessageForm.INSTANT, MONDAY, message.document())
    with services.store.transaction() as tx:
        tx.put_message(record)
    return "msg_1"


def _path(link: str | None) -> str:
    assert link is not None
    return link.removeprefix(PUBLIC)


def _attention(services: Services) -> dict[str, int]:
    with services.store.reading() as reading:
        return {one.act: one.times for one in reading.attention(["msg_1"])}


def _looks(services: Services) -> dict[str, int]:
    with services.store.reading() as reading:
        return {one.viewer: one.times for one in reading.views(first=date(2026, 3, 2), last=date(2026, 3, 3))}


def test_a_message_is_shown_to_whoever_holds_its_link(stranger: Any, links: Links, message_id: str) -> None:
    """All of it as text; its own link is left out, and what is no address."""
    page = stranger.get(_path(links.page(message_id)), headers=BROWSER)
    body = page.get_data(as_text=True)
    assert page.status_code == 200
    for text in (
        "You earned <Clean Close>",
        "5 of 5 tickets & none came back",
        "Next: <b>keep on</b>",
        "because it is yours",
    ):
        assert html.escape(text) in body
    assert f'href="{PUBLIC}/review/abc"' in body
    assert "javascript" not in body
    assert "Open in Milepost" not in body
    assert "Set-Cookie" not in page.headers


def test_a_followed_link_is_counted_and_leads_to_the_message_here(
    stranger: Any, services: Services, links: Links, message_id: str
) -> None:
    """And nowhere else: no other address is taken from anywhere."""
    for _ in range(2):
        answer = stranger.get(_path(links.follow(message_id)) + "?next=https://evil.example", headers=BROWSER)
        assert answer.status_code == 302
        assert urljoin(links.follow(message_id), answer.headers["Location"]) == links.page(message_id)
        assert "Set-Cookie" not in answer.headers
    assert _attention(services) == {"clicked": 2}


def test_an_opened_mail_is_counted_by_a_dot(stranger: Any, services: Services, links: Links, message_id: str) -> None:
    """Also where the mail program fetches it for the person."""
    proxied = {
        "User-Agent": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
    }
    for headers in (BROWSER, proxied):
        dot = stranger.get(_path(links.pixel(message_id)), headers=headers)
        assert (dot.status_code, dot.content_type, dot.headers["Cache-Control"]) == (200, "image/gif", "no-store")
        assert dot.data.startswith(b"GIF89a")
    assert _attention(services) == {"opened": 2}


@pytest.mark.parametrize("headers", PREVIEWERS)
def test_programs_that_look_ahead_are_not_counted(
    stranger: Any, services: Services, links: Links, message_id: str, headers: Any
) -> None:
    """Neither link previews nor browsers that fetch what may be wanted."""
    for link in (links.follow(message_id), links.pixel(message_id), links.page(message_id)):
        assert stranger.get(_path(link), headers=headers).status_code in (200, 302)
        assert stranger.call("HEAD", _path(link), headers=BROWSER).status_code in (200, 302)
    assert (_attention(services), _looks(services)) == ({}, {})


def test_a_person_who_opens_a_message_has_looked_at_their_progress(
    stranger: Any, services: Services, links: Links, message_id: str, clock: Any
) -> None:
    """Once, however often within a few minutes."""
    for _ in range(3):
        stranger.get(_path(links.page(message_id)), headers=BROWSER)
    assert _looks(services) == {"self": 1}
    clock.move(timedelta(minutes=10))
    stranger.get(_path(links.page(message_id)), headers=BROWSER)
    assert _looks(services) == {"self": 2}


def test_a_program_that_asks_for_progress_is_told_from_the_person(admin: Any, services: Services, clock: Any) -> None:
    """It is written with the next one, so that reading does not become writing."""
    admin.put(f"/v1/actors/{ANA}", json={"name": "Ana"})
    for actor in (ANA, ANA, "nobody@example.com"):
        assert admin.get(f"/v1/actors/{actor}/progress").status_code == 200
    assert _looks(services) == {}
    clock.move(timedelta(seconds=30))
    admin.get(f"/v1/actors/{ANA}/progress")
    assert _looks(services) == {"other": 1}


def test_whoever_opted_out_is_not_counted(
    admin: Any, stranger: Any, services: Services, links: Links, message_id: str
) -> None:
    """The links lead where they led."""
    admin.put(f"/v1/actors/{ANA}", json={"preferences": {"opt_out": True}})
    for link in (links.follow(message_id), links.pixel(message_id), links.page(message_id)):
        assert stranger.get(_path(link), headers=BROWSER).status_code in (200, 302)
    assert (_attention(services), _looks(services)) == ({}, {})


def test_with_counting_switched_off_links_lead_on_and_nothing_is_counted(
    app: Any, admin: Any, stranger: Any, services: Services, links: Links, message_id: str
) -> None:
    """Also those of messages that were sent before."""
    silent = replace(services, settings=replace(services.settings, counts_attention=False))
    app.extensions[EXTENSION] = silent
    with services.store.transaction() as tx:
        made = links_of(tx, silent.settings)
    assert made is not None
    assert (made.follow(message_id), made.pixel(message_id)) == (links.page(message_id), None)
    for link in (links.follow(message_id), links.pixel(message_id), links.page(message_id)):
        assert stranger.get(_path(link), headers=BROWSER).status_code in (200, 302)
    admin.get(f"/v1/actors/{ANA}/progress")
    assert (_attention(services), _looks(services)) == ({}, {})


def test_links_that_lead_nowhere_say_nothing(stranger: Any, services: Services, links: Links, message_id: str) -> None:
    """Forged ones look as those whose message is gone."""
    gone = _path(links.page("msg_2"))
    body = stranger.get(gone, headers=BROWSER).get_data(as_text=True)
    for path in (
        "/m/x",
        "/m/é",
        _path(links.page(message_id)) + "x",
        _path(links.follow(message_id)).replace("/r/", "/m/"),
    ):
        page = stranger.get(path, headers=BROWSER)
        assert (page.status_code, page.get_data(as_text=True)) == (404, body)
    leads = urljoin("/r/x", stranger.get("/r/x", headers=BROWSER).headers["Location"])
    assert stranger.get(leads, headers=BROWSER).status_code == 404
    assert stranger.get("/o/x.gif", headers=BROWSER).status_code == 200
    assert _attention(services) == {}


def test_a_message_is_shown_for_ninety_days(stranger: Any, links: Links, message_id: str, clock: Any) -> None:
    """Old mails lie around for years."""
    clock.move(timedelta(days=90))
    assert stranger.get(_path(links.page(message_id)), headers=BROWSER).status_code == 200
    clock.move(timedelta(seconds=1))
    page = stranger.get(_path(links.page(message_id)), headers=BROWSER)
    assert (page.status_code, "Clean Close" in page.get_data(as_text=True)) == (410, False)


def test_there_are_no_links_where_nobody_said_how_people_reach_the_server(plain_services: Services) -> None:
    """And no key is made for them."""
    with plain_services.store.transaction() as tx:
        assert links_of(tx, plain_services.settings) is None
        assert tx.signing_key("links") is None
