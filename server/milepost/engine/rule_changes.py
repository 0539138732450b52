"""What a change of a rule changed, as sentences for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from milepost.engine.achievements import Achievement, AppliesTo, Audiences, Cap, SegmentTarget, State, Tier
from milepost.engine.criterion_changes import describe_criterion_change, from_to, paired
from milepost.engine.criterion_sentences import WINDOW_NAMES, clause, window_of
from milepost.engine.facts import Past, RuleVersion
from milepost.engine.kinds import Criterion
from milepost.engine.people import HolderKind
from milepost.engine.sentences import who_text
from milepost.engine.wording import counted_text, join_words, length_text, moment_text, number_text

_STATES = {
    State.DRAFT: "Back to a draft: nothing is judged",
    State.SHADOW: "Judged silently (shadow)",
    State.LIVE: "Live",
    State.RETIRED: "Retired: what was earned stays",
}
_REPEATS = {"once": "once only", "every_window": "in every window", "every_target": "each time the target is reached"}


def describe_change(before: RuleVersion | None, after: RuleVersion) -> tuple[str, ...]:
    """Say in sentences what a version changed; of the first one that it is new, and its state."""
    if before is None:
        parts = ["New rule", *_state(None, after)]
    else:
        parts = [*_state(before, after), *_fields(before.achievement, after.achievement)]
        if after.past is Past.RECOMPUTE and before.achievement.state is after.achievement.state:
            parts.append("The time before is judged anew")
        parts = parts or ["Written in another way; it means the same"]
    return tuple(f"{part}." for part in parts)


def _state(before: RuleVersion | None, after: RuleVersion) -> Iterator[str]:
    state = after.achievement.state
    if before is not None and before.achievement.state is state:
        return
    if before is None and state is State.DRAFT:
        yield "A draft: nothing is judged"
        return
    since = f" since {moment_text(after.effective_at)} UTC" if state in (State.LIVE, State.SHADOW) else ""
    yield f"{_STATES[state]}{since}{_past(after)}"


def _past(after: RuleVersion) -> str:
    if after.past is None:
        return ""
    if after.past is Past.RECOMPUTE:
        return ", and the time before counts"
    is_new = after.starts_at == after.effective_at
    return ", and the time before does not count" if is_new else ", and what stood stays"


def _fields(before: Achievement, after: Achievement) -> Iterator[str]:
    """Compare everything that an achievement is made of, the weightiest first."""
    yield from describe_criterion_change(before.criterion, after.criterion)
    yield from _guardrails(before, after)
    yield from _meant_for(before, after)
    yield from _changed("Tiers", before.tiers, after.tiers, _tiers)
    yield from _changed("Other targets", before.targets, after.targets, _targets)
    yield from _changed("Points", before.points, after.points, number_text)
    yield from _changed("Earned", before.repeats, after.repeats, lambda one: _REPEATS[one])
    yield from _changed("Least time between two awards", before.cooldown, after.cooldown, length_text)
    yield from _changed("At most", before.cap, after.cap, _cap)
    yield from _changed("Decided", before.award_at, after.award_at, _award_at)
    yield from _changed("Review", before.review, after.review, str)
    yield from _changed("When an award loses its ground", before.on_lost, after.on_lost, str)
    yield from _changed("Events count from", before.starts_at, after.starts_at, _moment)
    yield from _words(before, after)
    yield from _audience(before.audience, after.audience)


def _changed(name: str, before: object, after: object, write: object) -> Iterator[str]:
    """Say what something was and what it is, if it differs; what is missing is *none*."""
    if before != after:
        assert callable(write)  # noqa: S101 - a type that fits every writer would say less
        yield from_to(name, *(write(one) if one else "none" for one in (before, after)))


def _guardrails(before: Achievement, after: Achievement) -> Iterator[str]:
    pairs, new, gone = paired(after.guardrails, before.guardrails, _about)  # in the order in which they stood
    for successor, old in pairs:
        yield f"Guardrail: {_guard(old, before)} → {_guard(successor, after)}"
    for one in new:
        yield f"Now also asks that {_guard(one, after)}"
    for one in gone:
        yield f"No longer asks that {_guard(one, before)}"
    if before.guardrails != after.guardrails and set(map(repr, before.guardrails)) == set(map(repr, after.guardrails)):
        yield "The guardrails stand in another order"


def _about(guardrail: Criterion) -> object:
    """Give what a guardrail looks at: of two that look at the same, the newer one took the other's place."""
    return type(guardrail), getattr(guardrail, "property", None), getattr(getattr(guardrail, "of", None), "match", None)


def _guard(guardrail: Criterion, rule: Achievement) -> str:
    return clause(guardrail, "they", window_of(rule.criterion))


def _meant_for(before: Achievement, after: Achievement) -> Iterator[str]:
    if before.scope is not after.scope:
        yield "Earned by teams now" if after.scope is HolderKind.TEAM else "Earned by each person now"
    elif before.applies_to != after.applies_to:
        yield from_to("Meant for", _who(before.applies_to, before.scope), _who(after.applies_to, after.scope))
    if before.scope is not after.scope and before.applies_to != after.applies_to:
        yield from_to("Whose work counts", *(_who(one.applies_to, HolderKind.ACTOR) for one in (before, after)))


def _who(applies_to: AppliesTo, scope: HolderKind) -> str:
    return "everybody" if applies_to == AppliesTo() else who_text(applies_to, scope)


def _tiers(tiers: Sequence[Tier]) -> str:
    return join_words([f"{tier.name} at {number_text(tier.target)}{_worth(tier)}" for tier in tiers])


def _worth(tier: Tier) -> str:
    return "" if tier.points is None else f" ({counted_text(tier.points, 'point')})"


def _targets(targets: Sequence[SegmentTarget]) -> str:
    return join_words(
        [f"{number_text(one.target)} for {who_text(one.applies_to, HolderKind.ACTOR)}" for one in targets]
    )


def _cap(cap: Cap) -> str:
    return f"{cap.count} a {WINDOW_NAMES[cap.window]}"


def _award_at(moment: str) -> str:
    return "when the window has ended" if moment == "close" else "as soon as it is reached"


def _moment(moment: datetime) -> str:
    return f"{moment_text(moment)} UTC"


def _words(before: Achievement, after: Achievement) -> Iterator[str]:
    yield from _changed("Name", before.name, after.name, str)
    yield from _changed("Purpose", before.purpose, after.purpose, _quoted)
    yield from _changed("Category", before.category, after.category, str)
    yield from _changed("Message", before.message, after.message, _quoted)
    yield from _changed("Next step", before.next_step, after.next_step, _quoted)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _audience(before: Audiences, after: Audiences) -> Iterator[str]:
    for name, label in (
        ("actor", "The person is told"),
        ("manager", "The manager is told"),
        ("team", "The team is told"),
    ):
        yield from _changed(label, getattr(before, name), getattr(after, name), str)
