from __future__ import annotations

import copy
from typing import Any

import pytest

from milepost.delivery.adaptive_card import escape, teams_payload
from milepost.delivery.message import Action, Line, Message, Section
from tests.delivery.conftest import MESSAGE
from tests.delivery.shapes import card_texts, markdown_reads, teams_problems


def card(message: Message) -> dict[str, Any]:
    """Give the card of a message."""
    content: dict[str, Any] = teams_payload(message)["attachments"][0]["content"]
    return content


def test_a_message_reads_like_this() -> None:
    assert teams_problems(teams_payload(MESSAGE)) == []
    assert card_texts(teams_payload(MESSAGE)) == [
        "Clean Close",
        "This week",
        "5 of 5 tickets this week",
        "Keep the reply notes as complete.",
        "You get this because you earned it.",
    ]
    assert card(MESSAGE)["actions"] == [
        {"type": "Action.OpenUrl", "title": "See why", "url": "https://milepost.example.com/awards/aw_1"}
    ]


def test_without_links_there_is_no_row_for_them() -> None:
    assert "actions" not in card(Message("m", "T", "x"))


@pytest.mark.parametrize(
    "text",
    [
        "*a* **b** __c__ _d_ `e` ```f``` ~~g~~",
        "[click](https://evil.example) ![x](y)",
        "[x]: https://evil.example",
        "<https://evil.example> <b>x</b> <at>Ana</at>",
        "&lt;b&gt; R&D &copy; &#42;a&#42;",
        "- a",
        "+ a",
        "* a",
        "1. a",
        "12) a",
        "# a",
        "> a",
        "---",
        "===",
        "| a | b |",
        "a\\*b\\",
        "ana_maria_sol@example.com",
        "{{DATE(2026-03-02T10:00:00Z,SHORT)}}",
        "2 * 3 * 4 = 24",
    ],
)
def test_a_reader_of_markdown_sees_what_was_written(text: str) -> None:
    """Read by another implementation: one paragraph and nothing but text in it."""
    assert markdown_reads(escape(text)) == [text]


def test_line_breaks_make_paragraphs_and_no_lists() -> None:
    assert markdown_reads(escape("a\n- b\n\n1. c\n===\nd")) == ["a", "- b", "1. c", "===", "d"]


def test_no_date_is_counted_out() -> None:
    """A card replaces these before anything else reads its text."""
    assert "{{" not in escape("{{DATE(2026-03-02T10:00:00Z,SHORT)}} {{{TIME(x)}}}")


def test_what_needs_no_escape_has_none() -> None:
    """Some phones show the backslash."""
    for text in ("Ana closed 5 tickets (5 of 5), 4.5 on average!", "R&D: 50 % + 3 - 1", "a-b, 1.5"):
        assert escape(text) == text


def test_a_very_long_message_says_how_much_it_leaves_out() -> None:
    lines = tuple(Line(f"line {row}: {'é*😀' * 20}", "detail " * 20) for row in range(400))
    payload = teams_payload(Message("m", "T", "x", (Section(lines, "One"), Section(lines, "Two")), footer="Why"))
    assert teams_problems(payload) == []
    shown = sum(text.startswith("line") for text in card_texts(payload))
    assert shown > 20
    assert card_texts(payload)[-2] == f"And {800 - shown} more lines."


def test_the_largest_texts_fit() -> None:
    for char in "x*<é😀":
        long = char * 100_000
        action = Action(long, "https://a.example/" + "x" * 980)
        message = Message("m", long, long, (Section((Line(long, long),) * 3, long),) * 3, (action,) * 9, long)
        assert teams_problems(teams_payload(message)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["body", 1, "text"], "*a*"),
        (["body", 1, "text"], "[a](b)"),
        (["body", 1, "text"], "<at>Ana</at>"),
        (["body", 1, "type"], "Image"),
        (["actions", 0, "url"], "javascript:alert(1)"),
        (["actions", 0, "type"], "Action.Submit"),
        (["msteams", "entities"], []),
        (["version"], "1.6"),
    ],
)
def test_the_schema_finds_what_is_wrong(path: list[Any], value: Any) -> None:
    payload = copy.deepcopy(teams_payload(MESSAGE))
    place: Any = payload["attachments"][0]["content"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert teams_problems(payload) != []
