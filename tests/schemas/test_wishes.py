from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from milepost.engine.people import Actor
from milepost.engine.telling import MessageWishes, Mute, NewsKind, QuietHours, Timing
from milepost.errors import Invalid
from milepost.schemas.people import dump_actor, load_actor

EVERYTHING = {
    "timings": {"achievement.awarded": "daily"},
    "mutes": [{"kind": "streak.at_risk", "transport": None}, {"kind": None, "transport": "email"}],
    "quiet": [{"begins": "22:00", "ends": "07:30"}],
    "outside_working_hours": True,
    "daily_most": 2,
}


def wishing(messages: Any, *, existing: Actor | None = None) -> Actor:
    """Load what Ana wishes."""
    return load_actor({"id": "ana@example.com", "preferences": {"messages": messages}}, existing=existing)[0]


def test_wishes_are_read_and_written_the_same() -> None:
    """What is shown can be sent back."""
    ana = wishing(EVERYTHING)
    assert ana.preferences.messages == MessageWishes(
        timings={NewsKind.AWARDED: Timing.DAILY},
        mutes=(Mute(kind=NewsKind.STREAK_AT_RISK), Mute(transport="email")),
        quiet=(QuietHours(time(22), time(7, 30)),),
        outside_working_hours=True,
        daily_most=2,
    )
    assert dump_actor(ana)["preferences"]["messages"] == EVERYTHING
    assert load_actor(dump_actor(ana))[0] == ana


def test_only_the_wishes_that_are_given_change_and_null_takes_them_all_back() -> None:
    """A form that knows one of them leaves the others alone."""
    ana = wishing(EVERYTHING)
    changed = wishing({"daily_most": None, "mutes": []}, existing=ana).preferences.messages
    assert (changed.daily_most, changed.mutes) == (None, ())
    assert (changed.quiet, changed.timings) == (ana.preferences.messages.quiet, {NewsKind.AWARDED: Timing.DAILY})
    opted_out, _ = load_actor({"id": "ana@example.com", "preferences": {"opt_out": True}}, existing=ana)
    assert opted_out.preferences.messages == ana.preferences.messages
    assert wishing(None, existing=ana).preferences.messages == MessageWishes()


@pytest.mark.parametrize(
    ("messages", "pointer", "hint"),
    [
        ({"timings": {"achievement.award": "daily"}}, "achievement.award/key", "Did you mean *achievement.awarded*?"),
        ({"timings": {"streak.broken": "dayly"}}, "streak.broken/value", "Did you mean *daily*?"),
        ({"mutes": [{"transport": "slak"}]}, "/mutes/0/transport", "Did you mean *slack*?"),
        ({"mutes": [{"knd": "streak.broken"}]}, "/mutes/0/knd", "Did you mean *kind*?"),
        ({"quiet": [{"begins": "12:00"}]}, "/quiet/0/ends", "needed"),
        ({"quiet": [{"begins": "12:00", "ends": "12:00"}]}, "/quiet/0/ends", "*opt_out*"),
        ({"quiet": [{"begins": "noon", "ends": "13:00"}]}, "/quiet/0/begins", "09:00"),
        ({"daily_most": -1}, "/daily_most", "from 0 to 100"),
        ({"daily_most": 2.5}, "/daily_most", "whole number"),
        ({"outside_hours": True}, "/outside_hours", "Did you mean *outside_working_hours*?"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(messages: Any, pointer: str, hint: str) -> None:
    """With the place and the nearest word."""
    with pytest.raises(Invalid) as caught:
        wishing(messages)
    (error,) = caught.value.errors
    assert error.pointer.startswith("/preferences/messages/")
    assert error.pointer.endswith(pointer)
    assert hint in error.message
