"""Reading rule documents: one JSON document becomes one `Achievement`, or every problem it has.

The meaning of each word is in ``docs/reference/rule-language.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from milepost.engine.achievements import (
    Achievement,
    AppliesTo,
    Audiences,
    AwardAt,
    Cap,
    Category,
    OnLost,
    Repeats,
    Review,
    SegmentTarget,
    State,
    Tier,
)
from milepost.engine.kinds import CalendarWindow, Criterion, Ever, Run, Streak, WindowSpec
from milepost.engine.people import HolderKind
from milepost.engine.selectors import Condition, Match
from milepost.engine.telling import Timing
from milepost.schemas.reader import Fields, Part, Problem, Problems, Read, RuleInvalid
from milepost.schemas.reads import (
    LONGEST_LIST,
    Limits,
    choice,
    key,
    length,
    list_of,
    moment,
    number,
    one_or_list_of,
    text,
    whole,
)
from milepost.schemas.rule_checks import closes_by_default, limits_of_target, note_contradictions, window_of
from milepost.schemas.rule_conditions import CONDITION_WORDS, LONGEST_NAME, read_conditions, read_match
from milepost.schemas.rule_criteria import CRITERION_WORDS, NO_CRITERION, Around, read_criterion

__all__ = ["CATALOGUE", "Problem", "RuleInvalid", "parse_achievement", "parse_conditions", "parse_match"]

_ACHIEVEMENT_WORDS: Mapping[str, tuple[str, ...]] = {
    "achievement": (
        "key",
        "name",
        "purpose",
        "category",
        "scope",
        "applies_to",
        "criterion",
        "guardrails",
        "targets",
        "tiers",
        "award_at",
        "repeats",
        "cooldown",
        "cap",
        "points",
        "review",
        "on_lost",
        "message",
        "next_step",
        "audience",
        "state",
        "starts_at",
    ),
    "applies_to": ("roles", "teams", "segments"),
    "target by segment": ("applies_to", "target"),
    "tier": ("name", "target", "points"),
    "cap": ("count", "window"),
    "audience": ("actor", "manager", "team"),
    "categories": tuple(map(str, Category)),
    "scopes": tuple(map(str, HolderKind)),
    "moments of award": tuple(map(str, AwardAt)),
    "repeats": tuple(map(str, Repeats)),
    "reviews": tuple(map(str, Review)),
    "lost ground": tuple(map(str, OnLost)),
    "timings": tuple(map(str, Timing)),
    "states": tuple(map(str, State)),
}
#: Every word of the language, by where it belongs.
CATALOGUE: Mapping[str, tuple[str, ...]] = {**_ACHIEVEMENT_WORDS, **CRITERION_WORDS, **CONDITION_WORDS}

_LONGEST_NAME, _LONGEST_TEXT, _LONGEST_TIER = 80, 500, 40
_MOST_POINTS = 10_000
_MOST_IN_CAP = 10_000
_points = whole(0, _MOST_POINTS)
_text = text(_LONGEST_TEXT)
_timing = choice(Timing)
_names = list_of(text(LONGEST_NAME), least=0)
_one_or_more_names = one_or_list_of(text(LONGEST_NAME))


def parse_achievement(document: Mapping[str, Any]) -> Achievement:
    """Read a rule document; raises `RuleInvalid` with every problem at once."""
    problems = Problems()
    achievement = _achievement(Part(document, "", problems))
    problems.raise_any()
    return achievement


def parse_conditions(documents: Sequence[Mapping[str, Any]], path: str = "") -> tuple[Condition, ...]:
    """Read a list of conditions that stands at *path* of some document; raises `RuleInvalid`."""
    problems = Problems()
    conditions = read_conditions(Part(documents, path, problems))
    problems.raise_any()
    return conditions or ()


def parse_match(document: Mapping[str, Any], path: str = "") -> Match:
    """Read ``{"type": …, "where": […]}`` that stands at *path* of some document; raises `RuleInvalid`."""
    problems = Problems()
    match = read_match(Part(document, path, problems))
    problems.raise_any()
    return match


def _achievement(part: Part) -> Achievement:
    fields = part.fields()
    fields.expect(CATALOGUE["achievement"])
    criterion = _criterion(fields)
    window, limits = window_of(criterion), limits_of_target(criterion)
    default_close = AwardAt.CLOSE if closes_by_default(criterion) else AwardAt.THRESHOLD
    default_repeats = Repeats.EVERY_WINDOW if isinstance(window, CalendarWindow) else Repeats.ONCE
    achievement = Achievement(
        key=fields.need("key", key, ""),
        name=fields.need("name", text(_LONGEST_NAME), ""),
        purpose=fields.need("purpose", _text, ""),
        category=fields.need("category", choice(Category), Category.QUALITY),
        criterion=criterion,
        scope=fields.get_or("scope", choice(HolderKind), HolderKind.ACTOR),
        award_at=fields.get_or("award_at", choice(AwardAt), default_close),
        repeats=fields.get_or("repeats", choice(Repeats), default_repeats),
        applies_to=fields.get_or("applies_to", _applies_to, AppliesTo()),
        guardrails=_guardrails(fields, window),
        targets=_targets(fields, limits),
        tiers=_tiers(fields, limits),
        cooldown=fields.get("cooldown", length),
        cap=fields.get("cap", _cap),
        points=fields.get_or("points", _points, 0),
        review=fields.get_or("review", choice(Review), Review.NONE),
        on_lost=fields.get_or("on_lost", choice(OnLost), OnLost.REVOKE),
        message=fields.get("message", _text),
        next_step=fields.get("next_step", _text),
        audience=fields.get_or("audience", _audience, Audiences()),
        state=fields.get_or("state", choice(State), State.DRAFT),
        starts_at=fields.get("starts_at", moment),
    )
    note_contradictions(fields, achievement)
    return achievement


def _criterion(fields: Fields) -> Criterion:
    """Read the main criterion; its window is written out, because nothing around it has one."""
    around = Around(own_key=str(fields.values.get("key", "")), window=Ever())
    read: Read[Criterion] = partial(read_criterion, around=around)
    criterion = fields.need("criterion", read, NO_CRITERION)
    if isinstance(criterion, Streak | Run) or criterion.window is not None:
        return criterion
    return replace(criterion, window=Ever())


def _guardrails(fields: Fields, window: WindowSpec | None) -> tuple[Criterion, ...]:
    main = fields.at("criterion")
    is_known = main.is_clean("kind") and main.is_clean("window")
    around = Around(own_key=str(fields.values.get("key", "")), window=(window or Ever()) if is_known else None)
    read: Read[Criterion] = partial(read_criterion, around=around)
    return fields.get_list("guardrails", list_of(read, least=0))


def _applies_to(part: Part) -> AppliesTo:
    fields = part.fields()
    fields.expect(CATALOGUE["applies_to"])
    return AppliesTo(
        roles=frozenset(fields.get_list("roles", _names)),
        teams=frozenset(fields.get_list("teams", _names)),
        segments=fields.get_or("segments", _segments, {}),
    )


def _segments(part: Part) -> dict[str, frozenset[str]] | None:
    fields = part.fields()
    if len(fields.values) > LONGEST_LIST:
        part.note(f"Name {LONGEST_LIST} segments at most, not {len(fields.values)}.")
        return None
    return {name: frozenset(fields.need_list(name, _one_or_more_names)) for name in fields.values}


def _targets(fields: Fields, limits: Limits) -> tuple[SegmentTarget, ...]:
    def read(part: Part) -> SegmentTarget:
        inner = part.fields()
        inner.expect(CATALOGUE["target by segment"])
        applies_to = inner.need("applies_to", _applies_to, AppliesTo())
        return SegmentTarget(applies_to, inner.need("target", number(limits), Decimal(1)))

    return fields.get_list("targets", list_of(read, least=0))


def _tiers(fields: Fields, limits: Limits) -> tuple[Tier, ...]:
    def read(part: Part) -> Tier:
        inner = part.fields()
        inner.expect(CATALOGUE["tier"])
        return Tier(
            name=inner.need("name", text(_LONGEST_TIER), ""),
            target=inner.need("target", number(limits), Decimal(1)),
            points=inner.get("points", _points),
        )

    return fields.get_list("tiers", list_of(read, least=0))


def _cap(part: Part) -> Cap:
    fields = part.fields()
    fields.expect(CATALOGUE["cap"])
    return Cap(
        count=fields.need("count", whole(1, _MOST_IN_CAP), 1),
        window=fields.need("window", choice(CalendarWindow), CalendarWindow.DAY),
    )


def _audience(part: Part) -> Audiences:
    fields = part.fields()
    fields.expect(CATALOGUE["audience"])
    return Audiences(
        actor=fields.get_or("actor", _timing, Timing.INSTANT),
        manager=fields.get_or("manager", _timing, Timing.NEVER),
        team=fields.get_or("team", _timing, Timing.NEVER),
    )
