"""Reviews on the wire: the queue, decisions, questions, answers, and who else shall decide."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from milepost.schemas.awards import NOTE_LIMIT, STATUSES
from milepost.schemas.base import BaseSchema, PageQuerySchema
from milepost.schemas.words import Word

DECISIONS = ("approved", "rejected", "asked")
STATES = ("waiting", "asked", "decided", "expired", "lapsed")

_NOTE = validate.Length(max=NOTE_LIMIT, error=f"A note has at most {NOTE_LIMIT:,} characters.")
_TEXT = validate.Length(min=1, max=NOTE_LIMIT, error=f"Say it in 1 to {NOTE_LIMIT:,} characters.")


class ByFields(BaseSchema):
    """Who does it, where the key stands for a tool that many people use."""

    by = Word(
        load_default=None,
        allow_none=True,
        metadata={"description": "The person who does it, if your tool knows; else the key is named."},
    )


class DecisionSchema(ByFields):
    """A person's decision about an award that waits, or a question before it."""

    decision = fields.String(
        required=True,
        validate=validate.OneOf(DECISIONS, error="Decide *approved* or *rejected*, or ask: *asked*."),
    )
    note = fields.String(
        load_default=None,
        allow_none=True,
        validate=_NOTE,
        metadata={"description": "Why, for the person; with *asked* the question."},
    )
    to = Word(
        load_default=None,
        allow_none=True,
        metadata={"description": "With *asked*: whom; the person whose award it is, if left out."},
    )

    @validates_schema
    def check_question(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse a question without words, and somebody who is named for nothing."""
        is_question = values.get("decision") == "asked"
        if is_question and not (values.get("note") or "").strip():
            raise ValidationError("Write your question in *note*.", "note")
        if values.get("to") and not is_question:
            raise ValidationError("*to* goes with *asked*. To let somebody else decide, use …/delegation.", "to")


class ReplySchema(ByFields):
    """An answer to what a reviewer asked."""

    answer = fields.String(required=True, validate=_TEXT)


class DelegationSchema(ByFields):
    """Somebody else who shall decide."""

    to = Word(required=True, metadata={"description": "The id of a known person."})
    note = fields.String(load_default=None, allow_none=True, validate=_NOTE)


class ReviewQuerySchema(PageQuerySchema):
    """Which reviews to list."""

    reviewer = Word(load_default=None, metadata={"description": "Only those that this person may decide."})
    state = fields.String(
        load_default=None,
        validate=validate.OneOf(STATES, error="Ask for one of: {choices}."),
        metadata={"description": "Those that are open, if left out."},
    )


class ReviewSchema(BaseSchema):
    """An award that waits for a person's decision, or did."""

    award_id = fields.String()
    achievement = fields.String()
    name = fields.String()
    holder = fields.String(metadata={"description": "A person's id, or `team:` and a team's."})
    holder_name = fields.String()
    tier = fields.String(allow_none=True)
    points = fields.Integer()
    status = fields.String(validate=validate.OneOf(STATUSES))
    earned_at = fields.AwareDateTime()
    message = fields.String(allow_none=True)
    reason_code = fields.String()
    reason = fields.String()
    evidence = fields.List(fields.String())
    state = fields.String(validate=validate.OneOf(STATES))
    reviewer = fields.String(allow_none=True, metadata={"description": "Null: nobody is known to decide."})
    deciders = fields.List(
        fields.String(), metadata={"description": "The reviewer, and after half of the time who stands above."}
    )
    opened_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    waiting_hours = fields.Float()
    escalated_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    question = fields.String(allow_none=True)
    asked = fields.String(allow_none=True, metadata={"description": "Whom it was asked."})
    answer = fields.String(allow_none=True)
    delegated_by = fields.String(allow_none=True)
    decision = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
