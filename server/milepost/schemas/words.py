"""Fields for what people and calendars are made of: words, moments, days and zones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields

from milepost.errors import Invalid
from milepost.schemas.base import field_errors
from milepost.schemas.moments import read_moment

#: Names and ids longer than this are a mistake of the caller.
LONGEST_WORD = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Word(fields.String):
    """A short text; a whole number is taken as text, and blank text as null where null is possible."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        word = super()._deserialize(value, attr, data, **more)
        word = word.strip() if word else word
        if not word and not self.allow_none:
            raise ValidationError("It is blank; give a text.")
        if len(word) > LONGEST_WORD or _CONTROL.search(word):
            raise ValidationError(f"Give a text of at most {LONGEST_WORD} characters, without line breaks.")
        return word or None


class Zone(Word):
    """The IANA name of a time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        name = super()._deserialize(value, attr, data, **more)
        if name is not None and name not in zones():
            raise ValidationError(_unknown_zone(name))
        return name


class Moment(fields.AwareDateTime):
    """A moment with its zone, kept in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> datetime:
        del attr, data, more
        try:
            moment = read_moment(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if moment.tzinfo is None:
            raise ValidationError("The zone is missing; write a moment such as 2026-03-02T10:00:00+01:00.")
        return moment.astimezone(UTC)


class Day(fields.Date):
    """A local day."""

    default_error_messages = {  # noqa: RUF012 - marshmallow reads this class attribute and never changes it
        "invalid": "Write a day as 2026-03-02.",
    }


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Give the names of all time zones."""
    return frozenset(available_timezones())


def load(schema: Schema, document: Any) -> dict[str, Any]:
    """Load a document, or raise `Invalid` with every place that needs a correction."""
    try:
        values: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        errors = field_errors(error.messages)
        where = errors[0].pointer.strip("/").replace("/", ".")
        more = f" ({len(errors) - 1} more: see errors.)" if len(errors) > 1 else ""
        raise Invalid(f"{where}: {errors[0].message}{more}" if where else errors[0].message, errors=errors) from None
    return values


def _unknown_zone(name: str) -> str:
    """Say that a zone does not exist; people write the city, or the right words in the wrong case."""
    folded = name.casefold().replace(" ", "_")
    for zone in sorted(zones()):
        if folded in (zone.casefold(), zone.casefold().rpartition("/")[2]):
            return f"*{name}* is not a time zone here. Did you mean *{zone}*?"
    by_folded = {zone.casefold(): zone for zone in zones()}
    nearest = get_close_matches(folded, by_folded, n=1)
    hint = f"Did you mean *{by_folded[nearest[0]]}*?" if nearest else "Give an IANA name such as *Europe/Madrid*."
    return f"*{name}* is not a time zone here. {hint}"
