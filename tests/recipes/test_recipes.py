"""Every recipe keeps what recipes promise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.lint import LintContext, lint
from milepost.engine.sentences import describe
from milepost.errors import Invalid, NotFound
from milepost.operations.install_recipe import install_recipe
from milepost.operations.load_recipe import list_recipes, load_recipe, recipes_folder
from milepost.operations.play_story import play_story
from milepost.operations.rule_book import types_named
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.schemas.events import load_event
from milepost.schemas.mappings import parse_mapping
from milepost.schemas.recipes import MOST_ACHIEVEMENTS, Recipe, parse_recipe
from milepost.schemas.rules import parse_achievement
from milepost.settings import Settings
from milepost.storage import open_store

ROOT = Path(__file__).parents[2]
RECIPES = {recipe.slug: recipe for recipe in list_recipes()}
NOW = datetime(2026, 3, 1, tzinfo=UTC)
EXAMPLES_END = datetime(2026, 12, 31, tzinfo=UTC)
QUALITY_KINDS = {"rate", "average", "run", "none"}
QUALITY_KEYS = {"hold", "confirmed_by"}

every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open an empty store on a clock that stands still."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield Services(store=store, clock=lambda: NOW, settings=Settings())
    store.close()


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Walk through every object of a document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects_in(inner)


def test_every_folder_of_recipes_is_a_recipe() -> None:
    """A folder that is not listed would be shipped for nothing."""
    folders = {path.name for path in (ROOT / "recipes").iterdir() if path.is_dir()}
    assert set(RECIPES) == folders >= {"crm-hygiene", "helpdesk-sla", "sales-sequence", "fulfilment-quality"}


def test_no_achievement_is_in_two_recipes() -> None:
    """Both could not be installed."""
    keys = [document["key"] for recipe in RECIPES.values() for document in recipe.achievements]
    assert len(keys) == len(set(keys))


def test_the_reference_names_every_achievement() -> None:
    """The table of recipes is complete."""
    page = (ROOT / "docs" / "reference" / "recipes.md").read_text(encoding="utf-8")
    names = [document["name"] for recipe in RECIPES.values() for document in recipe.achievements]
    assert [name for name in names if name not in page] == []


@every_recipe
def test_the_slug_is_the_folder(recipe: Recipe) -> None:
    """It is found again by its slug."""
    assert load_recipe(recipe.slug) == recipe


@every_recipe
def test_there_are_few_achievements(recipe: Recipe) -> None:
    """Nobody keeps more in mind."""
    assert 1 <= len(recipe.achievements) <= MOST_ACHIEVEMENTS


@every_recipe
def test_every_achievement_asks_for_quality(recipe: Recipe) -> None:
    """By a guardrail, a hold, a confirmation, or a criterion that measures quality."""
    for document in recipe.achievements:
        found = [one for one in objects_in(document) if one.get("kind") in QUALITY_KINDS or QUALITY_KEYS & one.keys()]
        assert document.get("guardrails") or found, document["key"]


@every_recipe
def test_every_achievement_has_words_and_no_advice_against_it(recipe: Recipe) -> None:
    """A message, a next step, one sentence, and a clean check."""
    context = LintContext(live_count=len(recipe.achievements))
    for document in recipe.achievements:
        achievement = parse_achievement(document)
        assert lint(achievement, context=context) == (), document["key"]
        assert achievement.message, document["key"]
        assert achievement.next_step, document["key"]
        assert describe(achievement).startswith("When"), document["key"]


@every_recipe
def test_the_first_win_is_fast(recipe: Recipe) -> None:
    """One good event is enough, and it counts at once; the first step of the story earns it."""
    first = recipe.achievements[0]
    assert first["criterion"]["target"] == 1
    assert "for" not in first["criterion"]["of"]["hold"]
    assert recipe.story[0]["expect"]["unlocked"] == [first["key"]]


@every_recipe
def test_the_events_are_those_the_achievements_look_at(recipe: Recipe) -> None:
    """Each type is explained, with an example that can be told."""
    named = {name for document in recipe.achievements for name in types_named(parse_achievement(document))}
    assert {event["type"] for event in recipe.events} == named
    for event in recipe.events:
        loaded = load_event(event["example"], now=EXAMPLES_END, zone_of=lambda _actor: UTC)
        assert (loaded.event.type, loaded.warnings) == (event["type"], ()), event["type"]


@every_recipe
def test_every_mapping_tells_of_what_an_achievement_looks_at(recipe: Recipe) -> None:
    """Or of people only."""
    types = {event["type"] for event in recipe.events}
    for document in recipe.mappings:
        mapping = parse_mapping(document)
        assert mapping.people or mapping.events
        assert not mapping.events or types & {event.type for event in mapping.events}, mapping.source


@every_recipe
def test_every_kpi_has_a_counter_metric(recipe: Recipe) -> None:
    """A figure alone invites chasing it."""
    assert recipe.kpis
    assert len({kpi.key for kpi in recipe.kpis}) == len(recipe.kpis)
    assert all(kpi.formula and kpi.counter_metric for kpi in recipe.kpis)


@every_recipe
def test_the_story_plays_as_written(recipe: Recipe, services: Services) -> None:
    """Every answer is the expected one."""
    install_recipe(services, recipe.slug, author="Ops")
    results = play_story(services, recipe.story, recipe.people)
    assert [(result.step.why, result.problems) for result in results if result.problems] == []


@every_recipe
def test_the_story_shows_what_matters(recipe: Recipe) -> None:
    """Something earned, something not counted with its reason, something taken back; each step is told in words."""
    expected = [step.get("expect", {}) for step in recipe.story]
    assert all(step.get("why") for step in recipe.story)
    assert any(one.get("unlocked") for one in expected)
    assert any("condition_not_met" in one.get("reasons", {}).values() for one in expected)
    assert any(one.get("revoked") for one in expected)


@every_recipe
def test_installing_twice_changes_nothing(recipe: Recipe, services: Services) -> None:
    """What is there stays as it is."""
    first = install_recipe(services, recipe.slug, author="Ops")
    again = install_recipe(services, recipe.slug, author="Ops")
    keys = tuple(document["key"] for document in recipe.achievements)
    sources = tuple(mapping["source"] for mapping in recipe.mappings)
    assert (first.added, first.kept, first.mappings_added, first.mappings_kept) == (keys, (), sources, ())
    assert (again.added, again.kept, again.mappings_added, again.mappings_kept) == ((), keys, (), sources)
    with services.store.reading() as reading:
        assert {version.number for version in reading.achievement_versions()} == {1}


def test_installing_overwrites_nobodys_changes(services: Services) -> None:
    """An achievement its owner has changed keeps the change."""
    document = RECIPES["helpdesk-sla"].achievements[0]
    save_achievement(services, {**document, "points": 3, "state": "retired"}, author="Owner")
    installed = install_recipe(services, "helpdesk-sla", author="Ops")
    assert installed.kept == (document["key"],)
    with services.store.reading() as reading:
        (version,) = reading.achievement_versions(document["key"])
    assert (version.document["points"], version.document["state"]) == (3, "retired")


def test_a_recipe_can_be_installed_silently_first(services: Services) -> None:
    """In shadow, everything is judged and nobody is told."""
    install_recipe(services, "helpdesk-sla", author="Ops", state="shadow")
    with services.store.reading() as reading:
        assert {version.document["state"] for version in reading.achievement_versions()} == {"shadow"}


def test_an_unknown_recipe_is_refused_with_the_nearest() -> None:
    """People write the name from memory."""
    with pytest.raises(NotFound, match="Did you mean 'helpdesk-sla'"):
        load_recipe("helpdesk_sla")
    with pytest.raises(NotFound):
        load_recipe("../recipes/helpdesk-sla")


def parse(changes: dict[str, Any]) -> Recipe:
    """Parse the helpdesk's recipe with some keys changed."""
    folder = recipes_folder() / "helpdesk-sla"
    document = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    return parse_recipe(document | changes, read_mapping=lambda name: json.loads((folder / name).read_bytes()))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"achievments": []}, r"\*achievements\*"),
    ({"version": "1"}, "version"),
    ({"kpis": [{"key": "a", "name": "A", "formula": "b", "direction": "up", "counter_metric": "c"}]}, "direction"),
    ({"achievements": [{"key": "a"}]}, "/achievements/0/"),
    ({"achievements": [{}] * 7}, "achievements"),
    ({"story": [{"tel": {}}]}, "tell"),
    ({"people": {"actor": []}}, "actors"),
]


@pytest.mark.parametrize(("changes", "hint"), WRONG, ids=[next(iter(changes)) for changes, _ in WRONG])
def test_what_a_recipe_does_not_have_is_refused(changes: dict[str, Any], hint: str) -> None:
    """With the place, and the nearest word."""
    with pytest.raises(Invalid, match=hint):
        parse(changes)
