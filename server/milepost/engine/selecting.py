"""From earnings to awards: repeats, then cooldown, then cap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

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


def select_awards(rule: Achievement, earnings: Iterable[Earning], calendar: PersonalCalendar) -> list[Selected]:
    """Say which earnings of one holder become awards, in order of time."""
    places = {tier.name: place for place, tier in enumerate(rule.tiers)}
    ordered = sorted(earnings, key=lambda one: (one.earned_at, one.window, places.get(one.tier or "", 0), one.ordinal))
    selected: list[Selected] = []
    last: dict[str | None, datetime] = {}
    per_cap_window: Counter[str] = Counter()
    for earning in _repeated(rule, ordered):
        cap_window = window_of(calendar.day_of(earning.earned_at), rule.cap.window).key if rule.cap else ""
        refused = _refuse(rule, earning, last.get(earning.tier), per_cap_window[cap_window])
        if refused is None:
            last[earning.tier] = earning.earned_at
            per_cap_window[cap_window] += 1
        selected.append(Selected(earning, _slot(rule, earning), refused))
    return selected


def _repeated(rule: Achievement, ordered: Sequence[Earning]) -> list[Earning]:
    """Keep the first of each tier where the achievement is earned once."""
    if rule.repeats is not Repeats.ONCE:
        return list(ordered)
    first: dict[str | None, Earning] = {}
    for earning in ordered:
        first.setdefault(earning.tier, earning)
    return list(first.values())


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
