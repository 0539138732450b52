"""A criterion in plain English: the clause after *when*."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from milepost.engine.condition_sentences import describe_conditions, property_text
from milepost.engine.kinds import (
    Aggregate,
    AllOf,
    AnyCriterion,
    Average,
    Best,
    Bounds,
    CalendarWindow,
    Count,
    Criterion,
    Days,
    Direction,
    Earned,
    Ever,
    Improvement,
    Measure,
    NoneOf,
    Rate,
    Rolling,
    Run,
    Sequence,
    Streak,
    Sum,
    WindowSpec,
)
from milepost.engine.selectors import Confirmation, Hold, Match, Quality, Selector
from milepost.engine.wording import (
    counted_text,
    join_words,
    length_text,
    number_text,
    share_text,
    types_noun,
    types_nouns,
    types_quoted,
)

#: A window as a noun.
WINDOW_NAMES = {
    CalendarWindow.DAY: "day",
    CalendarWindow.WEEK: "week",
    CalendarWindow.MONTH: "month",
    CalendarWindow.QUARTER: "quarter",
    CalendarWindow.YEAR: "year",
}
_AGGREGATES = {
    Aggregate.COUNT: "number",
    Aggregate.SUM: "total",
    Aggregate.AVERAGE: "average",
    Aggregate.MEDIAN: "median",
    Aggregate.MINIMUM: "lowest",
    Aggregate.MAXIMUM: "highest",
}


def clause(  # noqa: C901, PLR0911, PLR0912 - one line for each kind
    criterion: Criterion, who: str, outer: WindowSpec | None = None
) -> str:
    """Say what must be so, with *who* as its subject; a window equal to the *outer* one is not said again."""
    match criterion:
        case Count():
            return f"{_has(who)} {_counted(criterion.of, criterion.target, _window(criterion.window, outer))}"
        case Sum():
            what = _events(criterion.of, _window(criterion.window, outer))
            return (
                f"the {property_text(criterion.property)} of {what} adds up to at least {number_text(criterion.target)}"
            )
        case Rate():
            return _rate(criterion, outer)
        case Average():
            return _average(criterion, outer)
        case NoneOf():
            return f"there is no {_event(criterion.of, _window(criterion.window, outer))}"
        case Days():
            return _days(criterion, who, outer)
        case Streak():
            return _streak(criterion, who)
        case Run():
            what = _counted(criterion.of, criterion.target, " in a row")
            return f"{_has(who)} {what}, all good ({_quality(criterion.good)})"
        case Sequence():
            return _sequence(criterion, outer)
        case Best():
            return _best(criterion, outer)
        case Improvement():
            return _improvement(criterion, outer)
        case Earned():
            return _earned(criterion, who, outer)
        case AllOf():
            return _combined(criterion, who, outer, "and")
        case AnyCriterion():
            return _combined(criterion, who, outer, "or")
    assert_never(criterion)


def names_holder(criterion: Criterion) -> bool:
    """Say whether the clause of a criterion begins with the holder as its subject."""
    match criterion:
        case Count() | Run() | Earned():
            return True
        case Days() | Streak():
            return names_holder(criterion.each)
        case AllOf() | AnyCriterion():
            return names_holder(criterion.criteria[0])
        case _:
            return False


def window_of(criterion: Criterion) -> WindowSpec:
    """Give the main window of a criterion."""
    return getattr(criterion, "window", None) or Ever()


def window_name(window: WindowSpec) -> str:
    """Give a window as a noun."""
    match window:
        case CalendarWindow():
            return WINDOW_NAMES[window]
        case Rolling():
            return f"any {length_text(window.length)}"
        case Ever():
            return "all time"
    assert_never(window)


def match_text(match: Match) -> str:
    """Name events of another kind, as they are told, with what must be true of them."""
    text = types_quoted(match.types)
    return f"{text} ({describe_conditions(match.where)})" if match.where else text


def _has(who: str) -> str:
    """Give the holder with its verb."""
    return f"{who} {'have' if who == 'they' else 'has'}"


def _window(window: WindowSpec | None, outer: WindowSpec | None) -> str:
    """Say in which stretch of time, with a blank before it; nothing where it goes without saying."""
    if window is None or window == outer:
        return ""
    match window:
        case CalendarWindow.WEEK:
            return " in a week (Monday to Sunday)"
        case CalendarWindow():
            return f" in a {WINDOW_NAMES[window]}"
        case Rolling():
            return f" within any {length_text(window.length)}"
        case Ever():
            return "" if outer is None else " over all time"
    assert_never(window)


def _where(selector: Selector, *, single: bool = False) -> str:
    """Say which of the events are meant and when each of them counts."""
    each = "" if single else "each "
    text = f" where {describe_conditions(selector.match.where)}" if selector.match.where else ""
    if selector.once_per is not None:
        text += ", once per " + ("record" if selector.once_per == "subject" else selector.once_per)
    if selector.hold is not None:
        text += f", {each}unless {hold_text(selector.hold)}"
    if selector.confirmed_by is not None:
        text += f", {each}once {confirmation_text(selector.confirmed_by)}"
    return text


def hold_text(hold: Hold) -> str:
    """Say what contradicts an event."""
    text = f"{match_text(hold.cancelled_by)} follows"
    return f"{text} within {length_text(hold.length, working=hold.working)}" if hold.length is not None else text


def confirmation_text(confirmation: Confirmation) -> str:
    """Say what confirms an event."""
    text = f"{match_text(confirmation.match)} has followed"
    if confirmation.times > 1:
        text += f" {confirmation.times} times"
    if confirmation.within is not None:
        text += f" within {length_text(confirmation.within, working=confirmation.working)}"
    return text


def _counted(selector: Selector, target: Decimal, window: str) -> str:
    """Name so many of the selected events."""
    noun = types_noun(selector.match.types) if target == 1 else types_nouns(selector.match.types)
    return f"{number_text(target)} {noun}{window}{_where(selector, single=target == 1)}"


def _events(selector: Selector, window: str) -> str:
    """Name the selected events in the plural."""
    return f"{types_nouns(selector.match.types)}{window}{_where(selector)}"


def _event(selector: Selector, window: str) -> str:
    """Name one of the selected events, without a number."""
    return f"{types_noun(selector.match.types)}{window}{_where(selector)}"


def _at_least_events(minimum: int, selector: Selector) -> str:
    """Name the smallest sample."""
    noun = types_noun(selector.match.types) if minimum == 1 else types_nouns(selector.match.types)
    return f"at least {minimum} {noun}"


def _quality(good: Quality) -> str:
    """Say what makes an event a good one."""
    parts = [describe_conditions(good.where)] if good.where else []
    if good.hold is not None:
        parts.append(f"no {hold_text(good.hold)}")
    if good.confirmed_by is not None:
        parts.append(confirmation_text(good.confirmed_by))
    return join_words(parts) or "each of them counts"


def bounds_text(bounds: Bounds, *, share: bool) -> str:
    """Write the bounds of a rate or an average."""
    write = share_text if share else number_text
    if bounds.at_least is not None and bounds.at_most is not None:
        return f"between {write(bounds.at_least)} and {write(bounds.at_most)}"
    if bounds.at_least is not None:
        whole = share and bounds.at_least == 1
        return write(bounds.at_least) if whole else f"at least {write(bounds.at_least)}"
    return f"at most {write(bounds.at_most or Decimal(0))}"


def _rate(criterion: Rate, outer: WindowSpec | None) -> str:
    """Say which share must be good."""
    what = _events(criterion.of, _window(criterion.window, outer))
    sample = f", out of {_at_least_events(criterion.minimum, criterion.of)}" if criterion.minimum > 1 else ""
    what += "," if ", " in what else ""
    return f"{bounds_text(criterion.bounds, share=True)} of {what} are good ({_quality(criterion.good)}){sample}"


def _average(criterion: Average, outer: WindowSpec | None) -> str:
    """Say what the mean must be, over how many values."""
    window = _window(criterion.window, outer)
    bounds = f"the average {property_text(criterion.property)} is {bounds_text(criterion.bounds, share=False)}"
    return f"{bounds} over {_at_least_events(criterion.minimum, criterion.of)}{window}{_where(criterion.of)}"


def _days(criterion: Days, who: str, outer: WindowSpec | None) -> str:
    """Say on how many working days something must be so."""
    days = counted_text(criterion.target, "working day")
    window = _window(criterion.window, outer).replace(" in a ", " of a ", 1)
    return f"on {days}{window}, {clause(criterion.each, who)}"


def _streak(criterion: Streak, who: str) -> str:
    """Say for how many periods in a row something must be so."""
    place = "on" if criterion.period is CalendarWindow.DAY else "in"
    periods = counted_text(criterion.target, f"working {WINDOW_NAMES[criterion.period]}")
    text = f"{place} {periods} in a row"
    if criterion.freezes is not None and criterion.freezes.count:
        missed = counted_text(criterion.freezes.count, "missed one")
        text += f" ({missed} a {WINDOW_NAMES[criterion.freezes.window]} {_is_or_are(criterion.freezes.count)} forgiven)"
    return f"{text}, {clause(criterion.each, who)}"


def _is_or_are(count: int) -> str:
    """Give the verb that agrees with a number."""
    return "is" if count == 1 else "are"


def _sequence(criterion: Sequence, outer: WindowSpec | None) -> str:
    """Say which steps a record must go through."""
    steps = ", then ".join(match_text(step) for step in criterion.steps)
    go = "goes" if criterion.target == 1 else "go"
    text = f"{counted_text(criterion.target, 'record')} {go} through {steps}{_window(criterion.window, outer)}"
    if criterion.within is not None:
        text += f", from first to last within {length_text(criterion.within)}"
    return f"{text}, with no step skipped or repeated" if criterion.strict else text


def _measure(measure: Measure, window: str) -> str:
    """Name a measure."""
    of = "" if measure.property is None else f" {property_text(measure.property)}"
    return f"the {_AGGREGATES[measure.aggregate]}{of} of {_events(measure.of, window)}"


def _best(criterion: Best, outer: WindowSpec | None) -> str:
    """Say among whom a measure must be the best."""
    peers = {None: "everybody it applies to", "team": "people of the same team", "role": "people with the same role"}
    among = peers.get(criterion.among, f"people with the same {criterion.among}")
    measure = _measure(criterion.measure, _window(criterion.window, outer))
    text = (
        f"{measure} is the {criterion.direction.value} among {among}, with at least {criterion.minimum_participants} "
    )
    text += "taking part"
    return text + _each_with(criterion.measure)


def _each_with(measure: Measure) -> str:
    """Name the fewest values that make a measure."""
    return f", each with {_at_least_events(measure.minimum, measure.of)}" if measure.minimum > 1 else ""


def _improvement(criterion: Improvement, outer: WindowSpec | None) -> str:
    """Say how much better than before a measure must be."""
    better = "higher" if criterion.direction is Direction.HIGHEST else "lower"
    window = criterion.window or outer
    name = WINDOW_NAMES[window] if isinstance(window, CalendarWindow) else "period"
    text = f"{_measure(criterion.measure, _window(criterion.window, outer))} is {better}"
    least = [number_text(criterion.by)] if criterion.by > 0 else []
    least += [share_text(criterion.by_share)] if criterion.by_share is not None else []
    by = f" by at least {join_words(least)}" if least else ""
    return f"{text}{by} than in their last earlier {name} that had one{_each_with(criterion.measure)}"


def _earned(criterion: Earned, who: str, outer: WindowSpec | None) -> str:
    """Say which other achievements must stand."""
    names = [key.replace("-", " ").title() for key in criterion.achievements]
    all_needed = criterion.target >= len(names)
    what = join_words(names) if all_needed else f"at least {number_text(criterion.target)} of {join_words(names)}"
    return f"{_has(who)} earned {what}{_window(criterion.window, outer)}"


def _combined(criterion: AllOf | AnyCriterion, who: str, outer: WindowSpec | None, word: str) -> str:
    """Join several criteria; their common window is said first."""
    own = _window(criterion.window, outer).strip()
    inner = criterion.window or outer
    first, *others = criterion.criteria
    parts = [_part(first, who, inner), *(_part(other, "they", inner) for other in others)]
    either = "either " if word == "or" and len(parts) > 1 else ""
    text = either + f", {word} ".join(parts)
    return f"{own}, {text}" if own else text


def _part(criterion: Criterion, who: str, outer: WindowSpec | None) -> str:
    """Say a part of a combined criterion; brackets keep *and* and *or* apart."""
    text = clause(criterion, who, outer)
    compound = isinstance(criterion, AllOf | AnyCriterion) and len(criterion.criteria) > 1
    return f"({text})" if compound else text
