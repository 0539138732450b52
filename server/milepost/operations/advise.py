"""Gather what is known around a rule, and give advice about it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from decimal import Decimal

from milepost.engine.achievements import Achievement, AppliesTo, State
from milepost.engine.lint import Advice, LintContext, lint
from milepost.operations.rule_book import RuleBook


def advise(achievement: Achievement, book: RuleBook, *, best: Decimal | None = None) -> tuple[Advice, ...]:
    """Give all advice about a rule that is, or is to be, in the rule book; *best* is the furthest anybody came."""
    others = [
        other
        for other in book.judged()
        if other.key != achievement.key
        and other.state is State.LIVE
        and other.scope is achievement.scope
        and _may_share_people(other.applies_to, achievement.applies_to)
    ]
    return lint(achievement, context=LintContext(len(others) + 1, best))


def _may_share_people(one: AppliesTo, other: AppliesTo) -> bool:
    """Say whether somebody can fit both."""
    shared = one.segments.keys() & other.segments.keys()
    return (
        _overlap(one.roles, other.roles)
        and _overlap(one.teams, other.teams)
        and all(_overlap(one.segments[name], other.segments[name]) for name in shared)
    )


def _overlap(one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    return not one or not other or bool(one & other)
