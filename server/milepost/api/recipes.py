"""Recipes: see what there is, install one."""

from __future__ import annotations

from typing import Any

from flask import Response

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.engine.achievements import State
from milepost.operations.install_recipe import install_recipe
from milepost.operations.recipes import list_recipes, load_recipe
from milepost.schemas.achievements import InstallSchema
from milepost.schemas.keys import Scope

door = Door("recipes", __name__, url_prefix="/v1/recipes", description="Ready-made bundles of achievements.")
