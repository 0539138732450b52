"""The sentences the product is built for, each one rule with its stories."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.operations.play_story import StepResult, play_story, save_story_people
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store

CASES = Path(__file__).parent / "cases"
FILES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.json"))}
STORIES = [f"{file}::{name}" for file, case in FILES.items() for name in case["stories"]]
#: Before every story, so that each rule is in force from its beginning.
SAVED_AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("story_id", STORIES, ids=str)
def test_a_story_ends_as_expected(story_id: str, tmp_path: Path) -> None:
    """Every step of the story gets the answers that the file expects."""
    file, _, name = story_id.partition("::")
    case = FILES[file]
    story = case["stories"][name]
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    try:
        services = Services(store=store, clock=lambda: SAVED_AT, settings=Settings())
        people = story.get("people", case["people"])
        save_story_people(services, people)
        for rule in case["rules"]:
            save_achievement(services, rule, author="tests")
        results = play_story(services, story["story"], people)
    finally:
        store.close()
    failures = [line for number, result in enumerate(results, 1) for line in _failures(number, result)]
    assert not failures, "\n".join([story["why"], *failures])


def test_every_sentence_has_its_file() -> None:
    """Thirty sentences, thirty files, numbered without a gap."""
    assert [int(file.partition("__")[0]) for file in FILES] == list(range(1, 31))
    assert len({case["sentence"] for case in FILES.values()}) == 30


@pytest.mark.parametrize("file", FILES)
def test_a_sentence_is_told_from_every_side(file: str) -> None:
    """At least four stories, with an award, a correction that takes one back, and a refusal with its reason."""
    stories = FILES[file]["stories"]
    assert len(stories) >= 4
    assert all(name.count("__") == 2 for name in stories), "a story's name is what__when__then"
    expectations = [step["expect"] for story in stories.values() for step in story["story"] if "expect" in step]
    assert any(expect.get("unlocked") for expect in expectations)
    assert any(expect.get("revoked") for expect in expectations)
    assert any("reasons" in expect or _has_reason_code(expect) for expect in expectations)


def _has_reason_code(expect: dict[str, Any]) -> bool:
    entries = [entry for parts in expect.get("progress", {}).values() for entry in parts.values()]
    return any(entry.get("reason_code", "target_met") != "target_met" for entry in entries)


def _failures(number: int, result: StepResult) -> list[str]:
    why = f" ({result.step.why})" if result.step.why else ""
    return [f"step {number}, {result.at:%a %d %b %H:%M:%S} UTC: {problem}{why}" for problem in result.problems]
