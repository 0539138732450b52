"""Clean a message and shape it so that it fits a place, with as many of its lines as go in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from milepost.delivery.message import Action, Line, Message, Section
from milepost.delivery.plain_text import clean, clean_line

#: Characters of each text, before a place escapes them.
TITLE, TEXT, HEADING, LINE, DETAIL, LABEL, FOOTER = 150, 2500, 150, 1000, 500, 60, 500
#: Lines that are looked at; what comes after is only counted.
MOST_LINES = 500
MOST_ACTIONS = 5
_URL = re.compile(r"https?://[!-~]{1,1000}")
#: The title where nothing is left of the one that was given.
_UNTITLED = "Milepost"

Shape = TypeVar("Shape")


def fit_message(message: Message, shape: Callable[[Message], Shape], fits: Callable[[Shape], bool]) -> Shape:
    """Shape a message with all its lines, or with the most that fit and a word about how many are left out.

    Without any line every message must fit.
    """
    looked_at = _with_lines(message, MOST_LINES)
    unseen = _count(message) - _count(looked_at)
    cleaned = clean_message(looked_at)
    whole = shape(_with_note(cleaned, unseen))
    if fits(whole):
        return whole
    count = _count(cleaned)

    def try_with(lines: int) -> Shape:
        return shape(_with_note(_with_lines(cleaned, lines), unseen + count - lines))

    too_many = bisect_left(range(1, count), True, key=lambda lines: not fits(try_with(lines))) + 1
    return try_with(too_many - 1)


def clean_message(message: Message) -> Message:
    """Give a message of clean texts, each of them with an end; what is empty is left out, and what is no web link."""
    title = clean_line(message.title, most=TITLE) or _UNTITLED
    return Message(
        id=message.id,
        title=title,
        text=clean(message.text, most=TEXT) or title,
        sections=tuple(_clean_sections(message.sections)),
        actions=tuple(_usable(message.actions))[:MOST_ACTIONS],
        footer=clean(message.footer or "", most=FOOTER) or None,
        pixel=message.pixel if message.pixel and _URL.fullmatch(message.pixel) else None,
    )


def shown_sections(message: Message) -> tuple[Section, ...]:
    """Give what a place with room shows below the title: the sections, or the text where there are none."""
    return message.sections or (Section((Line(message.text),)),)


def _clean_sections(sections: Iterable[Section]) -> Iterator[Section]:
    for section in sections:
        lines = tuple(
            Line(text, clean(line.detail or "", most=DETAIL) or None)
            for line in section.lines
            if (text := clean(line.text, most=LINE))
        )
        if lines:
            yield Section(lines, clean_line(section.heading or "", most=HEADING) or None)


def _usable(actions: Iterable[Action]) -> Iterator[Action]:
    for action in actions:
        if _URL.fullmatch(action.url):
            yield Action(clean_line(action.label, most=LABEL) or "Open", action.url)


def _count(message: Message) -> int:
    return sum(len(section.lines) for section in message.sections)


def _with_lines(message: Message, most: int) -> Message:
    """Give a message with its first lines."""
    if _count(message) <= most:
        return message
    sections = []
    for section in message.sections:
        if most > 0:
            sections.append(replace(section, lines=section.lines[:most]))
        most -= len(section.lines)
    return replace(message, sections=tuple(sections))


def _with_note(message: Message, left_out: int) -> Message:
    if not left_out:
        return message
    note = Line(f"And {left_out} more {'line' if left_out == 1 else 'lines'}.")
    if not message.sections:
        return replace(message, sections=(Section((Line(message.text), note)),))
    *before, last = message.sections
    return replace(message, sections=(*before, replace(last, lines=(*last.lines, note))))
