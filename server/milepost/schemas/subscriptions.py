"""Subscriptions on the wire: standing wishes for messages at one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from milepost.engine.telling import NewsKind
from milepost.schemas.awards import HolderFields
from milepost.schemas.base import BaseSchema, PageQuerySchema
from milepost.schemas.people import Address
from milepost.schemas.wishes import TRANSPORTS, KnownWord
from milepost.schemas.words import Word

#: Whose messages go to a place; ``all``: every piece of news, as an event.
AUDIENCES = ("actor", "team", "all")
#: A person can only say these two; removing has a call of its own.
CHOSEN_STATUSES = ("active", "disabled")

LONGEST_ADDRESS = 2_000
MOST_ACHIEVEMENTS = 200

_NAME = {"description": "For people, such as the flow or channel it is.", "example": "Support channel"}
_EVENTS = {"description": "Which kinds of news; none: all.", "example": ["achievement.awarded"]}
_ACHIEVEMENTS = {"description": "News of which achievements, by key; none: of all."}
_CONTACT = {"description": "Id of the person who is told when the place does not answer any more."}
_SECRET = {
    "description": "Your own secret: 24 to 200 letters and digits made at random, or `whsec_…`. Left out, one is made."
}


class OnceEach(fields.List[Any]):
    """A list in which what stands twice counts once."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        return tuple(dict.fromkeys(super()._deserialize(value, attr, data, **more)))


def _address(description: str) -> fields.String:
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LONGEST_ADDRESS, error=f"An address has at most {LONGEST_ADDRESS:,} characters."),
        metadata={"description": description},
    )


def _events(**options: Any) -> OnceEach:
    kinds = KnownWord(NewsKind, what="a kind of news")
    return OnceEach(kinds, validate=validate.Length(max=len(NewsKind)), metadata=_EVENTS, **options)


def _achievements(**options: Any) -> OnceEach:
    return OnceEach(Word(), validate=validate.Length(max=MOST_ACHIEVEMENTS), metadata=_ACHIEVEMENTS, **options)


def _secret() -> fields.String:
    return fields.String(load_default=None, allow_none=True, metadata=_SECRET)


class NewSubscriptionSchema(HolderFields):
    """A place to send messages to; `{"url": "https://…"}` alone is a webhook that gets all news."""

    transport = KnownWord(TRANSPORTS, what="a kind of place", load_default="webhook")
    url = _address("Where to: the address of the webhook.")
    address = _address("The same; for e-mail the mailbox. A place for each person has none.")
    audience = KnownWord(
        AUDIENCES,
        what="an audience",
        load_default=None,
        allow_none=True,
        metadata={
            "description": "`all`: every piece of news, as an event (webhooks only, and their default); `actor`: what "
            "is told to a person; `team`: to a team. It follows from *actor* or *team*, where one is given."
        },
    )
    events = _events(load_default=())
    achievements = _achievements(load_default=())
    secret = _secret()
    name = Word(load_default=None, allow_none=True, metadata=_NAME)
    contact = Address(load_default=None, allow_none=True, metadata=_CONTACT)

    @validates_schema
    def check_one_address(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse two addresses."""
        if values.get("url") and values.get("address") and values["url"] != values["address"]:
            raise ValidationError("Give a *url* or an *address*, not both.", "address")


class SubscriptionChangesSchema(BaseSchema):
    """What is to change of a subscription; a new address is a new subscription."""

    events = _events()
    achievements = _achievements()
    name = Word(allow_none=True, metadata=_NAME)
    contact = Address(allow_none=True, metadata=_CONTACT)
    status = KnownWord(
        CHOSEN_STATUSES,
        what="a status",
        metadata={"description": "`active` switches a disabled place on again, `disabled` switches it off."},
    )


class NewSecretSchema(BaseSchema):
    """The secret to sign with from now on."""

    secret = _secret()


class AskedTestSchema(BaseSchema):
    """To whom a test message goes, where the place is for each person."""

    actor = Address(load_default=None, allow_none=True, metadata={"description": "Id of the person."})


class SubscriptionQuerySchema(HolderFields, PageQuerySchema):
    """Which subscriptions to list."""

    transport = KnownWord(TRANSPORTS, what="a kind of place", load_default=None)
    audience = KnownWord(AUDIENCES, what="an audience", load_default=None)
    status = KnownWord(CHOSEN_STATUSES, what="a status", load_default=None)
    url = fields.String(
        load_default=None,
        metadata={"description": "Only those with just this address, which the list itself does not show."},
    )


class SubscriptionSchema(BaseSchema):
    """A subscription without its secrets: whoever knows an address can write there, so only a part of it is shown."""

    id = fields.String()
    transport = fields.String(validate=validate.OneOf(TRANSPORTS))
    audience = fields.String(validate=validate.OneOf(AUDIENCES))
    actor = fields.String(allow_none=True, metadata={"description": "Whose place; null: everybody's."})
    team = fields.String(allow_none=True)
    address = fields.String(
        allow_none=True, metadata={"description": "A part of it; null: the address is each person's own id."}
    )
    events = fields.List(fields.String())
    achievements = fields.List(fields.String())
    name = fields.String(allow_none=True)
    contact = fields.String(allow_none=True)
    status = fields.String(validate=validate.OneOf(CHOSEN_STATUSES))
    words = fields.String(allow_none=True, metadata={"description": "Why it is disabled."})
    failing_since = fields.AwareDateTime(allow_none=True, metadata={"description": "Nothing arrived there since."})
    failures = fields.Integer(metadata={"description": "Attempts that failed one after the other."})
    rests_until = fields.AwareDateTime(allow_none=True, metadata={"description": "Nothing is sent before that."})
    former_secret_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Until then, the secret before signs as well."}
    )
    created_at = fields.AwareDateTime()
    created_by = fields.String(allow_none=True, metadata={"description": "Id of the key."})


class MadeSubscriptionSchema(SubscriptionSchema):
    """A subscription with the secret it signs with, which is never shown again."""

    secret = fields.String(
        allow_none=True, metadata={"description": "Keep it now: it is shown this once. Null where nothing is signed."}
    )


class PostedTestSchema(BaseSchema):
    """A test message that is on its way."""

    delivery_id = fields.String(metadata={"description": "`GET /v1/deliveries/{id}` says how it went."})
    message_id = fields.String()
    status = fields.String()
