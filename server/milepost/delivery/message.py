"""A message as it is before any place shapes it: plain text that means the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said."""

    text: str
    #: What comes next, or why; shown smaller.
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Some lines under a heading."""

    lines: tuple[Line, ...]
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A link."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is said to one recipient; every text is plain and may hold anything, so each place escapes it in its way."""

    #: The same on every attempt and at every place.
    id: str
    #: A few words: the subject of a mail, the heading of a card.
    title: str
    #: All that is said in one or a few sentences: for a notification, the feed, and places that show nothing else.
    text: str
    sections: tuple[Section, ...] = ()
    actions: tuple[Action, ...] = ()
    #: Why one gets it and how to change that.
    footer: str | None = None
    #: The address of a picture that tells that a mail was opened; None: nobody asks.
    pixel: str | None = None

    def document(self) -> dict[str, Any]:
        """Give the message as JSON values, to keep it."""
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "sections": [
                {"heading": one.heading, "lines": [{"text": line.text, "detail": line.detail} for line in one.lines]}
                for one in self.sections
            ],
            "actions": [{"label": one.label, "url": one.url} for one in self.actions],
            "footer": self.footer,
            "pixel": self.pixel,
        }


def message_of(document: Mapping[str, Any]) -> Message:
    """Read what `Message.document` wrote."""
    return Message(
        id=document["id"],
        title=document["title"],
        text=document["text"],
        sections=tuple(
            Section(tuple(Line(line["text"], line["detail"]) for line in one["lines"]), one["heading"])
            for one in document["sections"]
        ),
        actions=tuple(Action(one["label"], one["url"]) for one in document["actions"]),
        footer=document["footer"],
        pixel=document["pixel"],
    )
