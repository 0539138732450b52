"""What trying a rule answers: the effect of a change, and a backtest on the recorded events."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from milepost.schemas.achievements import STATES, AdviceSchema
from milepost.schemas.base import BaseSchema
from milepost.schemas.words import Moment

#: A change that is thought about is exactly one of these.
PROPOSALS = ("document", "state", "version")


class ProposalSchema(BaseSchema):
    """A change that is thought about: a document, another state, or an earlier version."""

    document = fields.Dict(
        keys=fields.String(), load_default=None, metadata={"description": "The rule as it would be."}
    )
    state = fields.String(
        load_default=None, validate=validate.OneOf(STATES, error="Choose one of: {choices}."), allow_none=True
    )
    version = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=1))

    @validates_schema(skip_on_field_errors=True)
    def check_choice(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse nothing at all, and two changes at once."""
        if len([name for name in PROPOSALS if values[name] is not None]) != 1:
            raise ValidationError(f"Give exactly one of {', '.join(PROPOSALS)}.")


class EffectAwardSchema(BaseSchema):
    """What becomes of one award."""

    holder = fields.String()
    name = fields.String()
    achievement = fields.String()
    slot = fields.String(metadata={"description": "Its place among the holder's awards: `once`, `2026-W10`, …"})
    tier = fields.String(allow_none=True)
    earned_at = fields.String()
    effect = fields.String(metadata={"description": "`appears`, `falls`, `kept`, `waits` or `revalued`."})
    points_before = fields.Integer()
    points = fields.Integer()


class EffectSchema(BaseSchema):
    """What a change does to awards."""

    appears = fields.Integer(metadata={"description": "Awards that would be new."})
    falls = fields.Integer(metadata={"description": "Awards that would be taken back."})
    kept = fields.Integer(metadata={"description": "Awards that would stand only because they are kept."})
    waits = fields.Integer(metadata={"description": "Awards that would wait for a review."})
    revalued = fields.Integer(metadata={"description": "Awards that would be worth other points."})
    points = fields.Integer(metadata={"description": "Points more or less, all people together."})
    people = fields.Integer()
    awards = fields.List(fields.Nested(EffectAwardSchema), metadata={"description": "The first 20, by name."})


class PreviewSchema(BaseSchema):
    """A change and its effect, for both choices about the past."""

    key = fields.String()
    state = fields.String()
    sentence = fields.String(metadata={"description": "The rule in plain English, as it would be."})
    sentence_before = fields.String(allow_none=True)
    changes = fields.List(fields.String())
    past = fields.String(allow_none=True, metadata={"description": "The choice that holds where none is made."})
    advice = fields.List(fields.Nested(AdviceSchema))
    keep = fields.Nested(EffectSchema)
    recompute = fields.Nested(EffectSchema)


class BacktestQuerySchema(BaseSchema):
    """How much of the past a rule is tried on."""

    since = Moment(
        load_default=None,
        metadata={"description": "As if the rule had been switched on then. Left out: all there is."},
    )


class BacktestWeekSchema(BaseSchema):
    """What would have been earned in one week."""

    week = fields.String()
    first_on = fields.Date()
    awards = fields.Integer()
    people = fields.Integer()
    points = fields.Integer()


class BacktestMessagesSchema(BaseSchema):
    """What one audience would have been told."""

    audience = fields.String()
    when = fields.String()
    news = fields.Integer(metadata={"description": "Awards to tell of."})
    messages = fields.Integer(metadata={"description": "Messages they make, digests put together."})


class EarnerSchema(BaseSchema):
    """Somebody who would have earned it."""

    holder = fields.String()
    name = fields.String()
    awards = fields.Integer()
    points = fields.Integer()
    first_earned_at = Moment()
    last_earned_at = Moment()
    tiers = fields.Dict(keys=fields.String(), values=fields.Integer())


class NearestSchema(BaseSchema):
    """Somebody who would have earned nothing, and how near they came."""

    holder = fields.String()
    name = fields.String()
    window = fields.String()
    current = fields.Raw(metadata={"type": "number"})
    target = fields.Raw(metadata={"type": "number"})
    percent = fields.Integer()
    reason_code = fields.String()
    reason = fields.String()


class BacktestGroupSchema(BaseSchema):
    """What people of one role, team or segment would have come to."""

    name = fields.String()
    eligible = fields.Integer()
    earners = fields.Integer()
    awards = fields.Integer()
    points = fields.Integer()


class BacktestGroupsSchema(BaseSchema):
    """Roles, teams and segments compared, as people have them now."""

    roles = fields.List(fields.Nested(BacktestGroupSchema))
    teams = fields.List(fields.Nested(BacktestGroupSchema))
    segments = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(BacktestGroupSchema)))


class BacktestSchema(BaseSchema):
    """What a rule would have done on the recorded events."""

    key = fields.String()
    name = fields.String()
    sentence = fields.String()
    as_of = Moment()
    since = Moment(allow_none=True)
    events = fields.Integer(metadata={"description": "Events that the rule looks at."})
    first_event_at = Moment(allow_none=True)
    last_event_at = Moment(allow_none=True)
    days = fields.Integer(metadata={"description": "Days from the first of them to the last."})
    eligible = fields.Integer(metadata={"description": "People or teams it is meant for."})
    active = fields.Integer(metadata={"description": "Those of them with such an event."})
    earners_count = fields.Integer()
    awards_count = fields.Integer()
    points = fields.Integer()
    refused = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "What cooldown and cap would have left out, by reason code."},
    )
    weeks = fields.List(fields.Nested(BacktestWeekSchema))
    messages = fields.List(fields.Nested(BacktestMessagesSchema))
    earners = fields.List(fields.Nested(EarnerSchema))
    nearest = fields.List(fields.Nested(NearestSchema))
    groups = fields.Nested(BacktestGroupsSchema)
