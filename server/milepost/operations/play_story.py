"""Play a story: let things happen by a movable clock, and say where the answers are not the expected ones.

What a story is made of is described in ``docs/reference/stories.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from milepost.errors import Problem
from milepost.operations.compare_answers import Situation, find_differences
from milepost.operations.find_zone import zone_finder
from milepost.operations.record_event import record_event
from milepost.operations.save_people import save_actor, save_calendar, save_team
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.void_event import void_event
from milepost.schemas.events import load_event
from milepost.schemas.moments import read_moment
from milepost.schemas.stories import StoryStep, load_people, load_steps

#: Who tells the events of a story.
STORYTELLER = "story"


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

    The clock of *services* is not looked at: a story has its own. Raises `Invalid`
    for a story that is none, and for people who cannot be saved.
    """
    steps = load_steps(story)
    player = _Player(services, _start_of(steps))
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


def _start_of(steps: Sequence[StoryStep]) -> datetime:
    """Give the first moment of the story, at which its people are saved."""
    first = steps[0]
    moments = [moment for moment in (first.at, first.wait_until) if moment is not None]
    moments += [moment for event in first.tell[:1] if (moment := _moment_of(event)) is not None]
    if not moments:
        raise _no_moment()
    return min(moments)


class _Player:
    """The clock of a story, and what happened last."""

    def __init__(self, services: Services, start: datetime) -> None:
        self._services = services
        self.now = start
        #: Which window progress is shown in.
        self._looked_at = start
        self._last_told: Mapping[str, Any] | None = None

    def take(self, step: StoryStep) -> StepResult:
        """Take one step and compare what came of it."""
        answers: tuple[Mapping[str, Any], ...] = ()
        try:
            answers = tuple(self._do(step))
        except Problem as problem:
            problems = [f"It was refused: {problem.detail}"]
        else:
            problems = self._differences(step, answers)
        return StepResult(step, self.now, answers, tuple(problems))
