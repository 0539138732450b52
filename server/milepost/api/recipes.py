"""Recipes: see what there is, install one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from milepost.api.auth import needs
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.engine.achievements import State
from milepost.operations.install_recipe import install_recipe
from milepost.operations.show_recipes import show_recipe, show_recipes
from milepost.schemas.base import page_document, page_of
from milepost.schemas.keys import Scope
from milepost.schemas.recipe_answers import (
    InstalledSchema,
    NewInstallSchema,
    RecipeSummarySchema,
    ShownRecipeSchema,
)

door = Door("recipes", __name__, url_prefix="/v1/recipes", description="Ready-made bundles of achievements.")


@door.route("")
@needs(Scope.READ)
@door.response(200, page_of(RecipeSummarySchema))
def show_all() -> dict[str, Any]:
    """List all recipes, each rule as its sentence."""
    return page_document(show_recipes())


@door.route("/<slug>")
@needs(Scope.READ)
@door.response(200, ShownRecipeSchema)
def show(slug: str) -> dict[str, Any]:
    """Show a recipe: its rules, the events to tell, the KPIs it is to move."""
    return show_recipe(slug)


@door.route("/<slug>/install", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(NewInstallSchema, location="json_or_nothing")
@door.response(200, InstalledSchema)
def install(wanted: dict[str, Any], slug: str) -> dict[str, Any]:
    """Add the achievements and source mappings of a recipe; what is there already stays as it is."""
    return asdict(install_recipe(services(), slug, author=caller().name, state=State(wanted["state"])))
