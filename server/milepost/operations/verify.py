"""Recompute everything from the events, and compare it with what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from milepost.operations.owe_news import FALLEN, GRANTED, award_topic
from milepost.operations.rejudge import all_holders, rejudge_everything
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.settle_awards import AwardStep
from milepost.storage.base import Transaction
from milepost.storage.records import AwardRecord, AwardStatus, EarningRecord, PeriodRecord
from milepost.storage.rehearsal import rehearsal
from milepost.storage.rule_log import first_break


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was compared, and the differences as sentences; none is right."""

    holders: int
    awards: int
    differences: tuple[str, ...]


def verify(services: Services) -> Verified:
    """Settle what is due, then recompute everything and keep nothing of it."""
    settle_all(services)
    with rehearsal(services.store) as tx:
        tx.lock_everything()
        return _compare(tx, services)


def _compare(tx: Transaction, services: Services) -> Verified:
    kept = set(_worked_out(tx))
    differences = [*_broken_log(tx), *told_otherwise(tx)]
    done = rejudge_everything(tx, services, holders=None, achievements=None, cause="verify")
    differences += [_describe(step) for step in done.steps]
    differing = kept.symmetric_difference(_worked_out(tx))
    differences += [
        f"progress of {holder_id} for {achievement} in {window} differs"
        for holder_id, achievement, window in sorted({one[:3] for one in differing})
    ]
    awards = sum(len(tx.awards_of(key, holder)) for key, holder in done.looked)
    return Verified(len(done.looked), awards, tuple(differences))


def _broken_log(tx: Transaction) -> list[str]:
    """Say where the log of rule changes is not as it was written."""
    broken = first_break(tx.achievement_versions())
    if broken is None:
        return []
    where = f"from version {broken.number} of {broken.key} on (change {broken.sequence} of the log)"
    return [f"the log of rule changes does not hold {where}: a change was altered, removed or put in"]


def told_otherwise(tx: Transaction) -> Iterator[str]:
    """Say of which awards recipients are to be told something that is not so."""
    for page in tx.pages("owed"):
        for row in page:
            award_id = row["topic"].removeprefix(award_topic(""))
            if award_id == row["topic"]:
                continue
            award = tx.award(award_id)
            if award is None:
                yield f"{row['recipient_id']} is to know of award {award_id}, which is missing"
            elif row["standing"] != _standing(award):
                yield f"{row['recipient_id']} is to know that award {award_id} is {row['standing']}, and it is not so"


def _standing(award: AwardRecord) -> str:
    return GRANTED if award.status is AwardStatus.GRANTED else FALLEN


def _describe(step: AwardStep) -> str:
    """Say in a sentence how an award differs."""
    award, kept = step.award, step.before
    which = f"award {award.id} of {award.holder.id} for {award.achievement}"
    if kept is not None and kept.status is award.status:
        return f"{which} rests on other events than kept"
    return f"{which} is {kept.status.value if kept else 'missing'}, and should be {award.status.value}"


def _worked_out(tx: Transaction) -> Iterator[tuple[str, str, str, EarningRecord | PeriodRecord]]:
    """Give what is kept of the judging itself: whose it is, for which achievement, in which window, and what."""
    for rule in rule_book(tx).judged():
        for holder in all_holders(tx, rule.key, rule.scope):
            yield from ((holder.id, rule.key, one.window, one) for one in tx.earnings(rule.key, holder))
            yield from ((holder.id, rule.key, one.period, one) for one in tx.periods(rule.key, holder))
