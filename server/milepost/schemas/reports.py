"""Reports on the wire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from milepost.schemas.base import BaseSchema
from milepost.schemas.words import Moment

#: The longest stretch of time that one report is about.
LONGEST = timedelta(days=370)


class SpanQuerySchema(BaseSchema):
    """Which stretch of time a report is about."""

    since = Moment(
        load_default=None, metadata={"description": "From then on; eight weeks before *until*, if left out."}
    )
    until = Moment(load_default=None, metadata={"description": "Up to then; now, if left out."})

    @validates_schema
    def check_order(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse an end before the beginning, and a stretch too long to be looked at."""
        since, until = values.get("since"), values.get("until")
        if since and until and not timedelta() < until - since <= LONGEST:
            raise ValidationError(f"*until* comes after *since*, at most {LONGEST.days} days later.", "until")


class AttentionRowSchema(BaseSchema):
    """What went to one kind of place in one week, and what came of it."""

    week = fields.String(metadata={"example": "2026-W10"})
    place = fields.String(metadata={"description": "`slack`, `teams`, `email`, `webhook`; `any`: each message once."})
    people = fields.Integer(allow_none=True)
    sent = fields.Integer(allow_none=True)
    opened = fields.Integer(allow_none=True, metadata={"description": "Seen of e-mail only."})
    clicked = fields.Integer(allow_none=True)
    too_few_people = fields.Boolean(metadata={"description": "Fewer than five; then nothing else is said."})


class LooksSchema(BaseSchema):
    """How many people looked at what was told to them in one week."""

    week = fields.String()
    people_who_looked = fields.Integer(allow_none=True)


class AttentionSchema(BaseSchema):
    """How much attention messages got."""

    since = fields.AwareDateTime()
    until = fields.AwareDateTime()
    fewest_people = fields.Integer()
    counts_attention = fields.Boolean(metadata={"description": "False: counting is switched off."})
    messages = fields.List(fields.Nested(AttentionRowSchema))
    looks = fields.List(fields.Nested(LooksSchema))
