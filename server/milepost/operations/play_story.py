"""Play a story: let things happen by a movable clock, and say where the answers are not the expected ones.

What a story is made of is described in ``docs/reference/stories.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias

from milepost.engine.events import Event
from milepost.engine.facts import Past
from milepost.errors import Problem
from milepost.operations.award_summaries import award_summary
from milepost.operations.compare_answers import Situation, find_differences
from milepost.operations.find_zone import zone_finder
from milepost.operations.record_event import record_event
from milepost.operations.save_achievement import Wanted, save_change
from milepost.operations.save_people import save_actor, save_calendar, save_team
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.void_event import void_event
from milepost.schemas.events import ZoneOf, load_event
from milepost.schemas.moments import read_moment
from milepost.schemas.stories import StoryStep, load_people, load_steps

#: Who tells the events of a story.
STORYTELLER = "story"
#: A first moment without a zone cannot be earlier than in this one.
_FURTHEST_AHEAD = timezone(timedelta(hours=14))


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of one step."""

    step: StoryStep
    #: The clock after it.
    at: datetime
    #: One for each event told; of a void or a wait one.
    answers: tuple[Mapping[str, Any], ...]
    #: One sentence for each expectation that does not hold, and for an event that was refused.
    problems: tuple[str, ...]

    @property
    def answer(self) -> Mapping[str, Any]:
        """Give the last answer; it is empty if there was none."""
        return self.answers[-1] if self.answers else {}


#: Called with each result as soon as it is there.
Watcher: TypeAlias = Callable[[StepResult], None]


def play_story(
    services: Services,
    story: Sequence[Any],
    people: Mapping[str, Any] | None = None,
    on_step: Watcher | None = None,
) -> list[StepResult]:
    """Save the people, then take the steps one after the other; the rules must be there already.

    A story has its own clock, which begins with its first event. Raises `Invalid` for
    a story that is none, and for people who cannot be saved.
    """
    steps = load_steps(story)
    player = _Player(services, _start_of(steps, services))
    save_story_people(services.at(player.now), people or {})
    results = []
    for step in steps:
        results.append(player.take(step))
        if on_step is not None:
            on_step(results[-1])
    return results


def save_story_people(services: Services, people: Mapping[str, Any]) -> None:
    """Save calendars, teams and actors, each by its own operation."""
    documents = load_people(people)
    for save, name in ((save_calendar, "calendars"), (save_team, "teams"), (save_actor, "actors")):
        for document in documents[name]:
            save(services, document)


class _Player:
    """The clock of a story, and what happened last."""

    def __init__(self, services: Services, start: datetime) -> None:
        self._services = services
        self.now = start
        #: The moment whose window progress is shown in.
        self._looked_at = start
        self._told: Event | None = None

    def take(self, step: StoryStep) -> StepResult:
        """Take one step and compare what came of it."""
        answers: list[Mapping[str, Any]] = []
        try:
            answers.extend(self._do(step))
        except Problem as problem:
            problems = [f"it was refused: {problem.detail}"]
        else:
            situation = Situation(self._services.at(self.now), tuple(answers), self._looked_at, self._told)
            problems = find_differences(step.expect, situation)
        return StepResult(step, self.now, tuple(answers), tuple(problems))

    def _do(self, step: StoryStep) -> Iterator[Mapping[str, Any]]:
        """Let the step happen, and give what it was answered."""
        self._move_clock(step.at)
        for document in step.tell:
            yield self._tell(document, is_dated=step.at is not None)
        if step.void is not None:
            yield void_event(self._services.at(self.now), step.void, told_by=STORYTELLER)
        if step.save is not None:
            yield self._save(step.save, step.past)
        if step.wait_until is not None:
            self._move_clock(step.wait_until)
            self._looked_at = self.now
            yield settle_all(self._services.at(self.now))

    def _tell(self, document: Mapping[str, Any], *, is_dated: bool) -> Mapping[str, Any]:
        """Tell one event; a step that does not say when it is told tells it as soon as it has occurred."""
        services = self._services.at(self.now)
        if not is_dated:
            self._move_clock(_moment_of(document, zone_finder(services)))
            services = self._services.at(self.now)
        loaded = load_event(document, now=self.now, zone_of=zone_finder(services))
        self._told, self._looked_at = loaded.event, loaded.event.occurred_at
        return record_event(
            services, loaded.event, told_by=STORYTELLER, warnings=loaded.warnings, is_dated=loaded.is_dated
        )

    def _save(self, document: Mapping[str, Any], past: Past | None) -> Mapping[str, Any]:
        """Save a rule, and give what that granted and took back."""
        services = self._services.at(self.now)
        with services.store.transaction() as tx:
            tx.lock_everything()
            _, steps = save_change(tx, services, Wanted(document, STORYTELLER, past=past))
        return {
            "awards": [award_summary(step.award) for step in steps if step.is_grant],
            "revoked": [award_summary(step.award) for step in steps if step.is_loss],
        }

    def _move_clock(self, moment: datetime | None) -> None:
        """Move the clock on; it never goes back."""
        self.now = max(self.now, moment or self.now)


def _start_of(steps: Sequence[StoryStep], services: Services) -> datetime:
    """Give the moment at which the story begins and its people are saved."""
    first = steps[0]
    told = [moment for event in first.tell[:1] if (moment := _moment_of(event, lambda _actor: _FURTHEST_AHEAD))]
    return next((moment for moment in (first.at, first.wait_until, *told) if moment), services.clock())


def _moment_of(document: Mapping[str, Any], zone_of: ZoneOf) -> datetime | None:
    """Give when an event occurred, if its document says so readably."""
    try:
        moment = read_moment(document.get("occurred_at"))
    except ValueError:  # `load_event` says what is wrong with it
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone_of(document.get("actor")))).astimezone(UTC)
