"""How much of history a rule must see to judge some of its windows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from milepost.engine import kinds
from milepost.engine.judge import Judge
from milepost.engine.people import DaySpan
from milepost.engine.windows import EVER, Window, following, window_from_key, window_of

#: Local days of two zones differ by at most this much, shifts past midnight included.
MARGIN = timedelta(days=2)


@lru_cache(maxsize=8192)
def reach(judge: Judge, windows: frozenset[str]) -> DaySpan | None:
    """Give the local days whose events decide *windows*; None if everything does."""
    kind, criteria = judge.pieces, _inside(judge)
    if kind is None or any(_looks_back_for_ever(one) for one in criteria):
        return None
    spans = [window_from_key(key, kind) for key in windows]
    first, last = min(span.first_on for span in spans), max(span.last_on for span in spans)
    firsts, lasts = [first], [last]
    for criterion in criteria:
        window = getattr(criterion, "window", None)
        if isinstance(window, kinds.CalendarWindow):
            firsts.append(window_of(first, window).first_on)
            lasts.append(window_of(last, window).last_on)
        firsts.append(_back_by(first, _look_back(criterion)))
    return DaySpan(min(firsts) - MARGIN, max(lasts) + MARGIN)


@lru_cache(maxsize=8192)
def affected_windows(judge: Judge, day: date) -> frozenset[str] | None:
    """Give the windows that something on local *day* may decide; None if it may decide any.

    That is the window of the day itself, those that share a wider window of some guardrail
    with it, and those that look back at it. Of a streak that is judged by period, it is periods.
    """
    kind = judge.pieces
    if kind is None:
        return frozenset({EVER})
    firsts, lasts = [day], [day]
    for criterion in _inside(judge):
        if _looks_back_for_ever(criterion):
            return None
        window = getattr(criterion, "window", None)
        if isinstance(window, kinds.CalendarWindow):
            firsts.append(window_of(day, window).first_on)
            lasts.append(window_of(day, window).last_on)
        length = _look_back(criterion)
        lasts.append(day + timedelta(days=length.days + 2) if length else day)
    return frozenset(window.key for window in _windows_between(min(firsts), max(lasts), kind))


def _inside(judge: Judge) -> list[kinds.Criterion]:
    """Give the criteria that decide a window; of a streak those inside it, by which a period is judged."""
    return [one for one in judge.all_criteria if judge.streak is None or one is not judge.rule.criterion]


def _windows_between(first: date, last: date, kind: kinds.CalendarWindow) -> Iterator[Window]:
    window = window_of(first, kind)
    while window.first_on <= last:
        yield window
        window = following(window)


def _looks_back_for_ever(criterion: kinds.Criterion) -> bool:
    if isinstance(criterion, kinds.Improvement | kinds.Streak | kinds.Run):
        return True
    if isinstance(criterion, kinds.Sequence) and criterion.within is None:
        return True
    return isinstance(getattr(criterion, "window", None), kinds.Ever)


def _look_back(criterion: kinds.Criterion) -> timedelta:
    window = getattr(criterion, "window", None)
    length = window.length if isinstance(window, kinds.Rolling) else timedelta()
    if isinstance(criterion, kinds.Sequence) and criterion.within:
        length = max(length, criterion.within)
    return length


def _back_by(day: date, length: timedelta) -> date:
    return day - timedelta(days=length.days + 1)
