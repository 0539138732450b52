from __future__ import annotations

from milepost.delivery.fit_message import LINE, MOST_ACTIONS, MOST_LINES, clean_message, fit_message, shown_sections
from milepost.delivery.message import Action, Line, Message, Section


def message_of_lines(*counts: int, text: str = "All of it") -> Message:
    """Make a message of sections with so many lines each."""
    sections = tuple(
        Section(tuple(Line(f"line {row}") for row in range(count)), f"Part {number}")
        for number, count in enumerate(counts)
    )
    return Message("msg_1", "Title", text, sections)


def fitted(message: Message, most: int) -> Message:
    """Fit a message into a place that holds so many lines, the note included."""
    return fit_message(message, lambda one: one, lambda one: sum(len(part.lines) for part in one.sections) <= most)


def lines(message: Message) -> list[str]:
    """Give the text of all lines."""
    return [line.text for section in message.sections for line in section.lines]


def test_what_fits_is_shown_in_full() -> None:
    message = message_of_lines(2, 3)
    assert fitted(message, 5) == message


def test_what_does_not_fit_is_counted() -> None:
    assert lines(fitted(message_of_lines(2, 3), 4)) == ["line 0", "line 1", "line 0", "And 2 more lines."]
    assert lines(fitted(message_of_lines(9), 9)) == [f"line {row}" for row in range(9)]
    assert lines(fitted(message_of_lines(9), 8))[-2:] == ["line 6", "And 2 more lines."]
    assert lines(fitted(message_of_lines(1, 1), 2)) == ["line 0", "line 0"]


def test_as_many_lines_as_possible_are_shown() -> None:
    for most in range(2, 30):
        shown = lines(fitted(message_of_lines(10, 10, 10), most))
        assert len(shown) == most
        assert shown[-1] == f"And {31 - most} more lines."


def test_where_no_line_fits_the_text_is_shown() -> None:
    shown = fit_message(message_of_lines(5), lambda one: one, lambda one: "line 0" not in lines(one))
    assert lines(shown) == ["All of it", "And 5 more lines."]


def test_of_very_many_lines_the_last_are_only_counted() -> None:
    shown = lines(fitted(message_of_lines(10_000), 10_000))
    assert len(shown) == MOST_LINES + 1
    assert shown[-1] == f"And {10_000 - MOST_LINES} more lines."
    assert lines(fitted(message_of_lines(MOST_LINES + 1), 10_000))[-1] == "And 1 more line."


def test_what_is_empty_is_left_out() -> None:
    message = Message(
        "m", "\x00", "", (Section((Line(" "),), "Heading"), Section((Line("a", "\u200b"),), "")), footer=""
    )
    assert clean_message(message) == Message("m", "Milepost", "Milepost", (Section((Line("a"),)),))


def test_only_web_links_are_links() -> None:
    urls = [
        "https://a.example/x?y=1#z",
        "http://a.example",
        "javascript:alert(1)",
        "ftp://a",
        "https://",
        "https://a b",
    ]
    urls += ["data:text/html,x", "https://a.example/é", "HTTPS://a.example", "https://a.example/\n", "x" * 5_000]
    actions = tuple(Action(url[:80], url) for url in urls)
    kept = clean_message(Message("m", "t", "x", actions=actions, pixel="javascript:1"))
    assert [action.url for action in kept.actions] == urls[:2]
    assert kept.pixel is None
    many = tuple(Action("\n", f"https://a.example/{number}") for number in range(9))
    assert [action.label for action in clean_message(Message("m", "t", "x", actions=many)).actions] == [
        "Open"
    ] * MOST_ACTIONS


def test_every_text_has_an_end() -> None:
    long = "x" * 100_000
    cleaned = clean_message(Message("m", long, long, (Section((Line(long, long),), long),), footer=long))
    assert len(cleaned.title) == 150
    assert len(cleaned.sections[0].lines[0].text) == LINE
    assert len(str(cleaned.document())) < 6_000


def test_without_sections_the_text_is_what_is_shown() -> None:
    assert shown_sections(Message("m", "t", "x")) == (Section((Line("x"),)),)
