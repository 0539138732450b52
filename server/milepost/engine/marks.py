"""What one event means for one achievement and one holder: a mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.conditions import compile_conditions
from milepost.engine.events import Event
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.selectors import Confirmation, Hold, Match, Quality, Selector
from milepost.engine.wording import length_text

#: Gives the first condition an event does not meet, or None.
Check: TypeAlias = Callable[[Event, PersonalCalendar], Reason | None]


class MarkState(StrEnum):
    """Whether an event counts."""

    COUNTED = "counted"
    HELD = "held"
    NOT_COUNTED = "not_counted"


class Mark(NamedTuple):
    """One event for one selector and holder; a tuple, because one is made for each event looked at."""

    event: Event
    actor: str
    #: The holder's local day.
    day: date
    state: MarkState
    #: When this was settled; for a held mark when it will be, None if that depends on others.
    at: datetime | None
    reason: Reason


class Verdict(NamedTuple):
    """A mark before it is tied to an event."""

    state: MarkState
    at: datetime | None
    reason: Reason


#: Answers kept for each selector.
_CHECKS_KEPT = 2**12

_COUNTED = Reason(ReasonCode.COUNTED, "counted")


class CompiledMatch:
    """A match with its conditions made ready."""

    __slots__ = ("check", "types")

    def __init__(self, match: Match) -> None:
        """Compile *match* once."""
        self.types = frozenset(match.types)
        self.check: Check = compile_conditions(match.where)

    def matches(self, event: Event, calendar: PersonalCalendar) -> bool:
        """Say whether *event* is of the types and meets the conditions."""
        return event.type in self.types and self.check(event, calendar) is None


class CompiledSelector:
    """A selector, or what makes an event good, made ready to judge events."""

    __slots__ = (
        "_cancelled_by",
        "_check",
        "_checked",
        "_confirmation",
        "_confirmed_by",
        "_hold",
        "_waiting",
        "once_per",
        "types",
    )

    def __init__(self, selector: Selector) -> None:
        """Compile *selector* once."""
        self.types = frozenset(selector.match.types)
        self.once_per = selector.once_per
        self._check: Check = compile_conditions(selector.match.where)
        #: With what it was asked, for an identity is given again after its object is gone.
        self._checked: dict[tuple[int, int], tuple[Event, PersonalCalendar, Reason | None]] = {}
        self._hold = selector.hold
        self._cancelled_by = CompiledMatch(selector.hold.cancelled_by) if selector.hold else None
        self._waiting = _waiting(selector.hold)
        self._confirmation = selector.confirmed_by
        self._confirmed_by = CompiledMatch(selector.confirmed_by.match) if selector.confirmed_by else None

    @classmethod
    def of_quality(cls, quality: Quality, types: Sequence[str]) -> CompiledSelector:
        """Compile what makes an event of *types* good."""
        match = Match(tuple(types), quality.where)
        return cls(Selector(match, hold=quality.hold, confirmed_by=quality.confirmed_by))

    @property
    def subject_types(self) -> frozenset[str]:
        """Give the types of other events that this one's subject is watched for."""
        parts = (self._cancelled_by, self._confirmed_by)
        return frozenset().union(*(part.types for part in parts if part))

    def longest_wait(self, calendar: PersonalCalendar, start: datetime) -> datetime:
        """Give the latest moment at which a mark of an event at *start* may settle."""
        ends = [start]
        if self._hold and self._hold.length:
            ends.append(calendar.add(start, self._hold.length, working=self._hold.working))
        if self._confirmation and self._confirmation.within:
            ends.append(calendar.add(start, self._confirmation.within, working=self._confirmation.working))
        return max(ends)

    def judge(self, event: Event, on_subject: Sequence[Event], calendar: PersonalCalendar, as_of: datetime) -> Verdict:
        """Say whether *event* counts at *as_of*, and since when.

        *on_subject* are the counting events on its subject, by time.
        """
        failed = self._failure(event, calendar)
        if failed:
            return Verdict(MarkState.NOT_COUNTED, event.occurred_at, failed)
        if self._hold is None and self._confirmation is None:
            return Verdict(MarkState.COUNTED, event.occurred_at, _COUNTED)
        verdicts = []
        if self._hold is not None and self._cancelled_by is not None:
            verdicts.append(_judge_hold(self._hold, self._cancelled_by, event, on_subject, calendar, self._waiting))
        if self._confirmation is not None and self._confirmed_by is not None:
            verdicts.append(_judge_confirmation(self._confirmation, self._confirmed_by, event, on_subject, calendar))
        return _combine(verdicts, as_of)

    def _failure(self, event: Event, calendar: PersonalCalendar) -> Reason | None:
        """Give the first condition that the event does not meet; found out once for the same event and calendar."""
        key = (id(event), id(calendar))
        known = self._checked.get(key)
        if known is not None and known[0] is event and known[1] is calendar:
            return known[2]
        if len(self._checked) >= _CHECKS_KEPT:
            self._checked.clear()
        failed = self._check(event, calendar)
        self._checked[key] = (event, calendar, failed)
        return failed

    def is_hit_by(self, event: Event, other: Event, calendar: PersonalCalendar) -> bool:
        """Say whether *other*, on the same subject, contradicts *event* or helps to confirm it."""
        if self._failure(event, calendar) is not None:
            return False
        if self._hold is not None and self._cancelled_by is not None:
            verdict = _judge_hold(self._hold, self._cancelled_by, event, [other], calendar, self._waiting)
            if verdict.state is MarkState.NOT_COUNTED:
                return True
        if self._confirmation is None or self._confirmed_by is None:
            return False
        once = replace(self._confirmation, times=1)
        return _judge_confirmation(once, self._confirmed_by, event, [other], calendar).state is MarkState.COUNTED


def _waiting(hold: Hold | None) -> Reason:
    """Say that a mark waits; worded once for each rule."""
    if hold is None or hold.length is None:
        return _COUNTED
    text = f"waits {length_text(hold.length, working=hold.working)} for a contradicting event"
    return Reason(ReasonCode.HELD, text)


def _judge_hold(
    hold: Hold,
    cancelled_by: CompiledMatch,
    event: Event,
    on_subject: Sequence[Event],
    calendar: PersonalCalendar,
    waiting: Reason,
) -> Verdict:
    """Look for a contradiction; the verdict's moment may lie in the future."""
    end = calendar.add(event.occurred_at, hold.length, working=hold.working) if hold.length else None
    for other in on_subject:
        if other.occurred_at <= event.occurred_at or other.id == event.id:
            continue
        if end is not None and other.occurred_at > end:
            break
        if cancelled_by.matches(other, calendar):
            text = f"contradicted by {other.type} on {event.subject}"
            return Verdict(MarkState.NOT_COUNTED, other.occurred_at, Reason(ReasonCode.CANCELLED, text))
    if end is None or hold.length is None:
        return Verdict(MarkState.COUNTED, event.occurred_at, _COUNTED)
    return Verdict(MarkState.HELD, end, waiting)


def _judge_confirmation(
    confirmation: Confirmation,
    confirmed_by: CompiledMatch,
    event: Event,
    on_subject: Sequence[Event],
    calendar: PersonalCalendar,
) -> Verdict:
    """Look for enough confirming events."""
    if event.subject is None:
        reason = Reason(ReasonCode.NOT_CONFIRMED, "has no subject by which it could be confirmed")
        return Verdict(MarkState.NOT_COUNTED, event.occurred_at, reason)
    end = None
    if confirmation.within:
        end = calendar.add(event.occurred_at, confirmation.within, working=confirmation.working)
    seen = 0
    for other in on_subject:
        if other.occurred_at < event.occurred_at or other.id == event.id:
            continue
        if end is not None and other.occurred_at > end:
            break
        if confirmed_by.matches(other, calendar):
            seen += 1
            if seen == confirmation.times:
                return Verdict(MarkState.COUNTED, other.occurred_at, _COUNTED)
    types = " or ".join(confirmation.match.types)
    text = f"{seen} of {confirmation.times} confirming {types} so far"
    return Verdict(MarkState.HELD, end, Reason(ReasonCode.AWAITING_CONFIRMATION, text))


def _combine(verdicts: Sequence[Verdict], as_of: datetime) -> Verdict:
    """Make one verdict of a hold and a confirmation, as they stand at *as_of*."""
    settled = [_settle(verdict, as_of) for verdict in verdicts]
    if len(settled) == 1:
        return settled[0]
    fallen = [verdict for verdict in settled if verdict.state is MarkState.NOT_COUNTED]
    if fallen:
        return min(fallen, key=lambda verdict: verdict.at or as_of)
    held = [verdict for verdict in settled if verdict.state is MarkState.HELD]
    if held:
        known = [verdict.at for verdict in held if verdict.at]
        return Verdict(MarkState.HELD, min(known, default=None), held[0].reason)
    return max(settled, key=lambda verdict: verdict.at or as_of)


def _settle(verdict: Verdict, as_of: datetime) -> Verdict:
    """Turn a held verdict whose moment has come into what it became."""
    if verdict.state is not MarkState.HELD or verdict.at is None or verdict.at > as_of:
        return verdict
    if verdict.reason.code is ReasonCode.HELD:
        return Verdict(MarkState.COUNTED, verdict.at, _COUNTED)
    text = f"{verdict.reason.text}, and the time is over"
    return Verdict(MarkState.NOT_COUNTED, verdict.at, Reason(ReasonCode.NOT_CONFIRMED, text))
