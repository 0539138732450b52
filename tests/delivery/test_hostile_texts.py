"""Ten thousand names and texts that break naive messages break none of ours."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from milepost.delivery.adaptive_card import teams_payload
from milepost.delivery.block_kit import slack_payload
from milepost.delivery.fit_message import clean_message
from milepost.delivery.mail_text import mail_of, mail_text
from milepost.delivery.message import Action, Line, Message, Section
from tests.delivery.conftest import AT
from tests.delivery.hostile_texts import SEED, hostile_texts
from tests.delivery.mails import HEADERS, page_of, text_of
from tests.delivery.shapes import card_texts, markdown_reads, slack_problems, slack_texts, teams_problems

COUNT = 10_000
#: Texts in one message: for places that cut what is long, and for mails, which hold more.
FEW, MANY = 8, 20
TAGS = {"html", "head", "meta", "title", "body", "div", "h1", "h2", "ul", "li", "p", "a", "img"}
LINK, PIXEL = "https://milepost.example.com/a?b=1&c=2", "https://milepost.example.com/o.gif"


def hostile_messages(each: int) -> Iterator[Message]:
    """Put the texts into every place that a message has for one."""
    print(f"seed {SEED}")
    texts = hostile_texts(COUNT)
    while some := list(itertools.islice(texts, each)):
        title, text, first, detail, heading, second, label, footer, *more = itertools.islice(
            itertools.cycle(some), each
        )
        actions = (Action(label, LINK), Action("Open", label))
        lines = (Line(second, first), Line(footer), *(Line(one, one) for one in more))
        sections = (Section((Line(first, detail),)), Section(lines, heading))
        yield Message("msg_1", title, text, sections, actions, footer, PIXEL)
        if not len(title) % FEW:  # now and then one that only says something
            yield Message("msg_2", first, second)


@pytest.mark.slow
def test_slack_takes_every_message_and_reads_text() -> None:
    """No refusal, no mention, no link; and the name is still there."""
    for message in hostile_messages(FEW):
        payload = slack_payload(message)
        assert slack_problems(payload) == [], message
        shown = "\n".join(slack_texts(payload))
        assert clean_message(message).title[:20] in shown


@pytest.mark.slow
def test_teams_takes_every_message_and_reads_text() -> None:
    """No refusal; and another reader of Markdown finds paragraphs of mere text in the cards."""
    for message in hostile_messages(FEW):
        payload = teams_payload(message)
        assert teams_problems(payload) == [], message
        for text in card_texts(payload):
            read = markdown_reads(text)
            assert not [one for one in read if one.startswith(("no paragraph", "not only text"))], text


@pytest.mark.slow
def test_every_mail_comes_out_as_it_went_in() -> None:
    """The same title, the same text, no header and no tag that was not ours."""
    for message in hostile_messages(MANY):
        mail = mail_of(message, sender="Milepost <m@example.com>", recipient="ana@example.com", at=AT)
        read = message_from_bytes(mail.as_bytes(), policy=default)
        assert isinstance(read, EmailMessage)
        cleaned = clean_message(message)
        assert set(read.keys()) == HEADERS
        assert (read["Subject"], text_of(read)) == (cleaned.title, mail_text(cleaned))
        page = page_of(read)
        assert set(page.tags) <= TAGS
        assert page.links == [action.url for action in cleaned.actions]
        assert page.pictures == ([PIXEL] if message.pixel else [])
