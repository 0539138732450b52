"""Owe every manager what there is to talk about with their people, once a week."""

from __future__ import annotations

from datetime import datetime, timedelta

from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Audience, NewsKind, Timing
from milepost.engine.views import calendar_of
from milepost.operations.coaching import coached_week
from milepost.operations.load_facts import load_facts
from milepost.operations.owe_news import OVER
from milepost.operations.services import Services
from milepost.operations.visibility import wants_no_messages
from milepost.storage.base import Reading, Transaction
from milepost.storage.outbox import OwedRecord

CHORE = "coaching"
#: Weeks end at another moment in each zone; zones differ by halves of an hour.
EVERY = timedelta(minutes=30)
#: What is owed may wait for so long: until somebody is back from leave.
LONGEST_WAIT = timedelta(days=366)
TOPIC = "coaching:"
DUE = "due"


def owe_coaching(services: Services) -> int:
    """Owe the newest week that has ended to whom it is not owed yet; count the managers."""
    with services.store.reading() as reading:
        if not _is_time(reading, services.clock()):
            return 0
    with services.store.transaction() as tx:
        tx.lock_everything()
        now = services.clock()
        if not _is_time(tx, now):  # another worker was first
            return 0
        facts = load_facts(tx, actors=None)
        owed = sum(_owe(tx, manager, facts, now) for manager in _managers(facts, now))
        tx.put_chore(CHORE, now)
    return owed


def _is_time(reading: Reading, now: datetime) -> bool:
    done_at = reading.chore_done_at(CHORE)
    return done_at is None or not timedelta() <= now - done_at < EVERY


def _managers(facts: Facts, at: datetime) -> list[Holder]:
    """Give everybody who wants messages and manages somebody who may be spoken of at a moment, by id."""
    managers = set[Holder]()
    for actor in facts.actors.values():
        manager = actor.profile_at(at).manager
        if manager and manager != actor.id and not wants_no_messages(Holder(HolderKind.ACTOR, actor.id), facts):
            managers.add(Holder(HolderKind.ACTOR, manager))
    return sorted(one for one in managers if not wants_no_messages(one, facts))


def _owe(tx: Transaction, manager: Holder, facts: Facts, now: datetime) -> bool:
    """Owe a manager the week that ended last; what is owed of earlier weeks is past."""
    week = coached_week(manager, facts, now)
    topic = TOPIC + week.key
    if tx.owed(manager, topic) is not None:
        return False
    for row in tx.owed_to(manager, by=now + LONGEST_WAIT):
        if row.topic.startswith(TOPIC):
            tx.put_owed(_row(manager, row.topic, row.since, standing=OVER))
    since = calendar_of(manager, facts).start_of(week.first_on)
    tx.put_owed(_row(manager, topic, since, standing=DUE, due_at=now))
    return True


def _row(manager: Holder, topic: str, since: datetime, *, standing: str, due_at: datetime | None = None) -> OwedRecord:
    return OwedRecord(
        recipient=manager,
        topic=topic,
        audience=Audience.MANAGER,
        kind=NewsKind.DIGEST_READY,
        timing=Timing.WEEKLY,
        standing=standing,
        told=None,
        since=since,
        due_at=due_at,
    )
