"""When and where a person wants to be told, on the wire: ``preferences.messages`` of an actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from milepost.engine.telling import MessageWishes, Mute, NewsKind, QuietHours, Timing
from milepost.schemas.base import BaseSchema, unknown_word
from milepost.schemas.calendars import ClockTime

#: The kinds of places there are.
TRANSPORTS = ("slack", "teams", "email", "webhook")
MOST_A_DAY = 100
_MANY = 20


class KnownWord(fields.String):
    """One of some words; another one is refused with the nearest."""

    def __init__(self, words: type[StrEnum] | tuple[str, ...], *, what: str, **options: Any) -> None:
        """Take the words, and what each of them is."""
        self._words = [str(word) for word in words]
        self._what = what
        enum = [*self._words, None] if options.get("allow_none") else self._words
        metadata = {"enum": enum, **options.pop("metadata", {})}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        word = super()._deserialize(value, attr, data, **more)
        if word not in self._words:
            raise ValidationError(unknown_word(word, self._words, what=self._what))
        return word


class MuteSchema(BaseSchema):
    """What the person does not want to hear, or not at some kind of place; what is left out means: any."""

    kind = KnownWord(NewsKind, what="a kind of news", load_default=None, allow_none=True)
    transport = KnownWord(TRANSPORTS, what="a kind of place", load_default=None, allow_none=True)

    @post_load
    def make(self, values: dict[str, Any], **_more: Any) -> Mute:
        """Give the value."""
        return Mute(kind=NewsKind(values["kind"]) if values["kind"] else None, transport=values["transport"])


class QuietHoursSchema(BaseSchema):
    """A stretch of the local day without messages; it may go past midnight."""

    begins = ClockTime(required=True)
    ends = ClockTime(required=True)

    @validates_schema
    def check_length(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse a stretch without length."""
        if values["begins"] == values["ends"]:
            raise ValidationError("It ends when it begins. For no messages at all, set *opt_out*.", "ends")

    @post_load
    def make(self, values: dict[str, Any], **_more: Any) -> QuietHours:
        """Give the value."""
        return QuietHours(begins=values["begins"], ends=values["ends"])


class WishesSchema(BaseSchema):
    """When and where the person wants to be told; only the fields that are given change."""

    timings = fields.Dict(
        keys=KnownWord(NewsKind, what="a kind of news"),
        values=KnownWord(Timing, what="a timing"),
        metadata={"description": "A timing for a kind of news, only ever less often than its rule says."},
    )
    mutes = fields.List(fields.Nested(MuteSchema), validate=validate.Length(max=_MANY))
    quiet = fields.List(
        fields.Nested(QuietHoursSchema),
        validate=validate.Length(max=_MANY),
        metadata={"description": "On the person's own clock."},
    )
    outside_working_hours = fields.Boolean(
        metadata={"description": "Messages may also come outside the person's working hours."}
    )
    daily_most = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(min=0, max=MOST_A_DAY, error=f"Give a number from 0 to {MOST_A_DAY}."),
        metadata={"description": "The most instant messages a day; null: as many as the server allows."},
    )


def wishes_after(before: MessageWishes, given: Mapping[str, Any] | None) -> MessageWishes:
    """Give the wishes with the loaded fields changed; None: the usual ones."""
    if given is None:
        return MessageWishes()
    changed = dict(given)
    if "timings" in given:
        changed["timings"] = {NewsKind(kind): Timing(timing) for kind, timing in given["timings"].items()}
    for name in {"mutes", "quiet"} & given.keys():
        changed[name] = tuple(given[name])
    return replace(before, **changed)
