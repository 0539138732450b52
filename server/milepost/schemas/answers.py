"""The answer of evaluate and what hangs on it, as the OpenAPI document shows them.

Operations build these answers themselves; ``tests/api/test_answers.py`` checks that they fit.
"""

from __future__ import annotations

from marshmallow import fields, validate

from milepost.schemas.base import BaseSchema

OUTCOMES = ("counted", "held", "not_counted", "revised", "too_late", "unknown_type")


class AnswerAwardSchema(BaseSchema):
    """An award in an answer."""

    id = fields.String()
    achievement = fields.String()
    name = fields.String()
    holder = fields.String()
    tier = fields.String(allow_none=True)
    points = fields.Integer()
    status = fields.String()
    earned_at = fields.AwareDateTime()
    message = fields.String(allow_none=True)
    next_step = fields.String(allow_none=True)
    reason_code = fields.String()
    reason = fields.String()
    rule_version = fields.Integer(allow_none=True)
    evidence = fields.List(fields.String())


class ProgressSchema(BaseSchema):
    """How far a holder is with one achievement."""

    achievement = fields.String()
    name = fields.String()
    holder = fields.String()
    window = fields.String(metadata={"description": "Such as `2026-W10`; `ever` without a calendar window."})
    current = fields.Float()
    target = fields.Float()
    percent = fields.Float()
    remaining = fields.Float()
    window_ends_at = fields.AwareDateTime(allow_none=True)
    state = fields.String()
    reason_code = fields.String()
    reason = fields.String()


class StreakSchema(BaseSchema):
    """A streak as it stands."""

    achievement = fields.String()
    name = fields.String()
    holder = fields.String(metadata={"description": "An actor's id, or `team:` and a team's."})
    current = fields.Integer()
    longest = fields.Integer()
    state = fields.String()
    next_due = fields.Date(allow_none=True)


class NotCountedSchema(BaseSchema):
    """Why an event does not count for an achievement."""

    achievement = fields.String()
    holder = fields.String()
    reason_code = fields.String()
    reason = fields.String()


class AnswerMessageSchema(BaseSchema):
    """What there is to say, and to whom."""

    audience = fields.String()
    when = fields.String()
    text = fields.String()
    slack = fields.Dict(
        keys=fields.String(),
        metadata={"description": "`text` and `blocks`, as Slack's incoming webhooks take them."},
    )
    teams = fields.Dict(
        keys=fields.String(),
        metadata={"description": "An Adaptive Card, as Workflows webhooks of Teams take it."},
    )


class AnswerSchema(BaseSchema):
    """What an event meant: flat fields first, for the next step of a flow; details after."""

    event_id = fields.String()
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    replayed = fields.Boolean(metadata={"description": "The same content had been told before."})
    unlocked = fields.Boolean()
    unlocked_count = fields.Integer()
    unlocked_names = fields.String()
    message = fields.String()
    points_added = fields.Integer()
    points_total = fields.Integer(allow_none=True)
    awards = fields.List(fields.Nested(AnswerAwardSchema))
    revoked = fields.List(fields.Nested(AnswerAwardSchema))
    progress = fields.List(fields.Nested(ProgressSchema))
    streaks = fields.List(fields.Nested(StreakSchema))
    not_counted = fields.List(fields.Nested(NotCountedSchema))
    messages = fields.List(fields.Nested(AnswerMessageSchema))
    warnings = fields.List(fields.String())


class BatchAnswerSchema(BaseSchema):
    """A result for each event, in the order they were told."""

    taken = fields.Integer()
    refused = fields.Integer()
    results = fields.List(fields.Dict(metadata={"description": "An answer as of POST /v1/evaluate, or a problem."}))


class RowProblemSchema(BaseSchema):
    """A row of a payload that could not be read."""

    row = fields.Integer()
    reason = fields.String()


class PayloadAnswerSchema(BaseSchema):
    """What was found in a payload of a source system."""

    source = fields.String()
    told = fields.Integer(metadata={"description": "How many events were told."})
    people = fields.Integer(metadata={"description": "How many people were added or completed."})
    results = fields.List(fields.Dict(metadata={"description": "An answer as of POST /v1/evaluate, or a problem."}))
    problems = fields.List(fields.Nested(RowProblemSchema))


class TellingSchema(BaseSchema):
    """One telling of an event."""

    id = fields.String()
    type = fields.String()
    actor = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    occurred_at = fields.String(metadata={"format": "date-time"})
    revised_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    properties = fields.Dict()
    revision = fields.Integer()
    received_at = fields.AwareDateTime()
    voided_at = fields.AwareDateTime(allow_none=True)
    too_late = fields.Boolean()
    told_by = fields.String(allow_none=True)


class ToldEventSchema(TellingSchema):
    """An event as it counts now, with every telling of it."""

    revisions = fields.List(fields.Nested(TellingSchema))


class CheckInAnswerSchema(AnswerSchema):
    """The answer of evaluate, with the streak on top."""

    achievement = fields.String()
    current = fields.Integer(allow_none=True)
    longest = fields.Integer(allow_none=True)
    state = fields.String(allow_none=True)
    next_due = fields.Date(allow_none=True)


class StreakListSchema(BaseSchema):
    """A holder's streaks."""

    items = fields.List(fields.Nested(StreakSchema))


class FrozenSchema(StreakSchema):
    """A day that was frozen, and the streak with it."""

    day = fields.Date()
    note = fields.String(allow_none=True)
    set_by = fields.String()


class HolderProgressSchema(BaseSchema):
    """Where a holder stands with everything."""

    holder = fields.String()
    points_total = fields.Integer()
    progress = fields.List(fields.Nested(ProgressSchema))
    streaks = fields.List(fields.Nested(StreakSchema))
