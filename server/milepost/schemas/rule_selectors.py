"""Reading selectors and windows: which events a criterion looks at, and in which stretch of time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from milepost.engine.kinds import CalendarWindow, Ever, Rolling, WindowSpec
from milepost.engine.selectors import Confirmation, Hold, Match, Quality, Selector
from milepost.schemas.reader import Part, listed, note_unknown
from milepost.schemas.reads import length, whole
from milepost.schemas.rule_conditions import is_working, match_of, property_name, read_conditions, read_match

#: What a criterion is made of besides the keys of its kind.
SELECTOR_WORDS: Mapping[str, tuple[str, ...]] = {
    "selector": ("type", "where", "once_per", "hold", "confirmed_by"),
    "hold": ("for", "cancelled_by", "clock"),
    "confirmed_by": ("type", "where", "times", "within", "clock"),
    "good": ("where", "hold", "confirmed_by"),
    "windows": (*map(str, CalendarWindow), "ever"),
    "rolling window": ("rolling",),
}

_NOTHING = Match(())
#: Lets reading go on where a selector is missing.
NO_EVENTS = Selector(_NOTHING)
_MOST_TIMES = 1_000
_A_DAY = timedelta(days=1)


def read_selector(part: Part) -> Selector:
    """Read which events are looked at and when each of them counts."""
    fields = part.fields()
    fields.expect(SELECTOR_WORDS["selector"])
    return Selector(
        match=match_of(fields),
        once_per=fields.get("once_per", property_name),
        hold=fields.get("hold", _hold),
        confirmed_by=fields.get("confirmed_by", _confirmation),
    )


def read_quality(part: Part) -> Quality:
    """Read what makes a selected event a good one."""
    fields = part.fields()
    fields.expect(SELECTOR_WORDS["good"])
    if not any(fields.values.get(word) for word in SELECTOR_WORDS["good"]) and part.is_clean():
        part.note(f"Say what makes an event good, with {listed(SELECTOR_WORDS['good'])}.")
    return Quality(
        where=fields.get_list("where", read_conditions),
        hold=fields.get("hold", _hold),
        confirmed_by=fields.get("confirmed_by", _confirmation),
    )


def _hold(part: Part) -> Hold:
    fields = part.fields()
    fields.expect(SELECTOR_WORDS["hold"])
    return Hold(
        cancelled_by=fields.need("cancelled_by", read_match, _NOTHING),
        length=fields.get("for", length),
        working=is_working(fields),
    )


def _confirmation(part: Part) -> Confirmation:
    fields = part.fields()
    fields.expect(SELECTOR_WORDS["confirmed_by"])
    return Confirmation(
        match=match_of(fields),
        times=fields.get_or("times", whole(1, _MOST_TIMES), 1),
        within=fields.get("within", length),
        working=is_working(fields),
    )


def read_window(part: Part) -> WindowSpec | None:
    """Read a window: a word, or a rolling length."""
    if isinstance(part.value, Mapping):
        fields = part.fields()
        fields.expect(SELECTOR_WORDS["rolling window"])
        return Rolling(fields.need("rolling", length, _A_DAY))
    if part.value == "ever":
        return Ever()
    if isinstance(part.value, str) and part.value in {str(window) for window in CalendarWindow}:
        return CalendarWindow(part.value)
    note_unknown(part, SELECTOR_WORDS["windows"])
    return None
