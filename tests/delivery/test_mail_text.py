from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from milepost.delivery.base import AddressRefused
from milepost.delivery.mail_text import MOST_CHARACTERS, mail_of
from milepost.delivery.message import Action, Line, Message, Section
from tests.delivery.conftest import AT, MESSAGE
from tests.delivery.mails import HEADERS, html_of, page_of, text_of

SENDER = "Milepost <milepost@example.com>"


def sent(message: Message, *, recipient: str = "ana@example.com") -> EmailMessage:
    """Make a mail, and read it as a mail program does."""
    mail = mail_of(message, sender=SENDER, recipient=recipient, at=AT)
    read = message_from_bytes(mail.as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def test_a_message_reads_like_this() -> None:
    assert text_of(sent(MESSAGE)) == (
        "This week\n\n5 of 5 tickets this week\n\nKeep the reply notes as complete.\n\n"
        "See why: https://milepost.example.com/awards/aw_1\n\n-- \nYou get this because you earned it.\n"
    )


def test_the_head_names_it() -> None:
    mail = sent(MESSAGE)
    assert set(mail.keys()) == HEADERS
    assert (mail["Subject"], mail["From"], mail["To"]) == ("Clean Close", SENDER, "ana@example.com")
    assert mail["Message-ID"] == "<msg_1@example.com>"
    assert mail["Date"].datetime == AT
    assert mail["Auto-Submitted"] == "auto-generated"


def test_every_attempt_has_the_same_id_and_no_id_breaks_out() -> None:
    assert sent(MESSAGE)["Message-ID"] == sent(MESSAGE)["Message-ID"]
    odd = sent(Message("a>\r\nBcc: x@y.z<", "t", "x"))
    assert set(odd.keys()) == HEADERS
    assert odd["Message-ID"] == "<a---Bcc--x-y.z-@example.com>"


def test_many_lines_are_a_list() -> None:
    lines = (Line("first", "why"), Line("second"))
    mail = sent(Message("m", "T", "x", (Section(lines, "Earned"),)))
    assert text_of(mail) == "Earned\n\n- first\n  why\n\n- second\n"
    page = page_of(mail)
    assert [page.tags.count(tag) for tag in ("h1", "h2", "ul", "li")] == [1, 1, 1, 2]


def test_the_page_is_one_that_everybody_can_read() -> None:
    page, source = page_of(sent(MESSAGE)), html_of(sent(MESSAGE))
    assert page.links == ["https://milepost.example.com/awards/aw_1"]
    assert page.words == [
        "Clean Close",
        "This week",
        "5 of 5 tickets this week",
        "Keep the reply notes as complete.",
        "See why",
        "You get this because you earned it.",
    ]
    assert '<html lang="en"' in source
    assert source.count('dir="auto"') == len(page.words)
    assert '<meta name="color-scheme" content="light dark">' in source
    assert not re.search(r"(?<!-)color:|background", source)
    assert "img" not in page.tags


def test_a_pixel_is_in_the_page_only_when_given() -> None:
    url = "https://milepost.example.com/o/x.gif?a=1&b=2"
    mail = sent(Message("m", "T", "x", pixel=url))
    assert page_of(mail).pictures == [url]
    assert url not in text_of(mail)


@pytest.mark.parametrize(
    "title",
    [
        "Ana\r\nBcc: all@example.com",
        "=?utf-8?q?a=0ABcc:all@example.com?=",
        "=?utf-8?b?YQ0KQmNjOiB4QGV4YW1wbGUuY29t?= b",
        "\u202ecod.exe",
        "x" * 150,
        "日本語 の 名前 " * 12,
        "x " * 70 + "é",
        '"a" <b@c>, d; (e) =cmd|x',
    ],
)
def test_no_title_adds_a_header_or_changes_on_the_way(title: str) -> None:
    mail = sent(Message("m", title, "x"))
    assert set(mail.keys()) == HEADERS
    assert mail["Subject"] == " ".join(title.replace("\u202e", "").split())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@example.com\r\nBcc: x@y.z",
        "a@b.c, d@e.f",
        "a@b c",
        "a@b@c",
        "\x00a@b.c",
        "=?utf-8?q?a=0AB?=@b.c",
    ],
)
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    with pytest.raises(AddressRefused, match="Write it like"):
        sent(MESSAGE, recipient=address)


def test_what_looks_like_markup_is_text() -> None:
    text = "<script>alert(1)</script> <img src=x onerror=alert(1)> \"' &lt;b&gt; {{ 7*7 }} {% x %} javascript:alert(1)"
    page = page_of(
        sent(Message("m", text, text, (Section((Line(text, text),), text),), (Action(text, "https://a.example"),)))
    )
    assert page.words == [text, text, text, text, text[:59].rstrip() + "…"]
    assert set(page.tags) <= {"html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "a"}
    assert page.links == ["https://a.example"]


def test_text_from_right_to_left_stays_in_its_paragraph() -> None:
    page = html_of(
        sent(
            Message(
                "m",
                "T",
                "x",
                (
                    Section(
                        (Line("مريم عبد الله"), Line("Ana")),
                    ),
                ),
            )
        )
    )
    assert '<p dir="auto" style="margin:0;white-space:pre-line">مريم عبد الله</p>' in page


def test_a_very_long_message_says_how_much_it_leaves_out() -> None:
    lines = tuple(Line(f"line {row} {'é' * 400}") for row in range(400))
    mail = sent(Message("m", "T", "x", (Section(lines),)))
    assert len(text_of(mail)) + len(html_of(mail)) <= MOST_CHARACTERS
    shown = text_of(mail).count("- line")
    assert shown > 40
    assert text_of(mail).endswith(f"- And {400 - shown} more lines.\n")
