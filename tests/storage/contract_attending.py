"""What every store promises about reviews, what people look at, streaks under watch, chores and signing keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from milepost.storage.errors import StoreConflict
from milepost.storage.outbox import AttentionRecord, ReviewRecord, ReviewState, StreakWatchRecord, ViewRecord
from tests.storage.examples import ANA, BEN, NOON, SUPPORT, award, hours
from tests.storage.examples_telling import message, review, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from milepost.storage.base import Store

WAITING, ASKED, DECIDED = ReviewState.WAITING, ReviewState.ASKED, ReviewState.DECIDED
MONDAY = date(2026, 3, 2)


def put_reviews(store: Store, reviews: Sequence[ReviewRecord]) -> None:
    """Put reviews, with the awards they are of."""
    with store.transaction() as change:
        for one in reviews:
            change.put_award(award(one.award_id), None)
            change.put_review(one)


class ReviewPromises:
    """Reviews come back as they were put, those first that expire first."""

    def test_a_review_comes_back_as_it_was_put(self, store: Store, reopen: Callable[[], Store]) -> None:
        """With everything in it or almost nothing, after a restart; put again it is replaced."""
        words = {"question": "Which one?", "asked": ANA.id, "answer": 'The "first" 🎉', "delegated_by": "boss@x.org"}
        full = review(
            "aw_2", holder=SUPPORT, reviewer=BEN.id, state=ASKED, escalated_at=hours(1), closed_at=hours(2), **words
        )
        put_reviews(store, [review(state=DECIDED), full, review()])
        with reopen().reading() as view:
            assert [view.review("aw_1"), view.review("aw_2"), view.review("aw_3")] == [review(), full, None]

    def test_a_review_of_no_award_is_refused(self, store: Store) -> None:
        """There would be nothing to decide."""
        with pytest.raises(StoreConflict), store.transaction() as change:
            change.put_review(review())

    def test_reviews_are_found_by_state_reviewer_and_moment(self, store: Store) -> None:
        """By expires_at, then award; the moment is included, and no state means no review."""
        chosen = [
            (WAITING, None, 3),
            (ASKED, BEN.id, 1),
            (DECIDED, BEN.id, 0),
            (WAITING, BEN.id, 2),
            (WAITING, None, 2),
        ]
        put_reviews(
            store,
            [
                review(f"aw_{number}", state=state, reviewer=reviewer, expires_at=hours(by))
                for number, (state, reviewer, by) in enumerate(chosen)
            ],
        )
        with store.reading() as view:
            assert [one.award_id for one in view.reviews([WAITING])] == ["aw_3", "aw_4", "aw_0"]
            assert [one.award_id for one in view.reviews([WAITING, ASKED], reviewer=BEN.id)] == ["aw_1", "aw_3"]
            assert [one.award_id for one in view.reviews([WAITING], expires_by=hours(2))] == ["aw_3", "aw_4"]
            assert [one.award_id for one in view.reviews([DECIDED], expires_by=hours(0))] == ["aw_2"]
            assert view.reviews([]) == view.reviews([DECIDED], expires_by=hours(-1)) == []

    def test_pages_of_reviews_meet_without_gap_or_overlap(self, store: Store) -> None:
        """Also between those that expire together."""
        put_reviews(store, [review(f"aw_{number}", expires_at=hours(number // 4)) for number in range(9)])
        found: list[ReviewRecord] = []
        with store.reading() as view:
            while page := view.reviews(
                [WAITING], after=(found[-1].expires_at, found[-1].award_id) if found else None, limit=2
            ):
                found += page
        assert [one.award_id for one in found] == [f"aw_{number}" for number in range(9)]


class AttentionPromises:
    """What was opened, followed and looked at is counted, and nothing of it lost."""

    def test_attention_comes_back_by_message_and_act(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Of those messages that were asked for; put again it is replaced."""
        opened, more = (
            AttentionRecord("msg_1", "opened", NOON, NOON),
            AttentionRecord("msg_1", "opened", NOON, hours(1), 2),
        )
        clicked, other = (AttentionRecord(name, "clicked", NOON, NOON) for name in ("msg_1", "msg_2"))
        with store.transaction() as change:
            for name in ("msg_1", "msg_2"):
                change.put_message(message(name))
            for one in (opened, other, clicked, more):
                change.put_attention(one)
        with reopen().reading() as view:
            assert view.attention(["msg_2", "msg_1", "msg_3"]) == [clicked, more, other]
            assert view.attention(["msg_2"]) == [other]
            assert view.attention([]) == []

    def test_attention_to_no_message_is_refused(self, store: Store) -> None:
        """It would be nobody's."""
        with pytest.raises(StoreConflict), store.transaction() as change:
            change.put_attention(AttentionRecord("msg_1", "opened", NOON, NOON))

    def test_looks_are_counted_by_person_day_and_viewer(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Both ends of the days are included."""
        with store.transaction() as change:
            for actor, day, viewer in ((BEN, 0, "self"), (ANA, 0, "self"), (ANA, 0, "self"), (ANA, 0, "other")):
                change.count_view(actor.id, MONDAY + timedelta(days=day), viewer)
            for day in (-1, 1, 2):
                change.count_view(ANA.id, MONDAY + timedelta(days=day), "self")
        with reopen().reading() as view:
            assert view.views(first=MONDAY, last=MONDAY + timedelta(days=1)) == [
                ViewRecord(ANA.id, MONDAY, "other", 1),
                ViewRecord(ANA.id, MONDAY, "self", 2),
                ViewRecord(ANA.id, MONDAY + timedelta(days=1), "self", 1),
                ViewRecord(BEN.id, MONDAY, "self", 1),
            ]
            assert view.views(first=MONDAY, last=MONDAY - timedelta(days=1)) == []

    def test_no_look_is_lost_whoever_counts_at_the_same_time(self, store: Store) -> None:
        """Without asking for a lock."""

        def count(_: int) -> None:
            with store.transaction() as change:
                change.count_view(ANA.id, MONDAY, "other")

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(count, range(40)))
        with store.reading() as view:
            assert view.views(first=MONDAY, last=MONDAY) == [ViewRecord(ANA.id, MONDAY, "other", 40)]

    def test_old_looks_are_forgotten(self, store: Store) -> None:
        """Those from before the day, and no others."""
        with store.transaction() as change:
            for day in (0, 1, 2):
                change.count_view(ANA.id, MONDAY + timedelta(days=day), "self")
            change.drop_views(before=MONDAY + timedelta(days=1))
            left = change.views(first=MONDAY, last=MONDAY + timedelta(days=9))
        assert [one.day for one in left] == [MONDAY + timedelta(days=day) for day in (1, 2)]


class WatchPromises:
    """Streaks are looked at when it is time, chores done once, and links signed with one key."""

    def test_a_streak_watch_comes_back_as_it_was_put(self, store: Store, reopen: Callable[[], Store]) -> None:
        """One for each achievement and holder; put again it is replaced."""
        ended = watch(look_at=None, state="ended", length=0, period="2026-03-02")
        with store.transaction() as change:
            for one in (watch(), watch(holder=SUPPORT), ended):
                change.put_streak_watch(one)
        with reopen().reading() as view:
            assert view.streak_watch("tidy", ANA) == ended
            assert view.streak_watch("tidy", SUPPORT) == watch(holder=SUPPORT)
            assert view.streak_watch("clean-close", ANA) is None

    def test_streaks_to_look_at_come_the_oldest_first(self, store: Store) -> None:
        """At that very moment too; then by achievement and holder, so many at a time."""
        with store.transaction() as change:
            for key, holder, look_at in (
                *(("tidy", SUPPORT, NOON), ("tidy", ANA, NOON), ("clean", BEN, NOON)),
                *(("late", ANA, hours(1)), ("first", ANA, hours(-1)), ("never", ANA, None)),
            ):
                change.put_streak_watch(watch(key, holder=holder, look_at=look_at))

            def found(limit: int) -> list[StreakWatchRecord]:
                return change.streak_watches(by=NOON, limit=limit)

            keys = [(one.achievement, one.holder) for one in found(9)]
            assert keys == [("first", ANA), ("clean", BEN), ("tidy", ANA), ("tidy", SUPPORT)]
            assert [one.achievement for one in found(2)] == ["first", "clean"]

    def test_a_chore_was_done_when_it_was_done_last(self, store: Store, reopen: Callable[[], Store]) -> None:
        """None: never."""
        with store.transaction() as change:
            change.put_chore("weekly", NOON)
            change.put_chore("weekly", hours(1))
        with reopen().reading() as view:
            assert (view.chore_done_at("weekly"), view.chore_done_at("daily")) == (hours(1), None)

    def test_the_first_signing_key_stays_whoever_brings_another(
        self, store: Store, reopen: Callable[[], Store]
    ) -> None:
        """All who make one at the same moment go on with the same."""

        def make(number: int) -> str | None:
            with store.transaction() as change:
                change.put_signing_key("links", f"secret-{number}")
                return change.signing_key("links")

        with ThreadPoolExecutor(8) as threads:
            made = set(threads.map(make, range(16)))
        with reopen().reading() as view:
            assert {view.signing_key("links")} == made
            assert view.signing_key("pixels") is None
