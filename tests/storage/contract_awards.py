"""What every store promises about earnings, awards and what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from milepost.engine.people import Holder, HolderKind
from milepost.storage.records import AwardQuery, AwardSource, AwardStatus
from tests.storage.examples import ANA, BEN, NOON, SUPPORT, award, earning, hours, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from milepost.storage.base import Store
    from milepost.storage.records import AwardRecord


class AwardPromises:
    """What was earned comes back as it was put, in a fixed order."""

    def test_an_award_comes_back_as_it_was_put(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Every field survives a restart."""
        full = award(
            tier="Gold",
            status=AwardStatus.IN_REVIEW,
            rule_version=None,
            evidence=(),
            source=AwardSource.HAND,
            message="Well done",
            next_step="Go on",
            decision="approved",
            decided_by="ben",
            note="seen",
        )
        with store.transaction() as change:
            change.put_award(full, step())
            change.put_award(award("aw_2"), None)
        with reopen().reading() as view:
            assert view.award("aw_1") == full
            assert view.award("aw_2") == award("aw_2")
            assert view.award("aw_3") is None

    def test_an_awards_history_grows_and_the_award_is_replaced(self, store: Store) -> None:
        """Oldest step first, in the order in which they were noted."""
        steps = [step(), step(change="revoked", at=hours(2), cause=None), step(change="restored", at=hours(1))]
        with store.transaction() as change:
            change.put_award(award(), steps[0])
            change.put_award(award("aw_2"), step("aw_2"))
            change.put_award(award(status=AwardStatus.REVOKED), steps[1])
            change.put_award(award(), steps[2])
            change.put_award(award(note="only a note"), None)
        with store.reading() as view:
            assert view.award("aw_1") == award(note="only a note")
            assert view.award_changes("aw_1") == steps
            assert view.award_changes("aw_3") == []

    def test_awards_of_a_holder_are_given_by_moment_and_id(self, store: Store) -> None:
        """For one achievement or for all, whatever their status."""
        late = award("aw_1", earned_at=hours(1), status=AwardStatus.REVOKED)
        second, first = award("aw_3"), award("aw_2")
        other = award("aw_4", achievement="tidy")
        with store.transaction() as change:
            for one in (late, second, first, other, award("aw_5", holder=BEN)):
                change.put_award(one, None)
        with store.reading() as view:
            assert view.awards_of("clean-close", ANA) == [first, second, late]
            assert view.awards_of(None, ANA) == [first, second, other, late]
            assert view.awards_of("clean-close", SUPPORT) == []

    def test_an_actor_and_a_team_of_the_same_name_are_two_holders(self, store: Store) -> None:
        """The kind is part of who it is."""
        with store.transaction() as change:
            change.put_award(award("aw_1", holder=SUPPORT), None)
            change.replace_earnings("clean-close", SUPPORT, None, [earning(holder=SUPPORT)])
            change.set_due("clean-close", SUPPORT, "ever", NOON)
        with store.reading() as view:
            actor = Holder(HolderKind.ACTOR, SUPPORT.id)
            assert (view.awards_of(None, actor), view.earnings("clean-close", actor), view.points(actor)) == ([], [], 0)
            assert view.points(SUPPORT) == 5

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (AwardQuery(), "12345"),
            (AwardQuery(limit=2), "12"),
            (AwardQuery(limit=2, after="aw_2"), "34"),
            (AwardQuery(after="aw_5"), ""),
            (AwardQuery(holder=ANA), "1245"),
            (AwardQuery(holder=ANA, after="aw_2", limit=1), "4"),
            (AwardQuery(achievement="tidy"), "34"),
            (AwardQuery(status=AwardStatus.REVOKED), "2"),
            (AwardQuery(holder=ANA, status=AwardStatus.GRANTED), "145"),
            (AwardQuery(since=hours(1)), "45"),
            (AwardQuery(holder=ANA, achievement="tidy", status=AwardStatus.GRANTED, since=hours(1)), "4"),
            (AwardQuery(holder=BEN, achievement="clean-close"), ""),
        ],
    )
    def test_a_query_gives_a_page_by_id(self, store: Store, query: AwardQuery, found: str) -> None:
        """All parts of a query must fit; *since* looks at ``earned_at`` and includes it."""
        kept = [
            award("aw_1"),
            award("aw_2", status=AwardStatus.REVOKED),
            award("aw_3", holder=BEN, achievement="tidy"),
            award("aw_4", achievement="tidy", earned_at=hours(1)),
            award("aw_5", earned_at=hours(2)),
        ]
        self._keep(store, kept)
        with store.reading() as view:
            assert view.awards(query) == [one for one in kept if one.id[-1] in found]

    def test_points_are_those_of_the_granted_awards(self, store: Store) -> None:
        """Nothing else counts."""
        self._keep(
            store,
            [
                award("aw_1", points=5),
                award("aw_2", points=7, achievement="tidy"),
                award("aw_3", points=100, status=AwardStatus.IN_REVIEW),
                award("aw_4", points=100, status=AwardStatus.REVOKED),
                award("aw_5", points=100, status=AwardStatus.REJECTED),
                award("aw_6", points=100, holder=BEN),
            ],
        )
        with store.reading() as view:
            assert view.points(ANA) == 12
            assert view.points(SUPPORT) == 0

    def test_holders_are_those_with_an_earning_or_an_award(self, store: Store) -> None:
        """Each once, by kind and id."""
        with store.transaction() as change:
            change.put_award(award(holder=BEN), None)
            change.put_award(award("aw_2", holder=ANA, status=AwardStatus.REVOKED), None)
            change.replace_earnings("clean-close", ANA, None, [earning()])
            change.replace_earnings("clean-close", SUPPORT, None, [earning(holder=SUPPORT)])
        with store.reading() as view:
            assert view.holders("clean-close") == [ANA, BEN, SUPPORT]
            assert view.holders("tidy") == []

    def test_earnings_come_back_by_moment_window_and_ordinal(self, store: Store) -> None:
        """With all their fields."""
        kept = [
            earning("2026-W11", 1, earned_at=hours(-1), tier="Bronze", evidence=("b", "a"), value=0.95, target=0.9),
            earning("2026-W09", 2, evidence=()),
            earning("2026-W10", 1),
            earning("2026-W10", 2, rule_version=7),
        ]
        with store.transaction() as change:
            change.replace_earnings("clean-close", ANA, None, [kept[3], kept[1], kept[0], kept[2]])
        with store.reading() as view:
            assert view.earnings("clean-close", ANA) == kept

    def test_earnings_are_replaced_in_the_windows_named(self, store: Store) -> None:
        """Others stay; None replaces all; no window replaces none."""
        w9, w10, again = earning("2026-W09"), earning("2026-W10"), earning("2026-W10", 1, value=6.0)
        with store.transaction() as change:
            change.replace_earnings("clean-close", ANA, None, [w9, w10])
            change.replace_earnings("clean-close", BEN, None, [earning(holder=BEN)])
            change.replace_earnings("clean-close", ANA, [], [])
            assert change.earnings("clean-close", ANA) == [w9, w10]
            change.replace_earnings("clean-close", ANA, ["2026-W10", "2026-W11"], [again])
            assert change.earnings("clean-close", ANA) == [w9, again]
            change.replace_earnings("clean-close", ANA, None, [])
            assert change.earnings("clean-close", ANA) == []
            assert change.earnings("clean-close", BEN) == [earning(holder=BEN)]

    def test_what_is_due_is_given_oldest_first(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Each achievement, holder and window is due once; the moment asked for is included."""
        with store.transaction() as change:
            change.set_due("tidy", ANA, "2026-W10", hours(3))
            change.set_due("tidy", ANA, "2026-W10", hours(2))
            change.set_due("clean", BEN, "ever", hours(1))
            change.set_due("clean", SUPPORT, "ever", hours(2.5))
            change.set_due("clean", ANA, "2026-W11", hours(2))
            change.set_due("clean", ANA, "2026-W10", hours(2))
        with reopen().reading() as view:
            assert view.due(by=hours(2)) == [
                ("clean", BEN, "ever", hours(1)),
                ("clean", ANA, "2026-W10", hours(2)),
                ("clean", ANA, "2026-W11", hours(2)),
                ("tidy", ANA, "2026-W10", hours(2)),
            ]
            assert view.due(by=hours(9), limit=1) == [("clean", BEN, "ever", hours(1))]
            assert view.due(by=NOON) == []

    def test_what_is_no_longer_due_is_forgotten(self, store: Store) -> None:
        """One window at a time; also what never was due."""
        with store.transaction() as change:
            for window in ("2026-W10", "2026-W11", "2026-W12"):
                change.set_due("tidy", ANA, window, hours(1))
            change.set_due("tidy", BEN, "2026-W10", hours(1))
            change.set_due("tidy", ANA, "2026-W11", None)
            change.set_due("tidy", ANA, "2026-W99", None)
            assert [due[1:3] for due in change.due(by=hours(9))] == [
                (ANA, "2026-W10"),
                (ANA, "2026-W12"),
                (BEN, "2026-W10"),
            ]
            change.set_due("tidy", ANA, "2026-W10", None)
            change.set_due("tidy", ANA, "2026-W12", None)
            assert change.due(by=hours(9)) == [("tidy", BEN, "2026-W10", hours(1))]

    def test_earnings_in_some_windows_are_given_under_all_rules(self, store: Store) -> None:
        """Not those in other windows or of other holders."""
        tidy, clean = earning(achievement="tidy", window="2026-W10"), earning(window="2026-W11")
        with store.transaction() as change:
            change.replace_earnings("tidy", ANA, None, [tidy, earning(achievement="tidy", window="2026-W12")])
            change.replace_earnings("clean-close", ANA, None, [clean])
            change.replace_earnings("clean-close", BEN, None, [earning(holder=BEN, window="2026-W10")])
            assert set(change.earnings_in(["2026-W10", "2026-W11"], ANA)) == {tidy, clean}
            assert change.earnings_in([], ANA) == []

    def test_it_is_said_which_awards_are_granted(self, store: Store) -> None:
        """Not those that were taken back, nor those nobody has."""
        self._keep(store, [award("aw_1"), award("aw_2", status=AwardStatus.REVOKED), award("aw_3")])
        with store.reading() as view:
            assert view.granted(["aw_1", "aw_2", "aw_9"]) == {"aw_1"}
            assert view.granted([]) == set()

    def test_a_holders_dues_are_given_by_achievement_and_window(self, store: Store) -> None:
        """Those of others are not among them."""
        with store.transaction() as change:
            change.set_due("tidy", ANA, "2026-W10", hours(1))
            change.set_due("quick", ANA, "ever", hours(2))
            change.set_due("tidy", BEN, "2026-W10", hours(3))
        with store.reading() as view:
            assert view.dues(ANA) == {("tidy", "2026-W10"): hours(1), ("quick", "ever"): hours(2)}

    @staticmethod
    def _keep(store: Store, awards: list[AwardRecord]) -> None:
        with store.transaction() as change:
            for one in awards:
                change.put_award(one, None)
