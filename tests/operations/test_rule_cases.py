"""Stories in which rules are changed and switched on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from milepost.errors import Invalid
from milepost.operations.play_story import play_story
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.settings import Settings
from milepost.storage import open_store

FILES = {
    path.stem: json.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "rule_cases").glob("*.json")
}
STORIES = [f"{file}::{name}" for file, case in sorted(FILES.items()) for name in case["stories"]]
SAVED_AT = datetime(2026, 1, 1, tzinfo=UTC)
AFTER = datetime(2026, 3, 31, tzinfo=UTC)


@pytest.mark.parametrize("story_id", STORIES)
def test_a_story_of_a_rule_ends_as_expected(story_id: str, tmp_path: Path) -> None:
    """Every step gets the answers that the file expects, and recomputing finds no difference."""
    file, _, name = story_id.partition("::")
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    try:
        services = Services(store=store, clock=lambda: SAVED_AT, settings=Settings())
        for rule in FILES[file]["rules"]:
            save_achievement(services, rule, author="tests")
        results = play_story(services, FILES[file]["stories"][name]["story"])
        problems = [problem for result in results for problem in result.problems]
        assert (problems, verify(services.at(AFTER)).differences) == ([], ())
    finally:
        store.close()


def test_only_a_saved_rule_has_a_past_to_choose(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    try:
        services = Services(store=store, clock=lambda: SAVED_AT, settings=Settings())
        with pytest.raises(Invalid, match="past"):
            play_story(services, [{"void": "zd-1", "past": "keep"}])
    finally:
        store.close()
