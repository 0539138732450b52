"""What all criteria share: levels, readings, and the span each one looks at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Generic, Protocol, TypeAlias, TypeVar

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.kinds import CalendarWindow, Ever, Rolling, WindowSpec
from milepost.engine.marks import CompiledSelector, Mark, MarkState
from milepost.engine.outcomes import Evidence, Place
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.selectors import Selector
from milepost.engine.views import Everything, Span, Stretch, View
from milepost.engine.windows import Window, bounds, window_of
from milepost.engine.wording import number_text

S = TypeVar("S")

#: Marks the event that is being explained; None if the selector does not look at its type.
MarkOf: TypeAlias = Callable[[CompiledSelector], Mark | None]

#: The smallest step of time we tell apart.
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Level:
    """How far a criterion is at a moment."""

    value: Decimal
    target: Decimal
    met: bool
    code: ReasonCode
    #: Put into words only where somebody reads it: most levels are passed on the way to another.
    words: str | Callable[[], str]
    #: What people are shown, where it is not *value*: a run that began again.
    shown: Decimal | None = None

    @property
    def text(self) -> str:
        """Say it in words."""
        return self.words if isinstance(self.words, str) else self.words()

    @property
    def reason(self) -> Reason:
        """Give the reason for *met*."""
        return Reason(self.code, self.text)


class Reading(Protocol):
    """A criterion over one span, at any moment."""

    @property
    def moments(self) -> Sequence[datetime]:
        """Give the moments at which a mark settles, ascending."""

    def evidence_at(self, moment: datetime) -> list[Evidence]:
        """Give the counted events settled up to *moment*, by the moment they settled."""

    def used_at(self, moment: datetime, target: Decimal) -> Place | None:
        """Give the last event behind *target* at *moment*: the next award begins after it."""

    @property
    def due(self) -> Sequence[datetime]:
        """Give the moments to come at which more may be known."""

    def at(self, moment: datetime) -> Level:
        """Say how far it is when everything settled up to *moment* is known."""


@dataclass(frozen=True, slots=True)
class Steps(Generic[S]):
    """A reading as a list of changes: a step function of time."""

    start: S
    moments: Sequence[datetime]
    #: What holds from each moment on.
    states: Sequence[S]
    level_of: Callable[[S], Level]
    evidence: Sequence[Evidence] = ()
    due: Sequence[datetime] = ()

    def at(self, moment: datetime) -> Level:
        """Give the level of the last change up to *moment*."""
        index = bisect_right(self.moments, moment)
        return self.level_of(self.states[index - 1] if index else self.start)

    def evidence_at(self, moment: datetime) -> list[Evidence]:
        """Give the counted events settled up to *moment*."""
        return [one for one in self.evidence if one.at <= moment]

    def used_at(self, moment: datetime, target: Decimal) -> Place | None:
        """Give the last event settled up to *moment*."""
        del target
        return max((one.place for one in self.evidence_at(moment)), default=None)


@dataclass(frozen=True, slots=True)
class Moving:
    """A reading whose span depends on the moment: another window than the outer one."""

    moments: Sequence[datetime]
    due: Sequence[datetime]
    reading_at: Callable[[datetime], Reading]

    def at(self, moment: datetime) -> Level:
        """Read the span that belongs to *moment*."""
        return self.reading_at(moment).at(moment)

    def evidence_at(self, moment: datetime) -> list[Evidence]:
        """Give the counted events of the span that belongs to *moment*."""
        return self.reading_at(moment).evidence_at(moment)

    def used_at(self, moment: datetime, target: Decimal) -> Place | None:
        """Give the last event of the span that belongs to *moment*."""
        return self.reading_at(moment).used_at(moment, target)


class Criterion(Protocol):
    """A criterion made ready to read views."""

    #: Its own window, None for that of the outer one.
    window: WindowSpec | None
    #: Once met, more events cannot undo it.
    is_lasting: bool

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give its own selectors."""

    def parts(self) -> Iterator[Criterion]:
        """Give the criteria directly inside."""

    def read_span(self, view: View, span: Span) -> Reading:
        """Read the marks in *span*."""

    def moments(self, view: View) -> set[datetime]:
        """Give every moment at which something of it settled, in whatever window."""

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give what one event means to each selector through which it can help."""


class Leaf:
    """A criterion with one selector and none inside."""

    is_lasting = False

    def __init__(self, of: Selector, window: WindowSpec | None) -> None:
        """Make the selector ready."""
        self.window = window
        self._selector = CompiledSelector(of)

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give the one selector."""
        yield self._selector

    def parts(self) -> Iterator[Criterion]:
        """Give nothing: there is no criterion inside."""
        return iter(())

    def moments(self, view: View) -> set[datetime]:
        """Give when marks settled that count."""
        marks = view.marks(self._selector)
        return {mark.at for mark in marks if mark.state is MarkState.COUNTED and mark.at}

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give the event's one mark."""
        mark = mark_of(self._selector)
        if mark is not None:
            yield mark


def read(
    criterion: Criterion, view: View, outer: Span, inherited: Rolling | None = None, after: Place | None = None
) -> Reading:
    """Read a criterion inside *outer*, or in its own window where it names or inherits one.

    *after* cuts off its own window; a part that names one goes on looking at everything.
    """
    own = criterion.window or inherited
    if own is None or _is_same_window(own, outer):
        return criterion.read_span(view, outer)
    last = _last_moment(outer, view.calendar)
    spans: dict[Span, Reading] = {}

    def reading_at(moment: datetime) -> Reading:
        span = _span_at(own, min(moment, last) if last else moment, view.calendar, after)
        if span not in spans:
            spans[span] = criterion.read_span(view, span)
        return spans[span]

    whole = criterion.read_span(view, Stretch(after=after) if after else Everything())
    return Moving(whole.moments, whole.due, reading_at)


def _is_same_window(own: WindowSpec, outer: Span) -> bool:
    if isinstance(outer, Window):
        return own == outer.kind
    return isinstance(own, Ever) and isinstance(outer, Everything)


def _last_moment(outer: Span, calendar: PersonalCalendar) -> datetime | None:
    """Give the last moment that a moving span may end with."""
    if isinstance(outer, Window):
        return bounds(outer, calendar)[1] - INSTANT
    return outer.last if isinstance(outer, Stretch) else None


def _span_at(own: WindowSpec, moment: datetime, calendar: PersonalCalendar, after: Place | None) -> Span:
    if isinstance(own, CalendarWindow):
        return window_of(calendar.day_of(moment), own)
    if isinstance(own, Rolling):
        return Stretch(first=moment - own.length, last=moment, after=after)
    return Everything()


def every_criterion(criterion: Criterion) -> Iterator[Criterion]:
    """Give a criterion and all criteria inside it."""
    yield criterion
    for part in criterion.parts():
        yield from every_criterion(part)


def every_selector(criterion: Criterion) -> Iterator[CompiledSelector]:
    """Give the selectors of a criterion and of all criteria inside it."""
    for one in every_criterion(criterion):
        yield from one.selectors()


def pending(marks: Iterable[Mark], as_of: datetime) -> list[datetime]:
    """Give the moments to come at which marks settle."""
    return [mark.at for mark in marks if mark.at is not None and mark.at > as_of]


def number(value: Decimal) -> str:
    """Write a number, with two places at most."""
    return number_text(round(value, 2))


def toward(value: Decimal, target: Decimal, unit: str) -> Level:
    """Make the level of a number on its way to a target."""
    met = value >= target
    code = ReasonCode.TARGET_MET if met else ReasonCode.TARGET_NOT_MET
    return Level(value, target, met, code, lambda: _toward_text(value, target, unit))


def in_a_row(longest: Decimal, newest: Decimal, target: Decimal, unit: str) -> Level:
    """Make the level of a longest stretch; people are shown the newest one."""
    met = longest >= target
    code = ReasonCode.TARGET_MET if met else ReasonCode.TARGET_NOT_MET
    return Level(longest, target, met, code, lambda: f"{number(newest)} of {number(target)} {unit} in a row", newest)


def _toward_text(value: Decimal, target: Decimal, unit: str) -> str:
    if value > target:
        return f"{number(value)} {unit}, {number(target)} needed"
    return f"{number(value)} of {number(target)} {unit}"
