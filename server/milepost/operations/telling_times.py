"""When a person or team may be told: on whose clock, and never in the night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import MessageWishes, QuietHours, Timing
from milepost.engine.timetables import ONE_DAY, WorkingSpan
from milepost.engine.views import actor_of, calendar_of

#: What is further away than this is not looked for: whoever does not work for three years is told nothing.
FAR = timedelta(days=3 * 366)
#: The working spans of a day reach no further than this beyond the same day in UTC, after it.
_REACH = timedelta(days=2)
_MINUTE = timedelta(minutes=1)


def next_welcome(recipient: Holder, moment: datetime, facts: Facts) -> datetime:
    """Give the first moment from *moment* on at which an instant message may come.

    That is in working hours and outside quiet hours; where these leave nothing of the working hours, at another time of
    a working day. A person may let messages come at any time that is not quiet. A moment three years ahead means never.
    """
    wishes = wishes_of(recipient, facts)
    calendar = calendar_of(recipient, facts)
    if wishes.outside_working_hours:
        return _loud(calendar, wishes.quiet, moment, moment + 2 * ONE_DAY) or moment + FAR
    return _welcome_at_work(calendar, wishes.quiet, moment) or moment + FAR


def digest_moment(recipient: Holder, timing: Timing, since: datetime, facts: Facts) -> datetime:
    """Give when the digest comes that tells of something from *since*.

    A daily one comes at the first welcome moment of the working day after the local day of *since*, a weekly one at
    that of the ISO week after it; in working hours even where other messages may come at any time.
    """
    calendar = calendar_of(recipient, facts)
    day = calendar.day_of(since)
    following = day + ONE_DAY if timing is Timing.DAILY else day + timedelta(days=8 - day.isoweekday())
    return next_digest_welcome(recipient, calendar.start_of(following), facts)


def next_digest_welcome(recipient: Holder, moment: datetime, facts: Facts) -> datetime:
    """Give the first moment from *moment* on at which a digest may come."""
    welcome = _welcome_at_work(calendar_of(recipient, facts), wishes_of(recipient, facts).quiet, moment)
    return welcome or next_welcome(recipient, moment, facts)


def digest_period(recipient: Holder, timing: Timing, moment: datetime, facts: Facts) -> str:
    """Name what a digest composed at *moment* is for: the day before, without days off, or the ISO week before."""
    calendar = calendar_of(recipient, facts)
    day = calendar.day_of(moment)
    if timing is Timing.WEEKLY:
        year, week, _ = (day - timedelta(days=7)).isocalendar()
        return f"{year}-W{week:02}"
    before = [day - timedelta(days=number) for number in range(1, 8)]
    return next(filter(calendar.is_working_day, before), before[0]).isoformat()


def wishes_of(recipient: Holder, facts: Facts) -> MessageWishes:
    """Give when and where a recipient wants to be told; a team has no wishes of its own."""
    if recipient.kind is HolderKind.TEAM:
        return MessageWishes()
    return actor_of(recipient.id, facts).preferences.messages


def rarer(*timings: Timing) -> Timing:
    """Give the timing of several that tells least often."""
    return max(timings, key=list(Timing).index)


def _welcome_at_work(calendar: PersonalCalendar, quiet: tuple[QuietHours, ...], moment: datetime) -> datetime | None:
    """Give the first moment of working time that is not quiet, else of a working day; None if there is none."""
    for spans in (_working_hours(calendar, moment), _working_days(calendar, moment)):
        for begins, ends in spans:
            welcome = _loud(calendar, quiet, max(begins, moment), ends)
            if welcome is not None:
                return welcome
    return None


def _working_hours(calendar: PersonalCalendar, moment: datetime) -> Iterator[WorkingSpan]:
    for day in _days_from(moment):
        yield from calendar.shifts_on(day)


def _working_days(calendar: PersonalCalendar, moment: datetime) -> Iterator[WorkingSpan]:
    for day in filter(calendar.is_working_day, _days_from(moment)):
        yield calendar.start_of(day), calendar.start_of(day + ONE_DAY)


def _days_from(moment: datetime) -> Iterator[date]:
    first = (moment - _REACH).astimezone(UTC).date()
    return (first + timedelta(days=number) for number in range(FAR.days))


def _loud(
    calendar: PersonalCalendar, quiet: tuple[QuietHours, ...], moment: datetime, until: datetime
) -> datetime | None:
    """Give the first moment from *moment* on, before *until*, that is not quiet on the recipient's clock."""
    while moment < until:
        later = _quiet_until(calendar, quiet, moment)
        if later is None:
            return moment
        moment = later
    return None


def _quiet_until(calendar: PersonalCalendar, quiet: tuple[QuietHours, ...], moment: datetime) -> datetime | None:
    """Give when the quiet hours end, or how far they surely go on, in which *moment* lies; None if it lies in none."""
    local = calendar.local(moment)
    stretch = next((one for one in quiet if local.time() in one), None)
    if stretch is None:
        return None
    day = local.date() if local.time() < stretch.ends else local.date() + ONE_DAY
    end = datetime.combine(day, stretch.ends, tzinfo=local.tzinfo)
    # Clocks that go back show a time twice, clocks that go forward skip some.
    reached = min(one for one in (_in_utc(end, 0), _in_utc(end, 1), moment + 2 * ONE_DAY) if one > moment)
    is_skipped = calendar.local(reached).time() != stretch.ends and reached > _in_utc(end, 1)
    return moment.replace(second=0, microsecond=0) + _MINUTE if is_skipped else reached


def _in_utc(local: datetime, fold: int) -> datetime:
    return local.replace(fold=fold).astimezone(UTC)
