"""What a backtest found, as it is shown: numbers first, then people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from milepost.engine.kinds import CalendarWindow
from milepost.engine.people import HolderKind
from milepost.engine.progress import Progress, show_progress
from milepost.engine.selecting import Selected
from milepost.engine.sentences import describe
from milepost.engine.telling import Timing
from milepost.engine.windows import following, window_of
from milepost.operations.award_summaries import holder_name
from milepost.operations.backtest import Backtest, Tried
from milepost.operations.name_holder import full_name
from milepost.operations.visibility import is_told
from milepost.operations.word_messages import plain_number

#: People named who came nearest.
NEAREST = 10


def report(found: Backtest) -> dict[str, Any]:
    """Give the whole report of a backtest."""
    earners = [one for one in found.tried if one.earned]
    selected = [each for one in found.tried for each in one.selected]
    return {
        "key": found.rule.key,
        "name": found.rule.name,
        "sentence": describe(found.rule),
        "as_of": found.as_of,
        "since": found.since,
        **_covered(found),
        "eligible": len(found.tried),
        "active": len([one for one in found.tried if one.view.owned]),
        "earners_count": len(earners),
        "awards_count": _awards(earners),
        "points": _points(found, earners),
        "refused": dict(Counter(str(each.refused.code) for each in selected if each.refused)),
        "weeks": list(_weeks(found, earners)),
        "messages": list(_messages(found, earners)),
        "earners": _earners(found, earners),
        "nearest": _nearest(found),
        "groups": _groups(found),
    }


def _covered(found: Backtest) -> dict[str, Any]:
    """Say how much history the rule was tried on."""
    start = found.since
    events = {
        each.event.id: each.event.occurred_at
        for one in found.tried
        for each in one.view.owned
        if start is None or each.event.occurred_at >= start
    }
    first, last = min(events.values(), default=None), max(events.values(), default=None)
    days = (last.date() - first.date()).days + 1 if first and last else 0
    return {"events": len(events), "first_event_at": first, "last_event_at": last, "days": days}


def _awards(tried: Iterable[Tried]) -> int:
    return sum(len(one.earned) for one in tried)


def _points(found: Backtest, tried: Iterable[Tried]) -> int:
    return sum(found.rule.points_for(each.earning.tier) for one in tried for each in one.earned)


def _day(one: Tried, each: Selected) -> date:
    return one.view.calendar.day_of(each.earning.earned_at)


def _weeks(found: Backtest, earners: Sequence[Tried]) -> Iterator[dict[str, Any]]:
    """Count by week of the holder, from the first week with an award to the last, those without included."""
    in_week: defaultdict[str, list[tuple[Tried, Selected]]] = defaultdict(list)
    for one in earners:
        for each in one.earned:
            in_week[window_of(_day(one, each), CalendarWindow.WEEK).key].append((one, each))
    days = [_day(one, each) for one in earners for each in one.earned]
    week = window_of(min(days, default=date.min), CalendarWindow.WEEK)
    while days and week.first_on <= max(days):
        here = in_week[week.key]
        yield {
            "week": week.key,
            "first_on": week.first_on,
            "awards": len(here),
            "people": len({one.holder for one, _ in here}),
            "points": sum(found.rule.points_for(each.earning.tier) for _, each in here),
        }
        week = following(week)


def _messages(found: Backtest, earners: Iterable[Tried]) -> Iterator[dict[str, Any]]:
    """Count the news for each audience, and the messages they make when digests are put together."""
    audience = found.rule.audience
    for name, timing in (("actor", audience.actor), ("manager", audience.manager), ("team", audience.team)):
        if timing is not Timing.NEVER:
            told = [(one, each) for one in earners if is_told(name, one.holder, found.facts) for each in one.earned]
            messages = {_message(name, timing, one, each) for one, each in told}
            yield {"audience": name, "when": timing.value, "news": len(told), "messages": len(messages)}


def _message(audience: str, timing: Timing, one: Tried, each: Selected) -> tuple[Any, ...]:
    """Tell messages apart: by who gets them, and when."""
    profile = one.view.profile_at(each.earning.earned_at)
    to = {"actor": holder_name(one.holder), "manager": profile.manager, "team": profile.team}[audience]
    match timing:
        case Timing.DAILY:
            return to, _day(one, each)
        case Timing.WEEKLY:
            return to, window_of(_day(one, each), CalendarWindow.WEEK).key
        case _:
            return to, one.holder, each.slot


def _earners(found: Backtest, earners: Iterable[Tried]) -> list[dict[str, Any]]:
    """Name who would have earned it, the most awards first."""
    rows = [
        {
            **_who(found, one),
            "awards": len(one.earned),
            "points": _points(found, [one]),
            "first_earned_at": one.earned[0].earning.earned_at,
            "last_earned_at": one.earned[-1].earning.earned_at,
            "tiers": dict(Counter(each.earning.tier for each in one.earned if each.earning.tier)),
        }
        for one in earners
    ]
    return sorted(rows, key=lambda row: (-row["awards"], row["first_earned_at"], row["holder"]))


def _who(found: Backtest, one: Tried) -> dict[str, Any]:
    return {"holder": holder_name(one.holder), "name": full_name(one.holder, found.facts)}


def _nearest(found: Backtest) -> list[dict[str, Any]]:
    """Name those who earned nothing, in the window in which they came nearest."""
    best = [(one, progress) for one in found.tried if not one.selected and (progress := _best(found, one))]
    best.sort(key=lambda pair: (-pair[1].percent, pair[0].holder))
    return [
        {
            **_who(found, one),
            "window": progress.window,
            "current": plain_number(float(progress.current)),
            "target": plain_number(float(progress.target)),
            "percent": progress.percent,
            "reason_code": progress.reason.code.value,
            "reason": progress.reason.text,
        }
        for one, progress in best[:NEAREST]
    ]


def _best(found: Backtest, one: Tried) -> Progress | None:
    shown = [show_progress(found.judge, one.view, key, ()) for key in sorted(found.judge.windows(one.view))]
    return max(shown, key=lambda progress: (progress.percent, progress.window), default=None)


def _groups(found: Backtest) -> dict[str, Any]:
    """Compare roles, teams and segments as people have them now."""
    sorted_in: defaultdict[tuple[str, str], list[Tried]] = defaultdict(list)
    for one in found.tried:
        if one.holder.kind is HolderKind.ACTOR:
            for place in _places(one, found.as_of):
                sorted_in[place].append(one)
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for (kind, name), members in sorted(sorted_in.items()):
        earners = [one for one in members if one.earned]
        rows[kind].append(
            {
                "name": name,
                "eligible": len(members),
                "earners": len(earners),
                "awards": _awards(earners),
                "points": _points(found, earners),
            }
        )
    segments = {kind.removeprefix("segment "): group for kind, group in rows.items() if kind.startswith("segment ")}
    return {"roles": rows["role"], "teams": rows["team"], "segments": segments}


def _places(one: Tried, as_of: datetime) -> Iterator[tuple[str, str]]:
    profile = one.view.profile_at(as_of)
    yield from ((kind, name) for kind, name in (("role", profile.role), ("team", profile.team)) if name)
    yield from ((f"segment {name}", value) for name, value in profile.segments.items())
