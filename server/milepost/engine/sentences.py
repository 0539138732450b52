"""An achievement as one plain English sentence, which is what people see first."""

from __future__ import annotations

from dataclasses import replace

from milepost.engine.achievements import Achievement, AppliesTo, AwardAt, OnLost, Repeats, Review
from milepost.engine.condition_sentences import describe_condition
from milepost.engine.criterion_sentences import WINDOW_NAMES, clause, names_holder, window_of
from milepost.engine.kinds import CalendarWindow, Count, Criterion, Days, Earned, Run, Sequence, Streak, Sum
from milepost.engine.people import HolderKind
from milepost.engine.wording import counted_text, join_words, length_text, moment_text, number_text, with_article

__all__ = ["describe", "describe_condition"]


def describe(achievement: Achievement) -> str:
    """Say who earns it, for what, how often, and what happens with it then."""
    team = achievement.scope is HolderKind.TEAM
    text = f"{_when(achievement)}, {'the team earns' if team else 'they earn'} {achievement.name}"
    terms = _terms(achievement)
    text += f": {', '.join(terms)}" if terms else ""
    targets = _targets(achievement)
    return f"{text}; {targets}." if targets else f"{text}."


def _when(achievement: Achievement) -> str:
    """Say what must be so before it is earned."""
    criterion = _first_step(achievement)
    window = window_of(criterion)
    who = who_text(achievement.applies_to, achievement.scope)
    named = names_holder(criterion)
    clauses = [clause(criterion, who if named else "they")]
    clauses += [clause(guardrail, "they", window) for guardrail in achievement.guardrails]
    comma = "," if clauses[0].startswith(("on ", "in ")) else ""
    start = f"When{comma}" if named else f"When, for {who},"
    return f"{start} {', and '.join(clauses)}"


def _first_step(achievement: Achievement) -> Criterion:
    """Give the criterion with the target of the lowest tier, where there are tiers."""
    criterion = achievement.criterion
    if achievement.tiers and isinstance(criterion, Count | Sum | Days | Streak | Run | Sequence | Earned):
        return replace(criterion, target=achievement.tiers[0].target)
    return criterion


def who_text(applies_to: AppliesTo, scope: HolderKind) -> str:
    """Name who can earn it."""
    roles = join_words(sorted(applies_to.roles), "or")
    person = with_article(roles) if roles else "a person"
    if applies_to.teams:
        person += f" in team {join_words(sorted(applies_to.teams), 'or')}"
    segments = [f"{name} {join_words(sorted(values), 'or')}" for name, values in sorted(applies_to.segments.items())]
    person += f" with {join_words(segments)}" if segments else ""
    if scope is HolderKind.ACTOR:
        return person
    return "a team" if applies_to == AppliesTo() else f"a team (by what {person} did)"


def _terms(achievement: Achievement) -> list[str]:
    """List what it is worth, how often it comes, and who decides."""
    return [
        *_worth(achievement),
        _repeats(achievement),
        *_limits(achievement),
        *_decision(achievement),
    ]


def _worth(achievement: Achievement) -> list[str]:
    """Say what it is worth, tier by tier where there are tiers."""
    if not achievement.tiers:
        return [counted_text(achievement.points, "point")] if achievement.points else []
    steps = []
    for tier in achievement.tiers:
        points = achievement.points if tier.points is None else tier.points
        worth = f" ({counted_text(points, 'point')})" if points else ""
        steps.append(f"{tier.name} at {number_text(tier.target)}{worth}")
    return [join_words(steps)]


def _repeats(achievement: Achievement) -> str:
    """Say how often it can be earned."""
    each = "each " if achievement.tiers else ""
    window = window_of(achievement.criterion)
    match achievement.repeats:
        case Repeats.ONCE:
            return f"{each}once only"
        case Repeats.EVERY_WINDOW if isinstance(window, CalendarWindow):
            return f"{each}once a {WINDOW_NAMES[window]}"
        case Repeats.EVERY_WINDOW:
            return f"{each}again whenever it is done anew"
        case Repeats.EVERY_TARGET:
            return "again each time the target is reached anew"


def _limits(achievement: Achievement) -> list[str]:
    """Say how many awards there can be at most."""
    limits = []
    if achievement.cooldown is not None:
        limits.append(f"at least {length_text(achievement.cooldown)} apart")
    if achievement.cap is not None:
        limits.append(f"at most {_times(achievement.cap.count)} a {WINDOW_NAMES[achievement.cap.window]}")
    return limits


def _times(count: int) -> str:
    """Write a number of times."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _decision(achievement: Achievement) -> list[str]:
    """Say when it is decided, by whom, from when on, and what happens when the data changes."""
    parts = []
    if achievement.award_at is AwardAt.CLOSE:
        window = window_of(achievement.criterion)
        name = WINDOW_NAMES[window] if isinstance(window, CalendarWindow) else "window"
        parts.append(f"decided when the {name} has ended")
    if achievement.review is Review.MANAGER:
        parts.append("after a manager has approved it")
    if achievement.on_lost is OnLost.KEEP:
        parts.append("kept even if the data changes later")
    if achievement.on_lost is OnLost.REVIEW:
        parts.append("reviewed if the data changes later")
    if achievement.starts_at is not None:
        parts.append(f"counting from {moment_text(achievement.starts_at)}")
    return parts


def _targets(achievement: Achievement) -> str:
    """Say for whom another target holds."""
    parts = []
    for other in achievement.targets:
        who = who_text(other.applies_to, HolderKind.ACTOR)
        parts.append(f"for {who} the target is {number_text(other.target)}")
    text = join_words(parts)
    return f"{text}, and the steps are scaled to it" if text and achievement.tiers else text
