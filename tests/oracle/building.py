"""Short ways to write down the events, rules and outcomes of hand-checked examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from milepost.engine.achievements import Achievement, AwardAt, Category, Repeats
from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.kinds import Count as CountOf
from milepost.engine.kinds import Criterion
from milepost.engine.people import Holder, HolderKind
from milepost.engine.selectors import Condition, Confirmation, Hold, Match, Operator, PropertyTest, Selector
from tests.oracle.fold import Outcome, fold

ANA = Holder(HolderKind.ACTOR, "ana")
BEN = Holder(HolderKind.ACTOR, "ben")
CEM = Holder(HolderKind.ACTOR, "cem")
SUPPORT = Holder(HolderKind.TEAM, "support")

_ids = count()


def at(text: str) -> datetime:
    """Read ``03-02 10:00`` as that moment of 2026, in UTC."""
    return datetime.strptime(f"2026-{text}+0000", "%Y-%m-%d %H:%M%z")


def hours(number: float) -> timedelta:
    """Give so many hours."""
    return timedelta(hours=number)


def told(
    when: str, kind: str = "solved", *, actor: str | None = "ana", subject: str | None = None, **said: Any
) -> Event:
    """Tell of one event, by Ana unless said otherwise."""
    return Event(f"e{next(_ids):05}", kind, at(when), actor, subject, said)


def each_day(days: Iterable[int], kind: str = "solved", **said: Any) -> list[Event]:
    """Tell of one event by Ana at ten on each of these days of March."""
    return [told(f"03-{day:02} 10:00", kind, **said) for day in days]


def select(
    *types: str,
    where: Sequence[Condition] = (),
    once_per: str | None = None,
    hold: Hold | None = None,
    confirmed_by: Confirmation | None = None,
) -> Selector:
    """Select events of these types, ``solved`` unless named."""
    return Selector(Match(types or ("solved",), tuple(where)), once_per, hold, confirmed_by)


def so_many(target: int, window: Any = None, **selector: Any) -> CountOf:
    """Count solved ones."""
    return CountOf(select(**selector), Decimal(target), window)


def says(name: str, operand: Any, operator: Operator = Operator.IS) -> PropertyTest:
    """Test one property."""
    return PropertyTest(name, operator, operand)


def rule(
    criterion: Criterion,
    *,
    key: str = "rule",
    scope: HolderKind = HolderKind.ACTOR,
    award_at: AwardAt = AwardAt.THRESHOLD,
    repeats: Repeats = Repeats.ONCE,
    **rest: Any,
) -> Achievement:
    """Define an achievement."""
    return Achievement(key, "Rule", "A purpose", Category.QUALITY, criterion, scope, award_at, repeats, **rest)


def outcome(
    events: Iterable[Event], *rules: Achievement, facts: Facts | None = None, as_of: str = "12-31 00:00"
) -> Outcome:
    """Fold the events."""
    return fold(events, rules, facts or Facts(), at(as_of))


def moments(events: Iterable[Event], *rules: Achievement, **rest: Any) -> list[str]:
    """Give the moments at which awards were earned, as they are written above."""
    return [award.earned_at.astimezone(UTC).strftime("%m-%d %H:%M") for award in outcome(events, *rules, **rest).awards]
