"""Put an answer together: what an event meant, flat first, nested after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from milepost.engine.achievements import State
from milepost.engine.events import Event
from milepost.engine.explaining import explain_event
from milepost.engine.people import Holder, HolderKind
from milepost.engine.progress import Progress, show_progress, show_streak
from milepost.engine.reasons import Reason, ReasonCode
from milepost.operations.award_summaries import award_summary, holder_name
from milepost.operations.judge_rule import Looked, window_key
from milepost.operations.rejudge import Rejudged
from milepost.operations.rule_book import rule_book
from milepost.operations.settle_awards import AwardStep
from milepost.operations.visibility import is_hidden
from milepost.operations.word_messages import messages_for, plain_number
from milepost.storage.base import Reading
from milepost.storage.records import AwardStatus

_WAITING = frozenset({ReasonCode.HELD, ReasonCode.AWAITING_CONFIRMATION})


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer is about."""

    event: Event
    #: None: the event decides by what it came to.
    outcome: str | None
    warnings: Sequence[str] = ()
    #: Why it counts for nothing at all, if so.
    refusal: Reason | None = None


def build_answer(reading: Reading, told: Told, done: Rejudged) -> dict[str, Any]:
    """Answer the telling of an event."""
    reasons = list(_reasons(told.event, done))
    shown = _shown_beside(done, told.event.actor)
    mine = [looked for (_, holder), looked in _live(shown) if _concerns(told.event, holder)]
    ours = [(key, holder, reason) for key, holder, reason in reasons if (key, holder) in shown.looked]
    return {
        "event_id": told.event.id,
        "outcome": told.outcome or _outcome([reason.code for _, _, reason in reasons]),
        "replayed": False,
        **describe_steps(shown, told.event.actor),
        "points_total": _points_total(reading, told.event.actor),
        "progress": [_progress_document(looked, told.event) for looked in mine],
        "streaks": [document for looked in mine if (document := streak_document(looked))],
        "not_counted": [
            {
                "achievement": key,
                "holder": holder_name(holder) or None,
                "reason_code": reason.code.value,
                "reason": reason.text,
            }
            for key, holder, reason in _refusals(reading, told, ours)
        ],
        "warnings": list(told.warnings),
    }


def _shown_beside(done: Rejudged, actor: str | None) -> Rejudged:
    """Give the part of what was judged that may be named beside *actor*: no colleague who chose otherwise."""
    hidden = {
        holder
        for (_, holder), looked in done.looked.items()
        if holder.id != actor and is_hidden(holder, looked.view.facts)
    }
    if not hidden:
        return done
    return replace(
        done,
        steps=[step for step in done.steps if step.award.holder not in hidden],
        looked={of: looked for of, looked in done.looked.items() if of[1] not in hidden},
    )


def describe_steps(done: Rejudged, actor: str | None) -> dict[str, Any]:
    """Tell what was granted and taken back; points and the first message are those of *actor*, if there is one."""
    granted = [step for step in done.steps if step.is_grant]
    lost = [step for step in done.steps if step.is_loss]
    waiting = [step for step in done.steps if _begins_to_wait(step)]
    ours = [step for step in granted if actor is None or step.award.holder.id == actor] or granted
    return {
        "unlocked": bool(granted),
        "unlocked_count": len(granted),
        "unlocked_names": ", ".join(step.award.name for step in granted),
        "message": ours[0].award.message or "" if ours else "",
        "points_added": sum(_points_of(step, actor) for step in granted)
        - sum(_points_of(step, actor) for step in lost),
        "awards": [award_summary(step.award) for step in (*granted, *waiting)],
        "revoked": [award_summary(step.award) for step in lost],
        "messages": [message for step in granted for message in _messages(step, done)],
    }


def _begins_to_wait(step: AwardStep) -> bool:
    was = step.before.status if step.before else None
    return step.award.status is AwardStatus.IN_REVIEW and was not in (AwardStatus.IN_REVIEW, AwardStatus.GRANTED)


def _points_of(step: AwardStep, actor: str | None) -> int:
    return step.award.points if actor is None or step.award.holder.id == actor else 0


def _messages(step: AwardStep, done: Rejudged) -> list[dict[str, Any]]:
    looked = done.looked[step.award.achievement, step.award.holder]
    return messages_for(looked.judge.rule, step.award, looked.view)


def _live(done: Rejudged) -> list[tuple[tuple[str, Holder], Looked]]:
    """Give what was looked at for live rules; shadow rules are not shown to anybody."""
    return [(of, looked) for of, looked in done.looked.items() if looked.judge.rule.state is State.LIVE]


def _concerns(event: Event, holder: Holder) -> bool:
    """Say whether the teller wants to see this holder: the actor, its teams, or anybody for an event without actor."""
    return event.actor is None or holder.kind is HolderKind.TEAM or holder.id == event.actor


def _reasons(event: Event, done: Rejudged) -> Iterator[tuple[str, Holder, Reason]]:
    for (key, holder), looked in _live(done):
        if _concerns(event, holder):
            reason = explain_event(looked.judge, looked.view, event, window_key(looked, event.occurred_at))
            if reason is not None:
                yield key, holder, reason


def _outcome(codes: Sequence[ReasonCode]) -> str:
    if ReasonCode.COUNTED in codes:
        return "counted"
    return "held" if _WAITING.intersection(codes) else "not_counted"


def _refusals(
    reading: Reading, told: Told, reasons: Sequence[tuple[str, Holder, Reason]]
) -> list[tuple[str, Holder, Reason]]:
    """Say for which achievements the event does not count; one refused as a whole, for all that look at its type."""
    if told.refusal is None:
        return [(key, holder, reason) for key, holder, reason in reasons if reason.code is not ReasonCode.COUNTED]
    book = rule_book(reading)
    holder = Holder(HolderKind.ACTOR, told.event.actor or "")
    live = [rule.key for rule in book.judged() if rule.state is State.LIVE]
    return [(key, holder, told.refusal) for key in book.by_type(told.event.type) if key in live]


def _points_total(reading: Reading, actor: str | None) -> int | None:
    if actor is None:
        return None
    return reading.points(Holder(HolderKind.ACTOR, actor))


def _progress_document(looked: Looked, event: Event) -> dict[str, Any]:
    return progress_document(looked, window_key(looked, event.occurred_at))


def progress_document(looked: Looked, key: str) -> dict[str, Any]:
    """Show how far a holder is in a window."""
    progress = show_progress(looked.judge, looked.view, key, looked.selected)
    return {
        "achievement": progress.achievement,
        "name": looked.judge.rule.name,
        "holder": holder_name(looked.view.holder),
        "window": progress.window,
        "current": plain_number(float(progress.current)),
        "target": plain_number(float(progress.target)),
        "percent": progress.percent,
        "remaining": plain_number(float(progress.remaining)),
        "window_ends_at": _last_second(looked, progress),
        "state": progress.state.value,
        "reason_code": progress.reason.code.value,
        "reason": progress.reason.text,
    }


def _last_second(looked: Looked, progress: Progress) -> str | None:
    """Write the end of a window on the holder's clock, as people do: a second before midnight."""
    if progress.window_ends_at is None:
        return None
    last: datetime = progress.window_ends_at - timedelta(seconds=1)
    return looked.view.calendar.local(last).isoformat()


def streak_document(looked: Looked) -> dict[str, Any] | None:
    """Show a holder's streak; None if the rule is no streak."""
    streak = show_streak(looked.judge, looked.view)
    if streak is None:
        return None
    return {
        "achievement": streak.achievement,
        "name": looked.judge.rule.name,
        "holder": holder_name(looked.view.holder),
        "current": streak.current,
        "longest": streak.longest,
        "state": streak.state.value,
        "next_due": streak.next_due.isoformat() if streak.next_due else None,
    }
