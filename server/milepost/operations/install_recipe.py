"""Install a recipe: its achievements and source mappings, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from milepost.engine.achievements import State
from milepost.operations.load_recipe import load_recipe
from milepost.operations.save_achievement import save_achievement
from milepost.operations.services import Services
from milepost.storage.records import MappingRecord


@dataclass(frozen=True, slots=True)
class Installed:
    """What was there already, and what is new."""

    slug: str
    version: str
    #: Keys of achievements.
    added: tuple[str, ...]
    #: Keys that were there already; they stay as they are.
    kept: tuple[str, ...]
    #: Sources of the mappings that are new.
    mappings_added: tuple[str, ...]
    mappings_kept: tuple[str, ...]


def install_recipe(services: Services, slug: str, *, author: str, state: State | str = State.LIVE) -> Installed:
    """Add what the recipe has and the store has not, so that installing twice changes nothing.

    An achievement or mapping by the same name stays as it is: its owner may have changed it.
    Raises `NotFound` for an unknown slug.
    """
    recipe = load_recipe(slug)
    with services.store.reading() as reading:
        known = {version.key for version in reading.achievement_versions()}
    added = [document for document in recipe.achievements if document["key"] not in known]
    for document in added:
        note = f"Installed with the recipe {recipe.slug} {recipe.version}"
        save_achievement(services, {**document, "state": str(State(state))}, author=author, note=note)
    mappings_added, mappings_kept = [], []
    with services.store.transaction() as transaction:
        transaction.lock([f"mapping:{mapping['source']}" for mapping in recipe.mappings])
        for mapping in recipe.mappings:
            source = mapping["source"]
            if transaction.mapping(source) is not None:
                mappings_kept.append(source)
                continue
            transaction.put_mapping(MappingRecord(source=source, document=mapping, recipe=recipe.slug))
            mappings_added.append(source)
    return Installed(
        slug=recipe.slug,
        version=recipe.version,
        added=tuple(document["key"] for document in added),
        kept=tuple(document["key"] for document in recipe.achievements if document["key"] in known),
        mappings_added=tuple(mappings_added),
        mappings_kept=tuple(mappings_kept),
    )
