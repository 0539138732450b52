"""People on the wire: actors with their profiles, leave and preferences, and teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, post_load, validate, validates_schema

from milepost.engine.people import Actor, DaySpan, Preferences, Profile, Team, Visibility
from milepost.schemas.addresses import same_address
from milepost.schemas.base import BaseSchema, PageQuerySchema
from milepost.schemas.profiles import PROFILE_WORDS, profiles_after
from milepost.schemas.wishes import WishesSchema, wishes_after
from milepost.schemas.words import Day, Moment, Word, Zone, load


class Address(Word):
    """The stable string of an actor; an e-mail address whatever its case."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        return same_address(super()._deserialize(value, attr, data, **more))


class DaySpanSchema(BaseSchema):
    """Whole days, both ends included."""

    first_on = Day(required=True)
    last_on = Day(metadata={"description": "Without it, the one day."})

    @validates_schema
    def check_order(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse a span that ends before it begins."""
        if values.get("last_on", values["first_on"]) < values["first_on"]:
            raise ValidationError("The last day is before the first.", "last_on")

    @post_load
    def make(self, values: dict[str, Any], **_more: Any) -> DaySpan:
        """Give the value."""
        return DaySpan(first_on=values["first_on"], last_on=values.get("last_on", values["first_on"]))


class PreferencesSchema(BaseSchema):
    """What the person chose for themselves."""

    visibility = fields.String(
        validate=validate.OneOf([str(choice) for choice in Visibility], error="Choose one of: {choices}."),
        metadata={"description": "Who sees the progress by name, besides the person and their manager."},
    )
    opt_out = fields.Boolean(metadata={"description": "No messages, and no part in comparisons."})
    messages = fields.Nested(
        WishesSchema,
        allow_none=True,
        metadata={"description": "When and where the person wants to be told; null: in working hours, as rules say."},
    )


class ProfileSchema(BaseSchema):
    """What is true of an actor for a time."""

    role = Word(allow_none=True)
    team = Word(allow_none=True, metadata={"description": "Id of a team."})
    segments = fields.Dict(
        keys=Word(), values=Word(allow_none=True), metadata={"description": 'Such as `{"quota_band": "enterprise"}`.'}
    )
    zone = Zone(allow_none=True, metadata={"description": "IANA name; without it, the calendar's."})
    calendar = Word(
        allow_none=True, metadata={"description": "Key of a calendar; without it, the team's or `default`."}
    )
    manager = Address(allow_none=True, metadata={"description": "Id of the actor who is told as manager."})


class EarlierProfileSchema(ProfileSchema):
    """A profile that held until a moment; what it does not name was as in the one after it."""

    until = Moment(required=True)


class NamedSchema(BaseSchema):
    """What has an id and a name."""

    id = Word(required=True)
    name = Word(allow_none=True)


class ActorSchema(ProfileSchema, NamedSchema):
    """A person; only the fields that are given change, null clears one."""

    id = Address(required=True)
    aliases = fields.Dict(
        keys=Word(), values=Word(), metadata={"description": "The person's name in each source system."}
    )
    leave = fields.List(fields.Nested(DaySpanSchema))
    pauses = fields.List(fields.Nested(DaySpanSchema))
    preferences = fields.Nested(PreferencesSchema)
    since = Moment(allow_none=True, metadata={"description": "From when the given profile fields hold."})
    history = fields.List(
        fields.Nested(EarlierProfileSchema), metadata={"description": "Earlier profiles, oldest first."}
    )


class TeamSchema(NamedSchema):
    """A group whose members' events count together; only the fields that are given change."""

    zone = Zone(allow_none=True)
    calendar = Word(allow_none=True)


class ActorBodySchema(ActorSchema):
    """What is to change of a person."""

    id = Address(metadata={"description": "Left out where the address names the actor."})

    @post_load(pass_original=True)
    def give_document(self, _values: dict[str, Any], original: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """Give the document as it came, for the operation to read."""
        return original


class TeamBodySchema(TeamSchema):
    """What is to change of a team."""

    id = Word(metadata={"description": "Left out where the address names the team."})

    @post_load(pass_original=True)
    def give_document(self, _values: dict[str, Any], original: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """Give the document as it came, for the operation to read."""
        return original


class ActorQuerySchema(PageQuerySchema):
    """Which actors to list."""

    search = fields.String(
        load_default=None,
        validate=validate.Length(max=200),
        metadata={"description": "A part of the id or name."},
    )


class ActorPageSchema(BaseSchema):
    """One page of actors."""

    items = fields.List(fields.Nested(ActorSchema))
    next_after = fields.String(allow_none=True)


class AliasesSchema(BaseSchema):
    """A person's name in each source system."""

    class Meta:
        """Every key is the name of a source system."""

        unknown = INCLUDE


class LeaveBodySchema(DaySpanSchema):
    """Days on which nobody expects work."""

    @post_load(pass_original=True)
    def make(self, _values: dict[str, Any], original: dict[str, Any], **_more: Any) -> Any:
        """Give the document as it came, for the operation to read."""
        return original


class ErasureBodySchema(BaseSchema):
    """The confirmation of what cannot be undone."""

    confirm = Address(required=True, metadata={"description": "The id of the person once more."})


class ErasedSchema(BaseSchema):
    """What was erased, and what is not gone yet."""

    erased = fields.Boolean()
    rows = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "Rows rewritten or removed, by table."}
    )
    notes = fields.List(
        fields.String(), metadata={"description": "Sentences: until when backups hold the person, and what to do."}
    )


def load_actor(
    document: Mapping[str, Any], *, existing: Actor | None = None, now: datetime | None = None
) -> tuple[Actor, dict[str, str]]:
    """Give the actor after an upsert, and the aliases it names.

    A changed profile field holds from ``since`` on; without it, from *now* on (None:
    from the beginning). A field that was never known before holds from the beginning.
    """
    given = load(ActorSchema(), document)
    actor = existing or Actor(id=given["id"])
    return replace(
        actor,
        name=given.get("name", actor.name),
        profiles=profiles_after(actor.profiles, given, now=now),
        leave=_spans(given.get("leave", actor.leave)),
        pauses=_spans(given.get("pauses", actor.pauses)),
        preferences=_preferences_after(actor.preferences, given.get("preferences", {})),
    ), given.get("aliases", {})


def dump_actor(actor: Actor, aliases: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Give the document of an actor; loading it gives the same actor again."""
    *earlier, current = actor.profiles
    history = [
        {"until": after.since} | _profile_values(profile)
        for profile, after in zip(earlier, actor.profiles[1:], strict=True)
    ]
    document: dict[str, Any] = ActorSchema().dump(
        {"id": actor.id, "name": actor.name, "leave": actor.leave, "pauses": actor.pauses}
        | _profile_values(current)
        | {"preferences": actor.preferences, "aliases": aliases or {}, "since": current.since, "history": history}
    )
    return document


def load_team(document: Mapping[str, Any], *, existing: Team | None = None) -> Team:
    """Give the team after an upsert."""
    given = load(TeamSchema(), document)
    return replace(existing or Team(id=given["id"]), **given)


def dump_team(team: Team) -> dict[str, Any]:
    """Give the document of a team."""
    document: dict[str, Any] = TeamSchema().dump(team)
    return document


def load_leave(document: Any) -> DaySpan:
    """Give the days of one leave."""
    span: Any = load(DaySpanSchema(), document)
    return span  # type: ignore[no-any-return]  # the schema's post_load makes it


def _preferences_after(before: Preferences, given: Mapping[str, Any]) -> Preferences:
    messages = wishes_after(before.messages, given["messages"]) if "messages" in given else before.messages
    return Preferences(
        visibility=Visibility(given.get("visibility", before.visibility)),
        opt_out=given.get("opt_out", before.opt_out),
        messages=messages,
    )


def _spans(spans: Sequence[DaySpan]) -> tuple[DaySpan, ...]:
    """Give the spans in one order, each once, so that telling them again changes nothing."""
    return tuple(sorted(set(spans), key=lambda span: (span.first_on, span.last_on)))


def _profile_values(profile: Profile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in PROFILE_WORDS} | {"segments": dict(profile.segments)}
