"""From earnings to awards: repeats, then cooldown, then cap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from milepost.engine.achievements import Achievement, Repeats
from milepost.engine.calendars import PersonalCalendar
from milepost.engine.judge import Earning
from milepost.engine.lengths import describe_length
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.windows import EVER, window_of


@dataclass(frozen=True, slots=True)
class Selected:
    """An earning that repeats admits, and what cooldown and cap say to it."""

    earning: Earning
    #: Tells the awards of one achievement and holder apart.
    slot: str
    #: None: it becomes an award.
    refused: Reason | None


#: A rule as it was in each of its versions.
Versions: TypeAlias = Mapping[int, Achievement]


def select_awards(
    rule: Achievement, earnings: Iterable[Earning], calendar: PersonalCalendar, versions: Versions | None = None
) -> list[Selected]:
    """Say which earnings of one holder become awards, in order of time.

    How often, how far apart and how many is said by the version an earning was judged by,
    so that a changed limit leaves alone what was earned before; *rule* is the newest.
    """
    places = {tier.name: place for place, tier in enumerate(rule.tiers)}
    ordered = sorted(earnings, key=lambda one: (one.earned_at, one.window, places.get(one.tier or "", 0), one.ordinal))
    known = versions or {}
    caps = {one.cap.window for one in (rule, *known.values()) if one.cap}
    selected: list[Selected] = []
    last: dict[str | None, datetime] = {}
    per_window: Counter[str] = Counter()
    seen: set[str | None] = set()
    for earning in ordered:
        by = known.get(earning.rule_version, rule)
        is_first = earning.tier not in seen
        seen.add(earning.tier)
        if by.repeats is Repeats.ONCE and not is_first:
            continue
        day = calendar.day_of(earning.earned_at)
        in_cap_window = per_window[window_of(day, by.cap.window).key] if by.cap else 0
        refused = _refuse(by, earning, last.get(earning.tier), in_cap_window)
        if refused is None:
            last[earning.tier] = earning.earned_at
            per_window.update(window_of(day, kind).key for kind in caps)
        selected.append(Selected(earning, _slot(by, earning), refused))
    return selected


def _refuse(rule: Achievement, earning: Earning, last: datetime | None, in_cap_window: int) -> Reason | None:
    if rule.cooldown is not None and last is not None and earning.earned_at - last < rule.cooldown:
        text = f"earned again less than {describe_length(rule.cooldown)} after the last one"
        return Reason(ReasonCode.COOLDOWN, text)
    if rule.cap is not None and in_cap_window >= rule.cap.count:
        return Reason(ReasonCode.CAP_REACHED, f"{rule.cap.count} in one {rule.cap.window} is the most")
    return None


def _slot(rule: Achievement, earning: Earning) -> str:
    """Name the place of an award among its holder's; it does not change when the evidence does."""
    parts = []
    if rule.repeats is Repeats.ONCE:
        parts.append("once")
    else:
        parts += [earning.window] if earning.window != EVER else []
        parts += [f"no-{earning.ordinal}"] if earning.ordinal > 1 or earning.window == EVER else []
    return ":".join([*parts, *([earning.tier] if earning.tier else [])])
