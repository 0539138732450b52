"""Give an award by hand, or for a platform that did its own judging."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from milepost.engine.achievements import Achievement, Review, State
from milepost.engine.judge import judge_of
from milepost.engine.people import Actor, Holder, HolderKind
from milepost.engine.reasons import ReasonCode
from milepost.errors import Conflict, NotFound
from milepost.operations.list_awards import award_document
from milepost.operations.load_facts import load_facts
from milepost.operations.open_review import open_reviews
from milepost.operations.owe_news import owe_awards
from milepost.operations.rejudge import Concerned, Touched, rejudge, touch
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import AwardStep, Cause, Reviewing
from milepost.operations.settle_awards import award_id as id_of_award
from milepost.storage.base import Transaction
from milepost.storage.records import AwardChange, AwardRecord, AwardSource, AwardStatus


def give_award(  # noqa: PLR0913 - the fields of an award
    services: Services,
    *,
    achievement: str,
    holder: Holder | None,
    award_id: str | None,
    points: int | None,
    note: str | None,
    evidence: tuple[str, ...],
    told_by: str,
) -> tuple[dict[str, Any], bool]:
    """Give an award, once for each *award_id*; say whether it is new.

    Raises `NotFound` for an unknown achievement, `Conflict` for a draft or retired one.
    """
    assert holder is not None  # noqa: S101 - the schema has seen to it
    with services.store.transaction() as tx:
        tx.lock_everything()
        book = rule_book(tx)
        rule = _awardable(book, achievement)
        slot = f"hand:{award_id or secrets.token_hex(12)}"
        known = tx.award(id_of_award(achievement, holder, slot))
        if known is not None:
            return award_document(known), False
        if holder.kind is HolderKind.ACTOR and tx.actor(holder.id) is None:
            tx.put_actor(Actor(holder.id))
        award = _new_award(rule, holder, slot, points=points, note=note, evidence=evidence, at=services.clock())
        step = "in_review" if award.status is AwardStatus.IN_REVIEW else "granted"
        tx.put_award(
            award, AwardChange(award.id, award.changed_at, step, award.reason_code, award.reason, cause=told_by)
        )
        follow_up(tx, services, AwardStep(award, None), told_by)
        return award_document(award), True


def _new_award(
    rule: Achievement,
    holder: Holder,
    slot: str,
    *,
    points: int | None,
    note: str | None,
    evidence: tuple[str, ...],
    at: datetime,
) -> AwardRecord:
    """Make an award that no event stands behind; it waits where a manager decides."""
    return AwardRecord(
        id=id_of_award(rule.key, holder, slot),
        achievement=rule.key,
        name=rule.name,
        holder=holder,
        slot=slot,
        tier=None,
        status=AwardStatus.IN_REVIEW if rule.review is Review.MANAGER else AwardStatus.GRANTED,
        points=rule.points if points is None else points,
        earned_at=at,
        changed_at=at,
        rule_version=None,
        evidence=evidence,
        reason_code=ReasonCode.GIVEN_BY_HAND.value,
        reason=note or "given by hand",
        source=AwardSource.HAND,
        note=note,
        next_step=rule.next_step if rule.next_step and "{{" not in rule.next_step else None,
    )


def _awardable(book: RuleBook, key: str) -> Achievement:
    version = book.current(key)
    if version is None:
        known = ", ".join(book.keys()[:10]) or "none yet"
        raise NotFound(f"There is no achievement {key[:80]!r}. Known ones: {known}.")
    if version.achievement.state is not State.LIVE:
        raise Conflict(f"{key} is {version.achievement.state.value}; make it live before giving it.")
    return version.achievement


def follow_up(tx: Transaction, services: Services, step: AwardStep, by: str) -> None:
    """Make news of an award given or decided by hand, and judge the rules that build on it."""
    book, award = rule_book(tx), step.award
    facts = load_facts(tx, actors=None)
    cause = Cause(services.clock(), by, Reviewing.by(services))
    owe_awards(tx, [step], book, facts, cause)
    open_reviews(tx, [step], book, facts, cause)
    touched: Touched = {}
    for key in book.dependents(award.achievement):
        touch(touched, judge_of(book.versions(key)[-1]), award.holder, [award.earned_at], facts)
    rejudge(tx, book, Concerned(touched, facts), cause)
