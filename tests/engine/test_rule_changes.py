from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from milepost.engine.achievements import Achievement
from milepost.engine.facts import Past, RuleVersion
from milepost.engine.rule_changes import describe_change
from milepost.schemas.reader import RuleInvalid
from milepost.schemas.rules import parse_achievement
from tests.oracle.rule_documents import rule_documents

RULE: dict[str, Any] = {
    "key": "clean-close",
    "name": "Clean Close",
    "purpose": "Fast resolutions that stay resolved",
    "category": "quality",
    "applies_to": {"roles": ["agent"]},
    "criterion": {
        "kind": "count",
        "target": 5,
        "window": "week",
        "of": {
            "type": "ticket.solved",
            "where": [{"property": "within_sla", "is": "true"}],
            "once_per": "subject",
            "hold": {"for": "PT72H", "cancelled_by": {"type": "ticket.reopened"}},
        },
    },
    "guardrails": [
        {"kind": "average", "property": "csat", "of": {"type": "ticket.rated"}, "at_least": 4.5, "window": "week"}
    ],
    "cap": {"count": 4, "window": "month"},
    "points": 5,
    "message": "Well done.",
    "state": "live",
}
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def changed(path: str, value: Any, rule: dict[str, Any] = RULE) -> dict[str, Any]:
    """Give a rule with another value at a dotted path; None takes it out."""
    document = deepcopy(rule)
    *places, last = path.split(".")
    target = document
    for place in places:
        target = target[int(place)] if isinstance(target, list) else target[place]
    if value is None:
        del target[last]
    elif isinstance(target, list):
        target[int(last)] = value
    else:
        target[last] = value
    return document


def sentences(before: dict[str, Any] | None, after: dict[str, Any], past: Past | None = None) -> tuple[str, ...]:
    """Say what a version changed."""
    old = RuleVersion(parse_achievement(before), 1, AT) if before else None
    return describe_change(old, RuleVersion(parse_achievement(after), 2, AT, past=past))


OVER = "over at least 1 rated ticket"
SLA, CSAT = RULE["criterion"]["of"]["where"][0], {"property": "csat", "at_least": 4.5}
COUNT = RULE["criterion"]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("criterion.target", 8, "Target: 5 → 8."),
        ("criterion.window", "month", "Window: week → month."),
        ("criterion.window", {"rolling": "P30D"}, "Window: week → any 30 days."),
        ("criterion.of.where", [SLA, CSAT], "Now also asks that csat is at least 4.5."),
        ("criterion.of.where", [], "No longer asks that within_sla is true."),
        (
            "criterion.of.where.0",
            {"property": "within_sla", "is": "yes"},
            "Now asks that within_sla is yes (before: within_sla is true).",
        ),
        ("criterion.of.type", "ticket.closed", "Counts: solved tickets → closed tickets."),
        ("criterion.of.once_per", None, "A record may count more than once now."),
        ("criterion.of.once_per", "customer", "Each customer counts once now."),
        (
            "criterion.of.hold",
            None,
            'Each one counts: unless "ticket reopened" follows within 72 hours → at once.',
        ),
        (
            "guardrails.0.at_least",
            4,
            f"Guardrail: the average csat is at least 4.5 {OVER} → the average csat is at least 4 {OVER}.",
        ),
        ("guardrails", [], "No longer asks that the average csat is at least 4.5 over at least 1 rated ticket."),
        ("applies_to", {}, "Meant for: an agent → everybody."),
        ("scope", "team", "Earned by teams now."),
        ("points", 8, "Points: 5 → 8."),
        ("cap", None, "At most: 4 a month → none."),
        ("cooldown", "P1D", "Least time between two awards: none → 24 hours."),
        ("repeats", "once", "Earned: in every window → once only."),
        ("award_at", "close", "Decided: as soon as it is reached → when the window has ended."),
        ("review", "manager", "Review: none → manager."),
        ("on_lost", "keep", "When an award loses its ground: revoke → keep."),
        ("message", "Good work.", 'Message: "Well done." → "Good work.".'),
        ("audience", {"manager": "weekly"}, "The manager is told: never → weekly."),
        ("name", "Clean Week", "Name: Clean Close → Clean Week."),
        ("state", "retired", "Retired: what was earned stays."),
        ("tiers", [{"name": "Bronze", "target": 5}], "Tiers: none → Bronze at 5."),
        ("starts_at", "2026-03-01T00:00:00Z", "Events count from: none → 1 March 2026 UTC."),
        ("targets", [{"applies_to": {"roles": ["lead"]}, "target": 3}], "Other targets: none → 3 for a lead."),
    ],
)
def test_a_change_is_said_in_one_sentence(path: str, value: Any, said: str) -> None:
    assert sentences(RULE | {"repeats": "every_window"}, changed(path, value) | _same(path)) == (said,)


def _same(path: str) -> dict[str, Any]:
    return {} if path == "repeats" else {"repeats": "every_window"}


def test_another_kind_of_criterion_is_said_whole() -> None:
    after = changed(
        "criterion", {"kind": "streak", "target": 5, "each": {"kind": "count", "target": 1, "of": COUNT["of"]}}
    )
    new, old, *_ = sentences(RULE, after)
    assert new.startswith("Now asks that on 5 working days in a row")
    assert old.startswith("No longer asks that they have 5 solved tickets")


def test_parts_of_a_combined_criterion_are_compared_one_by_one() -> None:
    rate = {"kind": "rate", "of": {"type": "lead.made"}, "good": {"where": [SLA]}, "at_least": 0.9, "minimum": 5}
    before = changed("criterion", {"kind": "all_of", "window": "week", "criteria": [COUNT | {"window": "week"}, rate]})
    after = deepcopy(before)
    after["criterion"]["criteria"][1] |= {"at_least": 0.95, "minimum": 10}
    assert sentences(before, after) == ("Must be: at least 90 % → at least 95 %.", "Fewest events: 5 → 10.")


def test_going_live_says_since_when_and_what_becomes_of_the_time_before() -> None:
    draft = RULE | {"state": "draft"}
    assert sentences(draft, RULE, Past.RECOMPUTE) == (
        "Live since 2 March 2026, 12:00 UTC, and the time before counts.",
    )
    assert sentences(draft, RULE, Past.KEEP) == ("Live since 2 March 2026, 12:00 UTC, and what stood stays.",)
    assert sentences(None, draft) == ("New rule.", "A draft: nothing is judged.")


def test_recomputing_is_said() -> None:
    assert sentences(RULE, RULE, Past.RECOMPUTE) == ("The time before is judged anew.",)


def test_the_same_in_other_words_is_said_to_mean_the_same() -> None:
    assert sentences(RULE, RULE | {"on_lost": "revoke"}) == ("Written in another way; it means the same.",)


def numbers_in(value: Any, path: str = "") -> Iterator[str]:
    """Give the places of all numbers in a document."""
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from numbers_in(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def parsed(document: dict[str, Any]) -> Achievement | None:
    """Read a document, if it makes a rule."""
    try:
        return parse_achievement(document)
    except RuleInvalid:
        return None


@pytest.mark.slow
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_changed_number_is_said_wherever_it_stands(data: st.DataObject) -> None:
    before = {**data.draw(rule_documents())[0], "state": "live"}
    path = data.draw(st.sampled_from(sorted(numbers_in(before))))
    after = changed(path, data.draw(st.integers(0, 9)), before)
    assume(parsed(after) not in (None, parse_achievement(before)))
    said = sentences(before, after)
    assert said
    for sentence in said:
        assert not sentence.startswith("Written in another way"), path
        left, arrow, right = sentence.removesuffix(".").partition(" → ")
        assert not arrow or not left.endswith(f": {right}"), (path, sentence)


@pytest.mark.slow
@given(st.tuples(rule_documents(), rule_documents()))
@settings(max_examples=25, deadline=None)
def test_any_two_rules_can_be_compared(drawn: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    before, after = ({**documents[0], "key": "same", "state": "live"} for documents in drawn)
    is_same = parse_achievement(before) == parse_achievement(after)
    assert (sentences(before, after) == ("Written in another way; it means the same.",)) == is_same
