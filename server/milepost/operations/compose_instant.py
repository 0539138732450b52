"""Compose the message that tells at once everything that is owed to one recipient at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from milepost.delivery.message import Message, Section
from milepost.engine.telling import Audience, NewsKind
from milepost.engine.wording import counted_text
from milepost.operations.decide_telling import Item, instant_id
from milepost.operations.frame_message import STORM, Frame, counted_lines, in_short, limited
from milepost.operations.word_owed import Wording, Words


def instant_message(frame: Frame, wording: Wording, items: Sequence[Item]) -> Message:
    """Tell everything in one message; more than a few things are listed shortly with their number."""
    said = [wording.of(item) for item in items]
    if len(said) > STORM:
        sections = list(_short_sections(said))
        text = f"{_title(said)}: {_gist(sections)}"
    else:
        sections = list(_sections(said))
        text = " ".join(words.sentences for words in said) if len(said) == 1 else " ".join(one.text for one in said)
    return frame.put(instant_id(frame.recipient, items), _title(said), text, sections, items=items)


def _title(said: Sequence[Words]) -> str:
    if len(said) == 1:
        return said[0].title
    is_own_gain = all(one.kind is NewsKind.AWARDED and one.audience is Audience.ACTOR for one in said)
    if is_own_gain and not any(one.is_restored for one in said):
        return f"You earned {counted_text(len(said), 'achievement')}"
    if all(one.kind is NewsKind.AWARDED and not one.is_restored for one in said):
        return f"{counted_text(len(said), 'achievement')} earned"
    return f"{counted_text(len(said), 'thing')} to know"


def _parts(said: Iterable[Words]) -> list[tuple[str | None, list[Words]]]:
    """Part what is about the recipient from what is about their people."""
    own = [one for one in said if one.audience is not Audience.MANAGER]
    others = [one for one in said if one.audience is Audience.MANAGER]
    if not own or not others:
        return [(None, own or others)]
    return [("You", own), ("Your people", others)]


def _sections(said: Iterable[Words]) -> Iterable[Section]:
    return [Section(limited([one.line for one in part]), heading) for heading, part in _parts(said)]


def _short_sections(said: Iterable[Words]) -> Iterable[Section]:
    return [Section(counted_lines(map(in_short, part)), heading) for heading, part in _parts(said)]


def _gist(sections: Iterable[Section]) -> str:
    return "; ".join(line.text for section in sections for line in section.lines) + "."
