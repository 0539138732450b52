"""Stories on the wire: what happens, step by step, and what is expected after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from milepost.engine.facts import Past
from milepost.schemas.answers import OUTCOMES
from milepost.schemas.base import BaseSchema
from milepost.schemas.words import Moment, Word, load

#: What a step does; each has exactly one of them.
DEEDS = ("tell", "void", "save", "wait_until")


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One thing that happens, and the answer expected after it."""

    #: Documents of the events told, one after the other.
    tell: tuple[Mapping[str, Any], ...] = ()
    #: The id of the event taken back.
    void: str | None = None
    #: The document of a rule that is saved.
    save: Mapping[str, Any] | None = None
    #: What becomes of what was earned before, when a rule is saved; None: what harms nobody.
    past: Past | None = None
    #: Time passes up to this moment, and what is due settles.
    wait_until: datetime | None = None
    #: The clock when it is told or taken back.
    at: datetime | None = None
    #: Shown when an expectation fails.
    why: str | None = None
    #: Only the keys that were given.
    expect: Mapping[str, Any] = field(default_factory=dict)


def _names() -> fields.List[Any]:
    return fields.List(fields.String())


def _parts() -> fields.Dict:
    """Give a field of holder to achievement to a part of an entry."""
    return fields.Dict(
        keys=Word(), values=fields.Dict(keys=Word(), values=fields.Dict(keys=fields.String(), values=fields.Raw()))
    )


class ExpectationSchema(BaseSchema):
    """What must hold after a step; every key is optional."""

    outcome = fields.String(validate=validate.OneOf(OUTCOMES, error="Choose one of: {choices}."))
    unlocked = _names()
    revoked = _names()
    standing = fields.Dict(keys=Word(), values=_names())
    points = fields.Dict(keys=Word(), values=fields.Integer(strict=True))
    progress = _parts()
    reasons = fields.Dict(keys=Word(), values=fields.String())
    streaks = _parts()


class StoryStepSchema(BaseSchema):
    """One step of a story."""

    tell = fields.Raw()
    void = Word()
    save = fields.Dict(keys=fields.String())
    past = fields.Enum(Past, by_value=True)
    wait_until = Moment()
    at = Moment()
    why = fields.String()
    expect = fields.Nested(ExpectationSchema)

    @validates_schema(skip_on_field_errors=True)
    def check_deed(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse a step that does nothing, or two things at once."""
        if len([deed for deed in DEEDS if deed in values]) != 1:
            raise ValidationError(f"A step has exactly one of {', '.join(DEEDS)}.")
        if "past" in values and "save" not in values:
            raise ValidationError("Only a rule that is saved has a past to choose.", "past")
        told = values.get("tell", {})
        if not all(isinstance(event, dict) for event in (told if isinstance(told, list) and told else [told])):
            raise ValidationError("Give an event or a list of events.", "tell")


class PeopleSchema(BaseSchema):
    """The people of a story, as for the calls that save them."""

    calendars = fields.List(fields.Dict())
    teams = fields.List(fields.Dict())
    actors = fields.List(fields.Dict())


class StorySchema(BaseSchema):
    """A story with its people; further keys belong to whoever tells it."""

    people = fields.Nested(PeopleSchema)
    story = fields.List(fields.Nested(StoryStepSchema), required=True, validate=validate.Length(min=1))


def load_steps(story: Sequence[Any]) -> list[StoryStep]:
    """Give the steps of a story, or raise `Invalid` with every place that needs a correction."""
    return [_step(values) for values in load(StorySchema(), {"story": list(story)})["story"]]


def load_people(people: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Give the documents of a story's calendars, teams and actors, in the order in which they are saved."""
    given: dict[str, Any] = load(PeopleSchema(), people)
    return {name: given.get(name, []) for name in ("calendars", "teams", "actors")}


def _step(values: Mapping[str, Any]) -> StoryStep:
    told = values.get("tell", [])
    return StoryStep(**{**values, "tell": tuple(told if isinstance(told, list) else [told])})
