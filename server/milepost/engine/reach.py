"""How much of history a rule must see to judge some of its windows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from milepost.engine import achievements as rules
from milepost.engine import kinds
from milepost.engine.people import DaySpan
from milepost.engine.windows import window_from_key, window_of

#: Local days of two zones differ by at most this much, shifts past midnight included.
MARGIN = timedelta(days=2)


def reach(rule: rules.Achievement, windows: Collection[str]) -> DaySpan | None:
    """Give the local days whose events decide *windows*; None if everything does."""
    kind = getattr(rule.criterion, "window", None)
    criteria = [one for outer in (rule.criterion, *rule.guardrails) for one in _all_criteria(outer)]
    if not isinstance(kind, kinds.CalendarWindow) or any(_looks_back_for_ever(one) for one in criteria):
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


def _all_criteria(criterion: kinds.Criterion) -> Iterator[kinds.Criterion]:
    yield criterion
    if isinstance(criterion, kinds.Days | kinds.Streak):
        yield from _all_criteria(criterion.each)
    if isinstance(criterion, kinds.AllOf | kinds.AnyCriterion):
        for part in criterion.criteria:
            yield from _all_criteria(part)


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
