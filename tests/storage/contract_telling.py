"""What every store promises about news, what is owed of it to whom, and messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Audience, NewsKind, Timing
from milepost.storage.outbox import AttentionRecord, DeliveryStatus, MessageForm
from tests.storage.examples import ANA, BEN, NOON, SUPPORT, hours
from tests.storage.examples_telling import attempt, delivery, message, news, owed, place, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from milepost.storage.base import Store

AWARDED, REVOKED = NewsKind.AWARDED, NewsKind.REVOKED
#: The team and the person have the same id.
NAMESAKE = Holder(HolderKind.TEAM, ANA.id)


class NewsPromises:
    """News comes back as it was put, the newest first, and is handed out oldest first."""

    def test_news_comes_back_as_it_was_put(self, store: Store, reopen: Callable[[], Store]) -> None:
        """With everything in it or almost nothing, after a restart; put again it is replaced."""
        bare = news("nw_2", holder=None, achievement=None, award_id=None, document={})
        with store.transaction() as change:
            for one in (news(at=hours(5)), bare, news(handed_at=hours(1))):
                change.put_news(one)
        with reopen().reading() as view:
            assert view.news("nw_1") == news(handed_at=hours(1))
            assert view.news("nw_2") == bare
            assert view.news("nw_3") is None

    def test_the_newest_news_of_some_kinds_comes_first(self, store: Store) -> None:
        """At the same moment, the greater id; no kind means no news."""
        with store.transaction() as change:
            for number, kind in enumerate([AWARDED, REVOKED, AWARDED, AWARDED]):
                change.put_news(news(f"nw_{number}", kind=kind, at=hours(number // 2)))
        with store.reading() as view:
            assert [one.id for one in view.newest_news([AWARDED])] == ["nw_3", "nw_2", "nw_0"]
            assert [one.id for one in view.newest_news([AWARDED, REVOKED], limit=3)] == ["nw_3", "nw_2", "nw_1"]
            assert view.newest_news([]) == []

    def test_news_can_be_chosen_by_achievement(self, store: Store) -> None:
        """What is about none is not chosen then."""
        with store.transaction() as change:
            for number, key in enumerate(["tidy", None, "clean-close", "tidy"]):
                change.put_news(news(f"nw_{number}", achievement=key))
        with store.reading() as view:
            assert [one.id for one in view.newest_news([AWARDED], achievements=["tidy"])] == ["nw_3", "nw_0"]
            both = view.newest_news([AWARDED], achievements=["tidy", "clean-close"], before="nw_3")
            assert [one.id for one in both] == ["nw_2", "nw_0"]

    def test_pages_of_news_meet_without_gap_or_overlap(self, store: Store) -> None:
        """Also between pieces of the same moment; behind what is gone there is nothing."""
        with store.transaction() as change:
            for number in range(11):
                change.put_news(news(f"nw_{number:02}", at=hours(number // 4)))
        found, before = [], None
        with store.reading() as view:
            while page := view.newest_news([AWARDED], before=before, limit=3):
                found += [one.id for one in page]
                before = found[-1]
            assert view.newest_news([AWARDED], before="nw_gone") == []
        assert found == [f"nw_{number:02}" for number in reversed(range(11))]

    def test_news_to_hand_is_what_was_not_handed_the_oldest_first(self, store: Store) -> None:
        """So many at a time; what is handed is not given again."""
        with store.transaction() as change:
            for number in (3, 1, 2, 0):
                change.put_news(
                    news(f"nw_{number}", at=hours(number // 2), handed_at=hours(9) if number == 1 else None)
                )
            assert [one.id for one in change.news_to_hand(limit=2)] == ["nw_0", "nw_2"]
            change.put_news(news("nw_0", handed_at=hours(9)))
            assert [one.id for one in change.news_to_hand(limit=9)] == ["nw_2", "nw_3"]


class OwedPromises:
    """What a recipient knows of a topic and is owed is there once."""

    def test_what_is_owed_comes_back_as_it_was_put(self, store: Store, reopen: Callable[[], Store]) -> None:
        """One for each recipient and topic; put again it is replaced."""
        full = owed(recipient=BEN, audience=Audience.MANAGER, timing=Timing.WEEKLY, told="fallen", news_id="nw_1")
        with store.transaction() as change:
            for one in (owed(standing="fallen"), full, owed(due_at=None, message_id="msg_1", told="granted")):
                change.put_owed(one)
        with reopen().reading() as view:
            assert view.owed(ANA, "award:aw_1") == owed(due_at=None, message_id="msg_1", told="granted")
            assert view.owed(BEN, "award:aw_1") == full
            assert view.owed(NAMESAKE, "award:aw_1") is None
            assert view.owed(ANA, "award:aw_2") is None

    def test_a_topic_gives_everybody_who_knows_of_it(self, store: Store) -> None:
        """By recipient, people before teams, whether they are owed a word or not."""
        everybody = [owed(recipient=one) for one in (ANA, BEN, NAMESAKE, SUPPORT)]
        with store.transaction() as change:
            for one in reversed(everybody):
                change.put_owed(one)
            change.put_owed(owed("award:aw_2"))
            assert change.owed_about("award:aw_1") == everybody
            assert change.owed_about("award:aw_3") == []

    def test_what_is_owed_to_one_recipient_is_what_is_due(self, store: Store) -> None:
        """At that very moment too; by since, then topic."""
        with store.transaction() as change:
            change.put_owed(owed("d", due_at=hours(2)))
            change.put_owed(owed("c", since=hours(-1), due_at=hours(1)))
            change.put_owed(owed("b", due_at=None))
            change.put_owed(owed("a", due_at=hours(-5)))
            change.put_owed(owed("e", recipient=NAMESAKE))
        with store.reading() as view:
            assert [one.topic for one in view.owed_to(ANA, by=hours(1))] == ["c", "a"]
            assert [one.topic for one in view.owed_to(ANA, by=hours(2))] == ["c", "a", "d"]
            assert view.owed_to(BEN, by=hours(9)) == []

    def test_what_is_owed_to_anybody_comes_the_oldest_first(self, store: Store) -> None:
        """By the moment at which it is due, then recipient and topic; so many at a time."""
        with store.transaction() as change:
            for topic, recipient in (("b", SUPPORT), ("b", ANA), ("a", SUPPORT), ("a", ANA)):
                change.put_owed(owed(topic, recipient=recipient))
            change.put_owed(owed("z", due_at=hours(-1)))
            change.put_owed(owed("y", due_at=hours(1)))
            change.put_owed(owed("x", due_at=None))
        with store.reading() as view:
            found = [(one.topic, one.recipient) for one in view.owed_by(by=NOON, limit=9)]
            assert found == [("z", ANA), ("a", ANA), ("b", ANA), ("a", SUPPORT), ("b", SUPPORT)]
            assert [one.topic for one in view.owed_by(by=NOON, limit=2)] == ["z", "a"]


class MessagePromises:
    """Messages come back as they were put, the newest first, and are forgotten when they are old and over."""

    def test_a_message_comes_back_as_it_was_put(self, store: Store, reopen: Callable[[], Store]) -> None:
        """After a restart; put again it is replaced, as when its recipient has read it."""
        digest = message("msg_2", recipient=SUPPORT, form=MessageForm.WEEKLY, period="2026-W10")
        event = message("nw_1", recipient=None, form=MessageForm.EVENT, document={})
        with store.transaction() as change:
            for one in (message(), digest, event, message(read_at=hours(1))):
                change.put_message(one)
        with reopen().reading() as view:
            assert [view.message(one) for one in ("msg_1", "msg_2", "nw_1")] == [
                message(read_at=hours(1)),
                digest,
                event,
            ]
            assert view.message("msg_3") is None

    def test_a_feed_is_the_recipients_own_the_newest_first(self, store: Store) -> None:
        """From a moment on; at the same moment, the greater id."""
        with store.transaction() as change:
            for number in range(5):
                change.put_message(message(f"msg_{number}", composed_at=hours(number // 2)))
            change.put_message(message("msg_8", recipient=NAMESAKE))
            change.put_message(message("msg_9", recipient=None))
        with store.reading() as view:
            assert [one.id for one in view.messages_to(ANA)] == [f"msg_{number}" for number in (4, 3, 2, 1, 0)]
            assert [one.id for one in view.messages_to(ANA, since=hours(1))] == ["msg_4", "msg_3", "msg_2"]
            assert view.messages_to(ANA, since=hours(1), before="msg_2") == []
            assert view.messages_to(BEN) == []

    def test_pages_of_a_feed_meet_without_gap_or_overlap(self, store: Store) -> None:
        """All at once without a limit; behind what is gone there is nothing."""
        with store.transaction() as change:
            for number in range(60):
                change.put_message(message(f"msg_{number:02}", composed_at=hours(number // 7)))
        found, before = [], None
        with store.reading() as view:
            while page := view.messages_to(ANA, before=before, limit=8):
                found += [one.id for one in page]
                before = found[-1]
            assert [one.id for one in view.messages_to(ANA, limit=None)] == found
            assert len(view.messages_to(ANA)) == 50
            assert view.messages_to(ANA, before="msg_gone") == []
        assert found == [f"msg_{number:02}" for number in reversed(range(60))]

    def test_old_messages_are_forgotten_with_everything_about_them(self, store: Store) -> None:
        """And news that was handed before; counted are the messages."""
        with store.transaction() as change:
            change.put_subscription(place())
            for number in (0, 1, 2):
                change.put_message(message(f"msg_{number}", composed_at=hours(number)))
                change.put_delivery(sent(f"dl_{number}", message_id=f"msg_{number}"))
                change.put_attempt(attempt(delivery_id=f"dl_{number}"))
                change.put_attention(AttentionRecord(f"msg_{number}", "opened", NOON, NOON))
                change.put_news(news(f"nw_{number}", handed_at=hours(number)))
            assert change.old_messages(before=hours(1)) == change.drop_told(before=hours(1)) == 1
            assert change.old_messages(before=hours(1)) == change.drop_told(before=hours(1)) == 0
        with store.reading() as view:
            assert [view.message(f"msg_{number}") is None for number in (0, 1, 2)] == [True, False, False]
            assert [view.delivery(f"dl_{number}") is None for number in (0, 1, 2)] == [True, False, False]
            assert [view.attempts(f"dl_{number}") == [] for number in (0, 1, 2)] == [True, False, False]
            assert {one.message_id for one in view.attention(["msg_0", "msg_1", "msg_2"])} == {"msg_1", "msg_2"}
            assert [view.news(f"nw_{number}") is None for number in (0, 1, 2)] == [True, False, False]
        assert store.check() is None

    def test_what_waits_is_never_forgotten(self, store: Store) -> None:
        """However old: a message with one delivery that waits, news that was not handed, and what people know."""
        with store.transaction() as change:
            change.put_subscription(place())
            change.put_subscription(place("sub_2"))
            change.put_message(message())
            change.put_delivery(sent("dl_1"))
            change.put_delivery(delivery("dl_2", subscription_id="sub_2"))
            change.put_news(news())
            change.put_owed(owed(told="granted", due_at=None, message_id="msg_1"))
            assert change.old_messages(before=NOON + timedelta(days=999)) == 0
            assert change.drop_told(before=NOON + timedelta(days=999)) == 0
            assert [one.id for one in (change.message("msg_1"), change.news("nw_1")) if one] == ["msg_1", "nw_1"]
            assert [change.delivery(one) is not None for one in ("dl_1", "dl_2")] == [True, True]
            change.put_delivery(replace(delivery("dl_2", subscription_id="sub_2"), status=DeliveryStatus.DROPPED))
            assert change.drop_told(before=NOON + timedelta(days=999)) == 1
            assert change.owed(ANA, "award:aw_1") is not None
