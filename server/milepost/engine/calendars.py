"""Working calendars: the values, and one holder's own time."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from milepost.engine.timetables import EARLIEST_DAY, LATEST_DAY, ONE_DAY, Timetable, WorkingSpan, timetable_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from milepost.engine.facts import Facts
    from milepost.engine.people import Actor, DaySpan, Profile

_NOON = time(12, tzinfo=UTC)
_LONG_IDLE = timedelta(days=3 * 366)
#: The working spans of a day reach no further than this beyond the same day in UTC, after it.
_REACH = timedelta(days=2)

#: Moments outside of these have no local day in every zone.
_EARLIEST = datetime.combine(EARLIEST_DAY, time(), tzinfo=UTC) + timedelta(days=7)
_LATEST = datetime.combine(LATEST_DAY, time(), tzinfo=UTC) - timedelta(days=7)

#: Working time is counted between these only, so that 0001-01-01 for "never" costs nothing.
_FIRST_WORK = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_WORK = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time that begins on a day; one that ends no later than it starts runs past midnight."""

    start: time
    end: time


#: Monday to Friday, nine to five.
OFFICE_WEEK: tuple[tuple[Shift, ...], ...] = ((Shift(time(9), time(17)),),) * 5 + ((),) * 2


@dataclass(frozen=True, slots=True)
class Calendar:
    """A working week with its public holidays."""

    key: str = "default"
    #: IANA name; an actor's own zone goes before it.
    zone: str = "UTC"
    #: Shifts of each weekday, Monday first.
    week: tuple[tuple[Shift, ...], ...] = OFFICE_WEEK
    #: ISO 3166 code for the `holidays` library, such as ``DE``; None: no public holidays.
    country: str | None = None
    #: Such as ``BY``.
    subdivision: str | None = None
    #: The company's own days off.
    days_off: frozenset[date] = field(default_factory=frozenset)


class PersonalCalendar:
    """The time of one actor or team, by the zones and calendars in force over the years.

    Moments are aware; those given back are in UTC unless said otherwise. What has been
    worked out is kept, so make one for each holder and use it again.
    """

    __slots__ = ("_changes", "_only", "_shifts", "_time_off", "_timetables", "_zone_changes")

    def __init__(
        self, timetables: Sequence[Timetable], changes: Sequence[datetime] = (), *, time_off: Sequence[DaySpan] = ()
    ) -> None:
        """Put together *timetables* in order, each but the first in force from the change at its place on."""
        self._timetables = tuple(timetables)
        self._changes = tuple(changes)
        self._only = self._timetables[0] if len(self._timetables) == 1 else None
        self._time_off = tuple(time_off)
        self._zone_changes = tuple(
            change
            for change, before, after in zip(self._changes, self._timetables, self._timetables[1:], strict=False)
            if before.zone.key != after.zone.key
        )
        self._shifts: dict[date, tuple[WorkingSpan, ...]] = {}

    @classmethod
    def of_actor(cls, actor: Actor, facts: Facts) -> PersonalCalendar:
        """Give the time of a person, by the profiles they had."""
        timetables = [_timetable_of_profile(actor.profiles[0], facts)]
        changes: list[datetime] = []
        for profile in actor.profiles[1:]:
            timetable = _timetable_of_profile(profile, facts)
            if profile.since is not None and not _same(timetable, timetables[-1]):
                timetables.append(timetable)
                changes.append(profile.since)
        return cls(timetables, changes, time_off=(*actor.leave, *actor.pauses))

    @classmethod
    def of_team(cls, team_id: str, facts: Facts) -> PersonalCalendar:
        """Give the time of a team; one that is not known goes by the default calendar."""
        team = facts.teams.get(team_id)
        calendar = _calendar(team.calendar if team else None, facts)
        return cls([timetable_of(calendar, ZoneInfo(team.zone if team and team.zone else calendar.zone))])

    def zone_at(self, moment: datetime) -> ZoneInfo:
        """Give the zone in force at *moment*."""
        return self._timetable_at(moment).zone

    def local(self, moment: datetime) -> datetime:
        """Give *moment* as the holder's clock showed it."""
        return moment.astimezone(self._timetable_at(moment).zone)

    def day_of(self, moment: datetime) -> date:
        """Give the holder's day; a shift that runs past midnight belongs to the day it began on.

        The weekly pattern decides, whatever holidays and leave, on the clocks of the zone in force at *moment*.
        """
        if self._only:
            return self._only.day_of(moment)
        timetable = self._timetable_at(moment)
        day = moment.astimezone(timetable.zone).date()
        while moment < timetable.start_after(self._timetable_on(day - ONE_DAY), day):
            day -= ONE_DAY
        return day

    def start_of(self, day: date) -> datetime:
        """Give the first moment of *day*: local midnight, or the end of the shift that ran past it.

        The profile in force at noon UTC decides about the whole day.
        """
        if self._only:
            return self._only.start_of(day)
        day = min(max(day, EARLIEST_DAY), LATEST_DAY)
        return self._timetable_on(day).start_after(self._timetable_on(day - ONE_DAY), day)

    def is_working_day(self, day: date) -> bool:
        """Say whether *day* has working time and is no public holiday, day off, leave or pause."""
        return bool(self.shifts_on(day))

    def zone_changed_on(self, day: date) -> bool:
        """Say whether another zone took effect on *day*."""
        if not self._zone_changes:
            return False
        start, end = self.start_of(day), self.start_of(day + ONE_DAY)
        return any(start <= change < end for change in self._zone_changes)

    def shifts_on(self, day: date) -> tuple[WorkingSpan, ...]:
        """Give the working spans that begin on *day*, in order; none on a day that is no working day."""
        shifts = self._shifts.get(day)
        if shifts is None:
            shifts = self._shifts[day] = self._find_shifts(day)
        return shifts

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Add up the working time between two moments; nothing where *end* is not after *start*."""
        start, end = max(start, _FIRST_WORK), min(end, _LAST_WORK)
        total = timedelta()
        if end <= start:
            return total
        for begins, ends in self._working_spans(start.astimezone(UTC)):
            if begins >= end:
                break
            total += min(ends, end) - begins
        return total

    def elapsed(self, start: datetime, end: datetime, *, working: bool) -> timedelta:
        """Give the time from *start* to *end*; by the wall clock it is negative where *end* is earlier."""
        return self.working_time(start, end) if working else end - start

    def add(self, start: datetime, length: timedelta, *, working: bool) -> datetime:
        """Give the first moment at which *length* has passed since *start*.

        Where a calendar has no working time for three years, the rest passes by the wall clock.
        """
        reached, left = start.astimezone(UTC), length
        if not working:
            return reached + left
        if left <= timedelta():
            return reached
        for begins, ends in self._working_spans(reached):
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
            reached = ends
        return reached + left

    def parse_moment(self, value: object) -> datetime | date | None:
        """Read a day or a moment; None where it is neither.

        A moment without zone is taken in the holder's zone. A placeholder at either end of all time
        is moved by days, so that it has a local day everywhere.
        """
        read = _read_iso(value) if isinstance(value, str) else value
        if isinstance(read, datetime):
            return self._in_utc(read)
        return read if isinstance(read, date) else None

    def _in_utc(self, moment: datetime) -> datetime:
        if not _EARLIEST.date() < moment.date() < _LATEST.date():
            return max(_EARLIEST, min(_LATEST, datetime.combine(moment.date(), time(), tzinfo=UTC)))
        if moment.tzinfo is None:
            about = datetime.combine(moment.date(), moment.time(), tzinfo=UTC)
            moment = datetime.combine(moment.date(), moment.time(), tzinfo=self.zone_at(about))
        return moment.astimezone(UTC)

    def _timetable_at(self, moment: datetime) -> Timetable:
        return self._only or self._timetables[bisect_right(self._changes, moment)]

    def _timetable_on(self, day: date) -> Timetable:
        return self._only or self._timetable_at(datetime.combine(day, _NOON))

    def _find_shifts(self, day: date) -> tuple[WorkingSpan, ...]:
        timetable = self._timetable_on(day)
        spans = timetable.spans_on(day)
        if not spans or any(day in span for span in self._time_off) or timetable.is_day_off(day):
            return ()
        return spans

    def _working_spans(self, start: datetime) -> Iterator[WorkingSpan]:
        """Go through the working time from *start* on, until there is none for a long time."""
        reached, day = start, start.date() - _REACH
        stop_on = day + _LONG_IDLE
        while day <= stop_on:
            for begins, ends in self.shifts_on(day):
                if ends > reached:
                    # After a move, two days may share hours: they are worked once.
                    yield max(begins, reached), ends
                    reached, stop_on = ends, day + _LONG_IDLE
            day += ONE_DAY


def _calendar(key: str | None, facts: Facts) -> Calendar:
    default = facts.calendars.get("default") or Calendar()
    return default if key is None else facts.calendars.get(key, default)


def _timetable_of_profile(profile: Profile, facts: Facts) -> Timetable:
    team = facts.teams.get(profile.team) if profile.team else None
    calendar = _calendar(profile.calendar or (team.calendar if team else None), facts)
    return timetable_of(calendar, ZoneInfo(profile.zone or calendar.zone))


def _same(one: Timetable, other: Timetable) -> bool:
    return one.zone.key == other.zone.key and one.calendar == other.calendar


def _read_iso(text: str) -> datetime | date | None:
    """Read ``2026-03-02`` as a day and ``2026-03-02 10:00`` as a moment."""
    text = text.strip().upper()
    # The library also reads 20260302 and 2026-W10-1, which in a business record are numbers and names.
    if text[4:5] != "-" or text[7:8] != "-" or text[10:11] not in ("", "T", " "):
        return None
    try:
        return date.fromisoformat(text) if len(text) == len("2026-03-02") else datetime.fromisoformat(text)
    except ValueError:
        return None
