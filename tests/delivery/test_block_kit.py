from __future__ import annotations

import copy
from typing import Any

import pytest

from milepost.delivery.block_kit import MOST_BLOCKS, slack_payload
from milepost.delivery.message import Action, Line, Message, Section
from tests.delivery.conftest import MESSAGE
from tests.delivery.shapes import slack_problems, slack_texts


def said(text: str) -> dict[str, Any]:
    """Shape a message that says one thing."""
    return slack_payload(Message("msg_1", "Title", text))


def test_a_message_reads_like_this() -> None:
    payload = slack_payload(MESSAGE)
    assert slack_problems(payload) == []
    assert payload["text"] == "Ana closed 5 tickets under SLA and none came back."
    assert slack_texts(payload) == [
        "Clean Close",
        "This week\n• 5 of 5 tickets this week\n   Keep the reply notes as complete.",
        "See why",
        "You get this because you earned it.",
    ]
    assert payload["blocks"][-2]["elements"][0]["url"] == "https://milepost.example.com/awards/aw_1"


def test_one_line_alone_stands_with_its_detail_below() -> None:
    payload = slack_payload(Message("m", "Title", "text", (Section((Line("said", "detail"),)),)))
    assert [block["type"] for block in payload["blocks"]] == ["header", "section", "context"]
    assert slack_texts(payload) == ["Title", "said", "detail"]


def test_where_there_are_no_sections_the_text_is_shown() -> None:
    assert slack_texts(said("All of it")) == ["Title", "All of it"]


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>",
        "<!here|here>",
        "<@U012AB3CD>",
        "<#C012AB3CD|general>",
        "<https://evil.example|payroll>",
        "&lt;!channel&gt;",
        "R&D <Ops> *bold* _it_ `code` ~no~ :tada:",
    ],
)
def test_nothing_that_slack_reads_is_left_and_people_see_what_was_written(text: str) -> None:
    payload = said(text)
    assert slack_problems(payload) == []
    assert not {"<", ">"} & set(str(payload))
    assert slack_texts(payload) == ["Title", text]
    kinds = {block["text"]["type"] for block in payload["blocks"]}
    assert kinds == {"plain_text"}


@pytest.mark.parametrize("name", ["@channel", "@here", "@everyone", "@Here", "@group", "hi @channel!"])
def test_the_text_of_the_notification_calls_nobody(name: str) -> None:
    text = said(name)["text"]
    assert "@\u2060" in text
    assert text.replace("\u2060", "") == name


def test_the_text_of_the_notification_holds_no_link() -> None:
    assert said("see https://evil.example/x and ana@example.com")["text"] == (
        "see https:/\u2060/evil.example/x and ana@example.com"
    )


def test_a_very_long_message_says_how_much_it_leaves_out() -> None:
    lines = tuple(Line(f"line {row}: {'é&' * 40}", "detail " * 20) for row in range(400))
    payload = slack_payload(Message("m", "T", "x", (Section(lines, "One"), Section(lines, "Two")), footer="Why"))
    assert slack_problems(payload) == []
    last = slack_texts(payload)[-2].splitlines()[-1]
    shown = sum(text.count("• line") for text in slack_texts(payload))
    assert shown > 20
    assert last == f"• And {800 - shown} more lines."


def test_many_sections_are_cut_by_their_blocks() -> None:
    sections = tuple(Section((Line("a"),), f"Section {number}") for number in range(60))
    payload = slack_payload(Message("m", "T", "x", sections))
    assert slack_problems(payload) == []
    assert MOST_BLOCKS - 2 <= len(payload["blocks"]) <= MOST_BLOCKS


def test_the_largest_texts_fit() -> None:
    for char in "x&<é😀":
        long = char * 100_000
        action = Action(long, "https://a.example/" + "x" * 980)
        message = Message("m", long, long, (Section((Line(long, long),) * 3, long),) * 3, (action,) * 9, long)
        assert slack_problems(slack_payload(message)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["text"], "<!channel>"),
        (["blocks", 0, "text", "text"], "x" * 151),
        (["blocks", 1, "text", "type"], "mrkdwn"),
        (["blocks", 1, "text", "text"], "R&D"),
        (["blocks", 1, "text", "text"], "a\u202eb"),
        (["blocks", 1, "accessory"], {}),
        (["blocks", 2, "elements", 0, "url"], "javascript:alert(1)"),
        (["link_names"], True),
        (["channel"], "C012AB3CD"),
        (["blocks"], [{"type": "divider"}] * 41),
    ],
)
def test_the_schema_finds_what_is_wrong(path: list[Any], value: Any) -> None:
    payload = copy.deepcopy(slack_payload(MESSAGE))
    place: Any = payload
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert slack_problems(payload) != []
