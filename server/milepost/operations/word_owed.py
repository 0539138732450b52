"""Put into words what one recipient is owed: what was done, its effect, what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from milepost.delivery.message import Line
from milepost.engine.facts import Facts
from milepost.engine.people import Holder
from milepost.engine.telling import Audience, NewsKind
from milepost.engine.views import calendar_of
from milepost.engine.wording import counted_text
from milepost.operations.decide_telling import Item
from milepost.operations.word_correction import why_it_fell
from milepost.storage.base import Reading
from milepost.storage.outbox import NewsRecord, ReviewState


@dataclass(frozen=True, slots=True)
class Words:
    """One thing said."""

    kind: NewsKind
    audience: Audience
    #: A few words, the title where nothing else is told.
    title: str = ""
    #: One or two sentences.
    text: str = ""
    #: Its effect, and what comes next.
    detail: str | None = None
    #: As one of many: alike ones are counted.
    short: str = ""
    #: The name of whom it is about; empty: the recipient.
    about: str = ""
    #: The achievement's name.
    name: str = ""
    #: It was said to have fallen, and stands again.
    is_restored: bool = False

    @property
    def whose(self) -> str:
        """Say whose it is, where it is not the recipient's."""
        return f" for {self.about}" if self.about else ""

    @property
    def line(self) -> Line:
        """Give it as a line of a message."""
        return Line(self.text, self.detail)

    @property
    def sentences(self) -> str:
        """Give it as running text."""
        return f"{self.text} {self.detail}" if self.detail else self.text


@dataclass(frozen=True, slots=True)
class Wording:
    """Words for one recipient, on the recipient's own calendar."""

    reading: Reading
    recipient: Holder
    facts: Facts
    now: datetime

    def of(self, item: Item) -> Words:
        """Word something that is owed; coaching is worded where a digest is composed."""
        news = item.news
        assert news is not None  # noqa: S101 - only coaching has no news
        match news.kind:
            case NewsKind.AWARDED:
                return self._awarded(item, news)
            case NewsKind.REVOKED:
                return self._revoked(item, news)
            case NewsKind.STREAK_AT_RISK | NewsKind.STREAK_BROKEN | NewsKind.STREAK_KEPT:
                return self._streak(item, news)
            case NewsKind.REVIEW_NEEDED:
                return self._review(item, news)
            case NewsKind.REVIEW_DECIDED:
                return self._decided(item, news)
            case NewsKind.SUBSCRIPTION_DISABLED:
                return self._disabled(item, news)
            case NewsKind.DIGEST_READY:
                raise AssertionError("A digest is told by itself.")
            case _:
                assert_never(news.kind)

    def day(self, text: str) -> str:
        """Write the day of a moment as people say it: ``2 March``."""
        local = calendar_of(self.recipient, self.facts).local(datetime.fromisoformat(text))
        this_year = calendar_of(self.recipient, self.facts).local(self.now).year
        return f"{local.day} {local:%B}" if local.year == this_year else f"{local.day} {local:%B %Y}"

    def _awarded(self, item: Item, news: NewsRecord) -> Words:
        document, blank = news.document, self._blank(item, news)
        name, whom = blank.name, blank.about
        if item.row.told is not None:
            short = f"{name} counts again"
            text = f"{name} of {self.day(document['earned_at'])} counts again{blank.whose}."
            return replace(blank, title=short + blank.whose, text=text, short=short, is_restored=True)
        who = "You" if item.row.audience is Audience.ACTOR else document["holder_name"]
        title = f"{who} earned {name}"
        message = _own_words(document, name)
        said = replace(blank, title=title, text=f"{title}.", short=name)
        if item.row.audience is Audience.MANAGER:
            return replace(said, detail=message)
        return said if whom else replace(said, text=message or said.text, detail=_effect(document))

    def _revoked(self, item: Item, news: NewsRecord) -> Words:
        document, blank = news.document, self._blank(item, news)
        what = f"{blank.name} of {self.day(document['earned_at'])}"
        short = f"{blank.name} no longer counts"
        said = replace(blank, title=short + blank.whose, short=short)
        if item.row.audience is Audience.TEAM:
            return replace(said, text=f"{what} no longer counts{blank.whose}: a record it rested on has changed.")
        why = why_it_fell(self.reading, document)
        if why is None:
            text = f"{what} was taken back{blank.whose}."
            return replace(said, text=text, detail=f"The reason given: {_sentence(document['reason'])}")
        text = f"{why}, so {what} no longer counts{blank.whose}."
        return replace(said, text=text, detail="If the record is put right, it counts again.")

    def _streak(self, item: Item, news: NewsRecord) -> Words:
        document, blank = news.document, self._blank(item, news)
        name, periods = blank.name, _periods(document)
        step = f"Next: {_sentence(document['next_step'])}" if document.get("next_step") else None
        if news.kind is NewsKind.STREAK_AT_RISK:
            short = f"{name} is still open"
            until = f" until {self.day(document['ends_at'])}" if document.get("ends_at") else ""
            text = f"{name} stands at {periods} in a row{blank.whose}. The next one is open{until}."
        elif news.kind is NewsKind.STREAK_BROKEN:
            short = f"{name}: {periods} in the history"
            verb = "is" if document.get("length") == 1 else "are"
            text = f"{periods} in a row of {name} {verb} in the history{blank.whose}. The next one begins a new streak."
        else:
            short = f"{name} goes on"
            text = f"{name} goes on after all{blank.whose}: {periods} in a row."
        return replace(blank, title=short + blank.whose, text=text, detail=step, short=short)

    def _review(self, item: Item, news: NewsRecord) -> Words:
        document, blank = news.document, self._blank(item, news)
        by = f"by {self.day(document['expires_at'])}"
        if document["needs"] == "answer":
            text = f"Somebody who reviews {blank.name}{blank.whose} asks: {document['question']}"
            short = f"A question about {blank.name}"
            return replace(blank, title=short + blank.whose, text=text, detail=f"Please answer {by}.", short=short)
        text = f"{document['holder_name']} reached {blank.name}. It counts once it is confirmed; please decide {by}."
        answer = f"The answer to the question: {document['answer']}" if document.get("answer") else document["message"]
        title = f"Please review {blank.name}{blank.whose}"
        return replace(blank, title=title, text=text, detail=answer, short=f"{blank.name} to review")

    def _decided(self, item: Item, news: NewsRecord) -> Words:
        document, blank = news.document, self._blank(item, news)
        what = f"{blank.name} of {self.day(document['earned_at'])}"
        short = f"{blank.name} was not confirmed"
        if document["state"] == ReviewState.EXPIRED:
            text = f"{what} does not count for now: nobody decided in time."
            return replace(blank, title=short, text=text, detail="It can still be confirmed.", short=short)
        note = f"The reason given: {_sentence(document['note'])}" if document.get("note") else None
        return replace(blank, title=short, text=f"{what} was not confirmed in review.", detail=note, short=short)

    def _disabled(self, item: Item, news: NewsRecord) -> Words:
        document = news.document
        place = document.get("name") or document.get("transport") or "one place"
        title = f"Messages to {place} have stopped"
        text = f"Messages no longer go to {place}. {document.get('words') or ''}".rstrip()
        step = "Put its address right and switch it on again; what was not delivered can then be sent once more."
        return Words(item.row.kind, item.row.audience, title, text, step, title)

    def _blank(self, item: Item, news: NewsRecord) -> Words:
        about = "" if news.holder == self.recipient else str(news.document.get("holder_name", ""))
        return Words(item.row.kind, item.row.audience, about=about, name=_named(news.document))


def _own_words(document: Mapping[str, Any], name: str) -> str | None:
    """Give the message of a rule that has words of its own for it."""
    message: str | None = document["message"]
    return None if message and message.endswith(f" earned {name}.") else message


def _named(document: Mapping[str, Any]) -> str:
    """Give an award's name with its tier."""
    return f"{document['name']} ({document['tier']})" if document.get("tier") else str(document["name"])


def _effect(document: Mapping[str, Any]) -> str | None:
    """Say what an award is good for, what it adds, and what comes next."""
    parts = [
        f"Why it matters: {_sentence(document['purpose'])}" if document.get("purpose") else "",
        f"{counted_text(document['points'], 'point')}." if document.get("points") else "",
        f"Next: {_sentence(document['next_step'])}" if document.get("next_step") else "",
    ]
    return " ".join(filter(None, parts)) or None


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _periods(document: Mapping[str, Any]) -> str:
    """Count the periods of a streak by the shape of their keys."""
    period = str(document.get("period") or "")
    noun = "week" if "-W" in period else "working day" if period.count("-") > 1 else "month"
    return counted_text(document.get("length") or 0, noun)
