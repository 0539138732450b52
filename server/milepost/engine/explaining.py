"""Why one event counted or did not, for one rule and holder."""

from __future__ import annotations

from milepost.engine.criteria.amounts import counted
from milepost.engine.criteria.base import every_selector
from milepost.engine.events import Event
from milepost.engine.facts import Owned
from milepost.engine.judge import Judge
from milepost.engine.marks import CompiledSelector, Mark, MarkState
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.views import View

#: The best that an event came to comes first.
_ORDER = (MarkState.COUNTED, MarkState.HELD, MarkState.NOT_COUNTED)


def explain_event(judge: Judge, view: View, event: Event, key: str) -> Reason | None:
    """Say what *event* came to for the view's holder in window *key*; None if the rule has no use for it."""
    one = next((owned for owned in view.owned if owned.event.id == event.id), None)
    reason = _explain_owned(judge, view, one, key) if one else None
    return reason or _explain_effect(judge, view, event)


def _explain_owned(judge: Judge, view: View, one: Owned, key: str) -> Reason | None:
    def mark_of(selector: CompiledSelector) -> Mark | None:
        return view.mark(selector, one) if one.event.type in selector.types else None

    if one.event.type not in judge.types:
        return None
    marks = list(judge.criterion.explain(mark_of)) or [
        mark for guardrail in judge.guardrails for selector in every_selector(guardrail) if (mark := mark_of(selector))
    ]
    best = min(marks, key=lambda mark: _ORDER.index(mark.state), default=None)
    if best is None:  # only a `none` looks at it
        return view.refusal(one) or Reason(ReasonCode.CONDITION_NOT_MET, "none of these helps")
    if best.state is MarkState.COUNTED and _is_double(judge, view, one, key):
        return Reason(ReasonCode.ALREADY_COUNTED, f"{one.event.subject or 'this'} was counted before in this window")
    return best.reason


def _is_double(judge: Judge, view: View, one: Owned, key: str) -> bool:
    """Say whether another mark alike was counted in this one's place."""
    for selector in every_selector(judge.criterion):
        if selector.once_per and one.event.type in selector.types:
            pairs = counted(view.select(selector, judge.span(key)), selector.once_per)
            if all(mark.event.id != one.event.id for _, mark in pairs):
                return True
    return False


def _explain_effect(judge: Judge, view: View, event: Event) -> Reason | None:
    """Say that an event contradicts or confirms something the holder did."""
    if event.subject is None or event.type not in judge.subject_types:
        return None
    if any(_is_hit(view, selector, one, event) for selector in judge.selectors() for one in view.owned):
        return Reason(ReasonCode.COUNTED, f"looked at for {event.subject}")
    return None


def _is_hit(view: View, selector: CompiledSelector, one: Owned, event: Event) -> bool:
    """Say whether *event* contradicts or confirms *one*."""
    is_other = one.event.subject == event.subject and one.event.id != event.id
    if not is_other or one.event.type not in selector.types or view.refusal(one) is not None:
        return False
    return selector.is_hit_by(one.event, event, view.calendar)
