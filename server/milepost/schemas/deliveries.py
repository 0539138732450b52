"""Deliveries on the wire: one message owed to one place, and every attempt."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from milepost.schemas.base import BaseSchema, PageQuerySchema, page_of
from milepost.schemas.messages import MessageSchema
from milepost.schemas.wishes import KnownWord
from milepost.schemas.words import Moment, Word

#: ``waiting``: on its way; ``failed``: given up, it can be replayed; ``dropped``: not wanted any more.
DELIVERY_STATUSES = ("waiting", "sent", "failed", "dropped")

_SINCE = {"description": "Only those owed at that moment or later."}
_UNTIL = {"description": "Only those owed before that moment."}


class PlaceDeliveriesQuerySchema(PageQuerySchema):
    """Which deliveries to one place to list."""

    status = KnownWord(DELIVERY_STATUSES, what="a status", load_default=None)
    message = Word(load_default=None, metadata={"description": "Id of a message."})
    since = Moment(load_default=None, metadata=_SINCE)
    until = Moment(load_default=None, metadata=_UNTIL)


class DeliveryQuerySchema(PlaceDeliveriesQuerySchema):
    """Which deliveries to list."""

    subscription = Word(load_default=None, metadata={"description": "Id of a subscription."})


class ReplaySchema(BaseSchema):
    """Which failed deliveries to send again; `{"all": true}` sends every one."""

    subscription = Word(load_default=None, allow_none=True, metadata={"description": "Only those to this place."})
    since = Moment(load_default=None, allow_none=True, metadata=_SINCE)
    until = Moment(load_default=None, allow_none=True, metadata=_UNTIL)
    all = fields.Boolean(load_default=False, metadata={"description": "Every failed delivery, wherever it goes."})

    @validates_schema
    def check_chosen(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse a call without a choice: all of them would be many."""
        if not any(values.get(name) for name in ("subscription", "since", "until", "all")):
            raise ValidationError('Say which: a *subscription*, *since*, *until*, or "all": true.')


class ReplayedSchema(BaseSchema):
    """How many deliveries are on their way again."""

    replayed = fields.Integer()


class AttemptSchema(BaseSchema):
    """One try to deliver."""

    delivery_id = fields.String()
    number = fields.Integer(metadata={"description": "From 1, over all replays."})
    at = fields.AwareDateTime()
    outcome = fields.String(metadata={"description": "`sent`, `passing`, `permanent` or `gone`."})
    status_code = fields.Integer(allow_none=True, metadata={"description": "The HTTP or SMTP status, if any."})
    words = fields.String()
    took_ms = fields.Integer()


class DeliverySchema(BaseSchema):
    """One message owed to one place."""

    id = fields.String()
    message_id = fields.String()
    subscription_id = fields.String()
    transport = fields.String(allow_none=True)
    place = fields.String(allow_none=True, metadata={"description": "Its name, or a part of its address."})
    status = fields.String(metadata={"enum": list(DELIVERY_STATUSES)})
    created_at = fields.AwareDateTime()
    attempts = fields.Integer(metadata={"description": "Since the last replay."})
    next_at = fields.AwareDateTime(allow_none=True, metadata={"description": "When it is tried next."})
    finished_at = fields.AwareDateTime(allow_none=True)
    words = fields.String(allow_none=True, metadata={"description": "How the last attempt went."})


DeliveryPageSchema = page_of(DeliverySchema)


class DeliveryWithHistorySchema(DeliverySchema):
    """A delivery with every attempt and the message."""

    history = fields.List(fields.Nested(AttemptSchema))
    message = fields.Nested(MessageSchema, allow_none=True)
