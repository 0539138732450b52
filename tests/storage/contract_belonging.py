"""What every store promises about whose an event is."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeAlias

import pytest

from milepost.engine.facts import Owned
from tests.storage.examples import ANA, BEN, NOON, hours, owners, put, told

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from milepost.engine.events import Event
    from milepost.storage.base import Reading, Store
    from milepost.storage.records import EventRecord

TYPES = ("ticket.solved", "ticket.rated", "ticket.reopened")
SOLVED, RATED, REOPENED = TYPES
Told: TypeAlias = "Mapping[str, EventRecord]"


def owned_by_definition(told_events: Told, actors: Collection[str], types: Collection[str]) -> list[Owned]:
    """Say whose events are by looking at all pairs of events, through any type."""
    counting = [record.event for record in told_events.values() if record.counts]
    found = []
    for event in counting:
        ties: dict[str, set[str]] = {}
        if event.actor is not None:
            ties[event.actor] = {event.type}
        elif event.subject is not None:
            for other in counting:
                if other.subject == event.subject and other.actor is not None:
                    ties.setdefault(other.actor, set()).add(other.type)
        found += [Owned(event, actor, frozenset(through)) for actor, through in ties.items()]
    chosen = [owned for owned in found if owned.actor in actors and owned.event.type in types]
    return sorted(chosen, key=lambda owned: (owned.event.occurred_at, owned.event.id, owned.actor))


def ids(found: list[Owned]) -> list[tuple[str, str]]:
    """Give the event and actor of each."""
    return [(owned.event.id, owned.actor) for owned in found]


class BelongingPromises:
    """An event belongs to its actor; one without actor, to those with events on its subject."""

    def test_an_actors_own_event_belongs_to_the_actor_alone(self, store: Store) -> None:
        """Its own type is what it belongs through; *through* does not matter for it."""
        put(store, told(subject="t-1"), told("other", subject="t-1", actor=BEN.id))
        with store.reading() as view:
            assert view.owned([ANA.id], [SOLVED], []) == [Owned(told(subject="t-1").event, ANA.id, frozenset({SOLVED}))]

    @pytest.mark.parametrize("rating_first", [True, False])
    def test_an_event_without_actor_belongs_through_its_subject(self, store: Store, *, rating_first: bool) -> None:
        """Whichever of the two arrives first."""
        both = [told("solved", subject="t-1"), told("rated", type=RATED, actor=None, subject="t-1")]
        for record in reversed(both) if rating_first else both:
            put(store, record)
        with store.reading() as view:
            found = view.owned([ANA.id], [RATED], [SOLVED])
        assert found == [Owned(both[1].event, ANA.id, frozenset({SOLVED}))]

    def test_it_belongs_to_everybody_who_worked_on_the_subject(self, store: Store) -> None:
        """Each through all types of their own events there."""
        put(
            store,
            told("rated", type=RATED, actor=None, subject="t-1"),
            told("a1", subject="t-1"),
            told("a2", subject="t-1", type="ticket.answered"),
            told("a3", subject="t-1", type="ticket.answered"),
            told("b", subject="t-1", actor=BEN.id),
            told("elsewhere", subject="t-2", actor="cleo@example.com"),
        )
        assert owners(store, "rated") == {ANA.id: {SOLVED, "ticket.answered"}, BEN.id: {SOLVED}}
        assert owners(store, "rated", through=("ticket.answered",)) == {ANA.id: {SOLVED, "ticket.answered"}}
        assert owners(store, "rated", through=()) == {}

    def test_it_belongs_to_nobody_without_a_subject_or_anybody_on_it(self, store: Store) -> None:
        """Other events without actor tie nobody either."""
        put(
            store, told("bare", actor=None), told("lone", actor=None, subject="t"), told("two", actor=None, subject="t")
        )
        with store.reading() as view:
            assert view.owned(None, [SOLVED], [SOLVED]) == []

    def test_a_reassigned_event_takes_others_with_it(self, store: Store) -> None:
        """A revision with another actor moves what rests on the subject."""
        put(store, told(subject="t-1"), told("rated", type=RATED, actor=None, subject="t-1"))
        put(store, told(revision=2, subject="t-1", actor=BEN.id))
        assert owners(store, "rated") == {BEN.id: {SOLVED}}
        assert owners(store, "zd-1") == {BEN.id: {SOLVED}}

    def test_an_actor_keeps_a_tie_that_another_event_gives_too(self, store: Store) -> None:
        """Only the last event of a type unties."""
        put(store, told("a", subject="t"), told("b", subject="t"), told("rated", type=RATED, actor=None, subject="t"))
        put(store, told("a", subject="t", revision=2, voided_at=NOON))
        assert owners(store, "rated") == {ANA.id: {SOLVED}}
        put(store, told("b", subject="t", revision=2, too_late=True))
        assert owners(store, "rated") == {}

    def test_a_voided_event_ties_again_when_it_is_told_again(self, store: Store) -> None:
        """Taking back is not for ever."""
        put(store, told(subject="t"), told("rated", type=RATED, actor=None, subject="t"))
        put(store, told(subject="t", voided_at=NOON))
        assert owners(store, "rated") == {}
        put(store, told(subject="t", revision=2))
        assert owners(store, "rated") == {ANA.id: {SOLVED}}

    def test_an_event_may_lose_and_gain_its_actor(self, store: Store) -> None:
        """Unassigned and assigned again."""
        put(store, told("a", subject="t"), told("b", subject="t", actor=BEN.id, type=RATED))
        put(store, told("a", subject="t", actor=None, revision=2))
        assert owners(store, "a", through=(RATED,)) == {BEN.id: {RATED}}
        put(store, told("a", subject="t", revision=3))
        assert owners(store, "a") == {ANA.id: {SOLVED}}

    def test_a_corrected_moment_moves_the_event(self, store: Store) -> None:
        """For everybody it belongs to."""
        put(store, told(subject="t"), told("rated", type=RATED, actor=None, subject="t"))
        put(store, told("rated", type=RATED, actor=None, subject="t", revision=2, occurred_at=hours(5)))
        with store.reading() as view:
            assert view.owned([ANA.id], [RATED], [SOLVED], last=hours(4)) == []
            assert ids(view.owned([ANA.id], [RATED], [SOLVED], first=hours(5))) == [("rated", ANA.id)]

    def test_both_ends_of_the_span_are_included(self, store: Store) -> None:
        """And a microsecond beyond is not."""
        put(store, *(told(f"e{number}", occurred_at=hours(number)) for number in range(5)))
        with store.reading() as view:
            found = view.owned([ANA.id], [SOLVED], [], first=hours(1), last=hours(3))
            assert [owned.event.id for owned in found] == ["e1", "e2", "e3"]
            assert len(view.owned([ANA.id], [SOLVED], [], first=hours(3))) == 2
            assert len(view.owned([ANA.id], [SOLVED], [], last=hours(2.9999))) == 3

    def test_the_order_is_time_then_id_then_actor(self, store: Store) -> None:
        """For several actors and types at once, and for anybody."""
        put(
            store,
            told("b", actor=BEN.id, subject="t"),
            told("a", subject="t"),
            told("r2", type=RATED, actor=None, subject="t"),
            told("r1", type=RATED, actor=None, subject="t", occurred_at=hours(-1)),
        )
        order = [("r1", ANA.id), ("r1", BEN.id), ("a", ANA.id), ("b", BEN.id), ("r2", ANA.id), ("r2", BEN.id)]
        with store.reading() as view:
            assert ids(view.owned([BEN.id, ANA.id], [SOLVED, RATED], [SOLVED])) == order
            assert ids(view.owned(None, [RATED, SOLVED], [SOLVED])) == order

    def test_nothing_belongs_to_nobody_and_of_no_types(self, store: Store) -> None:
        """Empty lists ask for nothing."""
        put(store, told())
        with store.reading() as view:
            assert view.owned([], [SOLVED], [SOLVED]) == []
            assert view.owned([ANA.id], [], [SOLVED]) == []
            assert view.owned(None, [], [SOLVED]) == []

    def test_hundreds_of_actors_can_be_asked_for_at_once(self, store: Store) -> None:
        """A big team."""
        actors = [f"a{number:04}" for number in range(1_500)]
        put(store, *(told(f"e-{actor}", actor=actor) for actor in actors))
        with store.reading() as view:
            assert ids(view.owned(actors, [SOLVED], [])) == [(f"e-{actor}", actor) for actor in actors]

    def test_a_subject_with_many_events_stays_usable(self, store: Store) -> None:
        """One subject for everything, as a careless flow may send, is not squared."""
        own = [told(f"o{number}", subject="t", actor=f"a{number % 3}") for number in range(1_000)]
        loose = [told(f"l{number}", type=RATED, actor=None, subject="t") for number in range(1_000)]
        put(store, *own, *loose)
        with store.reading() as view:
            assert len(view.owned(["a1"], [RATED], [SOLVED])) == 1_000

    @pytest.mark.parametrize("seed", range(6))
    def test_whatever_happens_the_definition_holds(self, store: Store, seed: int) -> None:
        """Random tellings, revisions and voids, compared with the definition after each."""
        chance = random.Random(seed)  # noqa: S311  (no secret)
        known: dict[str, EventRecord] = {}
        with store.transaction() as change:
            for revision in range(1, 151):
                record = _anything(chance, revision)
                known[record.event.id] = record
                change.put_event(record)
                _compare(change, known)
        with store.reading() as view:
            _compare(view, known)
        assert store.check() is None


def _anything(chance: random.Random, revision: int) -> EventRecord:
    return told(
        f"e{chance.randrange(9)}",
        revision=revision,
        type=chance.choice(TYPES),
        actor=chance.choice([None, None, ANA.id, BEN.id]),
        subject=chance.choice([None, "t-1", "t-1", "t-2"]),
        occurred_at=hours(chance.randrange(3)),
        voided_at=chance.choice([None, None, None, NOON]),
        too_late=chance.random() < 0.1,
    )


def _compare(view: Reading, known: Told) -> None:
    people = {ANA.id, BEN.id}
    assert view.owned(None, TYPES, TYPES) == owned_by_definition(known, people, TYPES)
    assert view.owned([ANA.id], [RATED], TYPES) == owned_by_definition(known, [ANA.id], [RATED])
    through_solved = [owned for owned in owned_by_definition(known, people, TYPES) if _is_tied(owned, SOLVED)]
    assert view.owned(people, TYPES, [SOLVED]) == through_solved
    counting: list[Event] = [record.event for record in known.values() if record.counts]
    assert sum(view.event_types().values()) == len(counting)


def _is_tied(owned: Owned, kind: str) -> bool:
    return owned.event.actor is not None or kind in owned.through
