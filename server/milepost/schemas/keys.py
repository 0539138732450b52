"""API keys on the wire."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import fields, validate

from milepost.schemas.base import BaseSchema


class Scope(StrEnum):
    """What a key may do; `ADMIN` may do everything."""

    #: Tell events and check in.
    EVALUATE = "evaluate"
    #: Give, review and take back awards; set freezes.
    AWARD = "award"
    #: See what is kept.
    READ = "read"
    #: Change people, rules, recipes and subscriptions.
    MANAGE = "manage"
    #: Make and revoke keys; export and erase.
    ADMIN = "admin"


class NewKeySchema(BaseSchema):
    """A key to be made."""

    name = fields.String(
        required=True,
        validate=validate.And(validate.Length(min=1, max=80), validate.Regexp(r".*\S", error="Give the key a name.")),
        metadata={"description": "What it is for, such as the flow that uses it."},
    )
    scopes = fields.List(
        fields.String(validate=validate.OneOf([str(scope) for scope in Scope])),
        required=True,
        validate=validate.Length(min=1, max=len(Scope), error="Give at least one scope."),
        metadata={"description": "What it may do; `admin` may do everything."},
    )


class KeySchema(BaseSchema):
    """A key without its secret."""

    id = fields.String()
    name = fields.String()
    hint = fields.String(metadata={"description": "The last four characters."})
    scopes = fields.List(fields.String())
    created_at = fields.AwareDateTime()
    revoked_at = fields.AwareDateTime(allow_none=True)
    last_used_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "To the minute; null when it was never used."}
    )


class MadeKeySchema(KeySchema):
    """A key with its secret, which is never shown again."""

    secret = fields.String(metadata={"description": "Keep it now: it is shown this once."})
