"""Achievements on the wire, as the OpenAPI document shows them; `milepost.schemas.rules` reads the documents."""

from __future__ import annotations

from typing import Any

from marshmallow import INCLUDE, fields, post_load, validate

from milepost.engine.achievements import State
from milepost.engine.facts import Past
from milepost.schemas.base import BaseSchema
from milepost.schemas.words import Moment, Word

STATES = tuple(str(state) for state in State)
PASTS = tuple(str(past) for past in Past)
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


def _past() -> fields.String:
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(PASTS, error="Choose one of: {choices}."),
        metadata={
            "description": "`keep`: what stands stays, and what ended before the change stays as it is. `recompute`: "
            "everything is judged by the new version. Left out: `keep`, and `recompute` where a rule goes live for the "
            "first time."
        },
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


class ChangeQuerySchema(BaseSchema):
    """Why a rule is changed, and what becomes of what was earned before."""

    note = _note()
    past = _past()


class AchievementQuerySchema(BaseSchema):
    """Which achievements to list."""

    state = _state(load_default=None)


class NewStateSchema(BaseSchema):
    """The state an achievement is to have."""

    state = _state(required=True)
    note = _note()
    past = _past()


class RollBackSchema(BaseSchema):
    """The version that is to be the newest again."""

    version = fields.Integer(required=True, validate=validate.Range(min=1))
    note = _note()
    past = _past()


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
    past = fields.String(allow_none=True, metadata={"description": "What became of what was earned before."})
    warnings = fields.List(fields.String())


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
    past = fields.String(allow_none=True)
    starts_at = Moment(
        allow_none=True,
        metadata={"description": "When the rule was switched on without its past; nothing before it counts."},
    )


class VersionChangesSchema(VersionSchema):
    """One version, and what it changed."""

    sentence = fields.String(metadata={"description": "The rule in plain English."})
    changes = fields.List(fields.String(), metadata={"description": "What the version changed, as sentences."})
    document = fields.Dict(keys=fields.String(), metadata={"description": "The rule as it was saved."})


class AchievementSchema(AchievementSummarySchema):
    """An achievement with its document, advice and history."""

    document = fields.Dict(keys=fields.String(), metadata={"description": "The rule as it was saved."})
    advice = fields.List(fields.Nested(AdviceSchema))
    versions = fields.List(fields.Nested(VersionSchema))
