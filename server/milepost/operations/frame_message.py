"""What every message has around what it tells: why one gets it, where it can be opened, what can be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from milepost.delivery.message import Action, Line, Message, Section
from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Audience, NewsKind
from milepost.engine.wording import join_words
from milepost.operations.decide_telling import Item
from milepost.operations.links import Links
from milepost.operations.name_holder import full_name
from milepost.operations.word_owed import Words

#: More things at once are listed shortly, alike ones counted.
STORM = 5
#: The most lines of a list.
LONGEST_LIST = 20
#: The label of the link to the message's own page.
OPEN = "Open in Milepost"
#: The most links to reviews.
_MOST_REVIEWS = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """What goes around the messages to one recipient."""

    recipient: Holder
    facts: Facts
    #: None where nobody said how people reach this server.
    links: Links | None
    #: Who can be asked.
    contact: str | None

    def put(
        self, message_id: str, title: str, text: str, sections: Iterable[Section], *, items: Sequence[Item]
    ) -> Message:
        """Make a message of what it tells."""
        return Message(
            id=message_id,
            title=title,
            text=text,
            sections=tuple(sections),
            actions=tuple(self._actions(message_id, items)),
            footer=self._footer(items),
            pixel=self.links.pixel(message_id) if self.links else None,
        )

    def _actions(self, message_id: str, items: Iterable[Item]) -> list[Action]:
        if self.links is None:
            return []
        reviews = [action for item in items if (action := self._review(item))]
        return [*reviews[:_MOST_REVIEWS], Action(OPEN, self.links.follow(message_id))]

    def _review(self, item: Item) -> Action | None:
        """Link to the decision or the answer that the recipient is asked for."""
        news = item.news
        if self.links is None or news is None or news.kind is not NewsKind.REVIEW_NEEDED or not news.award_id:
            return None
        expires_at = datetime.fromisoformat(news.document["expires_at"])
        is_question = news.document["needs"] == "answer"
        about = f"{news.document['name']} for {news.document['holder_name']}"
        label = "Answer the question" if is_question else f"Review {about}"
        return Action(label, self.links.review(news.award_id, self.recipient.id, expires_at))

    def _footer(self, items: Iterable[Item]) -> str:
        ask = self.contact or "whoever looks after Milepost"
        if self.recipient.kind is HolderKind.TEAM:
            team = full_name(self.recipient, self.facts)
            return f"This is shared with the team {team}. To change what is shared, ask {ask}."
        why = join_words(list(dict.fromkeys(map(_why, items))))
        return f"You get this because {why}. To choose when and where you are told, or not at all, ask {ask}."


def _why(item: Item) -> str:
    """Say why somebody is told of something."""
    if item.row.kind is NewsKind.SUBSCRIPTION_DISABLED:
        return "you look after a place that messages go to"
    if item.row.audience is not Audience.MANAGER:
        return "it is about your work"
    if item.row.kind is NewsKind.REVIEW_NEEDED:
        return "you are asked about an award"
    return "you are the manager of the people it is about"


def counted_lines(shorts: Iterable[str]) -> tuple[Line, ...]:
    """List short things in order, alike ones once with their number."""
    counted = Counter(shorts)
    lines = [Line(f"{short} ({number} times)" if number > 1 else short) for short, number in counted.items()]
    return limited(lines)


def limited(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Give the first lines of a long list, and say how many more there are."""
    if len(lines) <= LONGEST_LIST:
        return tuple(lines)
    return (*lines[: LONGEST_LIST - 1], Line(f"and {len(lines) - LONGEST_LIST + 1} more"))


def in_short(words: Words) -> str:
    """Say something as one of many."""
    return f"{words.short}{words.whose}"
