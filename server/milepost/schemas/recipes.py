"""Recipes: ready-made bundles of achievements, with what shows that they work.

The keys are described in ``docs/reference/recipes.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from milepost.errors import FieldError, Invalid
from milepost.schemas.base import BaseSchema
from milepost.schemas.mappings import parse_mapping
from milepost.schemas.reader import RuleInvalid
from milepost.schemas.rules import parse_achievement
from milepost.schemas.stories import PeopleSchema, load_people, load_steps
from milepost.schemas.words import Word, load

#: More than this, and none of them is noticed.
MOST_ACHIEVEMENTS = 6


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure of the business that the achievements are meant to move."""

    key: str
    name: str
    #: In words: what is divided by what.
    formula: str
    #: ``higher`` or ``lower``: which is better.
    direction: str
    #: What would get worse if the figure were chased.
    counter_metric: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """A bundle as it is read; achievements and mappings are documents that parse."""

    slug: str
    name: str
    summary: str
    version: str
    #: ``type``, ``means`` and an ``example`` each.
    events: tuple[Mapping[str, Any], ...]
    achievements: tuple[Mapping[str, Any], ...]
    kpis: tuple[Kpi, ...]
    mappings: tuple[Mapping[str, Any], ...]
    people: Mapping[str, Any]
    story: tuple[Mapping[str, Any], ...]


class RecipeEventSchema(BaseSchema):
    """An event type that the achievements look at."""

    type = Word(required=True)
    means = fields.String(required=True, validate=validate.Length(min=1))
    example = fields.Dict(required=True)


class KpiSchema(BaseSchema):
    """A figure of the business."""

    key = Word(required=True)
    name = Word(required=True)
    formula = fields.String(required=True, validate=validate.Length(min=1))
    direction = fields.String(required=True, validate=validate.OneOf(["higher", "lower"]))
    counter_metric = fields.String(required=True, validate=validate.Length(min=1))


class RecipeSchema(BaseSchema):
    """The file ``recipe.json``."""

    slug = Word(required=True)
    name = Word(required=True)
    summary = fields.String(required=True, validate=validate.Length(min=1))
    version = fields.String(required=True, validate=validate.Regexp(r"\d+\.\d+\.\d+\Z"))
    events = fields.List(fields.Nested(RecipeEventSchema), required=True, validate=validate.Length(min=1))
    achievements = fields.List(fields.Dict(), required=True, validate=validate.Length(min=1, max=MOST_ACHIEVEMENTS))
    kpis = fields.List(fields.Nested(KpiSchema), required=True, validate=validate.Length(min=1))
    #: Files, by their path from the recipe's folder.
    mappings = fields.List(Word(), load_default=list)
    people = fields.Nested(PeopleSchema, required=True)
    story = fields.List(fields.Dict(), required=True, validate=validate.Length(min=1))


def parse_recipe(document: Any, *, read_mapping: Callable[[str], Any]) -> Recipe:
    """Read a recipe, its mappings with *read_mapping*; raises `Invalid` with every place that needs a correction."""
    given = load(RecipeSchema(), document)
    mappings = [read_mapping(name) for name in given["mappings"]]
    _refuse_unreadable(given["achievements"], parse_achievement, "achievements")
    _refuse_unreadable(mappings, parse_mapping, "mappings")
    load_people(given["people"])
    load_steps(given["story"])
    return Recipe(
        slug=given["slug"],
        name=given["name"],
        summary=given["summary"],
        version=given["version"],
        events=tuple(given["events"]),
        achievements=tuple(given["achievements"]),
        kpis=tuple(Kpi(**kpi) for kpi in given["kpis"]),
        mappings=tuple(mappings),
        people=given["people"],
        story=tuple(given["story"]),
    )


def _refuse_unreadable(documents: Sequence[Any], parse: Callable[[Any], object], name: str) -> None:
    """Try every document, and name the places of what is wrong in the recipe."""
    errors = []
    for index, document in enumerate(documents):
        try:
            parse(document)
        except RuleInvalid as error:
            errors += [FieldError(f"/{name}/{index}{one.path}", one.message) for one in error.problems]
    if errors:
        raise Invalid(f"{errors[0].pointer}: {errors[0].message}", errors=errors)
