"""Note who is owed a word about a review: who decides, who is asked, and the person whose award does not stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from milepost.engine.achievements import Achievement
from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Audience, NewsKind, Timing
from milepost.operations.news_documents import award_news
from milepost.operations.owe_news import FALLEN, GRANTED, NEWS_FOR, OVER, Telling, award_topic, news_id, owe
from milepost.operations.visibility import wants_no_messages
from milepost.storage.base import Transaction
from milepost.storage.outbox import NewsRecord, ReviewRecord, ReviewState
from milepost.storage.records import AwardRecord, AwardStatus

DECISION = "decision"
ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is needed of whom."""

    #: `DECISION` or `ANSWER`.
    needs: str
    people: tuple[str, ...]
    #: It comes in a heap: the people hear of it once a day, and no flow does.
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An award under review, its rule as it is now, and the people."""

    award: AwardRecord
    rule: Achievement
    facts: Facts

    @property
    def is_silent(self) -> bool:
        """Say whether nothing shall be sent about its holder: it waits in the queue without a word."""
        return wants_no_messages(self.award.holder, self.facts)


def ask_for(tx: Transaction, reviewed: Reviewed, review: ReviewRecord, wanted: Wanted, *, at: datetime) -> None:
    """Owe a word to those who are to decide or to answer; flows hear of it even where nobody is fit to decide."""
    if reviewed.is_silent:
        return
    news = _news(NewsKind.REVIEW_NEEDED, reviewed, review, at, wanted)
    tx.put_news(replace(news, handed_at=at if wanted.is_quiet else None))
    timing = Timing.DAILY if wanted.is_quiet else Timing.INSTANT
    for person in wanted.people:
        recipient = Holder(HolderKind.ACTOR, person)
        audience = Audience.ACTOR if recipient == review.holder else Audience.MANAGER
        # with its moment: the same may be wanted again
        standing = f"{wanted.needs}:{at.isoformat()}"
        owe(tx, Telling(recipient, audience, timing), review_topic(review.award_id), news, standing=standing)


def tell_decision(tx: Transaction, reviewed: Reviewed, review: ReviewRecord, *, at: datetime) -> None:
    """Make news of a review that was decided or ran out; the person hears why where the award does not stand.

    Who last heard that it was earned is told that it fell. An award that stands is told of as any other.
    """
    award = reviewed.award
    if reviewed.is_silent:
        return
    news = None
    if review.state is not ReviewState.LAPSED:
        news = _news(NewsKind.REVIEW_DECIDED, reviewed, review, at)
        tx.put_news(news)
    if award.status is AwardStatus.GRANTED:
        return
    if any(row.told == GRANTED for row in tx.owed_about(award_topic(award.id))):
        _correct(tx, reviewed, at)
    elif news is not None:
        _tell_person(tx, reviewed, news)


def hush_review(tx: Transaction, award_id: str, at: datetime, *, but: str | None = None) -> None:
    """Owe nobody (*but* one) a word about a review any more; whoever was told keeps what they know."""
    for row in tx.owed_about(review_topic(award_id)):
        if row.recipient.id != but:
            tx.put_owed(replace(row, standing=OVER, since=at, due_at=None))


def review_topic(award_id: str) -> str:
    """Name what is told of a review."""
    return f"review:{award_id}"


def _correct(tx: Transaction, reviewed: Reviewed, at: datetime) -> None:
    award = reviewed.award
    fallen = news_id(award.id, FALLEN, at.isoformat())
    news = award_news(NewsKind.REVOKED, award, reviewed.rule, reviewed.facts, news_id=fallen, at=at)
    tx.put_news(news)
    for row in tx.owed_about(award_topic(award.id)):
        owe(tx, Telling(row.recipient, row.audience, row.timing), row.topic, news, standing=FALLEN)


def _tell_person(tx: Transaction, reviewed: Reviewed, news: NewsRecord) -> None:
    """Tell a person, as soon as they would have heard of the award; a team is not told what did not become one."""
    award, timing = reviewed.award, reviewed.rule.audience.actor
    if award.holder.kind is HolderKind.TEAM or timing is Timing.NEVER or news.at - award.earned_at > NEWS_FOR:
        return
    telling = Telling(award.holder, Audience.ACTOR, timing)
    owe(tx, telling, review_topic(award.id), news, standing=f"{award.decision}:{news.at.isoformat()}")


def _news(
    kind: NewsKind, reviewed: Reviewed, review: ReviewRecord, at: datetime, wanted: Wanted | None = None
) -> NewsRecord:
    award = reviewed.award
    needs = wanted.needs if wanted else None
    made = news_id("review", award.id, kind, needs or review.state, at.isoformat())
    news = award_news(kind, award, reviewed.rule, reviewed.facts, news_id=made, at=at)
    document: dict[str, Any] = {
        **news.document,
        "needs": needs,
        "of": list(wanted.people) if wanted else [],
        "reviewer": review.reviewer,
        "state": review.state.value,
        "question": review.question,
        "asked": review.asked,
        "answer": review.answer,
        "delegated_by": review.delegated_by,
        "opened_at": review.opened_at.isoformat(),
        "expires_at": review.expires_at.isoformat(),
        "escalated_at": review.escalated_at.isoformat() if review.escalated_at else None,
        "decision": award.decision,
        "decided_by": award.decided_by,
        "note": award.note,
    }
    return replace(news, document=document)
