"""Contradictions in a rule: words that are each right, but do not go together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from milepost.engine.achievements import Achievement, AwardAt, Repeats
from milepost.engine.kinds import (
    Best,
    CalendarWindow,
    Count,
    Criterion,
    Days,
    Earned,
    Improvement,
    NoneOf,
    Rolling,
    Run,
    Sequence,
    Streak,
    Sum,
    Targeted,
    WindowSpec,
)
from milepost.engine.people import HolderKind
from milepost.schemas.reader import Fields, listed
from milepost.schemas.reads import AMOUNT, WHOLE, Limits
from milepost.schemas.rule_criteria import note_nothing_done, parts_of

_CALENDAR = f"one of {listed(CalendarWindow)}"
_TARGETED = "`count`, `sum`, `days`, `streak`, `run`, `sequence` and `earned`"


def window_of(criterion: Criterion) -> WindowSpec | None:
    """Give the window a criterion names; a streak or a run has none."""
    return None if isinstance(criterion, Streak | Run) else criterion.window


def limits_of_target(criterion: Criterion) -> Limits:
    """Say which targets a tier or a segment may have."""
    if isinstance(criterion, Earned):
        return Limits(Decimal(1), Decimal(max(1, len(criterion.achievements))), whole=True)
    return AMOUNT if isinstance(criterion, Sum) else WHOLE


def closes_by_default(criterion: Criterion) -> bool:
    """Say whether a criterion is judged when its window has closed, unless the rule says otherwise."""
    return _holds(criterion, NoneOf, Best, Improvement)


def note_contradictions(fields: Fields, rule: Achievement) -> None:
    """Note what does not go together; parts that could not be read are left out of it."""
    main = fields.at("criterion")
    _note_tiers(fields, rule)
    if not main.is_clean("kind"):
        return
    note_nothing_done(main, rule.criterion)
    _note_untargeted(fields, rule)
    _note_repeats(fields, rule)
    _note_best(fields, rule)
    _note_close(fields, rule)


def _holds(criterion: Criterion, *kinds: type) -> bool:
    return any(isinstance(part, kinds) for part in parts_of(criterion))


def _everywhere(criterion: Criterion) -> Iterator[Criterion]:
    """Give a criterion and all that stand in it, in `each` as well."""
    for part in parts_of(criterion):
        yield part
        if isinstance(part, Days | Streak):
            yield from _everywhere(part.each)


def _note_tiers(fields: Fields, rule: Achievement) -> None:
    if not fields.part.is_clean("tiers"):
        return
    names = [tier.name.casefold() for tier in rule.tiers]
    for index, tier in enumerate(rule.tiers):
        place = fields.at("tiers").inner(index, None)
        if names[index] in names[:index]:
            place.inner("name", None).note(f"There is another tier `{tier.name}`. Give each its own name.")
        if index and tier.target <= rule.tiers[index - 1].target:
            place.inner("target", None).note("Each tier needs a higher target than the one before. Raise it.")


def _note_untargeted(fields: Fields, rule: Achievement) -> None:
    if isinstance(rule.criterion, Targeted):
        return
    for word, given in (("targets", rule.targets), ("tiers", rule.tiers)):
        if given:
            fields.note(word, f"`{word}` goes with the kinds {_TARGETED}. Take it out, or use one of these.")


def _note_repeats(fields: Fields, rule: Achievement) -> None:
    if rule.repeats is not Repeats.EVERY_TARGET:
        return
    if not isinstance(rule.criterion, Count | Sum | Sequence | Streak | Run):
        kinds = "`count`, `sum`, `sequence`, `streak` and `run`"
        fields.note("repeats", f"`every_target` goes with the kinds {kinds}. Use `once` or `every_window`.")
    elif isinstance(window_of(rule.criterion), Rolling):
        fields.note("repeats", "`every_target` does not go with a rolling window. Use `once` or `every_window`.")
    elif rule.tiers:
        fields.note("repeats", "`every_target` does not go with tiers. Use `every_window`, or take the tiers out.")


def _note_best(fields: Fields, rule: Achievement) -> None:
    criteria = (rule.criterion, *rule.guardrails)
    if rule.scope is not HolderKind.ACTOR and any(
        isinstance(part, Best) for criterion in criteria for part in _everywhere(criterion)
    ):
        fields.note("scope", "`best` compares people, so it needs the scope `actor`. Change the scope or the kind.")
    if rule.award_at is AwardAt.CLOSE or not fields.part.is_clean("award_at"):
        return
    if any(_holds(criterion, Best) for criterion in criteria):
        fields.note("award_at", "Who is best is known when the window has closed. Set `award_at` to `close`.")
    elif _holds(rule.criterion, Improvement):
        fields.note("award_at", "An improvement is known when the window has closed. Set `award_at` to `close`.")


def _note_close(fields: Fields, rule: Achievement) -> None:
    main, window = fields.at("criterion"), window_of(rule.criterion)
    is_known = main.is_clean("window") and fields.part.is_clean("award_at")
    if rule.award_at is not AwardAt.CLOSE or isinstance(window, CalendarWindow) or not is_known:
        return
    if isinstance(rule.criterion, Streak | Run):
        fields.note("award_at", "A streak or a run has no window that closes. Use `threshold`.")
    elif fields.has("award_at"):
        fields.note("award_at", f"`close` needs a window that closes. Set the criterion's `window` to {_CALENDAR}.")
    else:
        what = "It is judged when its window has closed"
        main.inner("window", None).note(f"{what}: set `window` to {_CALENDAR}, or `award_at` to `threshold`.")
