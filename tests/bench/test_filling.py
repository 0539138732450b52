"""A store that was filled quickly holds what telling would have left there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from itertools import islice
from pathlib import Path

import pytest

from milepost.engine.events import Event
from milepost.engine.people import Holder
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.storage.records import AwardQuery, AwardStatus
from tests.bench.calling import Caller, services_in
from tests.bench.cost import TODAY
from tests.bench.filling import SEED, bring_rules, everybody, fill, history, introduce
from tests.bench.telling import Telling
from tests.bench.workloads import WORK, Work

MORNING = datetime.combine(TODAY, time_of_day(), UTC)
EVENTS = 60


@pytest.mark.slow
@pytest.mark.parametrize("recipe", WORK)
def test_a_filled_store_is_one_that_was_told(tmp_path: Path, recipe: str) -> None:
    """The same awards stand as after telling each event when it occurred, and a telling again is a replay."""
    stand = {}
    for way in ("filled", "told"):
        (tmp_path / way).mkdir()
        with services_in(tmp_path / way, moment=MORNING - timedelta(days=30)) as services:
            works = [Work(recipe, actor, SEED) for actor in everybody(2)]
            introduce(services, [work.actor for work in works])
            bring_rules(services, "real")
            caller = Caller(services)
            events = [one for actor in everybody(2) for one in _past(Work(recipe, actor, SEED))]
            if way == "filled":
                fill(services.at(MORNING), works, each=EVENTS, before=TODAY)
                assert caller.tell(events[-1])["replayed"]
            else:
                for event in sorted(events, key=lambda one: one.occurred_at):
                    assert not caller.tell(event)["replayed"]
            assert verify(services.at(MORNING)).differences == ()
            stand[way] = _standing(services)
    assert stand["filled"] == stand["told"]
    assert stand["told"]


def _standing(services: Services) -> set[tuple[str, Holder, datetime]]:
    with services.store.reading() as reading:
        awards = reading.awards(AwardQuery(status=AwardStatus.GRANTED, limit=500))
    return {(award.achievement, award.holder, award.earned_at) for award in awards}


def _past(work: Work) -> list[Event]:
    return list(history(work, count=EVENTS, before=TODAY))


def test_the_same_seed_gives_the_same_work() -> None:
    """Otherwise two runs would not be about the same."""
    assert _past(Work("crm-hygiene", "ana", 1)) == _past(Work("crm-hygiene", "ana", 1))
    assert _past(Work("crm-hygiene", "ana", 1)) != _past(Work("crm-hygiene", "ana", 2))


def test_what_is_told_is_always_new_and_never_too_late() -> None:
    """A replay costs little, and what is too late is not judged."""
    telling = Telling([Work("helpdesk-sla", actor, SEED) for actor in everybody(2)], "key")
    events = list(islice(telling.events(), 2000))
    now = datetime.now(UTC)
    moments = [datetime.fromisoformat(str(event["occurred_at"])) for event in events]
    assert len({event["id"] for event in events}) == len(events)
    assert now - timedelta(days=35) < min(moments) <= max(moments) <= now
