"""What stands out in one person's week under one rule: what went well, and where they are stuck.

A person is compared with nobody but themselves. A pattern belongs to the week in which it was settled, so that it is
said once, whenever it is asked for: a window with a hold of three days belongs to the week in which the hold ran out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.criteria.base import INSTANT, Level, number
from milepost.engine.criteria.periods import StreakReader
from milepost.engine.explaining import explain_event
from milepost.engine.judge import Judge
from milepost.engine.kinds import Average, CalendarWindow, Count, Days, Rate
from milepost.engine.reasons import ReasonCode
from milepost.engine.timetables import ONE_DAY
from milepost.engine.views import Everything, View
from milepost.engine.windows import Window, is_working_window, window_of
from milepost.engine.wording import counted_text, share_text, types_nouns

#: A streak is worth a word at each multiple of this.
MILESTONE = 5
#: So many windows in a row with the same award are a habit; then it is worth a word at each milestone.
HABIT, LONGEST_HABIT = 3, 30
#: Fewer windows are not what somebody usually does; the most that are looked at.
FEWEST_EARLIER, MOST_EARLIER = 3, 8
#: How much more than usual is clearly more; of a share, how many points of it.
CLEARLY, CLEARLY_OF_SHARE = Decimal("0.25"), Decimal("0.1")
#: How many more events or days are more than a few.
FEWEST_MORE = Decimal(3)
#: The part of a target from which on somebody was close to it.
CLOSE = Decimal("0.7")
#: The part of a bound by which a share or an average may miss it and be close.
CLOSE_TO_BOUND = Decimal("0.1")

_DOES_COUNT = frozenset(
    {ReasonCode.COUNTED, ReasonCode.HELD, ReasonCode.AWAITING_CONFIRMATION, ReasonCode.ALREADY_COUNTED}
)
_NOT_MEANT = frozenset({ReasonCode.NOT_APPLICABLE, ReasonCode.BEFORE_START})


@dataclass(frozen=True, slots=True)
class Pattern:
    """One thing that stands out, and how to begin to talk about it."""

    text: str
    starter: str
    #: Otherwise it is where somebody is stuck.
    is_strength: bool


@dataclass(frozen=True, slots=True)
class Looking:
    """One person looked at for one rule, over one week."""

    judge: Judge
    view: View
    week: Window

    def is_settled_in_week(self, moment: datetime) -> bool:
        """Say whether something settled on a day of the week; what ends with a day belongs to it."""
        return self.week.first_on <= self.view.calendar.day_of(moment - INSTANT) <= self.week.last_on


def windows_before(week: Window, kind: CalendarWindow, calendar: PersonalCalendar, *, most: int) -> list[Window]:
    """Give the newest windows that end in the week or before it, newest first; not those without a working day."""
    window = window_of(week.last_on, kind)
    if window.last_on > week.last_on:
        window = _before(window)
    found: list[Window] = []
    for _ in range(most * 3):
        if len(found) == most:
            break
        if is_working_window(window, calendar):
            found.append(window)
        window = _before(window)
    return found


def kept_streak(looking: Looking) -> Iterator[Pattern]:
    """Tell of a streak that came to 5, 10, 15 … in the week."""
    reader = looking.judge.criterion
    if not isinstance(reader, StreakReader):
        return
    lengths = reader.chain(looking.view, Everything()).lengths
    reached = [one.met for one in lengths if one.met % MILESTONE == 0 and looking.is_settled_in_week(one.at)]
    if reached:
        unit = "working day" if reader.period is CalendarWindow.DAY else reader.period.value
        text = f"{looking.judge.rule.name}: {counted_text(max(reached), unit)} in a row"
        yield Pattern(text, "Say that it was seen, and ask what makes it easy on ordinary days.", is_strength=True)


def habit(name: str, windows: Sequence[Window], earned: Collection[str], newest: str) -> Iterator[Pattern]:
    """Tell of the same achievement earned in 3, 5, 10, 15 … windows in a row, up to the window *newest*.

    *windows* are a person's working windows, newest first; *earned* the keys of those in which it was earned.
    """
    keys = [one.key for one in windows]
    times = 0
    for key in keys[keys.index(newest) :] if newest in keys else ():
        if key not in earned:
            break
        times += 1
    if times == HABIT or (times and times % MILESTONE == 0):
        unit = "working day" if windows[0].kind is CalendarWindow.DAY else windows[0].kind.value
        text = f"{name}: earned in {counted_text(times, unit)} in a row"
        yield Pattern(text, "Ask whether it has become easy, and what would be worth learning next.", is_strength=True)


def above_usual(looking: Looking, windows: Sequence[Window]) -> Iterator[Pattern]:
    """Tell of a week or month clearly above what the person usually does."""
    place = _newest_settled(looking, windows)
    if place is None:
        return
    begun = min(looking.judge.windows(looking.view), default="")
    values = [
        level.value
        for window in windows[place : place + 1 + MOST_EARLIER]
        if begun and window.key >= begun and (level := _level(looking, window)).code is not ReasonCode.SAMPLE_TOO_SMALL
    ]
    is_known = bool(values) and _level(looking, windows[place]).code is not ReasonCode.SAMPLE_TOO_SMALL
    if is_known and len(values) > FEWEST_EARLIER and _is_clearly_better(looking.judge, values[0], values[1:]):
        now, *earlier = [_shown(looking.judge, value) for value in (values[0], min(values[1:]), max(values[1:]))]
        usual = f"{earlier[0]} to {earlier[1]}" if earlier[0] != earlier[1] else f"{earlier[0]} each time"
        before = f"{len(values) - 1} {windows[place].kind.value}s before"
        text = f"{looking.judge.rule.name}: {now} {_in_words(windows[place])}, after {usual} in the {before}"
        yield Pattern(text, "Ask what was different, and whether it can stay so.", is_strength=True)


def stuck(looking: Looking, windows: Sequence[Window], earned: Collection[str]) -> Iterator[Pattern]:
    """Tell of a target missed narrowly in two windows one after the other, with the most frequent reason."""
    place = _newest_settled(looking, windows)
    if place is None or len(windows) < place + 2:
        return
    both = windows[place + 1], windows[place]
    told = [f"{words} {_in_words(window)}" for window in both if (words := _narrow_miss(looking, window, earned))]
    if len(told) == len(both):
        starter = "Ask what would make it easier."
        why = _most_frequent_reason(looking, both)
        text = f"{looking.judge.rule.name}: {', then '.join(told)}"
        yield Pattern(text, f"{why} {starter}" if why else starter, is_strength=False)


def _before(window: Window) -> Window:
    return window_of(window.first_on - ONE_DAY, window.kind)


def _newest_settled(looking: Looking, windows: Sequence[Window]) -> int | None:
    """Give the place of the newest window that was settled for good in the week, if one was."""
    for place, window in enumerate(windows):
        closes_at = looking.judge.closes_at(looking.view, window.key)
        if looking.is_settled_in_week(closes_at):
            return place
    return None


def _level(looking: Looking, window: Window) -> Level:
    """Give what a window came to in the end."""
    judge, view = looking.judge, looking.view
    return judge.read(view, window.key).at(judge.closes_at(view, window.key))


def _is_clearly_better(judge: Judge, value: Decimal, earlier: Sequence[Decimal]) -> bool:
    """Say whether a value beats each of the earlier ones, and the middle one of them by far."""
    criterion, usual = judge.rule.criterion, median(earlier)
    if isinstance(criterion, Rate | Average) and criterion.bounds.at_least is None:
        value, usual, earlier = -value, -usual, [-one for one in earlier]
    by: Decimal = CLEARLY_OF_SHARE if isinstance(criterion, Rate) else abs(usual) * CLEARLY
    if isinstance(criterion, Count | Days):
        by = max(by, FEWEST_MORE, 2 * usual.sqrt())  # by chance alone, a count goes up and down by about its root
    return value > max(earlier) and value - usual >= by


def _narrow_miss(looking: Looking, window: Window, earned: Collection[str]) -> str | None:
    """Say how close it was where a target was nearly reached, or a guardrail stood in the way; else None."""
    judge, view = looking.judge, looking.view
    level = _level(looking, window)
    rung = judge.rungs(view.profile_at(judge.closes_at(view, window.key)))[0]
    if window.key in earned or level.code is ReasonCode.SAMPLE_TOO_SMALL:
        return None
    if judge.is_reached(level, rung):
        return _broken_guardrail(looking, window)
    if judge.is_targeted:
        is_close = level.value >= CLOSE * rung.target
        return f"{number(level.value)} of {number(rung.target)}" if is_close else None
    is_close = abs(level.value - level.target) <= CLOSE_TO_BOUND * level.target
    return level.text if is_close else None


def _broken_guardrail(looking: Looking, window: Window) -> str | None:
    closes_at = looking.judge.closes_at(looking.view, window.key)
    levels = [guard.at(closes_at) for guard in looking.judge.read_guardrails(looking.view, window.key)]
    return next((level.text for level in levels if not level.met), None)


def _most_frequent_reason(looking: Looking, windows: Sequence[Window]) -> str | None:
    """Say what kept events from counting most often, where something did so twice at least."""
    judge, view = looking.judge, looking.view
    looked, reasons = 0, Counter[str]()
    for one in view.owned:
        window = window_of(view.calendar.day_of(one.event.occurred_at), windows[0].kind)
        if one.event.type not in judge.through or window not in windows:
            continue
        reason = explain_event(judge, view, one.event, window.key)
        looked += reason is not None and reason.code not in _NOT_MEANT
        if reason is not None and reason.code not in _DOES_COUNT | _NOT_MEANT:
            reasons.update(_alike(reason.text, one.event.subject))
    if not reasons:
        return None
    (words, times) = min(reasons.items(), key=lambda item: (-item[1], item[0]))
    unit = types_nouns(sorted(judge.through))
    return f"Most often, {words} ({times} of {looked} {unit})." if times > 1 else None


def _alike(text: str, subject: str | None) -> list[str]:
    """Word a reason so that it is the same for every event it holds for: without values, one gap at a time."""
    gaps = re.fullmatch(r"(.+) (?:is|are) missing(?:;.*)?", text)
    if gaps:
        return [f"{name} is missing" for name in re.split(r", | and ", gaps[1])]
    text = re.sub(r" (?:is|took|at|on a) [^;]*?, needs ", " needs ", text)
    return [text.removesuffix(f" on {subject}") if subject else text]


def _in_words(window: Window) -> str:
    day = f"{window.first_on.day} {window.first_on:%B}"
    match window.kind:
        case CalendarWindow.DAY:
            return f"on {day}"
        case CalendarWindow.WEEK:
            return f"in the week of {day}"
        case CalendarWindow.MONTH:
            return f"in {window.first_on:%B}"
        case _:
            return f"in {window.key}"


def _shown(judge: Judge, value: Decimal) -> str:
    return share_text(round(value, 2)) if isinstance(judge.rule.criterion, Rate) else number(value)
