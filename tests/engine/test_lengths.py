"""Lengths of time, as they are written and as they are said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.engine.lengths import LONGEST, describe_length, format_length, parse_length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT30M", timedelta(minutes=30)),
        ("PT72H", timedelta(hours=72)),
        ("P30D", timedelta(days=30)),
        ("P2W", timedelta(weeks=2)),
        ("P0.5W", timedelta(days=3.5)),
        ("P1DT12H", timedelta(hours=36)),
        ("P1DT2H3M4.5S", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("PT1H1,5M", timedelta(minutes=61.5)),
        ("PT1.5H", timedelta(minutes=90)),
        ("PT90S", timedelta(seconds=90)),
        ("PT0S", timedelta()),
        ("P3653D", LONGEST),
    ],
)
def test_iso_lengths_are_read(text: str, length: timedelta) -> None:
    """Lengths in ISO 8601 are read; the last part may be a decimal."""
    assert parse_length(text) == length


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("P", "Write hours, minutes, days or weeks like PT72H"),
        ("PT", "like PT72H"),
        ("P1DT", "like PT72H"),
        ("", "like PT72H"),
        ("72", "like PT72H"),
        ("72h", "like PT72H"),
        ("pt72h", "like PT72H"),
        ("PT1.5H30M", "like PT72H"),
        ("P1W2D", "like PT72H"),
        ("P1H", "like PT72H"),
        ("PT1D", "like PT72H"),
        ("PT1M1H", "like PT72H"),
        ("PT72H\n", "like PT72H"),
        ("PT\u0667H", "like PT72H"),
        ("P1M", "Write days, like P30D"),
        ("P1Y", "Write days, like P30D"),
        ("P1Y2M3DT4H", "Write days, like P30D"),
        ("-PT1H", "is negative"),
        ("PT-1H", "like PT72H"),
        ("P-1D", "is negative"),
        ("P3654D", "Write P3653D at most"),
        ("PT999999999999H", "Write P3653D at most"),
    ],
)
def test_what_is_no_length_is_refused_with_what_to_write(text: str, advice: str) -> None:
    """What is no length is refused with a sentence that says what to write."""
    with pytest.raises(ValueError, match=advice) as refusal:
        parse_length(text)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("length", "said", "written"),
    [
        (timedelta(hours=72), "72 hours", "PT72H"),
        (timedelta(hours=24), "24 hours", "PT24H"),
        (timedelta(hours=2), "2 hours", "PT2H"),
        (timedelta(hours=1), "1 hour", "PT1H"),
        (timedelta(minutes=30), "30 minutes", "PT30M"),
        (timedelta(minutes=90), "1 hour and 30 minutes", "PT1H30M"),
        (timedelta(hours=40), "40 hours", "PT40H"),
        (timedelta(days=4), "4 days", "P4D"),
        (timedelta(days=30), "30 days", "P30D"),
        (timedelta(days=4, hours=12), "4 days and 12 hours", "P4DT12H"),
        (timedelta(hours=73), "3 days and 1 hour", "P3DT1H"),
        (timedelta(days=5, hours=1, minutes=1, seconds=1), "5 days, 1 hour, 1 minute and 1 second", "P5DT1H1M1S"),
        (timedelta(seconds=1.5), "1.5 seconds", "PT1.5S"),
        (timedelta(minutes=10, seconds=100), "11 minutes and 40 seconds", "PT11M40S"),
        (timedelta(), "0 seconds", "PT0S"),
    ],
)
def test_lengths_are_said_and_written(length: timedelta, said: str, written: str) -> None:
    """Lengths up to 72 hours are told in hours, longer ones in days."""
    assert describe_length(length) == said
    assert format_length(length) == written


def test_working_time_is_told_in_hours() -> None:
    """Two weeks of eight hours a day are 80 hours of work, not three days and some."""
    assert describe_length(timedelta(hours=80), working=True) == "80 hours"


def test_a_negative_length_is_said_but_not_written() -> None:
    """Something that ended before it began took a negative time, but no rule asks for one."""
    assert describe_length(timedelta(hours=-2)) == "minus 2 hours"
    with pytest.raises(ValueError, match="negative"):
        format_length(timedelta(hours=-2))


@given(st.timedeltas(timedelta(), LONGEST))
def test_what_is_written_is_read_again(length: timedelta) -> None:
    """A length that is written and read again is the same."""
    assert parse_length(format_length(length)) == length
