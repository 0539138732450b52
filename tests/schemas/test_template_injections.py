"""What is written to break out of templates can not be saved, or says just what it says."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from milepost.schemas.templates import LONGEST, PLACEHOLDERS, check_template, render_template

#: By the engine they were written for; known from public collections, mostly of the Jinja family.
INJECTIONS: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "template_injections.json").read_text(encoding="utf-8")
)
VALUES: dict[str, Any] = {
    "actor": {"name": "Ana Sol", "first_name": "Ana"},
    "holder": {"name": "Ana Sol"},
    "achievement": {"name": "Clean Close", "purpose": "Fast resolutions"},
    "tier": "Gold",
    "points": 5,
    "progress": {"current": 5, "target": 5},
    "subject": "ticket-9",
}
MOST_MILLISECONDS = 50
MOST_BYTES = 64 * 1024


def test_there_are_many_of_them() -> None:
    """An empty file would prove nothing."""
    texts = [text for texts in INJECTIONS.values() for text in texts]
    assert len(texts) == len(set(texts))
    assert len(texts) >= 400
    assert max(map(len, texts)) <= LONGEST
    assert sum(len(texts) for kind, texts in INJECTIONS.items() if "jinja" in kind) >= 200


@pytest.mark.parametrize("kind", INJECTIONS)
def test_each_is_refused_or_comes_out_as_it_is(kind: str) -> None:
    """Nothing is computed, looked up or left out."""
    came_out = {text: render_template(text, VALUES) for text in INJECTIONS[kind] if not check_template(text)}
    assert {text: said for text, said in came_out.items() if said != text} == {}


def test_what_is_written_for_this_family_of_engines_is_refused_throughout() -> None:
    """Whatever would do something in Jinja is no message."""
    kinds = [kind for kind in INJECTIONS if kind.startswith("jinja")]
    assert [text for kind in kinds for text in INJECTIONS[kind] if not check_template(text)] == []


@pytest.mark.parametrize("kind", INJECTIONS)
def test_none_can_hide_behind_a_good_message(kind: str) -> None:
    """A good beginning does not make it better."""
    begun = "Well done, {{ actor.first_name }}: "
    for text in INJECTIONS[kind]:
        if not check_template(begun + text):
            assert render_template(begun + text, VALUES) == "Well done, Ana: " + text


@pytest.mark.parametrize("kind", INJECTIONS)
def test_each_is_a_name_like_any_other(kind: str) -> None:
    """What stands in a value is never read as a template."""
    for text in INJECTIONS[kind]:
        assert render_template("{{ actor.name }}", {"actor": {"name": text}}) == " ".join(text.split())


@pytest.mark.parametrize(
    "value",
    ["x" * 100_000, " " * 100_000, "a " * 50_000, "\n" * 100_000, "😀" * 100_000, "9" * 100_000, Decimal("1E+400000")],
    ids=["long", "blank", "words", "lines", "emoji", "digits", "exponent"],
)
def test_rendering_ends_soon_whatever_the_values(value: Any) -> None:
    """As many placeholders as a message holds, and each of them with more than it can take."""
    text = "{{tier}}" * (LONGEST // len("{{tier}}"))
    assert check_template(text) == []
    render_template(text, {"tier": "x"})  # compiled once and kept
    began = time.perf_counter()
    said = render_template(text, {"tier": value})
    assert 1000 * (time.perf_counter() - began) <= MOST_MILLISECONDS
    assert len(said) <= LONGEST
    assert len(said.encode()) <= MOST_BYTES


def test_a_message_of_every_placeholder_is_made_soon_the_first_time_too() -> None:
    """Compiling is part of it."""
    text = " ".join(f"{{{{ {name} }}}}" for name in sorted(PLACEHOLDERS)) + " at once"
    began = time.perf_counter()
    render_template(text, {})
    assert 1000 * (time.perf_counter() - began) <= MOST_MILLISECONDS
