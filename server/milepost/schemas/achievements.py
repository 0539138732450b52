"""Achievements on the wire, as the OpenAPI document shows them; `milepost.schemas.rules` reads the documents."""

from __future__ import annotations

from typing import Any

from marshmallow import INCLUDE, fields, post_load, validate

from milepost.engine.achievements import State
from milepost.schemas.base import BaseSchema
from milepost.schemas.words import Moment, Word

STATES = tuple(str(state) for state in State)
NOTE_LIMIT = 500


def _state(**more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(STATES, error="Choose one of: {choices}."), **more)


def _note() -> fields.String:
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=NOTE_LIMIT),
        metadata={"description": "Why, for the history."},
    )


class RuleDocumentSchema(BaseSchema):
    """A document of the rule language; see the reference for every key."""

    class Meta:
        """The rule language refuses what it does not know itself, with the nearest word."""

        unknown = INCLUDE

    key = fields.Raw(metadata={"type": "string", "example": "clean-close"})
    name = fields.Raw(metadata={"type": "string", "example": "Clean Close"})
    purpose = fields.Raw(metadata={"type": "string", "example": "Fast resolutions that stay resolved"})
    category = fields.Raw(metadata={"type": "string", "example": "quality"})
    criterion = fields.Raw(
        metadata={
            "type": "object",
            "example": {"kind": "count", "target": 5, "window": "week", "of": {"type": "ticket.solved"}},
        }
    )

    @post_load(pass_original=True)
    def give_document(self, _values: dict[str, Any], original: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """Give the document as it came, for the operation to read."""
        return original


class NoteQuerySchema(BaseSchema):
    """Why a rule is changed."""

    note = _note()


class AchievementQuerySchema(BaseSchema):
    """Which achievements to list."""

    state = _state(load_default=None)


class NewStateSchema(BaseSchema):
    """The state an achievement is to have."""

    state = _state(required=True)
    note = _note()


class RollBackSchema(BaseSchema):
    """The version that is to be the newest again."""

    version = fields.Integer(required=True, validate=validate.Range(min=1))


class AdviceSchema(BaseSchema):
    """One piece of advice about a rule."""

    code = fields.String()
    text = fields.String()


class CheckedSchema(BaseSchema):
    """What a rule says, and what is advised."""

    key = fields.String()
    sentence = fields.String(metadata={"description": "The rule in plain English."})
    advice = fields.List(fields.Nested(AdviceSchema))


class SavedSchema(CheckedSchema):
    """What has become of a saved achievement."""

    version = fields.Integer()
    changed = fields.Boolean(metadata={"description": "False when the newest version said the same already."})
    state = _state()


class AchievementSummarySchema(BaseSchema):
    """An achievement in short."""

    key = Word()
    name = fields.String()
    purpose = fields.String()
    category = fields.String()
    scope = fields.String()
    state = _state()
    points = fields.Integer()
    version = fields.Integer()
    sentence = fields.String()


class VersionSchema(BaseSchema):
    """One version in an achievement's history."""

    number = fields.Integer()
    effective_at = Moment()
    author = fields.String()
    note = fields.String(allow_none=True)
    state = _state()


class AchievementSchema(AchievementSummarySchema):
    """An achievement with its document, advice and history."""

    document = fields.Dict(keys=fields.String(), metadata={"description": "The rule as it was saved."})
    advice = fields.List(fields.Nested(AdviceSchema))
    versions = fields.List(fields.Nested(VersionSchema))
