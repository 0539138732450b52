"""Open the review of an award that waits for a person, and close it when nothing waits any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind, is_erased
from milepost.engine.views import actor_of
from milepost.operations.owe_news import managers_of
from milepost.operations.rule_book import RuleBook
from milepost.operations.settle_awards import EXPIRED, AwardStep, Cause
from milepost.operations.tell_of_review import DECISION, Reviewed, Wanted, ask_for, hush_review, tell_decision
from milepost.storage.base import Transaction
from milepost.storage.outbox import ReviewRecord, ReviewState
from milepost.storage.records import AwardRecord, AwardStatus

#: Where a review stands while somebody can still decide in it.
OPEN = frozenset({ReviewState.WAITING, ReviewState.ASKED})


def open_reviews(tx: Transaction, steps: Iterable[AwardStep], book: RuleBook, facts: Facts, cause: Cause) -> None:
    """Open and close reviews as awards begin and cease to wait, and note who is owed a word about it."""
    concerned = {step.award.id: step.award for step in steps if _concerns_review(step)}
    for award in concerned.values():
        version, review = book.current(award.achievement), tx.review(award.id)
        if version is None:
            continue
        reviewed, waits = Reviewed(award, version.achievement, facts), award.status is AwardStatus.IN_REVIEW
        if waits and (review is None or review.state not in OPEN):
            _open(tx, reviewed, cause)
        elif not waits and review is not None and _ends(review, award):
            _close(tx, reviewed, review, cause.as_of)


def reviewer_of(holder: Holder, facts: Facts, at: datetime, contact: str | None) -> str | None:
    """Give who decides about a holder's award: the manager, else the contact; None where nobody is fit to."""
    managers = sorted(one.id for one in managers_of(holder, facts, at))
    return next((one for one in (*managers, contact) if one and not is_interested(one, holder, facts, at)), None)


def upper_of(review: ReviewRecord, facts: Facts, at: datetime, contact: str | None) -> str | None:
    """Give who may decide as well when the reviewer does not: the reviewer's manager, else the contact."""
    if review.reviewer is None:
        return reviewer_of(review.holder, facts, at, contact)
    found = reviewer_of(Holder(HolderKind.ACTOR, review.reviewer), facts, at, contact)
    candidates = [one for one in (found, contact) if one and one != review.reviewer]
    return next((one for one in candidates if not is_interested(one, review.holder, facts, at)), None)


def deciders(review: ReviewRecord, facts: Facts, contact: str | None) -> set[str]:
    """Give who decides: the reviewer, and who stands above them since it went up."""
    upper = review.escalated_at and upper_of(review, facts, review.escalated_at, contact)
    return {one for one in (review.reviewer, upper) if one}


def is_interested(person: str, holder: Holder, facts: Facts, at: datetime) -> bool:
    """Say whether somebody would decide about an award of their own, or is nobody any more."""
    if holder.kind is HolderKind.ACTOR:
        return person == holder.id or is_erased(person)
    return is_erased(person) or actor_of(person, facts).profile_at(at).team == holder.id


def _concerns_review(step: AwardStep) -> bool:
    """Say whether an award begins or ceases to wait, or is decided after its time."""
    is_late = step.before is not None and step.before.decision == EXPIRED
    return is_late or AwardStatus.IN_REVIEW in (step.award.status, step.before and step.before.status)


def _ends(review: ReviewRecord, award: AwardRecord) -> bool:
    return review.state in OPEN or (review.state is ReviewState.EXPIRED and award.decision != EXPIRED)


def _open(tx: Transaction, reviewed: Reviewed, cause: Cause) -> None:
    award, opening = reviewed.award, cause.reviewing
    review = ReviewRecord(
        award_id=award.id,
        holder=award.holder,
        achievement=award.achievement,
        reviewer=reviewer_of(award.holder, reviewed.facts, opening.opened_at, opening.contact),
        state=ReviewState.WAITING,
        opened_at=opening.opened_at,
        expires_at=opening.expires_at,
    )
    tx.put_review(review)
    people = (review.reviewer,) if review.reviewer else ()
    ask_for(tx, reviewed, review, Wanted(DECISION, people, is_quiet=cause.is_quiet), at=opening.opened_at)


def _close(tx: Transaction, reviewed: Reviewed, review: ReviewRecord, at: datetime) -> None:
    closed = replace(review, state=_end_of(reviewed.award), closed_at=at)
    tx.put_review(closed)
    hush_review(tx, review.award_id, at)
    tell_decision(tx, reviewed, closed, at=at)


def _end_of(award: AwardRecord) -> ReviewState:
    if award.decision is None:
        return ReviewState.LAPSED
    return ReviewState.EXPIRED if award.decision == EXPIRED else ReviewState.DECIDED
