"""Show the recipes that come with Milepost, each rule as its sentence."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from milepost.engine.sentences import describe
from milepost.operations.load_recipe import list_recipes, load_recipe
from milepost.schemas.recipes import Recipe
from milepost.schemas.rules import parse_achievement


def show_recipes() -> list[dict[str, Any]]:
    """Give all recipes by slug, in short."""
    return [_summary(recipe) for recipe in list_recipes()]


def show_recipe(slug: str) -> dict[str, Any]:
    """Give one recipe with the events it lives on and the KPIs it is to move."""
    recipe = load_recipe(slug)
    return {
        **_summary(recipe),
        "documents": [dict(document) for document in recipe.achievements],
        "events": [dict(event) for event in recipe.events],
        "kpis": [asdict(kpi) for kpi in recipe.kpis],
        "sources": [mapping["source"] for mapping in recipe.mappings],
    }


def _summary(recipe: Recipe) -> dict[str, Any]:
    rules = [parse_achievement(document) for document in recipe.achievements]
    return {
        "slug": recipe.slug,
        "name": recipe.name,
        "summary": recipe.summary,
        "version": recipe.version,
        "achievements": [{"key": rule.key, "name": rule.name, "sentence": describe(rule)} for rule in rules],
    }
