"""What every store promises about events and their revisions."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from milepost.schemas.words import LONGEST_WORD
from milepost.storage.errors import NotStorable, StoreConflict
from tests.storage.examples import NOON, hours, put, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from milepost.storage.base import Store

HOSTILE = [
    'it\'s "quoted" \\ and `ticked`',
    "'; DROP TABLE events; --",
    "100%_done [a-z]* ? :id @name $1",
    "👩🏽‍🚒🏳️‍🌈 zälgo h̸̢͝e̵",
    "\u202eright to left \u200f שלום مرحبا",
    "line\nbreak\r\n\ttab \u2028 \x1f \x7f",
    "<script>alert(1)</script> {{ 7*7 }} =1+1",
    "\ufeff\ufffd\uffff\U0010ffff",
    "x" * 2_000,
]


class EventPromises:
    """Events come back as they were told, with their history."""

    def test_an_event_comes_back_as_it_was_told(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Every field survives a restart, microseconds included."""
        record = told(
            subject="ticket-1",
            properties={"csat": "4.5", "n": 3, "deep": [{"a": None, "b": [True, 1.5, -0.0]}], "": "", "ü": "é"},
            revised_at=NOON + timedelta(microseconds=123456),
            received_at=NOON + timedelta(microseconds=1),
            answer='{"outcome": "counted"}',
            told_by="key-1",
        )
        put(store, record)
        with reopen().reading() as view:
            assert view.event("zd-1") == record

    def test_an_event_with_nothing_but_the_necessary_comes_back(self, store: Store) -> None:
        """What was not given is still not given."""
        record = told(actor=None)
        put(store, record)
        with store.reading() as view:
            assert view.event("zd-1") == record

    def test_an_unknown_event_is_none(self, store: Store) -> None:
        """Asking for what is not there is no error."""
        with store.reading() as view:
            assert view.event("nobody-told") is None
            assert view.revisions("nobody-told") == []

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_text_from_outside_is_only_text(self, store: Store, text: str) -> None:
        """Whatever a text holds, it comes back and is found by it."""
        record = told(text, type=text, actor=text, subject=text, properties={text: text}, answer=text, told_by=text)
        put(store, told(), record)
        with store.reading() as view:
            assert view.event(text) == record
            assert [owned.event for owned in view.owned([text], [text], [text])] == [record.event]
            assert view.on_subjects([text], [text]) == [record.event]

    def test_names_as_long_as_the_doors_let_in_and_long_contents_are_kept(self, store: Store) -> None:
        """Also in a store whose indexes take no long entries: every character is another one, of four bytes."""
        word = "".join(map(chr, range(0x1F300, 0x1F300 + LONGEST_WORD)))
        record = told(word, actor=word, subject=word[::-1], properties={"note": "x" * 200_000}, answer="y" * 200_000)
        with store.transaction() as change:
            change.put_event(record)
            change.put_answer(f"settings PUT /v1/actors/{word}", "k" * 255, "f", "z" * 200_000, NOON)
        with store.reading() as view:
            assert [owned.event for owned in view.owned([word], ["ticket.solved"], [])] == [record.event]
            assert view.on_subjects([word[::-1]]) == [record.event]

    @pytest.mark.parametrize("field", ["event_id", "actor", "subject", "type", "answer"])
    def test_half_a_character_is_refused_and_leaves_nothing(self, store: Store, field: str) -> None:
        """A lone surrogate cannot be written as UTF-8, so nothing of its transaction is kept."""
        fields: dict[str, Any] = {"event_id": "zd-2", field: "half \ud83d"}
        broken = told(**fields)
        with pytest.raises(NotStorable):
            put(store, told("zd-1"), broken)
        with store.reading() as view:
            assert list(view.events()) == []

    def test_half_a_character_in_a_property_is_refused(self, store: Store) -> None:
        """The same holds inside properties."""
        with pytest.raises(NotStorable):
            put(store, told(properties={"note": ["\udc00"]}))

    def test_a_moment_without_zone_is_refused(self, store: Store) -> None:
        """A naive moment would be read as somebody's local time."""
        with pytest.raises(NotStorable):
            put(store, told(occurred_at=datetime(2026, 3, 2)))  # noqa: DTZ001  (the point of the test)

    def test_moments_of_any_zone_are_the_same_moment_in_utc(self, store: Store) -> None:
        """Zones do not matter for order or equality."""
        tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
        put(store, told(occurred_at=tokyo))
        with store.reading() as view:
            record = view.event("zd-1")
            assert record is not None
            assert record.event.occurred_at == NOON
            assert record.event.occurred_at.tzinfo == UTC
            assert len(view.owned(None, ["ticket.solved"], [], first=NOON, last=NOON)) == 1

    def test_the_newest_telling_counts_and_the_older_ones_stay(self, store: Store) -> None:
        """A revision takes the place of what was told before."""
        first = told(revision=1, answer="one")
        second = told(revision=2, properties={"csat": 5}, fingerprint="f2")
        put(store, first)
        put(store, second)
        with store.reading() as view:
            assert view.event("zd-1") == second
            assert view.revisions("zd-1") == [first, second]

    def test_a_telling_with_the_same_revision_is_replaced(self, store: Store) -> None:
        """The answer is filled in after judging."""
        put(store, told(answer=None))
        put(store, told(answer="done"))
        with store.reading() as view:
            assert view.revisions("zd-1") == [told(answer="done")]

    def test_a_stale_revision_goes_to_the_history_only(self, store: Store) -> None:
        """What was told late but changed earlier at its source does not count."""
        counting = told(revision=1, revised_at=hours(2))
        stale = told(revision=2, revised_at=hours(1), properties={"csat": 1})
        put(store, counting)
        with store.transaction() as change:
            change.put_stale_revision(stale)
        with store.reading() as view:
            assert view.event("zd-1") == counting
            assert view.revisions("zd-1") == [counting, stale]
            assert [owned.event for owned in view.owned(None, ["ticket.solved"], [])] == [counting.event]

    def test_a_stale_revision_is_replaced_by_the_same_revision(self, store: Store) -> None:
        """Its answer, too, is filled in later."""
        put(store, told(revision=1))
        with store.transaction() as change:
            change.put_stale_revision(told(revision=2))
            change.put_stale_revision(told(revision=2, answer="stale"))
        with store.reading() as view:
            assert view.revisions("zd-1") == [told(revision=1), told(revision=2, answer="stale")]

    @pytest.mark.parametrize("known", [True, False])
    def test_a_stale_revision_needs_a_counting_one_of_another_number(self, store: Store, *, known: bool) -> None:
        """Otherwise it would be unclear which of two counts."""
        if known:
            put(store, told(revision=1))
        with pytest.raises(StoreConflict), store.transaction() as change:
            change.put_stale_revision(told(revision=1, properties={"csat": 1}))

    def test_an_older_revision_can_be_made_the_counting_one_again(self, store: Store) -> None:
        """Each number is in the history once."""
        put(store, told(revision=1), told(revision=2), told(revision=1, properties={"again": True}))
        with store.reading() as view:
            assert view.event("zd-1") == told(revision=1, properties={"again": True})
            assert view.revisions("zd-1") == [told(revision=1, properties={"again": True}), told(revision=2)]

    def test_voided_and_too_late_events_are_kept_but_do_not_count(self, store: Store) -> None:
        """They can be asked for by id, and nowhere else."""
        put(store, told("void", voided_at=NOON, subject="t"), told("late", too_late=True, subject="t"))
        with store.reading() as view:
            assert view.event("void") == told("void", voided_at=NOON, subject="t")
            assert view.event("late") == told("late", too_late=True, subject="t")
            assert view.owned(None, ["ticket.solved"], []) == []
            assert view.on_subjects(["t"]) == []
            assert view.event_types() == {"ticket.solved": 0}

    def test_events_are_given_by_id_in_pages(self, store: Store) -> None:
        """Each page goes on after the last id of the one before."""
        records = [told(f"e{number:04}") for number in range(1_203)]
        put(store, *reversed(records))
        with store.reading() as view:
            assert list(view.events()) == records
            assert list(view.events(after="e0003", limit=2)) == records[4:6]
            assert list(view.events(after="e0001", limit=700)) == records[2:702]
            assert list(view.events(after="e1202")) == []
            assert list(view.events(limit=0)) == []

    def test_ids_sort_by_code_point(self, store: Store) -> None:
        """The order is Python's, whatever the database's locale."""
        ids = ["É", "Z", "a", "é", "\uffff", "😀", "A", "_"]
        put(store, *(told(event_id) for event_id in ids))
        with store.reading() as view:
            assert [record.event.id for record in view.events()] == sorted(ids)

    def test_all_events_can_be_revised_while_going_through_them(self, store: Store) -> None:
        """A rebuild does so; each is met once."""
        put(store, *(told(f"e{number:04}") for number in range(600)))
        with store.transaction() as change:
            for record in change.events():
                change.put_event(dataclasses.replace(record, revision=2))
        with store.reading() as view:
            assert [record.revision for record in view.events()] == [2] * 600

    def test_on_subjects_gives_what_happened_to_them_whoever_did_it(self, store: Store) -> None:
        """By time, then id; types narrow it down."""
        put(
            store,
            told("b", subject="t-1", occurred_at=hours(1)),
            told("a", subject="t-1", occurred_at=hours(1), type="ticket.reopened", actor=None),
            told("c", subject="t-2", occurred_at=hours(0), actor="ben@example.com"),
            told("d", subject="t-3"),
            told("e"),
        )
        with store.reading() as view:
            assert [event.id for event in view.on_subjects(["t-1", "t-2"])] == ["c", "a", "b"]
            assert [event.id for event in view.on_subjects(["t-2", "t-1"], ["ticket.solved"])] == ["c", "b"]
            assert view.on_subjects([]) == []
            assert view.on_subjects(["t-1"], []) == []

    def test_thousands_of_subjects_can_be_asked_for_at_once(self, store: Store) -> None:
        """No limit on the length of a list is met."""
        subjects = [f"t-{number}" for number in range(40_000)]
        put(store, told("a", subject="t-39999"), told("b", subject="other"))
        with store.reading() as view:
            assert [event.id for event in view.on_subjects(subjects)] == ["a"]

    def test_event_types_are_counted(self, store: Store) -> None:
        """Only counting events add to the number; a type once told stays listed."""
        put(store, told("a"), told("b"), told("c", type="ticket.rated", actor=None))
        put(store, told("c", type="ticket.rated", actor=None, voided_at=NOON, revision=2))
        with store.reading() as view:
            assert view.event_types() == {"ticket.solved": 2, "ticket.rated": 0}
