"""Awards on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from milepost.engine.people import Holder, HolderKind
from milepost.schemas.addresses import same_address
from milepost.schemas.base import BaseSchema, PageQuerySchema
from milepost.schemas.words import Day, Moment, Word

NOTE_LIMIT = 1_000
POINTS_LIMIT = 10_000
EVIDENCE_LIMIT = 500
STATUSES = ("granted", "in_review", "rejected", "revoked")

_NOTE = validate.Length(max=NOTE_LIMIT, error=f"A note has at most {NOTE_LIMIT:,} characters.")


class HolderFields(BaseSchema):
    """Names one holder: an actor or a team."""

    actor = Word(
        load_default=None, allow_none=True, metadata={"description": "Whose: a person.", "example": "ana@example.com"}
    )
    team = Word(load_default=None, allow_none=True, metadata={"description": "Whose: a team."})

    @validates_schema
    def check_holder(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse both at once."""
        if values.get("actor") and values.get("team"):
            raise ValidationError("Give an *actor* or a *team*, not both.")


class OneHolderFields(HolderFields):
    """Names exactly one holder."""

    @validates_schema
    def check_given(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse none."""
        if not values.get("actor") and not values.get("team"):
            raise ValidationError("Give an *actor* or a *team*.")


def holder_of(values: dict[str, Any]) -> Holder | None:
    """Give the holder that the fields of `HolderFields` name."""
    if values.get("actor"):
        return Holder(HolderKind.ACTOR, same_address(values["actor"]))
    return Holder(HolderKind.TEAM, values["team"]) if values.get("team") else None


def one_holder(values: dict[str, Any]) -> Holder:
    """Give the holder that the fields of `OneHolderFields` name."""
    holder = holder_of(values)
    assert holder is not None  # noqa: S101 - the schema has seen to it
    return holder


class NewAwardSchema(OneHolderFields):
    """An award given by hand, or by a platform that did its own judging."""

    id = Word(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Your own id for it; the same one again gives the same award.",
            "example": "deal-7-won",
        },
    )
    achievement = Word(required=True, metadata={"example": "clean-close"})
    points = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=0, max=POINTS_LIMIT, error=f"Points go from 0 to {POINTS_LIMIT:,}."),
        metadata={"description": "The achievement's own, if left out."},
    )
    note = fields.String(load_default=None, allow_none=True, validate=_NOTE)
    evidence = fields.List(
        Word(),
        load_default=list,
        validate=validate.Length(max=EVIDENCE_LIMIT, error=f"Name at most {EVIDENCE_LIMIT} events."),
        metadata={"description": "Ids of the events or records it rests on."},
    )


class CauseSchema(BaseSchema):
    """Why something is done by hand."""

    reason = fields.String(
        required=True,
        validate=validate.Length(
            min=1, max=NOTE_LIMIT, error="Say in a sentence why; the person concerned can read it."
        ),
    )


class NoteSchema(BaseSchema):
    """A note to an award."""

    note = fields.String(required=True, validate=_NOTE, metadata={"description": "Blank removes the note."})


class AwardQuerySchema(HolderFields, PageQuerySchema):
    """Which awards to list."""

    achievement = Word(load_default=None)
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES, error="Ask for one of: {choices}."))
    since = Moment(load_default=None, metadata={"description": "Only those earned at that moment or later."})


class AwardChangeSchema(BaseSchema):
    """One step in an award's history."""

    at = fields.AwareDateTime()
    change = fields.String()
    reason_code = fields.String()
    reason = fields.String()
    cause = fields.String(allow_none=True)


class AwardSchema(BaseSchema):
    """What was earned; it stays when it is taken back."""

    id = fields.String()
    achievement = fields.String()
    name = fields.String()
    actor = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    tier = fields.String(allow_none=True)
    points = fields.Integer()
    status = fields.String(validate=validate.OneOf(STATUSES))
    earned_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    message = fields.String(allow_none=True)
    next_step = fields.String(allow_none=True)
    reason_code = fields.String()
    reason = fields.String()
    rule_version = fields.Integer(allow_none=True)
    evidence = fields.List(fields.String())
    source = fields.String(metadata={"description": "`rule` or `hand`."})
    decision = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class AwardWithHistorySchema(AwardSchema):
    """An award with everything that happened to it."""

    history = fields.List(fields.Nested(AwardChangeSchema))


class FreezeSchema(OneHolderFields):
    """A day of a streak that may be missed."""

    day = Day(required=True, metadata={"description": "The holder's local day.", "example": "2026-03-02"})
    note = fields.String(load_default=None, allow_none=True, validate=_NOTE)


class StreakQuerySchema(OneHolderFields):
    """Whose streaks to show."""

    achievement = Word(load_default=None)
