"""Decide what of that which is owed to one recipient is told now, what waits, and what is not told at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Audience, Mute, NewsKind, Timing
from milepost.engine.views import calendar_of
from milepost.operations.owe_news import FALLEN, GRANTED
from milepost.operations.telling_times import (
    digest_moment,
    digest_period,
    next_digest_welcome,
    next_welcome,
    rarer,
    wishes_of,
)
from milepost.operations.visibility import is_told, wants_no_messages
from milepost.settings import Settings
from milepost.storage.base import Reading
from milepost.storage.outbox import MessageForm, NewsRecord, OwedRecord
from milepost.storage.records import AwardStatus

#: So long a message waits for what happens at the same time.
GATHERING = timedelta(seconds=5)
#: What waits is looked at again after this, since leave and wishes may have changed.
LOOK_AGAIN = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is owed, with the news behind it; coaching has none."""

    row: OwedRecord
    news: NewsRecord | None


@dataclass(frozen=True, slots=True)
class Contents:
    """Of what sort a digest is, and what belongs beside what is owed."""

    timing: Timing
    period: str
    #: It tells a person of their own work.
    is_own: bool
    #: A manager is owed the patterns of their people's week.
    is_coached: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """What one digest tells."""

    timing: Timing
    period: str
    items: tuple[Item, ...]

    @property
    def form(self) -> MessageForm:
        """Give what sort of message it is."""
        return MessageForm(self.timing.value)

    @property
    def contents(self) -> Contents:
        """Give of what sort it is."""
        is_own = any(item.row.audience is Audience.ACTOR for item in self.items)
        return Contents(self.timing, self.period, is_own, any(item.news is None for item in self.items))


@dataclass(slots=True)
class Plan:
    """What becomes of everything that is owed to one recipient and due."""

    instant: list[Item] = field(default_factory=list)
    digests: list[Digest] = field(default_factory=list)
    #: Rows as they are kept where nothing is told of them now.
    changed: list[OwedRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One recipient at one moment."""

    reading: Reading
    recipient: Holder
    now: datetime
    facts: Facts
    settings: Settings

    def plan(self) -> Plan:
        """Decide about everything that is due, or will be in a moment."""
        plan = Plan()
        due: dict[Timing, list[Item]] = {timing: [] for timing in Timing}
        for row in self.reading.owed_to(self.recipient, by=self.now + GATHERING):
            item = Item(row, self.reading.news(row.news_id) if row.news_id else None)
            due[self._timing(item)].append(item)
        plan.changed += [replace(item.row, due_at=None) for item in due[Timing.NEVER]]
        self._decide_instant(plan, due[Timing.INSTANT])
        for timing in (Timing.DAILY, Timing.WEEKLY):
            self._decide_digest(plan, timing, due[timing])
        return plan

    def _timing(self, item: Item) -> Timing:
        """Give when something is told: by its rule, or less often as the person wishes; never if it must not be."""
        row, wishes = item.row, wishes_of(self.recipient, self.facts)
        if Mute(row.kind) in wishes.mutes or not self._may_be_told(item):
            return Timing.NEVER
        return rarer(row.timing, wishes.timings.get(row.kind, row.timing))

    def _may_be_told(self, item: Item) -> bool:
        """Say whether people's choices allow it, and whether it is still so."""
        row, news = item.row, item.news
        if wants_no_messages(self.recipient, self.facts):
            return False
        if news is None:
            return row.kind is NewsKind.DIGEST_READY
        if news.holder is not None and not is_told(row.audience, news.holder, self.facts):
            return False
        award = self.reading.award(news.award_id) if news.award_id else None
        if award is None or row.standing not in (GRANTED, FALLEN):
            return True
        return (award.status is AwardStatus.GRANTED) is (row.standing == GRANTED)

    def _decide_instant(self, plan: Plan, items: list[Item]) -> None:
        if not items:
            return
        gathered = min(item.row.since for item in items) + GATHERING
        welcome = next_welcome(self.recipient, self.now, self.facts)
        if max(gathered, welcome) > self.now:
            self._wait(plan, items, max(gathered, welcome))
        elif self._is_budget_spent():
            digest = [Item(replace(one.row, timing=rarer(one.row.timing, Timing.DAILY)), one.news) for one in items]
            self._wait(plan, digest, digest_moment(self.recipient, Timing.DAILY, self.now, self.facts))
        else:
            plan.instant = items

    def _decide_digest(self, plan: Plan, timing: Timing, items: list[Item]) -> None:
        ripe = []
        for item in items:
            moment = digest_moment(self.recipient, timing, item.row.since, self.facts)
            if moment > self.now:
                self._wait(plan, [item], moment)
            else:
                ripe.append(item)
        if not ripe:
            return
        welcome = next_digest_welcome(self.recipient, self.now, self.facts)
        period = digest_period(self.recipient, timing, self.now, self.facts)
        if welcome > self.now:
            self._wait(plan, ripe, welcome)
        elif self.reading.message(digest_id(self.recipient, timing, period)) is not None:
            self._wait(plan, ripe, digest_moment(self.recipient, timing, self.now, self.facts))
        else:
            plan.digests.append(Digest(timing, period, tuple(ripe)))

    def _wait(self, plan: Plan, items: Iterable[Item], until: datetime) -> None:
        due_at = min(until, self.now + LOOK_AGAIN)
        plan.changed += [replace(item.row, due_at=due_at) for item in items]

    def _is_budget_spent(self) -> bool:
        """Say whether the recipient had as many instant messages as they want in a day, a team in an hour."""
        if self.recipient.kind is HolderKind.TEAM:
            return self._instant_since(self.now - _HOUR) >= self.settings.hourly_messages
        calendar = calendar_of(self.recipient, self.facts)
        wished = wishes_of(self.recipient, self.facts).daily_most
        most = self.settings.daily_messages if wished is None else min(wished, self.settings.daily_messages)
        return self._instant_since(calendar.start_of(calendar.day_of(self.now))) >= most

    def _instant_since(self, moment: datetime) -> int:
        messages = self.reading.messages_to(self.recipient, since=moment, limit=None)
        return sum(one.form is MessageForm.INSTANT for one in messages)


def digest_id(recipient: Holder, timing: Timing, period: str) -> str:
    """Make the id of a digest: there is one for each recipient and period."""
    return message_id(recipient.kind, recipient.id, timing, period)


def instant_id(recipient: Holder, items: Iterable[Item]) -> str:
    """Make the id of a message from everything it tells."""
    return message_id(recipient.kind, recipient.id, *_parts(items))


def message_id(*parts: str) -> str:
    """Make the id of a message from what makes it this one."""
    return "msg_" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def _parts(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        yield from (item.row.topic, item.row.standing, item.row.since.isoformat())
