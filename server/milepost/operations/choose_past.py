"""Say what becomes of the past when a rule gets a new version: what its owner said, else what harms nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from milepost.engine.achievements import State
from milepost.engine.facts import Past
from milepost.operations.rule_book import JUDGED
from milepost.storage.records import AchievementVersion


def choose_past(history: Sequence[AchievementVersion], state: State, said: Past | None) -> Past | None:
    """Give what was said, or what holds when nothing was; None for a rule that is not judged.

    Unsaid, nobody loses and nobody is left out: a rule that was live before keeps what stands,
    and one that goes live for the first time looks at the past as well, so that those who
    have done the work already are not behind those who begin today.
    """
    if state not in JUDGED:
        return None
    return said or (Past.KEEP if _was_live(history) else Past.RECOMPUTE)


def choose_start(
    history: Sequence[AchievementVersion], state: State, said: Past | None, *, now: datetime
) -> datetime | None:
    """Give the moment from which on events count, if the past is left out.

    It stays what it was as long as the rule is judged, unless all is to be recomputed.
    """
    past = choose_past(history, state, said)
    if past is None or said is Past.RECOMPUTE:
        return None
    judged = [version for version in history if state_of(version) in JUDGED]
    goes_on = bool(history) and state_of(history[-1]) in JUDGED
    if past is Past.RECOMPUTE:
        return judged[-1].starts_at if goes_on else None
    is_in_force = _was_live(history) or (state is State.SHADOW and goes_on)
    return judged[-1].starts_at if is_in_force else now


def state_of(version: AchievementVersion) -> State:
    """Give the state that a version's document names."""
    return State(version.document.get("state") or State.DRAFT)


def _was_live(history: Sequence[AchievementVersion]) -> bool:
    return any(state_of(version) is State.LIVE for version in history)
