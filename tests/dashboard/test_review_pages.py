from __future__ import annotations

import base64
import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from milepost.operations.erase_person import erase_person
from milepost.operations.expire_reviews import expire_reviews
from tests.api.reviewing import ANA, BEA, HALF, MAX, ZOE, earn, owed_to, set_up, tell
from tests.dashboard.conftest import BROWSER

IN_TIME = datetime(2026, 3, 16, 12, tzinfo=UTC)
#: Programs that open every link before a person does.
PREVIEWERS = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
    "",
]


@pytest.fixture(autouse=True)
def firm(admin: Any) -> None:
    """Have people and one rule that a manager reviews."""
    set_up(admin)


@pytest.fixture
def award_id(admin: Any) -> str:
    """Have an award that waits."""
    return earn(admin)


@pytest.fixture
def link(award_id: str, review_link: Any) -> str:
    """Give the reviewer's link."""
    return str(review_link(award_id, MAX, IN_TIME))


def _status(admin: Any, award_id: str) -> tuple[str, str | None]:
    award = admin.get(f"/v1/awards/{award_id}").get_json()
    return award["status"], award["decision"]


def _seen(page: Any) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page.get_data(as_text=True))
    assert found is not None, page.get_data(as_text=True)
    return found[1]


def _send(stranger: Any, link: str, action: str, text: str = "") -> Any:
    """Open the page and press a button."""
    return stranger.post(link, data={"action": action, "text": text, "seen": _seen(stranger.get(link))})


def _text(page: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>|\s+", " ", page.get_data(as_text=True)))


# -------------------------------------------------------------------- looking


def test_the_page_says_who_what_why_and_what_it_rests_on(stranger: Any, link: str) -> None:
    """Enough to decide, on one page."""
    page = stranger.get(link)
    text = _text(page)
    assert page.status_code == 200
    for said in ("Clean Close", "Ana", ANA, "2 of 2", "Fast resolutions that stay resolved", "5 points"):
        assert said in text
    for said in ("ticket.solved on ticket-1", "Mon 2 Mar 2026, 10:01", "Please decide by Mon 16 Mar 2026, 12:00 (UTC)"):
        assert said in re.sub(r" +", " ", text)


@pytest.mark.parametrize("agent", PREVIEWERS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_changes_nothing_whoever_looks(
    admin: Any, stranger: Any, services: Any, award_id: str, link: str, agent: str, method: str
) -> None:
    """Link previews and mail scanners open every link, some of them several times."""
    before = (_status(admin, award_id), owed_to(services, MAX), owed_to(services, ANA))
    for headers in ({"User-Agent": agent}, {"User-Agent": agent, "Sec-Purpose": "prefetch"}):
        assert stranger.call(method, link, headers=headers).status_code == 200
    assert (_status(admin, award_id), owed_to(services, MAX), owed_to(services, ANA)) == before
    assert len(admin.get(f"/v1/awards/{award_id}").get_json()["history"]) == 1


def test_a_page_lets_nothing_in_and_nothing_out(stranger: Any, link: str) -> None:
    """No scripts, no frames, no cookies, no caches, no search engines, no referrer."""
    page = stranger.get(link)
    policy = page.headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in page.headers
    body = page.get_data(as_text=True)
    assert "<script" not in body
    assert "style=" not in body
    assert re.findall(r'(?:src|href|action)="([^"]+)"', body) == ["../pages/static/pages.css"]
    with stranger.get("/pages/static/pages.css") as sheet:
        assert (sheet.status_code, sheet.mimetype) == (200, "text/css")


def test_names_and_texts_never_become_markup(admin: Any, stranger: Any, review_link: Any) -> None:
    """Whatever stands in them."""
    nasty = "<img src=x onerror=alert(1)>\"'&</textarea><script>"
    admin.put(f"/v1/actors/{ANA}", json={"name": nasty})
    given = {"achievement": "clean-close", "actor": ANA, "note": nasty, "evidence": [nasty]}
    award_id = admin.post("/v1/awards", json=given).get_json()["id"]
    link = review_link(award_id, MAX, IN_TIME)
    pages = [stranger.get(link), _send(stranger, link, "maybe", nasty)]
    for page in pages:
        body = page.get_data(as_text=True)
        assert "<img" not in body
        assert "<script" not in body
        assert body.count("</textarea>") == 1
        assert nasty in html.unescape(body)


# ------------------------------------------------------------------- deciding


def test_a_decision_is_made_once_by_the_person_of_the_link(
    admin: Any, stranger: Any, services: Any, award_id: str, link: str
) -> None:
    """A second press says that it is decided."""
    sent = {"action": "approved", "text": "Well done", "seen": _seen(stranger.get(link))}
    first, second = (stranger.post(link, data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 409)
    assert "Approved" in _text(first)
    assert "Clean Close was approved" in _text(second)
    award = admin.get(f"/v1/awards/{award_id}").get_json()
    assert (award["status"], award["decided_by"], award["note"]) == ("granted", MAX, "Well done")
    assert len(owed_to(services, ANA)) == 1
    assert "Clean Close was approved" in _text(stranger.get(link))


def test_a_no_and_a_question_need_words(admin: Any, stranger: Any, award_id: str, link: str) -> None:
    """What was typed is kept, and nothing is decided."""
    for action, text in (("rejected", ""), ("asked", "  \r\n "), ("rejected", "x" * 1_001), ("maybe", "typed")):
        page = _send(stranger, link, action, text)
        assert (page.status_code, 'role="alert"' in page.get_data(as_text=True)) == (422, True)
        assert text.strip() in page.get_data(as_text=True)
    assert _status(admin, award_id) == ("in_review", None)
    assert _send(stranger, link, "rejected", "Two duplicates.\0").status_code == 200
    assert admin.get(f"/v1/awards/{award_id}").get_json()["note"] == "Two duplicates."


def test_a_question_is_answered_by_the_link_of_whoever_was_asked(
    admin: Any, stranger: Any, award_id: str, link: str, review_link: Any
) -> None:
    """And the answer stands on the reviewer's page."""
    hers = review_link(award_id, ANA, IN_TIME)
    assert "Nothing is needed from you" in _text(stranger.get(hers))
    assert _send(stranger, link, "asked", "Were these two customers?").status_code == 200
    page = stranger.get(hers)
    assert "Were these two customers?" in _text(page)
    assert re.findall(r'name="action" value="(\w+)"', page.get_data(as_text=True)) == ["answered"]
    assert _send(stranger, hers, "approved", "Mine!").status_code == 422
    assert _send(stranger, hers, "answered", "Yes, two.").status_code == 200
    assert "Nothing is needed from you" in _text(stranger.get(hers))
    assert "Yes, two." in _text(stranger.get(link))
    assert _status(admin, award_id) == ("in_review", None)


def test_what_changed_while_the_page_was_open_is_looked_at_again(
    admin: Any, stranger: Any, award_id: str, link: str
) -> None:
    """Nobody approves what they have not seen."""
    seen = _seen(stranger.get(link))
    admin.delete("/v1/events/zd-1")
    tell(admin, 1, first=3)
    assert _status(admin, award_id) == ("in_review", None)
    page = stranger.post(link, data={"action": "approved", "text": "", "seen": seen})
    assert (page.status_code, "has changed since you opened" in _text(page)) == (409, True)
    assert _status(admin, award_id) == ("in_review", None)
    assert _send(stranger, link, "approved").status_code == 200


# ------------------------------------------------------- links that lead nowhere


def test_a_forged_link_says_nothing_of_anything(stranger: Any, link: str) -> None:
    """Whether an award exists is not told either."""
    body = stranger.get("/review/none").get_data(as_text=True)
    token = link.rpartition("/")[2]
    payload, _, signature = token.rpartition(".")
    for forged in (f"{token}x", f"{payload}.", f"{payload[:-1]}.{signature}", f"{payload}.{signature[::-1]}", "é" * 10):
        for page in (
            stranger.get(f"/review/{forged}"),
            stranger.post(f"/review/{forged}", data={"action": "approved"}),
        ):
            assert (page.status_code, page.get_data(as_text=True)) == (404, body)


def test_a_link_for_one_thing_is_none_for_another(stranger: Any, links: Any, link: str) -> None:
    """Each purpose has a signature of its own."""
    token = link.rpartition("/")[2]
    assert stranger.get(f"/m/{token}", headers=BROWSER).status_code == 404
    page = links.page("msg_1").rpartition("/")[2]
    assert stranger.get(f"/review/{page}").status_code == 404


def test_a_link_names_nobody(link: str) -> None:
    """Messages outlive people's data, and so do logs of proxies."""
    payload = link.rpartition("/")[2].split(".")[0]
    assert b"max" not in base64.urlsafe_b64decode(payload + "==")


def test_the_link_of_somebody_who_handed_it_on_decides_nothing(
    admin: Any, stranger: Any, award_id: str, link: str, review_link: Any
) -> None:
    """Only the new one's does."""
    sent = {"action": "approved", "seen": _seen(stranger.get(link))}
    admin.post(f"/v1/awards/{award_id}/delegation", json={"to": ZOE, "by": MAX})
    refused = stranger.post(link, data=sent)
    assert (refused.status_code, "Nothing is needed from you" in _text(refused)) == (409, True)
    assert "Clean Close" not in _text(refused)
    assert _send(stranger, review_link(award_id, ZOE, IN_TIME), "approved").status_code == 200


def test_after_half_of_the_time_two_links_are_good_and_one_decides(
    stranger: Any, services: Any, clock: Any, award_id: str, link: str, review_link: Any
) -> None:
    """The other one then says that it is decided."""
    above = review_link(award_id, BEA, IN_TIME)
    assert "Nothing is needed from you" in _text(stranger.get(above))
    clock.move(HALF)
    expire_reviews(services)
    assert _send(stranger, above, "approved").status_code == 200
    assert "was approved" in _text(stranger.get(link))


def test_an_expired_link_decides_nothing(
    admin: Any, stranger: Any, services: Any, clock: Any, award_id: str, link: str
) -> None:
    """Neither before the worker has come round nor after."""
    sent = {"action": "approved", "seen": _seen(stranger.get(link))}
    clock.move(2 * HALF + timedelta(seconds=1))
    assert "The time for this is over" in _text(stranger.post(link, data=sent))
    for _ in range(2):
        expire_reviews(services)
        clock.move(HALF)
    assert "The time for this is over" in _text(stranger.post(link, data=sent))
    assert _status(admin, award_id) == ("rejected", "expired")


def test_a_link_made_for_an_earlier_review_is_over(stranger: Any, admin: Any, award_id: str, review_link: Any) -> None:
    """An award may wait a second time."""
    old = review_link(award_id, MAX, IN_TIME - timedelta(days=20))
    assert "The time for this is over" in _text(stranger.get(old))
    admin.delete("/v1/events/zd-1")
    assert "nothing left to decide" in _text(stranger.get(review_link(award_id, MAX, IN_TIME)))


def test_the_link_of_an_erased_person_leads_nowhere(services: Any, stranger: Any, award_id: str, link: str) -> None:
    """And shows nothing of them."""
    erase_person(services, ANA, confirm=ANA)
    text = _text(stranger.get(link))
    assert "ana" not in text.lower()
    assert award_id not in text


def test_a_store_that_cannot_be_reached_is_said_as_a_page(stranger: Any, services: Any, link: str) -> None:
    """People read no JSON."""
    services.store.close()
    page = stranger.get(link)
    assert (page.status_code, page.content_type) == (503, "text/html; charset=utf-8")


def test_of_many_decisions_at_once_one_is_made(app: Any, admin: Any, award_id: str, link: str) -> None:
    """Two people share a mailbox, or one presses twice."""
    form = {"text": "So it is.", "seen": _seen(app.test_client().get(link))}
    with ThreadPoolExecutor(8) as threads:
        pressed = [("approved", "rejected", "asked")[n % 3] for n in range(12)]
        sent = [threads.submit(app.test_client().post, link, data={**form, "action": action}) for action in pressed]
        statuses = sorted(one.result().status_code for one in sent)
    assert (statuses[0], set(statuses[1:])) == (200, {409})
    assert len(admin.get(f"/v1/awards/{award_id}").get_json()["history"]) == 2
