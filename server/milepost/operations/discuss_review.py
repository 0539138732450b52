"""What is said about an award before it is decided: a question, its answer, and that somebody else shall decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from milepost.engine.people import HolderKind
from milepost.errors import Conflict, invalid
from milepost.operations.decide_award import find_award, refuse_own
from milepost.operations.list_awards import award_document
from milepost.operations.list_reviews import review_document
from milepost.operations.load_facts import load_facts
from milepost.operations.open_review import OPEN, deciders, is_interested
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.operations.tell_of_review import ANSWER, DECISION, Reviewed, Wanted, ask_for, hush_review
from milepost.storage.base import Transaction
from milepost.storage.outbox import ReviewRecord, ReviewState
from milepost.storage.records import AwardChange, AwardRecord


def ask_about_award(
    services: Services, award_id: str, *, question: str, to: str | None, told_by: str
) -> dict[str, Any]:
    """Ask somebody something before deciding; *to* None: the person whose award it is.

    Raises `Conflict` if no review is open, `Invalid` if nobody by that id is known.
    """
    with services.store.transaction() as tx:
        tx.lock_everything()
        award = find_award(tx, award_id)
        ask_in(tx, services, award, question=question, to=to, told_by=told_by)
        return award_document(award)


def ask_in(
    tx: Transaction, services: Services, award: AwardRecord, *, question: str, to: str | None, told_by: str
) -> None:
    """Ask inside a transaction; the same question again is one."""
    review = open_review_of(tx, award)
    refuse_own(award, told_by)
    to = to or (award.holder.id if award.holder.kind is HolderKind.ACTOR else None)
    if to is None:
        raise invalid("/to", "Say whom you ask in *to*: a team cannot be asked.")
    _refuse_unknown(tx, to)
    if (review.state, review.question, review.asked) == (ReviewState.ASKED, question, to):
        return
    asked = replace(review, state=ReviewState.ASKED, question=question, asked=to, answer=None)
    at = _write(tx, services, award, asked, ("asked", f"{to} was asked: {question}", told_by))
    hush_review(tx, award.id, at)
    ask_for(tx, _reviewed(tx, award), asked, Wanted(ANSWER, (to,)), at=at)


def answer_question(services: Services, award_id: str, *, answer: str, told_by: str) -> dict[str, Any]:
    """Answer what was asked about an award; its reviewer is told. Raises `Conflict` if nothing was asked."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        award = find_award(tx, award_id)
        answer_in(tx, services, award, answer=answer, told_by=told_by)
        return review_document(tx, open_review_of(tx, award), services)


def answer_in(tx: Transaction, services: Services, award: AwardRecord, *, answer: str, told_by: str) -> None:
    """Answer inside a transaction; the same answer again is one."""
    review = open_review_of(tx, award)
    if review.state is not ReviewState.ASKED:
        if review.answer == answer:
            return
        raise Conflict("Nothing is asked about this award at the moment. GET /v1/reviews shows what is.")
    answered = replace(review, state=ReviewState.WAITING, answer=answer)
    at = _write(tx, services, award, answered, ("answered", answer, told_by))
    hush_review(tx, award.id, at)
    reviewed = _reviewed(tx, award)
    people = deciders(answered, reviewed.facts, services.settings.contact)
    ask_for(tx, reviewed, answered, Wanted(DECISION, tuple(sorted(people))), at=at)


def delegate_review(services: Services, award_id: str, *, to: str, note: str | None, told_by: str) -> dict[str, Any]:
    """Let somebody else decide; they are told, and the time limit stays.

    Raises `Conflict` if no review is open, `Invalid` for somebody who decides already or whose own award it is.
    """
    with services.store.transaction() as tx:
        tx.lock_everything()
        award = find_award(tx, award_id)
        review = open_review_of(tx, award)
        if review.reviewer == to and review.delegated_by is not None:
            return review_document(tx, review, services)
        if to in (review.reviewer, told_by):
            raise invalid("/to", f"{to[:80]} decides about it already. Name somebody else.")
        _refuse_unknown(tx, to)
        if is_interested(to, award.holder, load_facts(tx, actors=None), services.clock()):
            raise invalid("/to", "Nobody decides about an award of their own. Name somebody else.")
        handed = replace(review, reviewer=to, delegated_by=review.reviewer or told_by)
        words = f"handed to {to}" + (f": {note}" if note else "")
        at = _write(tx, services, award, handed, ("delegated", words, told_by))
        hush_review(tx, award.id, at, but=handed.asked if handed.state is ReviewState.ASKED else None)
        ask_for(tx, _reviewed(tx, award), handed, Wanted(DECISION, (to,)), at=at)
        return review_document(tx, handed, services)


def open_review_of(tx: Transaction, award: AwardRecord) -> ReviewRecord:
    """Give the open review of an award, or raise `Conflict`."""
    review = tx.review(award.id)
    if review is None or review.state not in OPEN:
        raise Conflict(f"The award is {award.status.value} and waits for nobody. GET /v1/reviews lists those that do.")
    return review


def _write(
    tx: Transaction, services: Services, award: AwardRecord, review: ReviewRecord, step: tuple[str, str, str]
) -> datetime:
    """Keep a review with a step in its award's history; give the moment."""
    at = services.clock()
    change, words, by = step
    tx.put_review(review)
    tx.put_award(award, AwardChange(award.id, at, change, award.reason_code, words, by))
    return at


def _reviewed(tx: Transaction, award: AwardRecord) -> Reviewed:
    version = rule_book(tx).current(award.achievement)
    assert version is not None  # noqa: S101 - no review was opened without its rule, and rules stay
    return Reviewed(award, version.achievement, load_facts(tx, actors=None))


def _refuse_unknown(tx: Transaction, person: str) -> None:
    if tx.actor(person) is None:
        raise invalid(
            "/to",
            f"Nobody is known as {person[:80]!r}. GET /v1/actors?search= finds people; PUT /v1/actors/… adds one.",
        )
