"""What a streak needs next, and by when: whether it is at risk, and when it would end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.criteria.periods import GRACE, Chain, StreakReader
from milepost.engine.judge import Judge
from milepost.engine.timetables import ONE_DAY
from milepost.engine.views import Everything, View
from milepost.engine.windows import Window, bounds, following, working_days_in

#: A streak is at risk in the last quarter of the last working day of the period that wants to be met.
_CALM_SHARE = 0.75
#: Periods looked ahead: half a year of days, without any that wants to be met.
_AHEAD = 200
#: Met periods looked back at for what was said of them.
_RECENT = 15


class StreakState(StrEnum):
    """Where a streak stands."""

    ON_TRACK = "on_track"
    OPEN = "open"
    AT_RISK = "at_risk"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How long a streak is, and what becomes of it if nothing more happens."""

    length: int
    longest: int
    state: StreakState
    #: Its first met period, by key; None where there is no streak.
    first: str | None = None
    #: Its newest met periods, by key.
    recent: tuple[str, ...] = ()
    #: The period that wants to be met next; None: none is in sight, or there is no streak.
    period: Window | None = None
    #: From when on the streak is at risk; None: missing the period does not end it.
    at_risk_at: datetime | None = None
    #: When it ends if the period stays unmet, its time of grace included.
    ends_at: datetime | None = None

    def look_at(self, now: datetime) -> datetime | None:
        """Give the next moment at which something changes by itself."""
        return min((at for at in (self.at_risk_at, self.ends_at) if at is not None and at > now), default=None)


def outlook_of(judge: Judge, view: View) -> Outlook | None:
    """Say what a holder's streak needs next, as of the view's moment; None if the rule is no streak."""
    reader = judge.criterion
    if not isinstance(reader, StreakReader):
        return None
    known: Outlook | None = view.memory.get((outlook_of, id(judge)))
    if known is None:
        known = view.memory[outlook_of, id(judge)] = _find_outlook(reader, view)
    return known


def _find_outlook(reader: StreakReader, view: View) -> Outlook:
    chain = reader.chain(view, Everything())
    length, longest = chain.current, chain.longest
    if not length:
        return Outlook(length, longest, StreakState.ENDED if longest else StreakState.OPEN)
    met = [one.period.key for one in chain.lengths[-length:]]
    standing = Outlook(length, longest, _state(chain), met[0], tuple(met[-_RECENT:]))
    found = _ending_period(reader, chain, view)
    if found is None:
        return standing
    period, ends_at = found
    at_risk_at = _risk_begins(period, view.calendar)
    state = StreakState.AT_RISK if at_risk_at <= view.as_of else standing.state
    return replace(standing, state=state, period=period, at_risk_at=at_risk_at, ends_at=ends_at)


def _state(chain: Chain) -> StreakState:
    return StreakState.ON_TRACK if chain.is_met_now() else StreakState.OPEN


def _ending_period(reader: StreakReader, chain: Chain, view: View) -> tuple[Window, datetime] | None:
    """Give the first unmet period whose miss shortens the streak, and when it does; freezes cover those before."""
    length = chain.current
    for period in _unmet(chain):
        if not reader.is_excused(view, period):
            ends_at = view.calendar.add(bounds(period, view.calendar)[1], GRACE, working=True)
            if chain.left_at(ends_at) < length:
                return period, ends_at
    return None


def _unmet(chain: Chain) -> Iterator[Window]:
    """Give the missed periods that can still be met, then those to come."""
    yield from chain.open_misses()
    period = chain.lengths[-1].period
    for _ in range(_AHEAD):
        period = following(period)
        yield period


def _risk_begins(period: Window, calendar: PersonalCalendar) -> datetime:
    """Give when three quarters of the work of the period's last working day are done."""
    last_on = working_days_in(period, calendar)[-1]
    begins, ends = calendar.start_of(last_on), calendar.start_of(last_on + ONE_DAY)
    work = calendar.working_time(begins, ends)
    return calendar.add(begins, work * _CALM_SHARE, working=True)
