"""Messages on the wire: the feed, and news as subscriptions get it."""

from __future__ import annotations

from marshmallow import fields

from milepost.engine.telling import NewsKind
from milepost.schemas.awards import OneHolderFields
from milepost.schemas.base import BaseSchema, PageQuerySchema
from milepost.schemas.wishes import KnownWord
from milepost.schemas.words import Word


class FeedQuerySchema(OneHolderFields, PageQuerySchema):
    """Whose messages to list."""

    unread = fields.Boolean(load_default=False, metadata={"description": "Only those that were not seen yet."})


class ReadUntilSchema(OneHolderFields):
    """Up to which message the feed was seen."""

    until = Word(required=True, metadata={"description": "Id of the newest message that was seen."})


class ReadSchema(BaseSchema):
    """How many messages were new."""

    read = fields.Integer()


class LineSchema(BaseSchema):
    """One thing said."""

    text = fields.String()
    detail = fields.String(allow_none=True, metadata={"description": "What comes next, or why."})


class SectionSchema(BaseSchema):
    """Some lines under a heading."""

    heading = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(LineSchema))


class ActionSchema(BaseSchema):
    """A link."""

    label = fields.String()
    url = fields.String()


class MessageSchema(BaseSchema):
    """One message; every text is plain."""

    id = fields.String(metadata={"description": "The same at every place and on every attempt."})
    form = fields.String(metadata={"description": "`instant`, `daily`, `weekly` or `event`."})
    actor = fields.String(allow_none=True, metadata={"description": "Who was told: a person."})
    team = fields.String(allow_none=True, metadata={"description": "Who was told: a team."})
    period = fields.String(allow_none=True, metadata={"description": "Of a digest: its day or week."})
    composed_at = fields.AwareDateTime()
    read_at = fields.AwareDateTime(allow_none=True)
    title = fields.String()
    text = fields.String()
    sections = fields.List(fields.Nested(SectionSchema))
    actions = fields.List(fields.Nested(ActionSchema))
    footer = fields.String(allow_none=True)
    payload = fields.Dict(allow_none=True, metadata={"description": "Of an event: what the webhook gets."})


class NewsQuerySchema(PageQuerySchema):
    """Which news to list."""

    type = KnownWord(NewsKind, what="a kind of news", load_default=None)
    achievement = Word(load_default=None, metadata={"description": "Key of an achievement."})


class NewsSchema(BaseSchema):
    """A piece of news, just as a webhook gets it."""

    id = fields.String(metadata={"description": "The same every time; tell repetitions by it."})
    type = fields.String(metadata={"enum": [str(kind) for kind in NewsKind]})
    timestamp = fields.String(metadata={"format": "date-time"})
    data = fields.Dict(metadata={"description": "Flat; the same fields for each type."})
