"""Every story ends the same, whatever keeps it: those of the recipes, and those of the thirty sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest

from milepost.operations.install_recipe import install_recipe
from milepost.operations.load_recipe import list_recipes
from milepost.operations.play_story import play_story, save_story_people
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.schemas.recipes import Recipe
from milepost.settings import Settings
from tests.engine.test_cases import FILES
from tests.stores import Ground, ground_of

pytestmark = pytest.mark.slow

RECIPES = {recipe.slug: recipe for recipe in list_recipes()}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module", params=["postgresql", "tinydb"])
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Take each kind of store that the other tests of stories do not use."""
    with ground_of(request.param, tmp_path_factory.mktemp("stories")) as ground:
        yield ground


@contextmanager
def emptied(ground: Ground) -> Iterator[Services]:
    """Open an empty store on a clock that stands still; recomputing what the block leaves in it changes nothing."""
    with closing(ground.empty_store()) as store:
        services = Services(store, lambda: NOW, Settings())
        yield services
        assert verify(services.at(LATER)).differences == ()


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_story_of_a_recipe_plays_as_written(recipe: Recipe, ground: Ground) -> None:
    """Every answer is the expected one."""
    with emptied(ground) as services:
        install_recipe(services, recipe.slug, author="Ops")
        results = play_story(services, recipe.story, recipe.people)
    assert [(result.step.why, result.problems) for result in results if result.problems] == []


@pytest.mark.parametrize("file", FILES)
def test_the_stories_of_a_sentence_end_as_expected(file: str, ground: Ground) -> None:
    """Each in an empty store of its own."""
    case = FILES[file]
    for name, story in case["stories"].items():
        people = story.get("people", case["people"])
        with emptied(ground) as services:
            save_story_people(services, people)
            for rule in case["rules"]:
                save_achievement(services, rule, author="tests")
            results = play_story(services, story["story"], people)
        assert [(result.step.why, result.problems) for result in results if result.problems] == [], name
