"""Write down what has become news with an award, and who is owed a word about it, in the award's own transaction.

Nothing is composed and nothing is sent here. A recipient's row says how things are and what was last said; where an
award falls before anybody was told, the two agree again, and nothing is owed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from milepost.engine.achievements import Achievement
from milepost.engine.facts import Facts
from milepost.engine.people import Holder, HolderKind, Profile
from milepost.engine.telling import Audience, NewsKind, Timing
from milepost.engine.views import profile_of
from milepost.operations.news_documents import award_news
from milepost.operations.rule_book import RuleBook
from milepost.operations.settle_awards import AwardStep, Cause
from milepost.operations.visibility import is_told, wants_no_messages
from milepost.storage.base import Transaction
from milepost.storage.outbox import NewsRecord, OwedRecord

#: What was earned longer ago is no news to anybody.
NEWS_FOR = timedelta(days=35)

GRANTED = "granted"
FALLEN = "fallen"
BROKEN = "broken"
#: A streak that was broken goes on after all.
KEPT = "kept"
#: What is so, and only worth a word to those who heard of it before.
_CORRECTIONS = frozenset({FALLEN, KEPT})
#: What is so, and worth no word.
OVER = "over"


@dataclass(frozen=True, slots=True)
class Telling:
    """One recipient, as whom, and how soon."""

    recipient: Holder
    audience: Audience
    timing: Timing


def owe_awards(tx: Transaction, steps: Iterable[AwardStep], book: RuleBook, facts: Facts, cause: Cause) -> None:
    """Note the news of awards that were granted or fell, and what it makes owed to whom."""
    for step in steps:
        version = book.current(step.award.achievement)
        if version is None or not (step.is_grant or step.is_loss):
            continue
        if wants_no_messages(step.award.holder, facts):
            _keep_up(tx, step)
        elif step.is_grant:
            _owe_grant(tx, step, version.achievement, facts, cause)
        else:
            _owe_loss(tx, step, version.achievement, facts, cause)


def _keep_up(tx: Transaction, step: AwardStep) -> None:
    """Note how things are with somebody who opted out, without a word to anybody."""
    for row in tx.owed_about(award_topic(step.award.id)):
        tx.put_owed(replace(row, standing=GRANTED if step.is_grant else FALLEN, due_at=None))


def _owe_grant(tx: Transaction, step: AwardStep, rule: Achievement, facts: Facts, cause: Cause) -> None:
    topic = award_topic(step.award.id)
    known = tx.owed_about(topic)
    is_quiet = cause.is_quiet or cause.as_of - step.award.earned_at > NEWS_FOR
    if is_quiet and not known:
        return
    new_id = _news_id(step.award.id, GRANTED, cause.as_of)
    news = award_news(NewsKind.AWARDED, step.award, rule, facts, news_id=new_id, at=cause.as_of)
    tx.put_news(news)
    tellings = {one.recipient: one for one in tellings_of(rule, step.award.holder, facts, cause.as_of)}
    for row in known:
        tellings.setdefault(row.recipient, Telling(row.recipient, row.audience, row.timing))
    for telling in tellings.values():
        owe(tx, telling, topic, news, standing=GRANTED)


def _owe_loss(tx: Transaction, step: AwardStep, rule: Achievement, facts: Facts, cause: Cause) -> None:
    """Tell those of the loss who heard of the award: what was never told needs no correction."""
    assert step.before is not None  # noqa: S101 - nothing is lost that was not there
    topic = award_topic(step.award.id)
    known = tx.owed_about(topic)
    if not known and tx.news(_news_id(step.award.id, GRANTED, step.before.changed_at)) is None:
        return
    new_id = _news_id(step.award.id, FALLEN, cause.as_of)
    news = award_news(NewsKind.REVOKED, step.award, rule, facts, news_id=new_id, at=cause.as_of)
    tx.put_news(news)
    for row in known:
        owe(tx, Telling(row.recipient, row.audience, row.timing), topic, news, standing=FALLEN)


def owe(tx: Transaction, telling: Telling, topic: str, news: NewsRecord, *, standing: str) -> None:
    """Note how a topic stands for one recipient; something is owed where that is not what they were last told."""
    known = tx.owed(telling.recipient, topic)
    told = known.told if known else None
    is_owed = standing not in (told, OVER) and (told is not None or standing not in _CORRECTIONS)
    tx.put_owed(
        OwedRecord(
            recipient=telling.recipient,
            topic=topic,
            audience=telling.audience,
            kind=news.kind,
            timing=telling.timing,
            standing=standing,
            told=told,
            since=news.at,
            due_at=news.at if is_owed else None,
            news_id=news.id,
            message_id=known.message_id if known else None,
        )
    )


def tellings_of(rule: Achievement, holder: Holder, facts: Facts, at: datetime) -> Iterator[Telling]:
    """Give who is to hear of a holder's award, and how soon; nobody twice."""
    audience = rule.audience
    if holder.kind is HolderKind.TEAM:
        to_all = audience.actor if audience.team is Timing.NEVER else audience.team
        chosen = [(Audience.TEAM, to_all, [holder])]
    else:
        team = profile_of(holder, facts, at).team
        chosen = [
            (Audience.ACTOR, audience.actor, [holder]),
            (Audience.TEAM, audience.team, [Holder(HolderKind.TEAM, team)] if team else []),
        ]
    chosen.insert(1, (Audience.MANAGER, audience.manager, sorted(managers_of(holder, facts, at) - {holder})))
    for whom, timing, recipients in chosen:
        if timing is not Timing.NEVER and is_told(whom, holder, facts):
            yield from (Telling(recipient, whom, timing) for recipient in recipients)


def managers_of(holder: Holder, facts: Facts, at: datetime) -> set[Holder]:
    """Give the manager of a person; of a team those of its members."""
    if holder.kind is HolderKind.ACTOR:
        profiles: list[Profile] = [profile_of(holder, facts, at)]
    else:
        profiles = [actor.profile_at(at) for actor in facts.actors.values() if actor.profile_at(at).team == holder.id]
    return {Holder(HolderKind.ACTOR, profile.manager) for profile in profiles if profile.manager}


def award_topic(award_id: str) -> str:
    """Name what is told of an award."""
    return f"award:{award_id}"


def news_id(*parts: str) -> str:
    """Make the id of a piece of news from what it is about: the same is never news twice."""
    return "nw_" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def _news_id(award_id: str, standing: str, changed_at: datetime) -> str:
    return news_id(award_id, standing, changed_at.isoformat())
