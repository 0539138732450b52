"""Work out who must be told what and when, from the awards and people's own clocks, by other ways than the product.

Only what happened to the awards is taken from the store, and when somebody looked. Days, holidays, leave, quiet hours,
digests, budgets and corrections are worked out here anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

from tests.quarter.desk import ROOT
from tests.quarter.people import COUNTRIES, Crowd, Person

DAY = timedelta(days=1)
GATHERING = timedelta(seconds=5)
#: The most instant messages a day, for who wished nothing else.
USUAL_MOST = 5
AT_ONCE = datetime.min.replace(tzinfo=UTC)
RARITY = ("instant", "daily", "weekly", "never")
_RECIPE = ROOT / "recipes" / "helpdesk-sla" / "recipe.json"


@dataclass(frozen=True)
class Change:
    """An award that began to stand, or fell."""

    at: datetime
    award: str
    achievement: str
    person: str
    stands: bool


class Expected(NamedTuple):
    """A message that must come: to whom, of what sort, for which day or week, when, and with how many corrections."""

    recipient: str
    form: str
    period: str | None
    at: datetime
    corrections: int


@dataclass
class Topic:
    """What a recipient knows of an award."""

    timing: str
    stands: bool
    since: datetime
    told: bool | None = None
    is_owed: bool = True
    not_before: datetime = AT_ONCE


@dataclass(frozen=True)
class Clockwork:
    """When one recipient works, and when a message is welcome."""

    zone: ZoneInfo
    person: Person | None = None

    def local_day(self, moment: datetime) -> date:
        """Give the day it is there."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """Give when a day begins there."""
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)

    def works_on(self, day: date) -> bool:
        """Say whether it is a working day."""
        is_away = bool(self.person and self.person.leave and self.person.leave[0] <= day <= self.person.leave[1])
        return day.weekday() < 5 and day not in days_off(self.zone.key, day.year) and not is_away

    def is_quiet(self, moment: datetime) -> bool:
        """Say whether it is a quiet hour."""
        quiet = self.person.wishes_at(moment).quiet if self.person else None
        return quiet is not None and quiet[0] <= moment.astimezone(self.zone).strftime("%H:%M") < quiet[1]

    def is_at_work(self, moment: datetime) -> bool:
        """Say whether it is working time that is not quiet."""
        local = moment.astimezone(self.zone)
        return self.works_on(local.date()) and time(9) <= local.time() < time(17) and not self.is_quiet(moment)

    def is_welcome(self, moment: datetime) -> bool:
        """Say whether an instant message is welcome."""
        if self.person and self.person.at_any_time:
            return not self.is_quiet(moment)
        return self.is_at_work(moment)

    def digest_from(self, timing: str, since: datetime) -> datetime:
        """Give from when on the digest may come that tells of something from *since*: some minute at work."""
        day = self.local_day(since)
        day += DAY if timing == "daily" else timedelta(days=7 - day.weekday())
        while not self.works_on(day):
            day += DAY
        moment = datetime.combine(day, time(9), tzinfo=self.zone).astimezone(UTC)
        while not self.is_at_work(moment):
            moment += timedelta(minutes=1)
        return moment

    def period(self, timing: str, moment: datetime) -> str:
        """Name the day or week that a digest is for."""
        day = self.local_day(moment)
        if timing == "weekly":
            return "{}-W{:02}".format(*(day - 7 * DAY).isocalendar())
        before = [day - number * DAY for number in range(1, 8)]
        return next((one for one in before if self.works_on(one)), before[0]).isoformat()


@cache
def days_off(zone: str, year: int) -> frozenset[date]:
    """Give the public holidays of a zone's country."""
    return frozenset(holidays.country_holidays(COUNTRIES[zone], years=year))


@cache
def audiences() -> Mapping[str, Mapping[str, str]]:
    """Give when each audience is told of each achievement, as the recipe says."""
    usual = {"actor": "instant", "manager": "never", "team": "never"}
    achievements = json.loads(_RECIPE.read_text("utf-8"))["achievements"]
    return {one["key"]: {**usual, **one.get("audience", {})} for one in achievements}


def clockwork_of(recipient: str, crowd: Crowd) -> Clockwork:
    """Give the clock of a person or team."""
    person = crowd.people.get(recipient)
    return Clockwork(ZoneInfo(person.zone if person else crowd.teams[recipient]), person)


def expect(crowd: Crowd, changes: Iterable[Change], passes: Sequence[datetime]) -> Iterator[Expected]:
    """Give every message that must have come of awards, when somebody looked at these moments."""
    by_recipient: defaultdict[str, list[tuple[Change, str]]] = defaultdict(list)
    for change in sorted(changes, key=lambda one: (one.at, one.award)):
        for recipient, timing in recipients_of(change, crowd):
            by_recipient[recipient].append((change, timing))
    for recipient in sorted(by_recipient):
        yield from _Waiting(recipient, clockwork_of(recipient, crowd)).go(by_recipient[recipient], passes)


def recipients_of(change: Change, crowd: Crowd) -> Iterator[tuple[str, str]]:
    """Give who is to hear of an award, and how soon; nothing about somebody who opted out."""
    person, soon = crowd.people[change.person], audiences()[change.achievement]
    manager = crowd.people[person.manager or ""]
    if person.opt_out:
        return
    chosen = [(person.id, soon["actor"])]
    chosen += [] if manager.opt_out else [(manager.id, soon["manager"])]
    chosen += [] if person.is_private else [(person.team or "", soon["team"])]
    yield from ((recipient, timing) for recipient, timing in chosen if timing != "never")


@dataclass
class _Waiting:
    """What waits for one recipient."""

    recipient: str
    clock: Clockwork
    topics: dict[str, Topic] = field(default_factory=dict)
    digests: set[tuple[str, str]] = field(default_factory=set)
    instants: list[datetime] = field(default_factory=list)

    def go(self, changes: Sequence[tuple[Change, str]], passes: Iterable[datetime]) -> Iterator[Expected]:
        """Look at each pass what can be told."""
        coming = list(reversed(changes))
        for now in passes:
            while coming and coming[-1][0].at <= now:
                self._note(*coming.pop())
            waiting = [one for one in self.topics.values() if one.is_owed and one.not_before <= now]
            if waiting:
                yield from self._tell(waiting, now)

    def _note(self, change: Change, timing: str) -> None:
        known = self.topics.get(change.award)
        if known is None:
            if change.stands:
                self.topics[change.award] = Topic(timing, stands=True, since=change.at)
            return
        known.stands, known.since = change.stands, change.at
        if change.stands:
            known.timing = timing
        known.is_owed = known.stands if known.told is None else known.told is not known.stands
        known.not_before = AT_ONCE

    def _timing(self, topic: Topic) -> str:
        wished = self.clock.person.wishes[0].awards if self.clock.person and topic.stands else None
        return max(topic.timing, wished or topic.timing, key=RARITY.index)

    def _tell(self, waiting: Sequence[Topic], now: datetime) -> Iterator[Expected]:
        by_timing: defaultdict[str, list[Topic]] = defaultdict(list)
        for one in waiting:
            by_timing[self._timing(one)].append(one)
        for one in by_timing["never"]:
            one.is_owed = False
        if by_timing["instant"]:
            yield from self._tell_instant(by_timing["instant"], now)
        for timing in ("daily", "weekly"):
            ripe = [one for one in by_timing[timing] if self.clock.digest_from(timing, one.since) <= now]
            period = self.clock.period(timing, now)
            if ripe and self.clock.is_at_work(now) and (timing, period) not in self.digests:
                self.digests.add((timing, period))
                yield self._said(ripe, timing, period, now)

    def _tell_instant(self, topics: Sequence[Topic], now: datetime) -> Iterator[Expected]:
        if min(one.since for one in topics) + GATHERING > now or not self.clock.is_welcome(now):
            return
        today = sum(self.clock.local_day(one) == self.clock.local_day(now) for one in self.instants)
        if today >= most_a_day(self.clock.person, now):
            for one in topics:
                one.timing, one.not_before = "daily", self.clock.digest_from("daily", now)
            return
        self.instants.append(now)
        yield self._said(topics, "instant", None, now)

    def _said(self, topics: Sequence[Topic], form: str, period: str | None, now: datetime) -> Expected:
        corrections = sum(not one.stands for one in topics)
        for one in topics:
            one.timing, one.told, one.is_owed = form, one.stands, False
        return Expected(self.recipient, form, period, now, corrections)


def most_a_day(person: Person | None, moment: datetime) -> int:
    """Give the most instant messages that somebody gets in a day."""
    wished = person.wishes_at(moment).daily_most if person else None
    return USUAL_MOST if wished is None else min(wished, USUAL_MOST)
