"""Find and read the recipes that come with Milepost."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import orjson

from milepost.errors import Invalid, NotFound
from milepost.schemas.recipes import Recipe, parse_recipe

_PACKAGE = Path(__file__).parents[1]
#: In an installed package; in a checkout.
_FOLDERS = (_PACKAGE / "recipes", _PACKAGE.parents[1] / "recipes")


def list_recipes() -> list[Recipe]:
    """Give all recipes by slug."""
    return [load_recipe(slug) for slug in _slugs()]


def load_recipe(slug: str) -> Recipe:
    """Give one recipe; raises `NotFound` with the nearest slug."""
    known = _slugs()
    if slug not in known:
        nearest = get_close_matches(slug, known, n=1)
        hint = f"Did you mean {nearest[0]!r}?" if nearest else f"There are {', '.join(known)}."
        raise NotFound(f"There is no recipe {slug[:80]!r}. {hint}")
    folder = recipes_folder() / slug
    return parse_recipe(_read(folder, "recipe.json"), read_mapping=lambda name: _read(folder, name))


def recipes_folder() -> Path:
    """Give the folder that the recipes are in."""
    return next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[0])


def _slugs() -> list[str]:
    return sorted(path.parent.name for path in recipes_folder().glob("*/recipe.json"))


def _read(folder: Path, name: str) -> Any:
    """Read a file of a recipe; recipes may share one, but nothing outside of their folder is read."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.parent.resolve()) or not path.is_file():
        raise Invalid(f"The recipe {folder.name} names {name}, which is no file of the recipes.")
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise Invalid(f"{folder.name}/{name} is no JSON: {error}.") from None
