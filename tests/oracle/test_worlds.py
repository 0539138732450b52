from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from milepost.engine.events import Event
from tests.oracle.fold import fold
from tests.oracle.worlds import DrawnWorld, Told, worlds

_FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def _after_all_steps(world: DrawnWorld) -> dict[str, Event]:
    """Take every step; of two revisions the one with the later *revised_at* stays."""
    known: dict[str, Event] = {}
    for step in world.steps:
        if not isinstance(step, Told):
            del known[step.event_id]
            continue
        old = known.get(step.event.id)
        if old is None or (old.revised_at and step.event.revised_at and old.revised_at <= step.event.revised_at):
            known[step.event.id] = step.event
    return known


@_FEW
@pytest.mark.slow
@given(worlds())
def test_telling_a_world_ends_in_the_events_that_count(world: DrawnWorld) -> None:
    assert _after_all_steps(world) == {event.id: event for event in world.events}


@_FEW
@pytest.mark.slow
@given(worlds())
def test_type_and_subject_never_change_and_every_event_concerns_somebody(world: DrawnWorld) -> None:
    told = [step.event for step in world.steps if isinstance(step, Told)]
    assert all(event.actor or event.subject for event in told)
    for event in told:
        assert {(other.type, other.subject) for other in told if other.id == event.id} == {(event.type, event.subject)}


@_FEW
@pytest.mark.slow
@given(worlds(most_events=20))
def test_the_order_of_the_events_makes_no_difference_to_the_oracle(world: DrawnWorld) -> None:
    result = fold(world.events, world.rules, world.facts, world.as_of)
    assert fold(world.events[::-1], world.rules[::-1], world.facts, world.as_of) == result
    assert all(award.earned_at <= world.as_of for award in result.awards)
    assert sum(result.points.values()) == sum(award.points for award in result.awards)
