"""The examples of answers, which packs are made from, have the shape of what the application really answers."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from tests.packs.story import tell

pytestmark = pytest.mark.slow

EXAMPLES = files("milepost") / "schemas" / "examples"
NAMES = ("answer", "award", "check-in", "person", "progress", "achievement", "freeze")


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Tell the story once."""
    return tell(tmp_path_factory.mktemp("story"))


def shape(value: Any) -> Any:
    """Give every key with the JSON type of its value, in lists as well; whole numbers and others are one type."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return "number" if is_number else type(value).__name__


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_the_shape_of_a_real_answer(name: str, answered: dict[str, Any]) -> None:
    """Ana's five tickets are answered as the example says, and so is what is asked afterwards."""
    example = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    assert shape(example) == shape(answered[name]), json.dumps(answered[name], indent=2, ensure_ascii=False)


def test_the_story_has_an_example_for_each_of_its_answers(answered: dict[str, Any]) -> None:
    """What is answered and what is compared are the same."""
    assert set(answered) == set(NAMES)


def test_another_type_is_another_shape() -> None:
    """The test above can fail."""
    assert shape({"points": 5}) != shape({"points": "5"})
    assert shape({"points": 5}) == shape({"points": 5.5})
    assert shape([{"tier": None}]) != shape([{"tier": "Bronze"}])
    assert shape([True]) != shape([1])
