"""Working calendars on the wire: the week by weekday names, public holidays, days off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import holidays
from holidays import registry
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from milepost.engine.calendars import Calendar, Shift
from milepost.errors import invalid
from milepost.schemas.base import BaseSchema, unknown_word
from milepost.schemas.words import Day, Word, Zone, load

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_OF_DAY = 24 * 60


class ClockTime(fields.String):
    """A time of day to the minute; ``24:00`` is midnight at the day's end."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **more: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else super()._serialize(value, attr, obj, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        hour, _, minute = text.partition(":")
        if text == "24:00":
            return time(0)
        if not (len(text) == len("09:00") and (hour + minute).isascii() and (hour + minute).isdigit()):
            raise ValidationError("Write a time of day as 09:00.")
        if int(hour) > 23 or int(minute) > 59:  # noqa: PLR2004 - the last hour and minute
            raise ValidationError("Write a time of day from 00:00 to 24:00.")
        return time(int(hour), int(minute))


def _shifts() -> fields.List[Any]:
    pair = fields.List(ClockTime(), validate=validate.Length(equal=2, error='Write a shift as ["09:00", "17:00"].'))
    return fields.List(pair, validate=validate.Length(max=12))


class WeekSchema(BaseSchema):
    """The shifts of each weekday; a day without any is free. A shift may run past midnight."""

    monday = _shifts()
    tuesday = _shifts()
    wednesday = _shifts()
    thursday = _shifts()
    friday = _shifts()
    saturday = _shifts()
    sunday = _shifts()


class CalendarSchema(BaseSchema):
    """A working week with its public holidays; only the fields that are given change."""

    key = Word(required=True)
    zone = Zone(metadata={"description": "IANA name; an actor's own zone goes before it."})
    week = fields.Nested(WeekSchema, metadata={"description": "Given at all, it is the whole week."})
    country = Word(allow_none=True, metadata={"description": "ISO 3166 code, such as `DE`; null: no public holidays."})
    subdivision = Word(allow_none=True, metadata={"description": "Such as `BY`."})
    days_off = fields.List(Day(), metadata={"description": "The company's own days off."})

    @validates_schema(skip_on_field_errors=True)
    def check_week(self, values: dict[str, Any], **_more: Any) -> None:
        """Refuse shifts that overlap, also across midnight."""
        for weekday, shift in _overlaps(_week(values.get("week", {}))):
            text = f"{shift.start:%H:%M} to {shift.end:%H:%M}"
            raise ValidationError({"week": {weekday: [f"The shift {text} overlaps another one; make them one."]}})


class CalendarBodySchema(CalendarSchema):
    """What is to change of a calendar."""

    key = Word(metadata={"description": "Left out where the address names the calendar."})

    @post_load(pass_original=True)
    def give_document(self, _values: dict[str, Any], original: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """Give the document as it came, for the operation to read."""
        return original


def load_calendar(document: Mapping[str, Any], *, existing: Calendar | None = None) -> Calendar:
    """Give the calendar after an upsert."""
    given = load(CalendarSchema(), document)
    calendar = existing or Calendar(key=given["key"])
    country = given.get("country", calendar.country)
    changed = replace(
        calendar,
        zone=given.get("zone", calendar.zone),
        week=_week(given["week"]) if "week" in given else calendar.week,
        country=country and country.upper(),
        # Another country has other subdivisions.
        subdivision=given.get("subdivision", calendar.subdivision if country == calendar.country else None),
        days_off=frozenset(given.get("days_off", calendar.days_off)),
    )
    _refuse_unknown_holidays(changed)
    return changed


def dump_calendar(calendar: Calendar) -> dict[str, Any]:
    """Give the document of a calendar; loading it gives the same calendar again."""
    document: dict[str, Any] = CalendarSchema().dump(
        {
            "key": calendar.key,
            "zone": calendar.zone,
            "week": {
                name: [(shift.start, shift.end) for shift in shifts]
                for name, shifts in zip(WEEKDAYS, calendar.week, strict=True)
            },
            "country": calendar.country,
            "subdivision": calendar.subdivision,
            "days_off": sorted(calendar.days_off),
        }
    )
    return document


def _week(given: Mapping[str, Any]) -> tuple[tuple[Shift, ...], ...]:
    return tuple(
        tuple(sorted((Shift(start, end) for start, end in given.get(name, [])), key=lambda shift: shift.start))
        for name in WEEKDAYS
    )


def _overlaps(week: tuple[tuple[Shift, ...], ...]) -> list[tuple[str, Shift]]:
    """Give each shift that begins while the one before it still runs, Sunday's before Monday's."""
    spans = []
    for day, shifts in enumerate(week):
        for shift in shifts:
            begins = day * MINUTES_OF_DAY + _minutes(shift.start)
            length = (_minutes(shift.end) - _minutes(shift.start)) % MINUTES_OF_DAY or MINUTES_OF_DAY
            spans.append((begins, begins + length, day, shift))
    if not spans:
        return []
    before = [spans[-1][1] - 7 * MINUTES_OF_DAY, *(span[1] for span in spans)]
    return [
        (WEEKDAYS[day], shift)
        for (begins, _ends, day, shift), ended in zip(spans, before, strict=False)
        if begins < ended
    ]


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _refuse_unknown_holidays(calendar: Calendar) -> None:
    """Refuse a country or subdivision that the `holidays` library does not have."""
    country, subdivision = calendar.country, calendar.subdivision
    if country is None:
        if subdivision is not None:
            raise invalid("/subdivision", "A subdivision needs its *country*, such as *DE*.")
    elif country not in _countries():
        raise invalid("/country", _unknown_country(country))
    elif subdivision is not None and subdivision not in _countries()[country]:
        known = _countries()[country] or ["none"]
        raise invalid("/subdivision", unknown_word(subdivision, known, what=f"a subdivision of {country}"))


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    """Give the countries with known holidays, by code, with their subdivisions."""
    return holidays.list_supported_countries(include_aliases=True)


def _unknown_country(country: str) -> str:
    """Say that there is no such country; people write the name instead of the code."""
    codes = {name: codes[1] for name, codes in registry.COUNTRIES.items()}
    name = country.casefold().replace(" ", "_")
    nearest = get_close_matches(name, codes, n=1)
    hint = f"Did you mean *{codes[nearest[0]]}*?" if nearest else "Give an ISO 3166 code such as *DE*."
    return f"*{country}* is not a country code with holidays here. {hint}"
