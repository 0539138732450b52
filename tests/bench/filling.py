"""Fill a store quickly with what telling every event would have left there.

Telling a million events one after the other would take longer than measuring them. Here the events are put in by
the store's own transactions, and then everybody is judged once. What stands is the same, because awards do not depend
on the order of arrival; `milepost verify` finds no difference, and an event that is told again is a replay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from itertools import islice
from pathlib import Path

import orjson

from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.operations.install_recipe import install_recipe
from milepost.operations.record_event import record_event
from milepost.operations.rejudge import rejudge_everything
from milepost.operations.save_achievement import save_achievement
from milepost.operations.save_people import save_actor, save_calendar, save_team
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.schemas.events import event_document
from milepost.storage.records import EventRecord
from tests.bench.calling import services_in
from tests.bench.telling import first_day
from tests.bench.workloads import A_DAY, CLEAN_CLOSE, WORK, ZONE, Work, moments, working_days

#: Events in one transaction.
CHUNK = 5_000
#: People judged in one transaction; what they did is in memory meanwhile.
JUDGED_AT_ONCE = 20
#: People in one team.
TEAM_SIZE = 10
#: Whose work is told.
PEOPLE = 200
SEED = 20260302
#: Who told the events.
FILLER = "bench"


def everybody(count: int) -> list[str]:
    """Give the ids of so many people."""
    return [f"person-{number:04d}@example.com" for number in range(count)]


def staff() -> list[Work]:
    """Give the two hundred agents of a helpdesk; each time they do the same."""
    return [Work("helpdesk-sla", actor, SEED) for actor in everybody(PEOPLE)]


def introduce(services: Services, actors: list[str]) -> None:
    """Save a calendar, teams of ten, and people."""
    week = {day: [["09:00", "17:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    save_calendar(services, {"key": "default", "zone": ZONE.key, "week": week})
    for number, actor in enumerate(actors):
        team = f"team-{number // TEAM_SIZE}"
        if number % TEAM_SIZE == 0:
            save_team(services, {"id": team, "name": f"Team {number // TEAM_SIZE}"})
        save_actor(services, {"id": actor, "name": f"Person {number}", "role": "agent", "team": team})


def bring_rules(services: Services, workload: str) -> None:
    """Bring the rules into force: one for the light workload, those of all recipes for the real one."""
    if workload == "light":
        save_achievement(services, CLEAN_CLOSE, author=FILLER)
        return
    for recipe in WORK:
        install_recipe(services, recipe, author=FILLER)


def fill(services: Services, works: list[Work], *, each: int, before: date) -> None:
    """Put in *each* events of everybody, at twenty a working day until the day *before*, and judge them."""
    events = (event for work in works for event in history(work, count=each, before=before))
    _put(services, events)
    actors = [work.actor for work in works]
    for start in range(0, len(actors), JUDGED_AT_ONCE):
        _judge(services, actors[start : start + JUDGED_AT_ONCE])
    settle_all(services)


@contextmanager
def filled(folder: Path, workload: str, events: int) -> Iterator[tuple[Services, list[Work]]]:
    """Open a store in which everybody has a history, up to the day from which on events are told."""
    folder.mkdir()
    morning = datetime.combine(first_day(), time_of_day(), UTC)
    with services_in(folder, moment=morning - timedelta(minutes=1)) as services:
        works = staff()
        introduce(services, [work.actor for work in works])
        bring_rules(services, workload)
        fill(services, works, each=events // PEOPLE, before=first_day())
        yield services, works


def history(work: Work, *, count: int, before: date) -> Iterator[Event]:
    """Give the past of one person, the oldest first."""
    days = working_days(before)
    next(days)
    past = list(islice(days, -(-count // A_DAY)))[::-1]
    told = (moment for day in past for moment in moments(day, A_DAY))
    return (work.next(moment) for moment in islice(told, count))


def _put(services: Services, events: Iterator[Event]) -> None:
    """Put events in; all of them with an answer as long as a real one."""
    while chunk := list(islice(events, CHUNK)):
        answer = _an_answer(services, chunk[-1])
        with services.store.transaction() as tx:
            tx.lock_everything()
            for event in chunk:
                tx.put_event(
                    EventRecord(event, 1, fingerprint(event), event.occurred_at, answer=answer, told_by=FILLER)
                )


def fingerprint(event: Event) -> str:
    """Hash an event as telling it does."""
    return hashlib.sha256(orjson.dumps(event_document(event), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _an_answer(services: Services, event: Event) -> str:
    """Give what telling an event would be answered now."""
    return orjson.dumps(record_event(services, event, told_by=FILLER, dry_run=True)).decode()


def _judge(services: Services, actors: Iterable[str]) -> None:
    with services.store.transaction() as tx:
        tx.lock_everything()
        holders = {Holder(HolderKind.ACTOR, actor) for actor in actors}
        known = [actor for holder in holders if (actor := tx.actor(holder.id))]
        teams = {profile.team for actor in known for profile in actor.profiles}
        holders |= {Holder(HolderKind.TEAM, team) for team in teams if team}
        rejudge_everything(tx, services, holders=holders, achievements=None, cause=FILLER)
