"""One holder's own time: local days, working days and working time, each worked out afresh."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from milepost.engine.calendars import Calendar, Shift
from milepost.engine.facts import Facts
from milepost.engine.people import Actor, Holder, HolderKind, Profile, Team
from tests.oracle.spans import ONE_DAY

#: A calendar that has no working time for so many days has none at all.
_FAR = 800


class Clock:
    """Tells a holder's local days and working time from the facts."""

    def __init__(self, facts: Facts, holder: Holder) -> None:
        """Look the holder up; an unknown one has no profile to speak of."""
        self._facts = facts
        self._team = facts.teams.get(holder.id, Team(holder.id)) if holder.kind is HolderKind.TEAM else None
        self.actor = facts.actors.get(holder.id, Actor(holder.id))
        self._labels: dict[datetime, date] = {}
        self._expected: dict[date, bool] = {}

    # ---------------------------------------------------------------- profile, calendar and zone

    def _named(self, key: str | None) -> Calendar:
        return self._facts.calendars.get(key or "default", Calendar())

    def _calendar_of(self, profile: Profile) -> Calendar:
        if self._team is not None:
            return self._named(self._team.calendar)
        team = self._facts.teams.get(profile.team or "")
        return self._named(profile.calendar or (team.calendar if team else None))

    def _zone_of(self, profile: Profile) -> ZoneInfo:
        own = self._team.zone if self._team is not None else profile.zone
        return ZoneInfo(own or self._calendar_of(profile).zone)

    def zone_at(self, moment: datetime) -> ZoneInfo:
        """Give the zone in force at *moment*."""
        return self._zone_of(self.actor.profile_at(moment))

    def _day_profile(self, day: date) -> Profile:
        return self.actor.profile_at(datetime.combine(day, time(12), UTC))

    def _pattern(self, day: date) -> tuple[Shift, ...]:
        return self._calendar_of(self._day_profile(day)).week[day.weekday()]

    # ---------------------------------------------------------------- local days

    def _night_end(self, day: date, zone: ZoneInfo) -> datetime:
        """Give when the night shift that began on the day before ends on *day*; its midnight without one."""
        ends = [shift.end for shift in self._pattern(day - ONE_DAY) if shift.end <= shift.start]
        return datetime.combine(day, max([time(0), *ends]), zone).astimezone(UTC)

    def label(self, moment: datetime) -> date:
        """Give the local day *moment* belongs to."""
        if moment not in self._labels:
            zone = self.zone_at(moment)
            day = moment.astimezone(zone).date()
            self._labels[moment] = day - ONE_DAY if moment < self._night_end(day, zone) else day
        return self._labels[moment]

    def start(self, day: date) -> datetime:
        """Give the moment at which *day* begins."""
        return self._night_end(day, self._zone_of(self._day_profile(day)))

    def midnight(self, day: date, zone: ZoneInfo) -> datetime:
        """Give the midnight that *day* begins with in *zone*."""
        return datetime.combine(day, time(0), zone).astimezone(UTC)

    def zone_changed(self, day: date) -> bool:
        """Say whether the zone became another one on *day*."""
        if self._team is not None:
            return False
        profiles = self.actor.profiles
        return any(
            self._zone_of(old).key != self._zone_of(new).key and new.since and self.label(new.since) == day
            for old, new in pairwise(profiles)
        )

    # ---------------------------------------------------------------- working time

    def is_working(self, day: date) -> bool:
        """Say whether work is expected on *day*."""
        if day not in self._expected:
            self._expected[day] = self._expects_work(day)
        return self._expected[day]

    def _expects_work(self, day: date) -> bool:
        calendar = self._calendar_of(self._day_profile(day))
        away = () if self._team is not None else (*self.actor.leave, *self.actor.pauses)
        closed = day in calendar.days_off or any(day in span for span in away)
        if calendar.country:
            closed = closed or day in holidays.country_holidays(calendar.country, subdiv=calendar.subdivision)
        return bool(calendar.week[day.weekday()]) and not closed

    def _shifts(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_working(day):
            return []
        zone = self._zone_of(self._day_profile(day))
        return [
            (
                datetime.combine(day, shift.start, zone).astimezone(UTC),
                datetime.combine(day + ONE_DAY * (shift.end <= shift.start), shift.end, zone).astimezone(UTC),
            )
            for shift in self._pattern(day)
        ]

    def _work_after(self, moment: datetime, until: date) -> list[tuple[datetime, datetime]]:
        """Give the stretches of working time after *moment*, without overlaps, of the days up to *until*."""
        stretches, reached = [], moment
        day = moment.date() - 3 * ONE_DAY
        while day <= until:
            for start, end in sorted(self._shifts(day)):
                if max(start, reached) < end:
                    stretches.append((max(start, reached), end))
                    reached = end
            day += ONE_DAY
        return stretches

    def after(self, moment: datetime, length: timedelta, *, working: bool) -> datetime | None:
        """Give the first moment at which *length* has passed since *moment*; None is never."""
        if not working:
            return moment + length
        for horizon in (length // timedelta(hours=1) + 20, _FAR):
            left = length
            for start, end in self._work_after(moment, moment.date() + horizon * ONE_DAY):
                if end - start >= left:
                    return start + left
                left -= end - start
        return None

    def between(self, start: datetime, end: datetime, *, working: bool) -> timedelta:
        """Give the time from *start* to *end*, negative when they are the other way round."""
        if not working:
            return end - start
        if end < start:
            return -self.between(end, start, working=True)
        pieces = self._work_after(start, end.date() + 3 * ONE_DAY)
        return sum((max(min(stop, end) - begin, timedelta()) for begin, stop in pieces), timedelta())
