"""Days and moments, as they are read from what source systems tell."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from milepost.engine.calendars import Calendar, PersonalCalendar
from milepost.engine.facts import Facts
from milepost.engine.people import Actor, Profile


def calendar_with_history(*profiles: Profile, **calendars: Calendar) -> PersonalCalendar:
    """Give the time of a person with several profiles."""
    return PersonalCalendar.of_actor(Actor("ana", profiles=profiles), Facts(calendars=calendars))


def in_zone(zone: str) -> PersonalCalendar:
    """Give the time of a person in a zone."""
    return calendar_with_history(Profile(zone=zone))


def at(text: str) -> datetime:
    """Read a moment with its offset."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return moment


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-03-02T10:00:00Z", at("2026-03-02T10:00Z")),
        ("2026-03-02T10:00:00+05:30", at("2026-03-02T04:30Z")),
        ("2026-03-02 10:00", at("2026-03-02T09:00Z")),
        (" 2026-07-02T10:00:00.1234567 ", at("2026-07-02T08:00:00.123456Z")),
        ("2026-03-02t10:00:00z", at("2026-03-02T10:00Z")),
        ("2026-03-29 02:30", at("2026-03-29T01:30Z")),
        ("2026-10-25 02:30", at("2026-10-25T00:30Z")),
        ("2026-03-02", date(2026, 3, 2)),
        (date(2026, 3, 2), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 10), at("2026-03-02T09:00Z")),  # noqa: DTZ001 - without zone is the case
        (at("2026-03-02T10:00-03:00"), at("2026-03-02T13:00Z")),
    ],
)
def test_moments_are_read_in_the_holders_zone(value: object, read: date) -> None:
    """A moment without zone is the holder's, and all moments come out in UTC."""
    parsed = in_zone("Europe/Madrid").parse_moment(value)
    assert parsed == read
    assert type(parsed) is type(read)
    assert not isinstance(parsed, datetime) or parsed.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    ["", "soon", "2026-02-30", "2026-03-02T25:00", "02/03/2026", "20260302", "2026-W10-1", "2026", "2026-03",
     "2026-03-02x10:00", "10:00", 20260302, 3.5, True, None, ["2026-03-02"]],
)  # fmt: skip
def test_what_is_no_day_and_no_moment_is_not_read(value: object) -> None:
    """What is no day and no moment is not read as one."""
    assert in_zone("Europe/Madrid").parse_moment(value) is None


def test_a_moment_without_zone_is_read_in_the_zone_in_force_about_then() -> None:
    """Who moved has two zones to read moments in."""
    calendar = calendar_with_history(
        Profile(zone="Europe/Madrid"), Profile(since=at("2026-03-04T00:00Z"), zone="Asia/Tokyo")
    )
    assert calendar.parse_moment("2026-03-02 10:00") == at("2026-03-02T10:00+01:00")
    assert calendar.parse_moment("2026-03-06 10:00") == at("2026-03-06T10:00+09:00")
