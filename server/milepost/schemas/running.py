"""The service itself on the wire."""

from __future__ import annotations

from marshmallow import fields

from milepost.schemas.base import BaseSchema


class HealthSchema(BaseSchema):
    """How the service is."""

    status = fields.String()
    version = fields.String()


class MeSchema(BaseSchema):
    """Who is calling."""

    key_id = fields.String(metadata={"description": "`settings` for the key from MILEPOST_API_KEY."})
    name = fields.String()
    scopes = fields.List(fields.String())
    version = fields.String()


class ProblemSchema(BaseSchema):
    """What went wrong, and what to do (RFC 9457)."""

    type = fields.String(metadata={"description": "Which problem it is: an anchor on /docs/errors."})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String(metadata={"description": "What happened and what to do about it."})
    errors = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()),
        metadata={"description": "Each place that needs a correction: `pointer` and `message`."},
    )
