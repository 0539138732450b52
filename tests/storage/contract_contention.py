"""What every store promises when several tell, lock and wait at the same time."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from milepost.engine import events
from milepost.engine.people import Actor, Profile
from milepost.operations.record_event import record_event
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.settings import Settings
from milepost.storage.errors import StillTaken
from milepost.storage.records import AchievementVersion, AwardQuery
from tests.storage.examples import NOON, hours, put, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from milepost.storage.base import Store, Transaction

PAIRS = 20
#: Long enough for a thread to get somewhere, if it can.
A_MOMENT_SECONDS = 0.2


def bring_into_force(store: Store, **rule: Any) -> Services:
    """Bring one rule about solved tickets into force."""
    criterion = {"kind": "count", "target": 2, "window": "ever", "of": {"type": "ticket.solved"}}
    basics = {"name": "Clean Close", "purpose": "-", "category": "volume", "state": "live", "criterion": criterion}
    document = {"key": "clean-close", **basics, **rule}
    with store.transaction() as change:
        change.lock_everything()
        change.put_achievement_version(AchievementVersion("clean-close", 1, document, hours(-999), "test"))
    return Services(store, lambda: hours(1), Settings())


def tell(services: Services, event_id: str, actor: str) -> dict[str, Any]:
    """Tell that somebody solved a ticket."""
    moment = NOON - timedelta(minutes=random.Random(event_id).randrange(60))  # noqa: S311 - the same each time
    event = events.Event(event_id, "ticket.solved", moment, actor, f"t-{event_id}", {})
    return record_event(services, event, told_by="test")


def awarded(services: Services) -> list[str]:
    """Give who has an award, once for each; and see that nothing else follows from the events."""
    assert verify(services).differences == ()
    with services.store.reading() as reading:
        return sorted(award.holder.id for award in reading.awards(AwardQuery(limit=1000)))


class ContentionPromises:
    """Whoever comes at the same time, everything ends as if they had come one after the other."""

    def test_two_events_of_one_actor_at_once_lose_no_award(self, store: Store) -> None:
        """Each alone is one of two; judged without knowing of each other, neither would complete the pair."""
        services = bring_into_force(store)
        with store.transaction() as change:
            for pair in range(PAIRS):  # introducing the same person would keep the two apart
                change.put_actor(Actor(f"actor-{pair}"))
        together = [Barrier(2) for _ in range(PAIRS)]

        def tell_half(number: int) -> None:
            pair, half = divmod(number, 2)
            together[pair].wait(30)
            tell(services, f"e{pair}-{half}", f"actor-{pair}")

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(tell_half, range(2 * PAIRS)))
        assert awarded(services) == sorted(f"actor-{pair}" for pair in range(PAIRS))

    def test_32_deliveries_of_one_event_at_once_count_once(self, store: Store) -> None:
        """One is the first, all others get its answer."""
        services = bring_into_force(store, repeats="every_target")
        tell(services, "before", "ana")
        together = Barrier(32)

        def deliver(_: int) -> dict[str, Any]:
            together.wait(30)
            return tell(services, "e1", "ana")

        with ThreadPoolExecutor(32) as threads:
            answers = list(threads.map(deliver, range(32)))
        assert sum(not answer.pop("replayed") for answer in answers) == 1
        assert answers == [answers[0]] * 32
        assert awarded(services) == ["ana"]

    def test_a_target_of_a_team_is_met_once_each_time_whoever_comes(self, store: Store) -> None:
        """Its members tell at the same moment."""
        criterion = {"kind": "count", "target": 5, "window": "month", "of": {"type": "ticket.solved"}}
        services = bring_into_force(store, scope="team", criterion=criterion, repeats="every_target")
        with store.transaction() as change:
            for number in range(4):
                change.put_actor(Actor(f"a{number}", profiles=(Profile(team="north"),)))
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda number: tell(services, f"e{number}", f"a{number % 4}"), range(20)))
        assert awarded(services) == ["north"] * 4

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (lambda tx: tx.lock(["actor:ana"]), lambda tx: tx.lock(["actor:ana", "actor:ben"])),
            (lambda tx: tx.lock_everything(), lambda tx: tx.lock(["actor:ana"])),
            (lambda tx: tx.lock(["actor:ana"]), lambda tx: tx.lock_everything()),
            (lambda tx: tx.lock_everything(), lambda tx: tx.put_event(told("zd-2"))),
            (lambda tx: tx.put_event(told("zd-2")), lambda tx: tx.lock_everything()),
        ],
    )
    def test_who_is_locked_out_waits_and_sees_what_was_done(
        self, store: Store, first: Callable[[Transaction], None], second: Callable[[Transaction], None]
    ) -> None:
        """Names keep off who asks for one of them; everything keeps off everybody who changes something."""
        done, seen = Event(), []

        def come_second() -> None:
            with store.transaction() as tx:
                second(tx)
                seen.append(tx.event("zd-1"))
            done.set()

        with store.transaction() as tx:
            first(tx)
            thread = Thread(target=come_second)
            thread.start()
            assert not done.wait(A_MOMENT_SECONDS)
            tx.put_event(told())
        thread.join(30)
        assert seen == [told()]

    def test_who_asks_for_more_and_more_never_waits_for_ever(self, store: Store) -> None:
        """Whatever the order in which names are found to be concerned."""
        names = [f"actor:{number}" for number in range(6)]

        def grow(seed: int) -> int:
            chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
            with store.transaction() as tx:
                for size in (1, 2, 4):
                    tx.lock(chance.sample(names, size))
                known = tx.event("counter") or told("counter", revision=0)
                tx.put_event(told("counter", revision=known.revision + 1))
            return seed

        with store.transaction() as tx:
            tx.lock(names)
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(grow, range(64))) == list(range(64))

    def test_a_turn_is_one_callers_and_who_waits_too_long_is_told(self, store: Store) -> None:
        """Other names are not concerned, and afterwards it is free again."""
        refused: list[str] = []

        def come_too() -> None:
            with store.turn("b", patience_seconds=0):
                pass
            try:
                with store.turn("a", patience_seconds=0.05):
                    pass
            except StillTaken as error:
                refused.append(str(error))

        with store.turn("a", patience_seconds=0):
            put(store, told())
            thread = Thread(target=come_too)
            thread.start()
            thread.join(30)
        assert refused == ["Another caller is still at 'a'. Try again in a second."]
        with store.turn("a", patience_seconds=0):
            pass

    def test_callers_take_turns(self, store: Store) -> None:
        """Nobody is in the block while another is."""
        inside: list[int] = []
        most = []

        def take(number: int) -> None:
            with store.turn("a", patience_seconds=30):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)

        with ThreadPoolExecutor(16) as threads:
            list(threads.map(take, range(100)))
        assert set(most) == {1}
