"""The page about messages shows what is sent."""

from __future__ import annotations

import json
import re

from milepost.delivery import block_kit, fit_message, mail_text
from milepost.delivery.adaptive_card import teams_payload
from milepost.delivery.block_kit import slack_payload
from milepost.delivery.message import Action, Line, Message, Section
from tests.project.sources import page

PAGE = page("reference/messages.md")
MESSAGE = Message(
    id="msg_1",
    title="Clean Close",
    text="Ana closed 5 tickets under SLA and none came back.",
    sections=(
        Section(
            (Line("Ana closed 5 tickets under SLA and none came back.", "Next: keep the notes as complete."),),
        ),
    ),
    actions=(Action("See why", "https://milepost.example.com/awards/aw_1"),),
    footer="You get this because you earned it.",
)


def test_its_examples_are_what_is_sent() -> None:
    slack, teams = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    assert slack == slack_payload(MESSAGE)
    assert teams == teams_payload(MESSAGE)
    (mail,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert mail == mail_text.mail_text(MESSAGE)


def test_its_limits_are_those_that_hold() -> None:
    rows = dict(re.findall(r"^\| ([a-z ,]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE))
    assert {name: int(most.replace(",", "")) for name, most in rows.items()} == {
        "the title, a heading": fit_message.TITLE,
        "the text": fit_message.TEXT,
        "a line": fit_message.LINE,
        "a detail, the footer": fit_message.FOOTER,
    }
    assert (fit_message.HEADING, fit_message.DETAIL) == (fit_message.TITLE, fit_message.FOOTER)
    assert f"{block_kit.MOST_BLOCKS} blocks, and {block_kit.MOST_CHARACTERS:,} characters" in PAGE
    assert f"{mail_text.MOST_CHARACTERS:,} characters" in PAGE
