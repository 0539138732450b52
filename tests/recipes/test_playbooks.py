"""Every recipe has a playbook of one page, and it agrees with the rules."""

from __future__ import annotations

import re

import pytest

from milepost.engine.sentences import describe
from milepost.operations.load_recipe import list_recipes, recipes_folder
from milepost.schemas.recipes import Recipe
from milepost.schemas.rules import parse_achievement

RECIPES = {recipe.slug: recipe for recipe in list_recipes()}
HEADINGS = ["What is recognised", "Guardrails", "Pilot", "Figures", "What to watch", "Who hears what"]
LONGEST_PAGE = 80

every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


def playbook(recipe: Recipe) -> str:
    """Give the text of a recipe's playbook."""
    return (recipes_folder() / recipe.slug / "playbook.md").read_text(encoding="utf-8")


def section(recipe: Recipe, heading: str) -> str:
    """Give what stands under a heading."""
    return playbook(recipe).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@every_recipe
def test_it_is_one_page_with_every_section(recipe: Recipe) -> None:
    """In one order; between them stands what the source systems tell."""
    text = playbook(recipe)
    assert [heading for heading in re.findall(r"^## (.+)$", text, re.MULTILINE) if heading in HEADINGS] == HEADINGS
    assert len(text.splitlines()) <= LONGEST_PAGE


@every_recipe
def test_it_says_each_rule_as_the_rule_says_itself(recipe: Recipe) -> None:
    """A changed rule needs a changed page."""
    said = section(recipe, "What is recognised")
    for document in recipe.achievements:
        assert f"**{document['name']}**" in said
        assert describe(parse_achievement(document)) in said
    assert said.count("- **") == len(recipe.achievements)


@every_recipe
def test_it_has_the_figures_of_the_recipe(recipe: Recipe) -> None:
    """Each with what would get worse if it were chased."""
    said = section(recipe, "Figures")
    for kpi in recipe.kpis:
        assert f"| {kpi.name} | {kpi.formula} | {kpi.direction} | {kpi.counter_metric} |" in said


@every_recipe
def test_it_names_who_hears_of_what(recipe: Recipe) -> None:
    """The manager and the team hear of just those achievements whose rules say so."""
    said = section(recipe, "Who hears what")
    for audience, begins in (("manager", "- **The manager's digest**"), ("team", "- **The team**")):
        line = next((line for line in said.splitlines() if line.startswith(begins)), "")
        told = {one["name"] for one in recipe.achievements if one.get("audience", {}).get(audience, "never") != "never"}
        assert {one["name"] for one in recipe.achievements if one["name"] in line} == told


@every_recipe
def test_it_names_every_source(recipe: Recipe) -> None:
    """With what it tells, and what it does not."""
    text = playbook(recipe)
    assert [mapping["source"] for mapping in recipe.mappings if f"`{mapping['source']}`" not in text] == []
