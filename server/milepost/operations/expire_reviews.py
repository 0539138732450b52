"""Let reviews go further up when half of their time is over, and end when all of it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from milepost.engine.reasons import ReasonCode
from milepost.operations.decide_award import decide, find_award
from milepost.operations.load_facts import load_facts
from milepost.operations.open_review import OPEN, open_reviews, upper_of
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import EXPIRED, AwardStep, Cause, Reviewing
from milepost.operations.tell_of_review import DECISION, Reviewed, Wanted, ask_for
from milepost.storage.base import Reading, Transaction
from milepost.storage.outbox import ReviewRecord, ReviewState
from milepost.storage.records import AwardChange, AwardQuery, AwardStatus

#: Who caused what nobody did.
TIME = "time"
#: The chore of opening reviews of what waited before there were reviews.
_ADOPTED = "reviews"
#: More awards than will ever wait.
_ALL = 1_000_000
#: Reviews read at once.
_PAGE = 200
#: Reviews changed in one transaction.
_CHUNK = 50


def expire_reviews(services: Services) -> int:
    """Take the reviews whose moment has come further; give how many."""
    _adopt(services)
    done = 0
    while _is_anything_due(services):
        with services.store.transaction() as tx:
            tx.lock_everything()
            due = list(islice(_due(tx, services), _CHUNK))
            for review in due:
                _take_further(tx, services, review)
        done += len(due)
    return done


def _adopt(services: Services) -> None:
    """Open a review of each award that waits since before there were any; once for a store."""
    with services.store.reading() as reading:
        if reading.chore_done_at(_ADOPTED):
            return
    with services.store.transaction() as tx:
        tx.lock_everything()
        waiting = tx.awards(AwardQuery(status=AwardStatus.IN_REVIEW, limit=_ALL))
        steps = [AwardStep(award, None) for award in waiting]
        cause = Cause(services.clock(), TIME, Reviewing.by(services), is_archive=True)
        open_reviews(tx, steps, rule_book(tx), load_facts(tx, actors=None), cause)
        tx.put_chore(_ADOPTED, services.clock())


def _is_anything_due(services: Services) -> bool:
    with services.store.reading() as reading:
        return next(_due(reading, services), None) is not None


def _due(reading: Reading, services: Services) -> Iterator[ReviewRecord]:
    """Give what has half of its time behind it and did not go up yet, and what has all of it behind it."""
    now = services.clock()
    after = None
    half = services.settings.review_time / 2
    while page := reading.reviews(OPEN, expires_by=now + half, after=after, limit=_PAGE):
        yield from [one for one in page if one.escalated_at is None or one.expires_at <= now]
        after = (page[-1].expires_at, page[-1].award_id)


def _take_further(tx: Transaction, services: Services, review: ReviewRecord) -> None:
    if review.escalated_at is None:
        _escalate(tx, services, review)
    else:
        _expire(tx, services, review)


def _escalate(tx: Transaction, services: Services, review: ReviewRecord) -> None:
    """Let the next one up decide as well; half of the time is left from now on, however late it is.

    So nobody's award falls because this server was away.
    """
    now, settings = services.clock(), services.settings
    award, facts = find_award(tx, review.award_id), load_facts(tx, actors=None)
    upper = upper_of(review, facts, now, settings.contact)
    expires_at = max(review.expires_at, now + settings.review_time / 2)
    raised = replace(review, reviewer=review.reviewer or upper, escalated_at=now, expires_at=expires_at)
    tx.put_review(raised)
    words = (
        f"nobody decided in half of the time; {upper} may decide as well"
        if upper
        else "nobody decided in half of the time"
    )
    tx.put_award(award, AwardChange(award.id, now, "escalated", award.reason_code, words, TIME))
    version = rule_book(tx).current(award.achievement)
    if upper and version:
        ask_for(tx, Reviewed(award, version.achievement, facts), raised, Wanted(DECISION, (upper,)), at=now)


def _expire(tx: Transaction, services: Services, review: ReviewRecord) -> None:
    award = find_award(tx, review.award_id)
    if award.status is not AwardStatus.IN_REVIEW:
        tx.put_review(replace(review, state=ReviewState.LAPSED, closed_at=services.clock()))
        return
    expired = replace(
        award,
        status=AwardStatus.REJECTED,
        decision=EXPIRED,
        decided_by=None,
        reason_code=ReasonCode.REVIEW_EXPIRED.value,
        reason="nobody decided about it in time; it can still be approved",
    )
    decide(tx, services, expired, award, TIME)
