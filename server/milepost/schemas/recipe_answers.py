"""Recipes in answers, as the OpenAPI document shows them."""

from __future__ import annotations

from marshmallow import fields, validate

from milepost.engine.achievements import State
from milepost.schemas.base import BaseSchema


class RecipeAchievementSchema(BaseSchema):
    """An achievement a recipe brings, in short."""

    key = fields.String()
    name = fields.String()
    sentence = fields.String(metadata={"description": "The rule in plain English."})


class RecipeSummarySchema(BaseSchema):
    """A recipe in short."""

    slug = fields.String()
    name = fields.String()
    summary = fields.String()
    version = fields.String()
    achievements = fields.List(fields.Nested(RecipeAchievementSchema))


class ShownRecipeSchema(RecipeSummarySchema):
    """A recipe with the events it lives on and the KPIs it is to move."""

    documents = fields.List(fields.Dict(), metadata={"description": "The rules that installing saves."})
    events = fields.List(fields.Dict(), metadata={"description": "What to tell: type, meaning, example."})
    kpis = fields.List(fields.Dict())
    sources = fields.List(fields.String(), metadata={"description": "Source systems it has a mapping for."})


class NewInstallSchema(BaseSchema):
    """How a recipe is to be installed."""

    state = fields.String(
        load_default=str(State.LIVE),
        validate=validate.OneOf([str(state) for state in State], error="Choose one of: {choices}."),
        metadata={"description": "The state its new achievements begin in."},
    )


class InstalledSchema(BaseSchema):
    """What installing a recipe has added, and what was there already and stays as it is."""

    slug = fields.String()
    version = fields.String()
    added = fields.List(fields.String(), metadata={"description": "Keys of the new achievements."})
    kept = fields.List(fields.String(), metadata={"description": "Keys of achievements that were there already."})
    mappings_added = fields.List(fields.String())
    mappings_kept = fields.List(fields.String())
