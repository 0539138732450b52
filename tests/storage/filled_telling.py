"""What a filled store holds of telling people: something in every table, and in every column once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from milepost.engine.telling import Audience, NewsKind, Timing
from milepost.storage.outbox import AttentionRecord, MessageForm, ReviewState, SubscriptionStatus
from tests.storage.examples import ANA, BEN, NOON, SUPPORT, hours
from tests.storage.examples_telling import attempt, delivery, message, news, owed, place, review, sent, watch

if TYPE_CHECKING:
    from milepost.storage.base import Transaction


def fill_telling(change: Transaction) -> None:
    """Put something into every table of telling people; the awards are there."""
    _tell(change)
    _deliver(change)
    _attend(change)


def _tell(change: Transaction) -> None:
    change.put_news(news(handed_at=hours(1)))
    change.put_news(news("nw_2", kind=NewsKind.REVOKED, holder=SUPPORT, at=hours(2)))
    change.put_news(news("nw_3", kind=NewsKind.DIGEST_READY, holder=None, achievement=None, award_id=None))
    change.put_owed(owed(told="granted", due_at=None, news_id="nw_1", message_id="msg_1"))
    change.put_owed(owed(recipient=SUPPORT, audience=Audience.TEAM, timing=Timing.DAILY, news_id="nw_1"))
    change.put_owed(owed("streak:tidy:ana@example.com:2026-03-02", recipient=BEN, audience=Audience.MANAGER))
    change.put_message(message(read_at=hours(3)))
    change.put_message(message("msg_2", recipient=SUPPORT, form=MessageForm.WEEKLY, period="2026-W10"))
    change.put_message(message("nw_2", recipient=None, form=MessageForm.EVENT))


def _deliver(change: Transaction) -> None:
    change.put_subscription(place())
    change.put_subscription(
        place(
            "sub_2",
            transport="slack",
            audience="actor",
            address="https://hooks.slack.com/services/T0/B0/x",
            recipient=ANA,
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            former_secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            former_until=hours(24),
            events=("achievement.awarded", "achievement.revoked"),
            achievements=("clean-close",),
            name="Ana's place",
            contact=BEN.id,
            created_by="k1",
            status=SubscriptionStatus.DISABLED,
            words="It answered 410: gone.",
            failing_since=hours(1),
            failures=12,
            rests_until=hours(2.5),
        )
    )
    change.put_delivery(sent())
    change.put_delivery(
        delivery("dl_2", message_id="nw_2", attempts=1, next_at=hours(2), lease="worker-1", leased_until=hours(1.5))
    )
    change.put_attempt(attempt(1))
    change.put_attempt(attempt(2, at=hours(1), outcome="sent", status_code=None, words="250 OK"))


def _attend(change: Transaction) -> None:
    change.put_review(review())
    change.put_review(
        review(
            "aw_9",
            reviewer=BEN.id,
            state=ReviewState.ASKED,
            escalated_at=NOON + timedelta(days=5),
            question="Which ticket was it?",
            asked=ANA.id,
            answer="The one of Ünal's",
            delegated_by="boss@example.com",
            closed_at=hours(9),
        )
    )
    change.put_attention(AttentionRecord("msg_1", "opened", NOON, hours(2), 3))
    change.put_attention(AttentionRecord("msg_1", "clicked", hours(2), hours(2)))
    for viewer in ("self", "other", "self"):
        change.count_view(ANA.id, date(2026, 3, 2), viewer)
    change.put_streak_watch(watch())
    change.put_streak_watch(watch("calm", holder=SUPPORT, look_at=None, state="ended", period="2026-03-02"))
    change.put_chore("weekly", hours(4))
    change.put_signing_key("links", "s3cr3t-for-links")
